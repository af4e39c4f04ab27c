"""Whether a segment speaks of the place, year, document, clause or count that is asked for."""

import re

from assistant import places
from assistant.evidence.context import Context
from assistant.evidence.nearness import PIECES, found_in
from assistant.evidence.needed import OWN_CLAUSE
from assistant.question.focus import Focus
from assistant.question.parts import Part
from assistant.values import chinese_number, fold, narrow, number, years
from corpus.types import Article

#: A place named at least half as often as the most frequent one is what the article is about, too.
MAIN_PLACE = 2


def place_reason(focus: Focus, at: Context, index: int) -> str:
    """Why the segment does not speak of the place asked for; ``""`` when it does."""
    if focus.nationwide and not _nationwide(at, index):
        return "没有全国的情况"
    needed = innermost(focus)
    if not needed or any(speaks_of(p, focus.spread, at, index) for p in needed):
        return ""
    return f"没有提到{'、'.join(places.trimmed(p) for p in needed)}"


def counted_apart(focus: Focus, part: Part, at: Context, index: int) -> str:
    """Why a segment counts for more than the place asked for: its line counts for that place elsewhere
    ("全市80个。其中柳津市12个"); ``""`` where it does not."""
    if part.kind != "数字" or counts_place(focus, at, index):
        return ""
    line = at.view.segments[index].line
    beside = (i for i, s in enumerate(at.view.segments) if s.line == line and i != index)
    return "说的是总数" if any(counts_place(focus, at, i) for i in beside) else ""


def counts_place(focus: Focus, at: Context, index: int) -> bool:
    """Whether a segment names the place asked for with a number right behind it."""
    cores = [re.escape(fold(places.core(p))) for p in innermost(focus)]
    return any(re.search(rf"{name}[^,。;、\d]{{0,2}}\d", at.segments[index]) for name in cores)


def _nationwide(at: Context, index: int) -> bool:
    said = f"{at.segments[index]}{at.heads[index]}{at.title}"
    return at.article.region == "全国" or bool(re.search("全国|我国|国家|中华人民共和国", said))


#: "省总工会": an office of a level, named without its place.
_OFFICE = re.compile(
    "(?<![\u4e00-\u9fff]{2})(?P<level>[省县])总(?:工会)?|(?P<all>全国总工会|全总(?![\u4e00-\u9fff]))"
)


def office_reason(part: Part, at: Context) -> str:
    """Why an article is not that of the union's level a part asks for; ``""`` when it is, or none is asked for."""
    asked = _OFFICE.search(part.text)
    if not asked or not at.of_a_place:
        return ""
    names = (f"{asked['level']}总",) if asked["level"] else ("全国总工会", "全总")
    if any(n in at.whole for n in names) or at.article.region.endswith(asked["level"] or "全国"):
        return ""
    return f"没有提到{asked[0]}"


def innermost(focus: Focus) -> list[str]:
    """The places that decide: of places named inside one another ("淮安市清江浦区") the last."""
    kept: list[str] = []
    for place in focus.places:
        if kept and any(kept[-1] + place in part.text for part in focus.parts):
            kept[-1] = place
        else:
            kept.append(place)
    return kept


def speaks_of(place: str, spread: bool, at: Context, index: int) -> bool:
    """Whether a segment, or what it stands in, is about a place; not when it names another one."""
    names = [fold(n) for n in places.variants(place)]
    if spread:
        names += [fold(c) for c in places.provinces().get(places.variants(place)[0], ())]
    if any(n in at.segments[index] for n in names):
        return True
    segment = at.view.segments[index]
    here = places.listed(at.view.of(segment))
    if any(_same_level(place, other) for other in here) and not any(n in at.byline for n in names):
        return False
    near = "\n".join((at.byline, at.heads[index], at.sentences[segment.sentence], at.lines[segment.line]))
    if any(n in near for n in names):
        return True
    if at.of_a_place:
        return False
    said = max(at.whole.count(n) for n in names)
    return said > 0 and said * MAIN_PLACE > at.named_most


def _same_level(place: str, other: str) -> bool:
    """Two listed places of one level: provinces, or cities. Unlisted ones are not compared."""
    table = places.provinces()
    short = places.variants(place)[0]
    if short not in table and not places.province_of(short):
        return False
    return other != short and (other in table) == (short in table)


#: The day a document is signed says nothing of the year it tells of.
_DAY = re.compile(r"\d{4}年\d{1,2}月\d{1,2}日")


def year_reason(focus: Focus, at: Context, index: int) -> str:
    """Why a segment does not speak of a year asked for; ``""`` when it does."""
    if not focus.years:
        return ""
    segment = at.view.segments[index]
    said = years(at.view.of(segment))
    if said & focus.years:
        return ""
    asked = "、".join(sorted(focus.years))
    if said:
        return f"说的是{'、'.join(sorted(said))}年，不是{asked}年"
    article = at.article
    if _in_force(article, focus.years) and OWN_CLAUSE.match(at.view.line_text(segment.line)):
        return ""
    # What a document tells is of the year in its title: 2024年度公报 appears in 2025.
    near = f"{at.heads[index]}{at.lines[segment.line]}"
    if years(article.title):
        near = f"{_DAY.sub('', near)}{at.title}"
    else:
        near += f"{at.byline}{article.published_on}{article.effective_on}"
    return "" if any(y in near for y in focus.years) else f"没有说是{asked}年"


def _in_force(article: Article, asked: frozenset[str]) -> bool:
    """Whether a regulation held in a year: from its first day to its last, as far as both are known."""
    if not article.effective_on:
        return False
    first, last = article.effective_on[:4], (article.expires_on or "9999")[:4]
    return any(first <= year <= last for year in asked)


def named_reason(focus: Focus, at: Context) -> str:
    """Why an article is not the one named in 《》 or does not hold the quoted phrase."""
    for title in focus.titles:
        if found_in(fold(title), at.whole) < PIECES:
            return f"没有提到《{title}》"
    for phrase in focus.phrases:
        if found_in(fold(phrase), at.whole) < 0.6 and not _abbreviation_parts(fold(phrase), at.whole):
            return f"没有提到“{phrase}”"
    return ""


def clause_reason(focus: Focus, at: Context, index: int) -> str:
    """Why a segment is not about the clause asked for by number."""
    said = at.segments[index]
    law = any(fold(t)[-6:] in said or fold(t)[-6:] in at.title for t in focus.titles) or not focus.titles
    if not focus.clauses or (law and any(c in said for c in focus.clauses)):
        return ""
    return f"没有找到{'、'.join(focus.clauses)}"


def _abbreviation_parts(phrase: str, whole: str) -> bool:
    """ "三个精准": the text may say 精准识别、精准施策 without the number."""
    rest = re.sub(r"^[一二两三四五六七八九十\d]+(?:个|项|种|大)?", "", phrase)
    return bool(rest) and rest != phrase and whole.count(rest) >= (chinese_number(phrase[0]) or 2)


def standing_of(article: Article, as_of: str = "") -> str:
    """Why a document does not hold (on a day): ``""`` when it does or nothing is known."""
    if as_of:
        if article.effective_on and as_of < article.effective_on:
            return f"到{as_of}尚未施行（{article.effective_on}起施行）"
        if article.expires_on and as_of > article.expires_on:
            return f"到{as_of}已失效（有效至{article.expires_on}）"
        if article.expires_on or article.status != "已废止":
            return ""
    return {"已废止": "已废止", "尚未施行": "尚未施行", "已修改": "已被修改"}.get(article.status, "")


#: "32种疾病": how many of what a question takes for granted.
_COUNTED = re.compile(r"(\d+|[一二两三四五六七八九十百]+)([种项条名家])([\u4e00-\u9fff]{2})")


def other_count(part: Part, at: Context, index: int) -> str:
    """Why a segment speaks of another number of the same things than the question does; else ``""``."""
    asked = _COUNTED.findall(narrow(re.sub(r"\s+", "", part.text)))
    said = _COUNTED.findall(narrow(at.segments[index]))
    for count, unit, noun in asked:
        others = [n for n, u, what in said if (u, what) == (unit, noun)]
        if others and all(number(n) != number(count) for n in others):
            return f"说的是{others[0]}{unit}{noun}，不是{count}{unit}"
    return ""
