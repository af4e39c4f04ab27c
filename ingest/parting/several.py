"""Whether a file shows signs of more than one article."""

import re
from itertools import pairwise

from ingest.page import headlines
from ingest.page.headlines import Kind, width
from ingest.parting.nouns import Item, certain

_ARTICLE = re.compile(r"^第\s*[一二三四五六七八九十百零\d]+\s*条")
GENERIC = re.compile(
    r"^(?:前言|引言|概述|背景|总结|结论|结语|附录|附件|附表|参考文献|目录|摘要|说明|正文|常见问题|联系方式|注释)"
)


#: What is enclosed with a notice, and belongs to it.
_ENCLOSURE = re.compile(r"(?:表|清单|名单|样表|样式|模板|须知|目录|流程图?)(?:[（(].*[）)])?$")
TYPE = re.compile(
    r"(?:通知|意见|决定|办法|规定|条例|方案|公告|通告|通报|纪要|报告|细则|规则|批复|请示|答复|解释|章程|函|法)(?:[（(][^（）()]{1,12}[）)])?$"
)


def several(items: list[Item]) -> bool:
    """Whether the file shows signs of more than one article.

    A regulation (第X条) and a document with one title stay whole, however many sections
    they have; where the format tells paragraphs apart (Word, web pages) only its own
    headings, markers and signed titles count.
    """
    kinds = [item.kind for item in items]
    if sum(bool(_ARTICLE.match(item.text)) for item in items) >= max(3, 0.2 * len(items)):
        return kinds.count(Kind.MARKER) >= 2
    if kinds.count(Kind.MARKER) >= 2 or (len(top_places(items)) >= 2 and not _guessed(items)):
        return True
    if sum(item.line.whole for item in items) > 0.6 * len(items):
        return _signed_titles(items) >= 2
    signs = _signs(items)
    return signs >= 2 or (signs >= 1 and _narrow(items))


def _guessed(items: list[Item]) -> bool:
    """Whether the headings were told by their size on a drawn page, and nobody signs anything there."""
    drawn = any(item.line.boxes for item in items)
    return drawn and not _signs(items) and not any(headlines.dateline(item.text) for item in items)


def _signed_titles(items: list[Item]) -> int:
    """Headlines with a sure byline directly below."""
    pairs = pairwise(items)
    return sum(upper.kind in (Kind.BARE, Kind.HEADING) and certain(lower) for upper, lower in pairs)


def _signs(items: list[Item]) -> int:
    """Labels, bylines, credits and comments that people print around articles."""
    marks = sum(item.kind in (Kind.LABEL, Kind.CREDIT, Kind.SOURCE, Kind.COMMENT) for item in items)
    signed = [
        at for at, item in enumerate(items) if item.kind is Kind.BYLINE and _signs_an_article(items, at)
    ]
    return marks + len(signed)


def _signs_an_article(items: list[Item], at: int) -> bool:
    """A byline counts beside a headline, not alone between paragraphs."""
    beside = [items[n].kind for n in (at - 1, at + 1) if 0 <= n < len(items)]
    return any(kind in (Kind.BARE, Kind.HEADING, Kind.SUBTITLE, Kind.BYLINE, Kind.LABEL) for kind in beside)


def top_places(items: list[Item]) -> list[int]:
    """Places of the format's highest headings that open substantial text; generic ones (附件, 前言) do not count."""
    levels = [item.line.level for item in items if item.line.level]
    if not levels:
        return []
    top = min(levels)
    places = [at for at, item in enumerate(items) if item.line.level == top and item.kind is Kind.HEADING]
    if places and TYPE.search(items[places[0]].text):
        places = [at for at in places if not _ENCLOSURE.search(items[at].text)]
    return [at for at in places if _opens_text(items, at, top)]


def _opens_text(items: list[Item], at: int, top: int) -> bool:
    if GENERIC.match(items[at].text):
        return False
    size = 0
    closed = False
    for item in items[at + 1 :]:
        if item.line.level == top:
            break
        size += len(item.text)
        closed |= item.kind in (Kind.CREDIT, Kind.SOURCE)
    return size >= 120 or closed


def _narrow(items: list[Item]) -> bool:
    """Whether most of the text was set in newspaper columns."""
    parts = [part for item in items for part in item.line.parts if len(item.line.parts) >= 3]
    return len(parts) >= 20 and sorted(width(part.text) for part in parts)[len(parts) // 2] <= 45
