"""The nouns of the corpus, in the order a document goes through them.

Ids are places, never content hashes: ``"3"`` is the third source, ``"3/2"`` its second
article, ``"3/2/7"`` that article's seventh passage. Two identical articles stay two.
Ordinals start at 1. Offsets count characters of the article's text, end exclusive.
"""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Kind = Literal["新闻", "讲话", "调研", "通知", "办法", "法规", "问答", "其他"]
KINDS: tuple[Kind, ...] = ("新闻", "讲话", "调研", "通知", "办法", "法规", "问答", "其他")

Status = Literal["现行", "已修改", "已废止", "尚未施行", "未知"]
STATUSES: tuple[Status, ...] = ("现行", "已修改", "已废止", "尚未施行", "未知")

Trust = Literal["可信", "存疑", "差"]
#: From this ``Article.quality`` on a text is trusted; below the second it is poor.
TRUSTED = 0.8
POOR = 0.5

#: 存疑: stands in a text behind each number and name that character recognition is not sure of.
#: What holds it is shown and found like any text, but is never quoted as an answer.
UNSURE = "〔?〕"


class Box(NamedTuple):
    """方框: a rectangle on a page, in PDF points from the page's top left corner."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """来源文件: one file as it was received.

    ``name`` is what people know it by (its path below the folder that was given);
    ``origin`` is where it was read from; ``received_at`` is ISO 8601 with an offset.
    """

    id: str
    name: str
    origin: str
    sha256: str
    media_type: str
    bytes: int
    received_at: str
    received_by: str = ""
    pages: int = 1
    reader: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def pictured(self) -> bool:
        """Whether its pages can be shown as pictures: they can of a PDF that is not damaged, and of scans."""
        return self.media_type.startswith("image/") or (
            self.reader.startswith("pdf") and "pypdf" not in self.reader
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """未能加入的文件: a file that could not be read, as far as it is known.

    ``id`` is ``"f"`` and a number; ``sha256`` is of its bytes, ``program`` tells which
    program tried, ``at`` is ISO 8601 with an offset, ``message`` says why, in Chinese.
    """

    id: str
    origin: str
    name: str
    sha256: str
    at: str
    program: str
    message: str


VersionState = Literal["撤下", "旧版"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """存档: a source as it was before it was withdrawn (撤下) or replaced (旧版); no search sees it.

    ``id`` is ``"v"`` and a number. ``at`` (ISO 8601 with an offset), ``who`` and ``note`` tell
    when it went, by whom and why; ``titles`` are those of its articles.
    """

    id: str
    source: Source
    state: VersionState
    at: str
    who: str = ""
    note: str = ""
    titles: tuple[str, ...] = ()


LinkKind = Literal["修改", "废止", "替代", "无关"]
LINK_KINDS: tuple[LinkKind, ...] = ("修改", "废止", "替代", "无关")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """关联: what a person said of two articles: the newer amends, repeals or replaces the older.

    无关 remembers that two documents have nothing to do with each other, however alike they
    look. ``newer`` and ``older`` are article ids; their titles are kept as they were then.
    """

    id: int
    kind: LinkKind
    newer: str
    older: str
    newer_title: str = ""
    older_title: str = ""
    who: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """文章/文件: what a reader would call one piece.

    Dates are ISO 8601 days, or ``""`` where the text gives none (also ``"2024"`` and
    ``"2024-05"``: as much as the text says). ``label`` is the column label (栏目),
    ``issuer`` the 发文机关, ``number`` the 文号. ``pages`` are the page numbers it
    stands on, from 1. ``quality`` (0–1) says how far its text can be trusted,
    ``quality_reason`` why not wholly, in Chinese.
    ``supersedes`` holds titles or numbers of what it replaces, ``recipients`` the 主送机关.
    """

    id: str
    source_id: str
    ordinal: int
    kind: Kind = "其他"
    title: str = ""
    subtitle: str = ""
    label: str = ""
    authors: tuple[str, ...] = ()
    issuer: str = ""
    number: str = ""
    published_on: str = ""
    effective_on: str = ""
    expires_on: str = ""
    region: str = ""
    status: Status = "未知"
    supersedes: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    pages: tuple[int, ...] = (1,)
    quality: float = 1.0
    quality_reason: str = ""
    text: str = ""

    @property
    def trust(self) -> "Trust":
        """``quality`` in a word."""
        return "可信" if self.quality >= TRUSTED else "存疑" if self.quality >= POOR else "差"


#: What people call an article's fields, in the order in which a form asks for them.
ARTICLE_FIELDS = {
    "title": "标题",
    "subtitle": "副标题",
    "label": "栏目",
    "authors": "作者",
    "issuer": "发文机关",
    "number": "文号",
    "published_on": "发布日期",
    "effective_on": "施行日期",
    "expires_on": "失效日期",
    "region": "地区",
    "kind": "类型",
    "status": "效力",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """段落: the smallest unit that people cite: a 条/款/项, or a group of paragraphs.

    ``label`` is "第二十一条第二款", or the path of headings above it, joined by " › ".
    ``text`` is exactly ``article.text[start:end]``. ``path`` holds the headings above it, the
    编/章/节 of a 条 too. ``lead`` is the sentence that leads in the list of which this holds
    later items: without it they cannot be understood, so it is searched with them.
    """

    id: str
    article_id: str
    ordinal: int
    label: str = ""
    path: tuple[str, ...] = ()
    lead: str = ""
    start: int
    end: int
    page: int = 1
    boxes: tuple[Box, ...] = ()
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """筛选: what a hit must be, in both legs. Empty means everything.

    Dates are ISO days, both ends inclusive; an article without a date passes only
    where neither end is given.
    """

    kinds: tuple[Kind, ...] = ()
    issuers: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    statuses: tuple[Status, ...] = ()
    published_from: str = ""
    published_to: str = ""
    source_ids: tuple[str, ...] = ()
    article_ids: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self != Filters()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """命中: a passage that retrieval found, joined with its article and source.

    ``ranks`` maps a leg's name (``"lexical"``, ``"vector"``) to the rank it gave, from
    1; a leg that did not find it is absent. ``score`` is the fused score: comparable
    within one result list, never with a constant.
    """

    passage: Passage
    article: Article
    source: Source
    score: float
    ranks: dict[str, int] = field(default_factory=dict)


ReviewReason = Literal["差评", "扣下", "拒答"]
REVIEW_REASONS: tuple[ReviewReason, ...] = ("差评", "扣下", "拒答")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewEvidence:
    """复核依据: a passage as it stood when the answer was given. ``grade`` is the assistant's."""

    passage_id: str
    article_id: str
    title: str
    label: str
    text: str
    grade: str
    cited: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewLabel:
    """复核意见: one trainer's judgement of an item. ``article`` is the id of the right article."""

    trainer: str
    verdict: str
    article: str = ""
    note: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewItem:
    """待复核: an answer that a trainer should look at, without the name of who asked.

    ``reason``: 差评 (thumbs-down), 扣下 (sentences were withheld), 拒答 (refused).
    ``understood`` is the question as it was understood, standing alone. The same question
    again adds to ``times`` and brings the latest answer. ``closed`` is ``""`` while open,
    then what became of it (成题 or 不采用). ``answerable`` is the id of an article that came later
    and answers the question; the article may be gone again.
    """

    id: int
    at: str
    times: int
    reason: ReviewReason
    question: str
    understood: str = ""
    outcome: str = ""
    answer: str
    withheld: tuple[str, ...] = ()
    comment: str = ""
    closed: str = ""
    answerable: str = ""
    evidence: tuple[ReviewEvidence, ...] = ()
    labels: tuple[ReviewLabel, ...] = ()
