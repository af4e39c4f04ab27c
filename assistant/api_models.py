"""What other programs send and get when they ask, search, read and rate. Limits stand here."""

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from corpus.types import Kind, Status
from corpus.web.api import Model

QUESTION_LIMIT = 2000
HISTORY_LIMIT = 20
#: Texts given in place of the corpus: what a question costs grows with them.
PASSAGES, PASSAGE_LIMIT = 20, 2000
COMMENT_LIMIT = 500
ANSWER_LIMIT = 10_000
MOST_HITS = 50
MOST_ROWS = 200

Outcome = Literal["answered", "insufficient", "conflict", "clarify"]
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _day(text: str) -> str:
    """An ISO day, or nothing."""
    try:
        if text and date.fromisoformat(text if _DAY.fullmatch(text) else "").isoformat():
            return text
    except ValueError:
        raise PydanticCustomError("day", "no day") from None
    return text


_A_DAY = {"anyOf": [{"type": "string", "format": "date"}, {"const": "", "type": "string"}]}
Day = Annotated[str, AfterValidator(_day), WithJsonSchema(_A_DAY)]
PassageId = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,8}/[1-9][0-9]{0,8}/[1-9][0-9]{0,8}$")]


class Exchange(Model):
    """此前的一问一答。"""

    question: str = Field(max_length=QUESTION_LIMIT, description="此前的问题")
    answer: str = Field(default="", max_length=ANSWER_LIMIT, description="此前的回答（`answer` 字段）")


class Question(Model):
    """一个问题。"""

    question: str = Field(
        min_length=1,
        max_length=QUESTION_LIMIT,
        pattern=r"\S",
        description="问题，一次只问一件事",
        examples=["基层工会多久换届一次？"],
    )
    history: list[Exchange] = Field(
        default=[], max_length=HISTORY_LIMIT, description="此前的问答，从早到晚；只看最近 6 轮"
    )
    as_of: Day = Field(default="", description="以哪一天的效力为准，如 2024-05-01；空为今天")
    passages: list[Annotated[str, Field(max_length=PASSAGE_LIMIT)]] | None = Field(
        default=None,
        max_length=PASSAGES,
        description="只依据这些文字回答，不查资料库；不填则查资料库",
    )
    id: str = Field(default="", max_length=200, description="由调用方自定，原样返回")


class Citation(Model):
    """一处引用。"""

    marker: int = Field(description="依据的序号，从 1 开始")
    quote: str = Field(description="引文，与段落原文逐字相同")
    start: int = Field(description="引文在段落文字中的起点")
    end: int = Field(description="引文在段落文字中的终点（不含）")
    verdict: str = Field(description="校验结论：已核实、数字不符、引文不存在、依据不足")


class Statement(Model):
    """回答中的一句话。"""

    text: str = Field(description="这句话")
    citations: list[Citation] = Field(description="它的出处")


class Reprint(Model):
    """同一篇的另一份。"""

    article_id: str = Field(description="文章编号：文件/篇")
    title: str = Field(description="文章标题")
    published_on: str = Field(description="发布日期")


class Evidence(Model):
    """一段依据。"""

    marker: int = Field(description="序号，从 1 开始")
    passage_id: str = Field(description="段落编号：文件/篇/段")
    article_id: str = Field(description="文章编号：文件/篇")
    title: str = Field(description="文章标题")
    source: str = Field(description="文件名")
    page: int = Field(description="页码，从 1 开始")
    label: str = Field(description="条款，或上级标题")
    text: str = Field(description="段落原文")
    grade: str = Field(description="与问题的关系：支持、部分、无关")
    reason: str = Field(description="为什么")
    cited: bool = Field(description="回答是否引用了它")
    status: str = Field(description="效力")
    published_on: str = Field(description="发布日期")
    effective_on: str = Field(description="施行日期")
    expires_on: str = Field(description="失效日期")
    issuer: str = Field(description="发文机关")
    number: str = Field(description="文号")
    region: str = Field(description="地区")
    authors: list[str] = Field(description="作者")
    reprints: list[Reprint] = Field(description="资料库里同一篇的其他份")


class Answer(Model):
    """一个回答，与 `python -m assistant ask --json` 的输出相同。"""

    id: str = Field(description="提问时给的 id")
    question: str = Field(description="问题")
    understood: str = Field(description="结合上文理解的完整问题")
    outcome: Outcome = Field(
        description="结果：answered 已回答，insufficient 依据不足，conflict 存在冲突，clarify 需要说清楚"
    )
    answer: str = Field(description="回答全文，[1] 是依据的序号")
    statements: list[Statement] = Field(description="逐句的回答和出处")
    evidence: list[Evidence] = Field(description="检索到并核对过的段落")
    confidence: float = Field(description="依据足以回答的可能性，0 到 1")
    withheld: list[str] = Field(description="没有通过校验、因而扣下的句子")
    notes: list[str] = Field(description="说明")
    seconds: dict[str, float] = Field(description="各阶段用时（秒）")


class Other(Model):
    """说同样内容的另一处。"""

    relation: Literal["转载", "相同", "其他版本"] = Field(description="与所给这一段的关系")
    passage_id: str = Field(description="段落编号；整篇转载时为空")
    article_id: str = Field(description="文章编号：文件/篇")
    title: str = Field(description="文章标题")
    label: str = Field(description="条款，或上级标题")
    status: str = Field(description="今天的效力")


class Hit(Model):
    """检索到的一段，或同一篇里相邻的几段。"""

    passage_id: str = Field(description="段落编号：文件/篇/段")
    article_id: str = Field(description="文章编号：文件/篇")
    title: str = Field(description="文章标题")
    source: str = Field(description="文件名")
    page: int = Field(description="页码，从 1 开始")
    label: str = Field(description="条款，或上级标题")
    text: str = Field(description="文字")
    score: float = Field(description="得分，只能在一次检索的结果之间比较")
    ranks: dict[str, int] = Field(description="两路检索各自的名次：lexical 关键词，vector 语义")
    passage_ids: list[str] = Field(description="合在一起的相邻段落，按原文次序")
    others: list[Other] = Field(description="说同样内容的别处")


class Hits(Model):
    """检索结果，最好的在前。"""

    query: str = Field(description="检索的话")
    hits: list[Hit] = Field(description="检索到的段落")


class ArticleRow(Model):
    """文章列表的一行。"""

    article_id: str = Field(description="文章编号：文件/篇")
    source_id: str = Field(description="文件编号，下载原件时用")
    title: str = Field(description="文章标题")
    source: str = Field(description="文件名")
    kind: Kind = Field(description="类型")
    issuer: str = Field(description="发文机关")
    number: str = Field(description="文号")
    region: str = Field(description="地区")
    published_on: str = Field(description="发布日期")
    effective_on: str = Field(description="施行日期")
    status: Status = Field(description="今天的效力")


class Articles(Model):
    """文章列表的一页。"""

    total: int = Field(description="符合条件的文章数")
    articles: list[ArticleRow] = Field(description="文章")


class Passage(Model):
    """文章的一段。"""

    passage_id: str = Field(description="段落编号：文件/篇/段")
    label: str = Field(description="条款，或上级标题")
    page: int = Field(description="页码，从 1 开始")
    start: int = Field(description="在文章文字中的起点")
    end: int = Field(description="在文章文字中的终点（不含）")
    text: str = Field(description="文字")


class Article(Model):
    """一篇文章，连同全文和分段。"""

    article_id: str = Field(description="文章编号：文件/篇")
    source_id: str = Field(description="文件编号，下载原件时用")
    source: str = Field(description="文件名")
    kind: Kind = Field(description="类型")
    title: str = Field(description="文章标题")
    subtitle: str = Field(description="副标题")
    label: str = Field(description="栏目")
    authors: list[str] = Field(description="作者")
    issuer: str = Field(description="发文机关")
    number: str = Field(description="文号")
    published_on: str = Field(description="发布日期")
    effective_on: str = Field(description="施行日期")
    expires_on: str = Field(description="失效日期")
    region: str = Field(description="地区")
    status: Status = Field(description="今天的效力")
    note: str = Field(description="关于效力的说明")
    pages: list[int] = Field(description="所在的页")
    quality: float = Field(description="文字可信的程度，0 到 1")
    quality_reason: str = Field(description="为什么不完全可信")
    text: str = Field(description="文字")
    passages: list[Passage] = Field(description="分段")


class Feedback(Model):
    """对一个回答的评价。"""

    question: str = Field(
        min_length=1,
        max_length=QUESTION_LIMIT,
        pattern=r"\S",
        description="问过的问题",
        examples=["基层工会多久换届一次？"],
    )
    answer: str = Field(
        max_length=ANSWER_LIMIT,
        description="得到的回答（`answer` 字段）",
        examples=["基层工会委员会每届任期三年或者五年。[1]"],
    )
    rating: Literal["up", "down"] = Field(description="up 有帮助，down 没有帮助", examples=["down"])
    comment: str = Field(
        default="", max_length=COMMENT_LIMIT, description="哪里不对", examples=["没有说怎么定届期。"]
    )
    outcome: Outcome = Field(default="answered", description="回答的 `outcome` 字段")
    evidence: list[PassageId] = Field(
        default=[], max_length=MOST_HITS, description="引用到的段落（`passage_id`）", examples=[["1/1/3"]]
    )


class Kept(Model):
    """评价已经记下。"""

    id: int = Field(description="评价的编号")
