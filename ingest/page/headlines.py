"""What a line is on a page: a column label, a headline, a byline, a credit, a paragraph.

Looks at the line alone; what its neighbours make of it is decided in ``articles``.
"""

import re
from enum import Enum
from functools import lru_cache

from ingest.description.names import Byline, byline, split_names
from ingest.lines import Line

_CLOSERS = "”’」』）)》】］]\"' "
_ENDS = "。！？；：…!?;:"
_CJK = re.compile(r"[\u3400-\u9fff]")


class Kind(Enum):
    """种类: what a line is, taken alone."""

    MARKER = "篇目"  # 第一篇：…
    LABEL = "栏目"  # 【热点思考】, ■热点思考, 开栏语
    SUBTITLE = "副题"  # ——记…
    BYLINE = "署名"
    BARE = "短行"  # a short line that is no sentence: a headline, a subhead, a caption
    HEADING = "标题"  # the format says so
    NUMBERED = "小标题"  # 一、…, 第一章 …
    ROMAN = "拼音"  # a column's name again, in capitals
    CREDIT = "图片署名"  # 张三 摄
    SOURCE = "来源"
    SIGNED = "作者说明"  # 作者：…, （作者为…）, 投稿邮箱：…
    SIGNATURE = "落款"  # a body and a date
    COMMENT = "编者说"  # 小编说：…
    PARAGRAPH = "段落"


_MARKER = re.compile(
    r"^[【\[（(]?(?:第\s*[一二三四五六七八九十百\d]{1,4}\s*篇|(?:范文|篇|例文)\s*[一二三四五六七八九十\d]{1,3})"
    r"[】\])）]?\s*[:：、.．\s]?\s*(?P<title>.*)$"
)
_LABEL = re.compile(
    r"^(?:【\s*(?P<a>[^】]{2,14}?)\s*】|[■●◆▲★□▍◎▇]\s*(?P<b>[^\s。，,：:]{2,24})|"
    r"[〔［\[]\s*(?P<d>[\u4e00-\u9fff]{2,8})\s*[〕］\]]|"
    r"(?P<c>开栏语|编者按|编者的话|编前语?|卷首语|开栏的话))$"
)
_SUBTITLE = re.compile(r"^(?:—{1,2}|--+|――|─{1,2}|–{1,2})\s*\S")
_CREDIT = re.compile(
    r"^(?:[（(【]\s*)?(?P<names>[\u4e00-\u9fff][\u4e00-\u9fff\s、,，]{1,24}?)\s*"
    r"(?:摄影报道|图文报道|摄影|供图|图\s*/\s*文|文\s*/\s*图|图文|摄|图|绘)(?:\s*[）)】])?$"
)
_PHOTO = re.compile(
    r"^(?:摄影|图|文图|图文|图/文|文/图|摄)\s*[/／:：]\s*(?P<names>[\u4e00-\u9fff\s、]{2,24})$"
)
_SOURCE = re.compile(
    r"^[（(]?(?:来源|转自|摘自|原载|稿源|信息来源|文章来源)\s*[:：]?\s*(?P<source>《?[^。]{2,40})[）)]?$|"
    r"^《(?P<paper>[^》]{2,12})》\s*[（(]\s*\d{4}\s*年.{2,16}版\s*[）)]$"
)
_SIGNED = re.compile(
    r"^(?:作者|工作单位|作者单位|单位|通讯地址|通信地址|地址|联系电话|邮编|邮政编码|供稿|供稿单位|投稿邮箱|电子邮箱|邮箱|"
    r"(?:本版|.版)?(?:责任编辑|责编|编辑|美编|校对|审核))\s*[:：]\s*(?P<value>\S.{0,60})$|^[（(]\s*(?:本文)?作者(?:为|系|单位|是|[:：]).{2,60}[）)]$"
)
_COMMENT = re.compile(
    r"^《?(?:小.说|编后|编后语|编后记|短评|点评|微评|编辑点评|编者点评|点评人语|记者手记|编余)》?\s*[:：]"
)
_NUMBERED = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}[、．.]|[（(][一二三四五六七八九十\d]{1,3}[）)]|\d{1,2}[、．.](?!\d)|[①-⑳]|"
    r"第\s*[一二三四五六七八九十百零\d]{1,5}\s*[章节编条部款](?![一-龥]{0,2}[，,]))"
)
_DATE = r"(?:二〇|二○|19|20)[\d〇○一二三四五六七八九]{2}\s*[年./-]\s*[\d一二三四五六七八九十]{1,3}\s*[月./-]\s*[\d一二三四五六七八九十]{1,3}\s*日?"
_SIGNATURE = re.compile(rf"^(?P<body>[\u4e00-\u9fff（）()\s]{{0,30}}?)\s*(?P<date>{_DATE})$")
_ROMAN = re.compile(r"^[A-Z][A-Z ]{5,40}$")


def width(text: str) -> float:
    """How wide a line is set, in CJK characters: Latin letters, digits and spaces count half."""
    return sum(0.5 if ord(c) < 0x2000 else 1.0 for c in text.strip())


def ends_sentence(text: str) -> bool:
    """Whether it ends as sentences end, closing quotes and brackets aside."""
    bare = text.rstrip(_CLOSERS)
    return bool(bare) and bare[-1] in _ENDS


def numbered(text: str) -> bool:
    """Whether it begins with the number of a section, an article or a list item."""
    return bool(_NUMBERED.match(text.strip()))


def kind_of(line: Line) -> Kind:
    """What this line is, taken alone."""
    return _kind(line.text.strip(), line.level)


@lru_cache(maxsize=20_000)
def _kind(text: str, level: int) -> Kind:
    shaped = _shaped(text)
    if shaped is not None:
        return shaped
    if level:
        return Kind.NUMBERED if numbered(text) else Kind.HEADING
    if numbered(text):
        return Kind.PARAGRAPH if width(text) > 40 or ends_sentence(text) else Kind.NUMBERED
    if credit(text) is not None:
        return Kind.CREDIT
    if _SIGNATURE.match(text):
        return Kind.SIGNATURE
    if byline(text) is not None and text.count("（") <= text.count("）"):
        return Kind.BYLINE
    return Kind.BARE if _bare(text) else Kind.PARAGRAPH


_SHAPES = (
    (Kind.MARKER, _MARKER),
    (Kind.LABEL, _LABEL),
    (Kind.SUBTITLE, _SUBTITLE),
    (Kind.SIGNED, _SIGNED),
    (Kind.SOURCE, _SOURCE),
    (Kind.COMMENT, _COMMENT),
    (Kind.ROMAN, _ROMAN),
)


def _shaped(text: str) -> Kind | None:
    """Kinds that an opening or a bracket gives away."""
    for kind, pattern in _SHAPES:
        if pattern.match(text) and (kind in _LONG or width(text) <= 60):
            return None if kind is Kind.SUBTITLE and ends_sentence(text) else kind
    return None


_LONG = (Kind.COMMENT, Kind.MARKER)


def _bare(text: str) -> bool:
    """Short, and no sentence: nothing stands at its end, no full stop within."""
    if not 2 <= width(text) <= 45 or len(_CJK.findall(text)) < 2 or "。" in text:
        return False
    bare = text.rstrip(_CLOSERS)
    return bool(bare) and bare[-1] not in "。；：，、,;:" and not (bare[-1] in "！？!?…" and width(text) > 25)


def credit(text: str) -> tuple[str, ...] | None:
    """The names in a photo's credit (``"王雪 赵露 摄"``), None where it is none."""
    found = _CREDIT.match(text.strip()) or _PHOTO.match(text.strip())
    if not found:
        return None
    words = found["names"]
    shown = byline(words) or Byline(split_names(words, loose=True))
    return shown.names or None


_CAPTION = re.compile(
    r"^[▲▼◀▶△▽←→↑↓]?\s*(?:[（(【]?(?:图为|图片为|图中|上图|下图|左图|右图|图[一二三四①-⑨][：:为])|[▲▼◀▶△▽])|"
    r"(?:[\s。！？”）)][\u4e00-\u9fff、/ ]{1,14}|^[\u4e00-\u9fff、/ ]{2,14})(?:摄|供图|摄影报道|图文报道|摄影)[）)】]?$"
)


def caption(text: str) -> bool:
    """Whether a few lines taken together read as what stands below a picture: 图为…, ▲…, or … 某某 摄."""
    return len(text) <= 160 and bool(_CAPTION.search(text.strip()))


def label(text: str) -> str:
    """The column's name without its brackets; "" where the line is no label."""
    found = _LABEL.match(text.strip())
    return next((word for word in found.groups() if word), "") if found else ""


def marked_title(text: str) -> str:
    """The title after ``第一篇：``; "" where nothing follows or the line is no marker."""
    found = _MARKER.match(text.strip())
    return found["title"].strip() if found else ""


def bracketed(text: str) -> tuple[str, ...]:
    """The names in a line of its own below a text, in brackets (``（某某）``, ``（记者 某某）``); () where none are."""
    found = re.fullmatch(r"[（(]([^（）()]{2,24})[）)]", text.strip())
    shown = byline(found[1]) if found else None
    return shown.names if shown else ()


_DATELINE = re.compile(
    r"^\S{0,14}?(?:讯|电)\s*[（(](?P<names>(?:本报|新华社|全媒体)?[^（）()。，]{2,50})[）)]"
)


def dateline(text: str) -> tuple[str, ...]:
    """The reporters named where a report begins (``本报讯（记者 某某）``); () where none are."""
    found = _DATELINE.match(text)
    shown = byline(found["names"]) if found else None
    return shown.names if shown else ()


def source(text: str) -> str:
    """The paper named in a source line, without brackets; "" where there is none."""
    found = _SOURCE.match(text.strip())
    return (found["source"] or found["paper"]).strip("《》()（） ") if found else ""


def signed(text: str) -> str:
    """The value of ``作者：…``; "" for other lines."""
    found = re.match(r"^作者\s*[:：]\s*(\S.{0,40})$", text.strip())
    return found[1].strip() if found else ""


def signature(text: str) -> tuple[str, str]:
    """The body and the date (ISO) of a signature line; ("", "") where there is none."""
    found = _SIGNATURE.match(text.strip())
    if not found:
        return "", ""
    numbers = re.findall(r"\d+", found["date"])
    date = f"{int(numbers[0]):04}-{int(numbers[1]):02}-{int(numbers[2]):02}" if len(numbers) == 3 else ""
    return found["body"].strip(), date
