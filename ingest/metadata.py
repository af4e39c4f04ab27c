"""What a document says of itself: kind, issuer, number, dates, region, what it replaces.

Everything is read from the text; where it says nothing the field stays empty. What the
office's ``sources.csv`` says comes later and wins.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.types import Kind, Status
from ingest.description import bodies, status, validity
from ingest.description.dates import iso_date
from ingest.description.document_number import document_number

__all__ = ["Description", "describe", "iso_date"]

_HEAD = 12  # paragraphs at the start where a document introduces itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """著录: the fields of ``corpus.types.Article`` that describe it, named as there."""

    kind: Kind = "其他"
    issuer: str = ""
    number: str = ""
    published_on: str = ""
    effective_on: str = ""
    expires_on: str = ""
    region: str = ""
    status: Status = "未知"
    supersedes: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()


def describe(
    title: str,
    text: str,
    *,
    label: str = "",
    issuer: str = "",
    dated: str = "",
    name: str = "",
    today: str = "",
) -> Description:
    """Read the description of one article.

    ``label`` is its column label, ``issuer`` and ``dated`` what its byline gave, ``name``
    the file's name, ``today`` an ISO day: what takes effect after it is 尚未施行.
    """
    paras = [para.strip() for para in text.split("\n") if para.strip()]
    head = _head(paras)
    own = bodies.issuer(title, head, paras, validity.history(head))
    issuer = own if issuer in own else issuer  # the longer name: the body's office, or all who sign
    number = document_number(title, head)
    issued = validity.published(head, paras, dated=dated, name=name, own=number)
    begins = validity.effective(title, head, paras, issued)
    ends = validity.expires(paras, begins)
    return Description(
        kind=_kind(title, label, head, paras),
        issuer=issuer,
        number=number,
        published_on=issued,
        effective_on=begins,
        expires_on=ends,
        region=bodies.region(title, issuer),
        status=status.status(title, name, begins, ends, today),
        supersedes=tuple(other for other in status.supersedes(paras) if other != title),
        recipients=bodies.recipients(head),
    )


def _head(paras: list[str]) -> list[str]:
    """What stands before the first clause or section: the document's own introduction."""
    for index, para in enumerate(paras[:_HEAD]):
        if re.match(r"第[一1]\s*[条章编]|一、", para):
            return paras[:index]
    return paras[:_HEAD]


# ── kinds ─────────────────────────────────────────────────────────────────────────────

_SUFFIX = r"(?:\s*[（(〔\[【][^）)〕\]】]*[）)〕\]】])*\s*$"
_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("问答", re.compile(r"问答|解答|答记者问|问题汇编|百问")),
    (
        "讲话",
        re.compile(
            rf"(?:讲话|致辞|致词|发言)(?:提纲|稿|摘要|要点)?{_SUFFIX}|^在.{{4,40}}上的(?:讲话|发言|致辞)"
        ),
    ),
    ("通知", re.compile(rf"(?:通知|通报|公报|公告|通告|决定|函|批复|意见|纪要|倡议书|命令){_SUFFIX}")),
    ("办法", re.compile(rf"(?:办法|细则|规则|制度|章程|规程|方案|标准|准则|守则|公约|指引|规范){_SUFFIX}")),
    ("法规", re.compile(rf"(?:(?<![办方看做想说书立执违合守普])法|法典|条例|规定|解释|公约){_SUFFIX}")),
    (
        "调研",
        re.compile(
            rf"调研|调查|(?:思考|探析|研究|对策|浅谈|刍议|探讨|启示){_SUFFIX}|实践(?:和|与)思考|^浅谈|^试论"
        ),
    ),
)
_LAWMAKER = re.compile(r"人民代表大会|国务院|主席令|政府令|最高人民法院|最高人民检察院")
_NEWS = re.compile(
    r"本报讯|本报记者|新华社|通讯员|记者\s|电\s*（|报道|来源\s*[:：]|[\u4e00-\u9fff]\s*摄$|图\s*/\s*文"
)


def _kind(title: str, label: str, head: Sequence[str], paras: Sequence[str]) -> Kind:
    by_title = next((kind for kind, pattern in _KINDS if pattern.search(title)), None)
    lawlike = any(len(line) <= 200 and _LAWMAKER.search(line) and validity.MADE.search(line) for line in head)
    if by_title == "办法" and (lawlike or title.startswith("中华人民共和国")):
        return "法规"
    if by_title == "通知" and lawlike and re.search(r"批复|决定", title) and "最高人民法院" in title:
        return "法规"
    if (
        by_title == "法规"
        and re.search(rf"规定{_SUFFIX}", title)
        and not lawlike
        and re.search("工会|公司|单位", title)
    ):
        return "办法"
    if by_title:
        return by_title
    if sum(bool(re.match(r"(?:\d+[.、．]\s*)?问\s*[:：]", para)) for para in paras) >= 2:
        return "问答"
    if re.search(r"调研|思考|论坛|理论", label):
        return "调研"
    return "新闻" if any(_NEWS.search(para) for para in (*head[:3], *paras[-1:])) else "其他"
