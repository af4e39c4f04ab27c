"""Who wrote, issued or numbered a document, when, and whether it holds."""

import re
from collections.abc import Sequence

from assistant.evidence.context import Context, context
from assistant.evidence.people import names_post
from assistant.lookup.fact import Fact, line_with
from assistant.structure import Span
from assistant.values import fold
from corpus.types import Article
from corpus.versions.standing import Register

_WHO = re.compile(r"(?<![工写创操])作者|谁写|谁撰写|执笔|撰稿|通讯员|记者|摄影|拍摄|谁拍")
_POST = re.compile(r"职务|职位|身份|单位|什么人|哪个部门|任职")
_WHEN = re.compile(
    r"(?:哪天|什么时候|何时|哪一?天|哪一?年|日期|时间).{0,6}(?:发布|印发|发表|刊登|公布|颁布|通过|施行|实施|生效)?|(?:发布|印发|公布|施行|实施)(?:日期|时间)"
)
_FORCE = re.compile(r"施行|实施|生效|执行")
_NUMBER = re.compile(r"文号")
_VALID = re.compile(
    r"有效(?!期|率)|废止|失效|作废|现行|过期|(?:现在|目前)[^，,。]{0,4}执行|哪一?(?:个|年的?)?版本?|最新版"
)
_ISSUER = re.compile(r"发文机关|发文单位|哪个(?:部门|单位|机关)|谁(?:印发|发布)|由谁(?:印发|发布|制定)")


def provenance(question: str, articles: Sequence[Article], register: Register, day: str) -> list[Fact]:
    """Who wrote, issued or numbered a document, when, and whether it holds on a day.

    Nothing where the documents' data do not say. Of several versions the first that can
    answer does; how the others stand is said only where that is the question.
    """
    if asks_whether_valid(question):
        found = list(articles[:1])
        found += (
            [a for a in register.family(articles[0]) if a.id in {o.id for o in articles}] if articles else []
        )
        return [fact for a in found if (fact := _stands(context(a), register, day))]
    for article in _same_document(articles, register):
        if facts := _about(question, context(article)):
            return facts
    return []


def posts(question: str, articles: Sequence[Article]) -> list[Fact]:
    """What post somebody holds who wrote one of the articles: the line of it that says so."""
    for article in articles:
        if any(len(name) > 1 and name in question for name in article.authors):
            facts = _author(question, context(article), "")
            if facts and names_post(facts[0].text):
                return facts
    return []


def asks_whether_valid(question: str) -> bool:
    """Whether a question is on a document's standing; words of its title do not count."""
    return bool(_VALID.search(re.sub("《[^》]*》", "《》", question)))


def _same_document(articles: Sequence[Article], register: Register) -> list[Article]:
    """Of the documents named nearly as asked the nearest, and what is it too: its versions, its namesakes.

    What another document says of itself is no answer, however alike its name.
    """
    if not articles:
        return []
    title = fold(articles[0].title)
    versions = {a.id for a in register.family(articles[0])}
    return [a for a in articles if a is articles[0] or a.id in versions or fold(a.title) == title]


def _stands(at: Context, register: Register, day: str) -> Fact | None:
    """How a document stands, with the line of it, or of what replaced it, that bears this out."""
    article = at.article
    standing = register.of(article, day)
    if standing.status == "未知":
        return None
    if not standing.holds or standing.status == "已修改":
        dates = [_in_chinese(d) for d in (article.expires_on, article.effective_on) if d]
        return Fact(at, register.note(article, day), _bears_out(at, dates))
    since = f"，自{_in_chinese(article.effective_on)}起施行" if article.effective_on else ""
    until = f"，有效期至{_in_chinese(article.expires_on)}" if article.expires_on else ""
    said = [_in_chinese(d) for d in (article.effective_on, article.expires_on) if d]
    return Fact(
        at,
        f"《{article.title}》现行有效{since}{until}。",
        _bears_out(at, said),
    )


def _bears_out(at: Context, days: Sequence[str]) -> Span | None:
    """The line that says one of the days; else the one with the document's number or title."""
    return line_with(at, days) or line_with(at, [at.article.number, at.article.title])


def _about(question: str, at: Context) -> list[Fact]:
    article, name = at.article, f"《{at.article.title}》"
    if _WHO.search(question):
        return _author(question, at, name)
    if _NUMBER.search(question) and article.number:
        return [Fact(at, f"{name}的文号是{article.number}。", line_with(at, [article.number]))]
    if _ISSUER.search(question) and article.issuer:
        return [Fact(at, f"{name}由{article.issuer}发布。", line_with(at, [article.issuer]))]
    if _WHEN.search(question):
        return _day(at, name, force=bool(_FORCE.search(question)))
    return []


#: How a rule says from which day it holds.
_HOLDS_FROM = re.compile("(?:施行|实施|生效|执行)")


def _day(at: Context, name: str, *, force: bool) -> list[Fact]:
    """From which day a document holds, in its own words where it says so, or of which day it is."""
    day = at.article.effective_on if force else at.article.published_on
    if not day:
        return []
    said = _in_chinese(day)
    line = line_with(at, [said, day])
    if force and line and said in at.view.of(line) and _HOLDS_FROM.search(at.view.of(line)):
        return [Fact(at, f"{name}：{at.view.of(line)}", line)]
    told = f"{name}自{said}起施行。" if force else f"{name}的日期是{said}。"
    return [Fact(at, told, line)]


def _author(question: str, at: Context, name: str) -> list[Fact]:
    authors = at.article.authors
    if not authors:
        return []
    if _POST.search(question):
        told = next(
            (s for s in at.view.sentences if re.search("作者[为是系]|作者单位|工作单位", at.view.of(s))), None
        )
        line = told or line_with(at, authors)
        return [Fact(at, at.view.of(line), line)] if line else []
    if re.search("执笔|撰稿", question) and (penned := line_with(at, ["执笔", "撰稿"])):
        return [Fact(at, at.view.of(penned), penned)]
    line = line_with(at, authors)
    signed = at.view.of(line) if line else ""
    if line and len(signed) <= BYLINE_CHARS and names_post(signed) and all(a in signed for a in authors):
        return [Fact(at, f"{name}：{signed}", line)]
    return [Fact(at, f"{name}的作者是{'、'.join(authors)}。", line)]


#: A line that signs an article with its author's post is as short.
BYLINE_CHARS = 24


def _in_chinese(day: str) -> str:
    parts = day.split("-")
    return "".join(
        f"{p if i == 0 else int(p)}{unit}" for i, (p, unit) in enumerate(zip(parts, "年月日", strict=False))
    )
