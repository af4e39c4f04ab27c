"""Whether a sentence speaks of what was asked: words, names, places, years and the kind of thing."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Literal, NamedTuple

from assistant import places
from assistant.question import (
    POST_ASKED,
    POST_WORDS,
    RARITY_CAP,
    SPOKEN_SHARE,
    WEAK_WORDS,
    Focus,
    Part,
    heads,
    kind_of,
    synonyms,
)
from assistant.ranges import Amount, amounts, fits
from assistant.settings import AssistantSettings
from assistant.structure import TABLE_ROW, Span, View, sentence_spans, view
from assistant.types import Grade, QuestionKind
from assistant.values import (
    chinese_number,
    fold,
    has_duration,
    has_time,
    narrow,
    number,
    same_unit,
    values,
    years,
)
from corpus.types import Article

#: How much a word counts by where it stands, seen from the sentence that is judged.
IN_SENTENCE = 1.0
#: The rest of a sentence that was cut at semicolons: often another item.
IN_REST = 0.75
#: Headings above, the opener of the paragraph, the item it belongs to: what it speaks of.
IN_HEAD = 0.85
IN_TITLE = 0.75
#: "一、活动时间" over "6月10日至9月15日。": the heading says for the line what it is about.
OWN_HEAD = 0.8
#: The sentence before usually names what "其", "这间" mean.
IN_BEFORE = 0.7
IN_BLOCK = 0.65
#: Elsewhere in the paragraph, in another item of the same list: something else is spoken of.
IN_LINE = 0.35
IN_ARTICLE = 0.3
#: A place named at least half as often as the most frequent one is what the article is about, too.
MAIN_PLACE = 2
#: What is counted weighs this much more than the other words of a question for a number.
HEAD_WEIGHT = 2.0
HEAD_LEAST = 3.0
#: A synonym, and a longer word found only in pieces.
SYNONYM = 0.95
PIECES = 0.8
#: A phrase in quotation marks weighs as much as this many rare words.
PHRASE_WEIGHT = 6.0
#: What another question of the same sentence adds to one: its subject, mostly.
OTHER_PART = 0.35
OTHER_PART_BARE = 0.8

FACTS: frozenset[QuestionKind] = frozenset({"数字", "时间", "人物", "地点"})

_TITLES = "通讯员|劳动模范|主席|书记|主任|院长|部长|局长|科长|处长|会长|校长|厂长|经理|总监|负责人|记者|作者|劳模|工匠|干警|师傅|老师|同志|教授|专家|委员|委员长|秘书长|队长|组长|站长|所长|职工|工人|代表|班长|厅长|市长|县长|镇长|省长|总理|法官|律师|医生|先生|女士|选手|冠军|得主|导演|演员|发言人|公司|集团|医院|学校|大学|中心|学院"
_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫经房裘缪干解应宗丁宣邓郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊惠甄曲家封芮羿储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾暴甘厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍却璩桑桂濮牛寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧殳沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓公肖涂付代"
_PERSON = re.compile(
    rf"(?:{_TITLES})[、:：\s]?[{_SURNAMES}][\u4e00-\u9fff·]{{1,2}}(?=[以获荣在向说对为等和及，,。、（(\s]|表示|介绍|领衔|认为|$)|"
    rf"[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}(?:表示|说道|说|介绍|告诉|认为|写下|讲述|坦言|同志|等人|[（(])|"
    rf"(?:由|邀请|叫|名叫|是|为|任命|选举|当选)[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}(?:同志|担任|领衔|宣讲|主持|任|带队|主讲|[，,。、])|"
    rf"[{_SURNAMES}](?:\d?某{{1,2}}|[xX×]+\d*|\d{{1,2}})(?!\d|[年月日元万%])|"
    rf"^[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}[，,：:]|"
    r"[\u4e00-\u9fff]{1,4}·[\u4e00-\u9fff]{1,8}|[摄文]\s*$"
)
_ACTOR = re.compile(
    r"由[\u4e00-\u9fff]{2,}|[\u4e00-\u9fff]{2,}(?:工会|委员会|公司|学院|法院|政府|部门|中心|机构|单位|机关|组织|集团|协会|局|厅|部)|"
    r"(?<![\u4e00-\u9fff])[全省市区县]总(?=[\u4e00-\u9fff])"
)
_PLACE = re.compile(
    r"(?:设在|设于|位于|地址|坐落|落户|走进|地点|在|到|赴|于)[\u4e00-\u9fff“]{2,}|"
    r"[\u4e00-\u9fff]{2,}(?:院|馆|中心|园|站|镇|区|县|市|室|厅|路|号|楼|村|港|湖畔|广场|基地|驿站|学校|企业|单位)"
)


@dataclass(frozen=True, slots=True)
class Context:
    """An article taken apart and folded for comparison; one entry a segment or line of its view."""

    article: Article
    view: View
    segments: tuple[str, ...]
    sentences: tuple[str, ...]
    lines: tuple[str, ...]
    blocks: tuple[str, ...]
    block_of: tuple[int, ...]
    heads: tuple[str, ...]
    nearest: tuple[str, ...]
    #: For each segment the question of the text that it answers; "" where none is asked.
    answers: tuple[str, ...]
    title: str
    byline: str
    whole: str
    named_most: int
    #: Whether its title, author or issuer says what place it is about.
    of_a_place: bool

    def read_under_heading(self, index: int) -> str:
        """A segment's words behind those of the heading above it, or else the article's title."""
        segment = self.view.segments[index]
        above = self.view.path[segment.line]
        head = self.view.line_text(above[-1]) if above else self.article.title
        return f"{head}：{self.view.of(segment)}"


#: How like a question segments are (cosines), each by its context and index, see ``likeness.py``.
LikenessOf = Callable[[str, Sequence[tuple[Context, int]]], Sequence[float]]


#: What keeps a segment from being an answer, apart from how near its words are.
Fault = Literal["", "对象不符", "形式不符", "没有所问"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """候选: one segment judged against one part of a question. ``score`` is its coverage, 0–1."""

    context: Context
    segment: int
    score: float
    own: float
    grade: Grade
    reason: str = ""
    fault: Fault = ""

    @property
    def span(self) -> Span:
        found = self.context.view.segments[self.segment]
        return Span(found.start, found.end)


#: Lines at the top of an article that may name its author and place.
_TOP_LINES = 3


@lru_cache(maxsize=512)
def context(article: Article) -> Context:
    """The article prepared for judging; kept, since questions come back to the same articles."""
    seen = view(article.text, _front(article))
    top = [seen.of(li) for li in seen.lines[:_TOP_LINES] if li.end - li.start <= 60]
    names = (*article.authors, article.issuer, article.region, article.number, *top)
    most = places.most_named(article.text)
    block_of, blocks = _blocks(seen)
    return Context(
        article=article,
        view=seen,
        segments=tuple(fold(seen.of(s)) for s in seen.segments),
        sentences=tuple(fold(seen.of(s)) for s in seen.sentences),
        lines=tuple(fold(seen.of(li)) for li in seen.lines),
        blocks=blocks,
        block_of=block_of,
        heads=_heads(seen),
        nearest=tuple(
            fold(seen.of(seen.lines[p[-1]])) if (p := seen.path[s.line]) else "" for s in seen.segments
        ),
        answers=tuple(_answered(seen, s.line) for s in seen.segments),
        title=fold(f"{article.title}{article.subtitle}"),
        byline=fold("，".join((article.title, article.subtitle, article.label, *names))),
        whole=fold(f"{article.title}{article.subtitle}{'，'.join(names)}{article.text}"),
        named_most=most,
        of_a_place=bool(places.most_named(f"{article.title}，{article.issuer}，{article.region}")),
    )


def _front(article: Article) -> int:
    """How many lines at the top name the author, the office or the column."""
    names = [fold(n) for n in (*article.authors, article.issuer, article.label) if n]
    lines = [fold(li) for li in article.text.split("\n", _TOP_LINES)[:_TOP_LINES] if li.strip()]
    count = 0
    for line in lines:
        if len(line) > 60 or not any(n in line or line in n for n in names):
            break
        count += 1
    return count


def _heads(seen: View) -> tuple[str, ...]:
    """For each segment what stands above it: headings, its paragraph's opener, its list items."""
    found = []
    for segment in seen.segments:
        above = [seen.of(seen.lines[i]) for i in seen.path[segment.line]]
        line = seen.lines[segment.line]
        first = sentence_spans(seen.text, line.start, line.end)[0] if line.end > line.start else line
        above.append(seen.of(Span(*first[:2]))[:60])
        found.append(above)
    for listing in seen.lists:
        if listing.style != "序数":
            continue
        lead = seen.of(listing.lead)[-80:]
        for item in listing.items:
            head = seen.text[item.start : min(item.end, item.start + 40)]
            for index, segment in enumerate(seen.segments):
                if item.start <= segment.start < item.end:
                    found[index] += [lead, head]
    return tuple(fold("。".join(above)) for above in found)


def _blocks(seen: View) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """For each segment the number of its block, and the folded blocks: list items, else paragraphs."""
    owner = [("line", s.line) for s in seen.segments]
    for nth, listing in enumerate(seen.lists):
        if listing.style != "序数":
            continue
        for order, item in enumerate(listing.items):
            for index, segment in enumerate(seen.segments):
                if item.start <= segment.start < item.end:
                    owner[index] = (f"{nth}", order)
    numbers = {key: n for n, key in enumerate(dict.fromkeys(owner))}
    texts = [""] * len(numbers)
    for key, segment in zip(owner, seen.segments, strict=True):
        texts[numbers[key]] += seen.of(segment)
    return tuple(numbers[key] for key in owner), tuple(fold(t) for t in texts)


#: What a heading asks with: "单位不拨缴怎么办".
ASKS = re.compile(r"[？?]\s*$|怎么|怎样|如何|什么|哪[些几里个]|多少|多久|几[次天年个]|[由向]?谁")


def _answered(seen: View, line: int) -> str:
    """The question right above a line: of a page of questions and answers, or a heading that asks."""
    if seen.line_text(line).rstrip()[-1:] in "？?":
        return ""
    above = list(seen.path[line][-1:])
    for before in range(line - 1, max(line - 1 - ANSWER_LINES, -1), -1):
        if seen.line_text(before).rstrip()[-1:] in "？?":
            above.insert(0, before)
            break
        if seen.lines[before].depth:
            break
    return next((t for i in above if ASKS.search(t := seen.line_text(i))), "")


#: An answer goes on for so many lines below its question where no heading ends it.
ANSWER_LINES = 4


def found_in(term: str, text: str) -> float:
    """How much of a term a folded text holds: 1 whole, less for a synonym or for pieces.

    "本次大讨论" stands for a longer name that ends so.
    """
    if term in text:
        return 1.0
    end = term[-3:]
    if len(term) > 4 and end in text and any(f"{this}{end}" in text for this in _THIS):
        return SYNONYM
    for other in synonyms().get(term, ()):
        if other in text:
            return SYNONYM
    return _pieces(term, text)


_THIS = ("本次", "此次", "这次", "该", "本届", "本项", "这项", "这一", "这个")


def _pieces(term: str, text: str) -> float:
    """The share of a longer word's character pairs that a text holds, from one half on."""
    if len(term) < 3:
        return 0.0
    pairs = _pairs(term)
    share = sum(map(text.__contains__, pairs)) / len(pairs)
    return PIECES * share if share >= 0.5 else 0.0


@lru_cache(maxsize=4096)
def _pairs(term: str) -> tuple[str, ...]:
    return tuple(term[i : i + 2] for i in range(len(term) - 1))


def _closeness(term: str, at: Context, index: int) -> float:
    """The best of where a term stands, seen from segment ``index``."""
    best = found_in(term, at.segments[index])
    if best >= IN_SENTENCE:
        return best
    segment = at.view.segments[index]
    if best < IN_HEAD:
        best = max(best, IN_HEAD * found_in(term, at.heads[index]))
    if best < IN_REST:
        best = max(best, IN_REST * found_in(term, at.sentences[segment.sentence]))
    if best < IN_TITLE:
        best = max(best, IN_TITLE * found_in(term, at.title))
    block = at.block_of[index]
    if best < IN_BEFORE and index and at.block_of[index - 1] == block:
        best = max(best, IN_BEFORE * found_in(term, at.sentences[at.view.segments[index - 1].sentence]))
    if best < IN_BLOCK:
        best = max(best, IN_BLOCK * found_in(term, at.blocks[block]))
    if best < IN_LINE:
        best = max(best, IN_LINE * found_in(term, at.lines[segment.line]))
    if best < IN_ARTICLE:
        best = max(best, IN_ARTICLE * found_in(term, at.whole))
    return best


def _own(term: str, at: Context, index: int) -> float:
    """How much of a term the segment says itself, or the heading right above it says for it."""
    here = found_in(term, at.segments[index])
    return here if here >= OWN_HEAD else max(here, OWN_HEAD * found_in(term, at.nearest[index]))


def wanted(focus: Focus, part: Part) -> dict[str, float]:
    """The words a part of a question needs, folded, with weights; others' subjects weigh less."""
    bare = fold(part.text)
    terms = _without_asking(part, focus.terms)
    own = {fold(t): w for t, w in terms.items() if fold(t) in bare}
    strong = sum(w for t, w in own.items() if t not in WEAK_WORDS)
    share = OTHER_PART if strong > PHRASE_WEIGHT else OTHER_PART_BARE
    found = {fold(t): w * (1.0 if fold(t) in own else share) for t, w in terms.items()}
    for head in heads(part, spelled(own)):
        found[head] = max(HEAD_WEIGHT * found[head], HEAD_LEAST)
    named = "".join(fold(p) for p in focus.places)
    found = {t: w for t, w in found.items() if t not in named and t not in focus.years}
    for phrase in focus.phrases:
        folded = fold(phrase)
        weight = PHRASE_WEIGHT * (1.0 if folded in bare else share)
        found = {t: w for t, w in found.items() if t not in folded} | {folded: weight}
    return found


def spelled(terms: dict[str, float]) -> list[str]:
    """The terms that texts would use; not those that are only how people talk ("钱罚")."""
    return [t for t, weight in terms.items() if weight > SPOKEN_SHARE * RARITY_CAP]


#: Interrogatives that stayed glued to a word, and the words in which a clause is asked for.
_ASKING_WORDS = re.compile(r"^(?:第几|哪一?|几)[条款部项种]+|^哪[些几]?|^什么|^多少")
_CLAUSE_WORDS = frozenset(["依据", "规定", "条文", "法律", "条款", "写", "根据", "法规", "出处", "来源"])


def _without_asking(part: Part, terms: dict[str, float]) -> dict[str, float]:
    """The terms without interrogatives, and without the words a question for a clause is made of."""
    found: dict[str, float] = {}
    posts = re.search(POST_ASKED, part.text)
    for term, weight in terms.items():
        bare = _ASKING_WORDS.sub("", term)
        asking = (asks_clause(part) and bare in _CLAUSE_WORDS) or (posts and bare in POST_WORDS)
        if len(bare) > 1 and not asking:
            found[bare] = weight
    return found or terms


def _place_reason(focus: Focus, at: Context, index: int) -> str:
    """Why the segment does not speak of the place asked for; ``""`` when it does."""
    if focus.nationwide and not _nationwide(at, index):
        return "没有全国的情况"
    needed = innermost(focus)
    if not needed or any(speaks_of(p, focus.spread, at, index) for p in needed):
        return ""
    return f"没有提到{'、'.join(places.trimmed(p) for p in needed)}"


def _nationwide(at: Context, index: int) -> bool:
    said = f"{at.segments[index]}{at.heads[index]}{at.title}"
    return at.article.region == "全国" or bool(re.search("全国|我国|国家|中华人民共和国", said))


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
    if _in_force(article, focus.years) and _OWN_CLAUSE.match(at.view.line_text(segment.line)):
        return ""
    near = f"{at.heads[index]}{at.lines[segment.line]}{at.byline}{article.published_on}{article.effective_on}"
    return "" if any(y in near for y in focus.years) else f"没有说是{asked}年"


def _in_force(article: Article, asked: frozenset[str]) -> bool:
    """Whether a regulation held in a year: from its first day to its last, as far as both are known."""
    if not article.effective_on:
        return False
    first, last = article.effective_on[:4], (article.expires_on or "9999")[:4]
    return any(first <= year <= last for year in asked)


def has_person(text: str) -> bool:
    """Whether the text names a person next to a title, a speech verb or a role."""
    return bool(_PERSON.search(text))


def names_post(text: str) -> bool:
    """Whether the text names a post that somebody may hold."""
    return bool(re.search(_TITLES, text))


def _named(thing: str, text: str) -> bool:
    """Whether a clause names what is counted in its own word: a synonym counts something else."""
    return thing in text or _pieces(thing, text) >= NEARLY


def _without_asked(part: Part, text: str) -> str:
    """The text without the numbers and years that the question itself names: they are no answer."""
    if part.kind not in ("数字", "时间"):
        return text
    for value in values(re.sub(r"\s+", "", part.text)):
        if value.kind != "条款":
            text = text.replace(narrow(part.text)[value.start : value.end], "")
    return text


#: A column of a table that names who it is.
_WHO_COLUMN = re.compile(r"(?:单位|部门|机构|机关|人|者|谁)：[\u4e00-\u9fff]{2,}")


def _has_actor(part: Part, text: str) -> bool:
    """Whether the text says which office does what a part asks ("由谁规定": "由……规定")."""
    if TABLE_ROW.fullmatch(text) and _WHO_COLUMN.search(text):
        return True
    if re.search("姓名|名字|哪一?位", part.text):
        return False
    asked = re.search(r"[由是](?:谁|哪[^，,。？]{0,6}?)(?P<does>[\u4e00-\u9fff]+)", part.text)
    does = asked["does"].lstrip("来去先再")[:2].removesuffix("的") if asked else ""
    if not does:
        return bool(_ACTOR.search(text))
    return bool(
        re.search(
            rf"由[^，。；]{{2,40}}?{does}|[\u4e00-\u9fff]{{2,}}(?:负责|应当|依法|选举){does}|"
            rf"(?:{_ACTOR.pattern})[^，。；]{{0,30}}{does}",
            text,
        )
    )


#: Share of a counted thing's name that must stand in the clause with the number.
NEARLY = 0.5


#: How many or how much there is in all is no percentage.
_TOTAL_ASKED = re.compile("总数|人数|数量|总额|规模|面积|户数|家数|总量")
_TOTAL = "总"
#: By how much something changed may be told as a share.
_CHANGE_ASKED = re.compile("(?:增长|增加|减少|下降|上升|提高|降低|压减)了?多少")


def _has_number(unit: str, text: str) -> bool:
    found = values(text)
    if unit == _TOTAL:
        return any(v.kind == "数" and (v.unit or re.search(r"\d", text[v.start : v.end])) for v in found)
    if unit == "%":
        return any(v.kind == "百分比" for v in found)
    if unit == "倍" and any(v.kind == "百分比" for v in found):
        return True
    if unit:
        return any(v.kind == "数" and v.unit and same_unit(unit, v.unit) for v in found)
    return any(
        v.kind in ("数", "百分比") and (v.unit or re.search(r"\d", text[v.start : v.end])) for v in found
    )


def _cell_with(unit: str, row: str, things: Iterable[str]) -> bool:
    """Whether a cell of a table's row holds a number in the unit, or in a column of the thing counted."""
    things = list(things)
    for cell in re.split("[；;]", row):
        column, _, said = cell.partition("：")
        if values(said) and any(thing in fold(column) for thing in things):
            return True
        for value in values(said):
            if value.kind not in ("数", "百分比"):
                continue
            if (
                not unit
                or (value.unit and same_unit(unit, value.unit))
                or (not value.unit and unit in column)
            ):
                return True
            if not value.unit and "（" not in column:
                return True
    return False


#: "第一名是谁": one person is asked for, no office will do.
_ONE_PERSON = re.compile(r"(?:名|员|手|师|长|书记|主席|主任|经理|劳模|工匠|冠军)(?:是|叫|为)(?:谁|哪一?位)")


_ROLE_ASKED = re.compile(rf"(副?(?:{_TITLES}))(?:是|叫|为)(?:谁|哪一?位|什么)")


def _in_role(part: Part, text: str) -> bool | None:
    """Whether the text names a person in the role asked for: 副院长 is no 院长. None: it cannot be told."""
    asked = _ROLE_ASKED.search(part.text)
    if not asked:
        return None
    role = asked[1] if asked[1].startswith("副") else f"(?<!副){asked[1]}"
    name = rf"(?!常务)[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}"
    if re.search(rf"{role}(?:[、和兼][^，。；、和兼]{{1,10}})*[:：]?{name}|{name}{role}", text):
        return True
    return False if asked[1] in text and not re.search(role, text) else None


#: How many there are is asked; "满25人的", "300人以上的" are conditions and say nothing about it.
_HOW_MANY_ARE = re.compile("一共|总共|总数|共有|最少要有|至少要有|由几|由多少|(?<![应得要需该])有多少")
_CONDITION = re.compile(
    r"(?:满|不足|不满|超过)\d+[\u4e00-\u9fff]|\d+(?:人|名|家|个|户)(?:及?以上|及?以下)(?!不得)"
)


#: The number of a list's item counts nothing.
_ITEM_NUMBER = re.compile(r"^(?:\d{1,2}[.．、]|[（(]\d{1,2}[）)])")
#: Asked what something costs, "不收费" is the answer.
_FREE = re.compile("不收(?:取)?(?:任何)?费|免费|不用(?:交|掏|花)[^，。]{0,4}[钱费]|免收|免交")
_MONEY_ASKED = re.compile(
    "(?:收入|营收|金额|经费|资金|费用?|补贴|补助|奖金|工资|票房|产值|[价款]|薪)(?:总额|标准)?(?:一共|总共|大约)?[是为有达]?(?:到|了)?多少(?!人|名|家|个|项|次|户|倍)"
)


def unit_asked(part: Part) -> str:
    """The unit a part asks for, in its own word or by what is measured (money)."""
    if re.search("(?:多少|几)个?人(?!次)", part.text):
        return "人"
    if part.unit or _MONEY_ASKED.search(part.text):
        return part.unit or "元"
    return _TOTAL if _TOTAL_ASKED.search(part.text) and not _CHANGE_ASKED.search(part.text) else ""


def _holds_person(part: Part, text: str) -> bool:
    """Whether the text names who is asked for: a person, an office that does it, somebody's post."""
    if re.search(POST_ASKED, part.text):
        return names_post(text)
    if not re.search("记者|通讯员|作者|报道|照片|图片|拍|摄", part.text):
        text = re.sub(r"[（(](?:记者|通讯员)[^）)]*[）)]", "", text)
    in_role = _in_role(part, text)
    if in_role is not None:
        return in_role
    return has_person(text) or (not _ONE_PERSON.search(part.text) and _has_actor(part, text))


def holds(part: Part, text: str, things: Iterable[str] = ()) -> bool:
    """Whether the text holds the kind of thing a part asks for; a number beside what is counted."""
    text = _without_asked(part, re.sub(r"\s+", "", text))
    text = _ITEM_NUMBER.sub("", text)
    if part.form:
        return bool(re.search(part.form, narrow(text)))
    if part.kind == "数字":
        if _HOW_MANY_ARE.search(part.text):
            text = _CONDITION.sub("", text)
        if TABLE_ROW.fullmatch(text):
            return _cell_with(unit_asked(part), text, things) and (
                not things or any(_named(c, fold(text)) for c in things)
            )
        unit = unit_asked(part)
        if unit == "元" and _FREE.search(text):
            return True
        return any(
            _has_number(unit, clause) and (not things or any(_named(c, fold(clause)) for c in things))
            for clause in re.split(r"[，；;。]|,(?!\d{3})", text)
        )
    if part.kind == "时间":
        return has_duration(text) if part.unit == "时长" else has_time(text)
    if part.kind == "人物":
        return _holds_person(part, text)
    if part.kind == "地点":
        return bool(_PLACE.search(text))
    return True


def _named_reason(focus: Focus, at: Context) -> str:
    """Why an article is not the one named in 《》 or does not hold the quoted phrase."""
    for title in focus.titles:
        if found_in(fold(title), at.whole) < PIECES:
            return f"没有提到《{title}》"
    for phrase in focus.phrases:
        if found_in(fold(phrase), at.whole) < 0.6 and not _abbreviation_parts(fold(phrase), at.whole):
            return f"没有提到“{phrase}”"
    return ""


def _clause_reason(focus: Focus, at: Context, index: int) -> str:
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


class _Scored(NamedTuple):
    """A segment with its coverage of the words asked for: in all, and in its own words."""

    at: Context
    segment: int
    score: float
    own: float
    #: How close the words are that its article has at all.
    close: Mapping[str, float] = MappingProxyType({})


def judge_part(
    focus: Focus,
    part: Part,
    contexts: Iterable[tuple[Context, Sequence[int]]],
    settings: AssistantSettings,
    as_of: str = "",
    likeness: LikenessOf | None = None,
) -> list[Candidate]:
    """Every segment given, judged against one part; best first."""
    contexts = list(contexts)
    fitting = _fitting(part, contexts)
    needed = wanted(focus, part)
    if any(fitting.values()):
        numbers = fold("，".join(a.text for p in focus.parts for a in amounts(p.text)))
        needed = {t: w for t, w in needed.items() if t not in numbers}
    scored = [s for at, indexes in contexts for s in _scored(needed, at, indexes)]
    if likeness:
        scored = _with_likeness(part, scored, likeness)
    scored = [_asked_there(part, needed, one) for one in scored]
    named: dict[int, str] = {}
    about = _about(scored) if _SIGNED.search(part.text) else {}
    found: list[Candidate] = []
    for one in scored:
        if id(one.at) not in named:
            named[id(one.at)] = _named_reason(focus, one.at)
        fits_in = fitting.get((id(one.at), one.segment))
        if fits_in:
            one = one._replace(score=one.score + fits_in, own=one.own + 2 * fits_in)
        if one.score < (best := about.get(id(one.at), 0.0)) and _signs(part, one.at, one.segment):
            one = one._replace(score=best, own=1.0)
        reason = named[id(one.at)] or ("说的是别的情形" if fits_in == 0 else "")
        candidate = _candidate(focus, part, one, needed, reason, settings)
        if _RECKONED.search(part.text):
            told = RECKONS if _reckons(one.at, one.segment) else -RECKONS
            candidate = replace(candidate, score=candidate.score + told)
        if _SORTS_ASKED.search(part.text) and _SORTS.search(one.at.segments[one.segment]):
            candidate = replace(candidate, score=candidate.score + RECKONS)
        if part.kind == "办法" and _only_names(needed, one.at, one.segment):
            candidate = replace(candidate, score=candidate.score - ONLY_NAMES)
        found.append(candidate)
    return sorted(
        found, key=lambda c: (c.grade != "支持", _rank(c, as_of) - _exactness(focus, part, c), -c.own)
    )


#: Asked how something is reckoned, a sentence with a rate goes before those that are this much nearer.
RECKONS = 0.15
_RECKONED = re.compile("(?:怎么|怎样|如何)(?:计?算|核算|计发|计提|折算)|计算(?:方法|办法|标准|公式)")


#: Asked which sorts there are, one that counts them: "有养老、医疗、工伤三种".
_SORTS_ASKED = re.compile("哪?几[种类]|哪些(?:种类|类型|类别)")
_SORTS = re.compile("、[^。；]*[二两三四五六七八九十\\d][种类]|[二两三四五六七八九十\\d][种类][^。；]*、")
#: A rate, not merely an amount: "150%", "每满一年付一个月工资", "除以21.75天".
_RATE = re.compile(
    r"倍|除以|乘以|[乘×÷]|[每按][^，。；]{1,16}(?:\d|[一二两三四五六七八九十半])个?(?:月|天|日|小时|年|元|档)"
)


def _reckons(at: Context, index: int) -> bool:
    said = at.view.of(at.view.segments[index])
    return bool(_RATE.search(said)) or any(v.kind == "百分比" for v in values(said))


#: Of sentences that all support an answer, one that counts in the very unit asked for, or itself names
#: the place, goes before those that are this much nearer in words.
EXACT_UNIT = 0.1
NAMES_PLACE = 0.1
#: Asked how, one that only names the thing goes behind those that are this much less near.
ONLY_NAMES = 0.2


def _exactness(focus: Focus, part: Part, candidate: Candidate) -> float:
    at, index, needed = candidate.context, candidate.segment, innermost(focus)
    said = at.segments[index]
    near = "\n".join((said, at.byline, at.title, at.heads[index]))
    named = any(fold(n) in near for p in needed for n in places.variants(p))
    counts = part.kind == "数字" and bool(part.unit)
    in_unit = counts and (any(v.unit == part.unit for v in values(said)) or f"({part.unit})" in said)
    return EXACT_UNIT * in_unit + NAMES_PLACE * named


#: What it is worth that the text itself asks the question and a segment answers it.
ASKED_THERE = 0.35
#: Share of the words asked for that the question of the text must take up, its title helping.
SAME_WORDS = 0.8
#: Share of its characters that may be about something else.
OTHER_TEXT = 0.4
_ASKING_CHARS = re.compile(
    r"^[（(]?[一二三四五六七八九十\d]+[）)、.．]\s*|^[问答][:：]|怎么办?|怎样|如何|什么|哪[些几里个]|多少|多久|可以|能不能|是否|应当|应该|[的吗呢了要能谁？?，,。、“”]"
)
_NEGATED = re.compile("不|没|未|拒|拖|欠|无法")


def _asked_there(part: Part, needed: dict[str, float], one: _Scored) -> _Scored:
    """A segment with what it is worth that the question above it is the one that is asked."""
    asked = one.at.answers[one.segment]
    total = sum(needed.values())
    if not asked or not total or kind_of(asked) != part.kind:
        return one
    asked, mine = fold(asked), fold(part.text)
    if bool(_NEGATED.search(asked)) != bool(_NEGATED.search(mine)):
        return one
    found = {t: found_in(t, asked) for t in needed}
    words = sum(w * max(found[t], IN_TITLE * found_in(t, one.at.title)) for t, w in needed.items()) / total
    if words < SAME_WORDS * IN_TITLE or not any(found.values()):
        return one
    other = _beside(_ASKING_CHARS.sub("", asked), mine, [t for t in needed if found[t]])
    if other > OTHER_TEXT:
        return one
    worth = ASKED_THERE * words * (1 - other)
    return one._replace(score=one.score + worth, own=one.own + worth)


def _beside(asked: str, mine: str, terms: Iterable[str]) -> float:
    """Share (0–1) of a question's characters that are neither in mine nor in a word for one of the terms."""
    rest = asked
    for term in terms:
        for word in (term, *synonyms().get(term, ())):
            rest = rest.replace(word, "")
    return sum(char not in mine for char in rest) / max(len(asked), 1)


#: Asked who reported or photographed something: the line that signs it answers for the article.
_SIGNED = re.compile(r"(?:通讯员|记者|摄影师?|照片|图片).{0,8}谁|谁.{0,3}(?:拍|摄|摄影|报道)的?")
_SIGNS = (
    (re.compile("照片|图片|拍|摄"), re.compile(r"[摄图]\s*[）)]?$|摄影[：:\s]|[（(][^）)]*[摄图][）)]")),
    (re.compile("通讯员"), re.compile(r"通讯员[\s：:]*[\u4e00-\u9fff]{2,4}")),
    (re.compile("记者|报道"), re.compile(r"(?:记者|通讯员)[\s：:]*[\u4e00-\u9fff]{2,4}")),
)


def _about(scored: Iterable[_Scored]) -> dict[int, float]:
    """How near the best segment of each article is."""
    best: dict[int, float] = {}
    for one in scored:
        best[id(one.at)] = max(best.get(id(one.at), 0.0), one.score)
    return best


def _signs(part: Part, at: Context, index: int) -> bool:
    """Whether a segment signs its article in the role that is asked for."""
    said = at.view.of(at.view.segments[index])
    shape = next((shape for asked, shape in _SIGNS if asked.search(part.text)), None)
    return bool(shape and shape.search(said))


#: What it is worth that a value of the question falls into the range a segment sets.
IN_RANGE = 0.2


def _fitting(part: Part, contexts: Iterable[tuple[Context, Sequence[int]]]) -> dict[tuple[int, int], float]:
    """Of articles whose ranges hold the question's values, what each segment that sets ranges is worth:
    IN_RANGE for the narrowest that holds them, less for a wider one, 0 for another range."""
    given = amounts(part.text)
    found: dict[tuple[int, int], float] = {}
    for at, indexes in contexts if given else ():
        begins = {i: _begins(given, at.view.of(at.view.segments[i])) for i in indexes}
        best = max((b for b in begins.values() if b is not None), default=-1.0)
        for i, begin in begins.items():
            if best >= 0 and begin is not None:
                found[id(at), i] = IN_RANGE if begin == best else IN_RANGE / 2 if begin >= 0 else 0.0
    return found


def _begins(given: Sequence[Amount], text: str) -> float | None:
    """Where the narrowest range that holds all the values begins, as ``fits``."""
    fit = [f for a in given if (f := fits(a, text)) is not None]
    return None if not fit else -1.0 if min(fit) < 0 else max(fit)


def _scored(needed: dict[str, float], at: Context, indexes: Sequence[int]) -> list[_Scored]:
    total = sum(needed.values())
    if not total:
        return [_Scored(at, i, 0.0, 0.0) for i in indexes]
    present = [(t, w / total) for t, w in needed.items() if found_in(t, at.whole)]
    found = []
    for i in indexes:
        close = {t: _closeness(t, at, i) for t, _ in present}
        score = sum(w * close[t] for t, w in present)
        found.append(_Scored(at, i, score, sum(w * _own(t, at, i) for t, w in present), close))
    return found


#: Segments whose likeness to the question is asked for: the nearest in words.
LIKENESS_OF = 60
#: A likeness above (below) the usual one lifts (lowers) the coverage by this share of the difference.
LIKENESS_WEIGHT = 0.3
USUAL_LIKENESS = 0.35
LIKENESS_MOST = 0.12


def _with_likeness(part: Part, scored: list[_Scored], likeness: LikenessOf) -> list[_Scored]:
    """The nearest segments with what their likeness adds to their coverage; the rest as they are.

    The encoder knows sentences under their titles; of texts without any it prefers those that
    merely repeat the question (measured), so they are left alone.
    """
    titled = [n for n in range(len(scored)) if scored[n].at.article.title]
    order = sorted(titled, key=lambda n: -scored[n].score)[:LIKENESS_OF]
    like = likeness(part.text, [(scored[n].at, scored[n].segment) for n in order])
    for n, cosine in zip(order, like, strict=True):
        lift = LIKENESS_WEIGHT * (cosine - USUAL_LIKENESS)
        lift = max(-LIKENESS_MOST, min(LIKENESS_MOST, lift))
        scored[n] = scored[n]._replace(score=scored[n].score + lift, own=scored[n].own + lift)
    return scored


#: A document that does not hold (any more, or yet) steps back behind one that does and is this much less near.
NOT_STANDING = 0.3
#: A text that is poorly legible steps back behind one that is as good, and no further.
POORLY_READ = 0.05
#: One that was amended holds but for what was changed.
AMENDED = 0.15


def _rank(candidate: Candidate, as_of: str) -> float:
    standing = standing_of(candidate.context.article, as_of)
    behind = AMENDED if standing == "已被修改" else NOT_STANDING if standing else 0.0
    behind += POORLY_READ if candidate.context.article.trust == "差" else 0.0
    return behind - candidate.score


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


def _candidate(
    focus: Focus,
    part: Part,
    scored: _Scored,
    needed: dict[str, float],
    named: str,
    settings: AssistantSettings,
) -> Candidate:
    at, index, score, own, close = scored
    if not needed:
        return Candidate(at, index, 0.0, 0.0, "无关", "问题里没有可查的词")
    fact = part.kind in FACTS
    enough = score >= (settings.fact_coverage if fact else settings.open_coverage)
    near = (
        own >= (settings.fact_own if fact else settings.open_own)
        or _headed(part, at, index)
        or _named_here(part, needed, at, index)
        or _row_asked(focus, part, needed, at, index)
    )
    fault, reason = _fault(focus, part, at, index, named)
    if not reason and enough and near and not _holds_here(part, needed, at, index):
        fault, reason = "没有所问", f"没有给出所问的{_ASKED_FOR.get(part.kind, '内容')}"
    if not reason and not (enough and near):
        reason = _missing(needed, at, index, close)
    grade: Grade = "支持" if not reason else "部分" if score >= settings.open_coverage / 2 else "无关"
    return Candidate(at, index, score, own, grade, reason, fault)


#: Characters that a sentence must add to the words of a question to say how something is done.
ADDED_LEAST = 8


def _only_names(needed: Iterable[str], at: Context, index: int) -> bool:
    """Whether a segment says hardly more than the question itself ("（四）按时足额拨缴工会经费。")."""
    said = re.sub(r"^[（(]?[一二三四五六七八九十\d]+[）)、.]|\W", "", at.segments[index])
    for term in sorted(needed, key=len, reverse=True):
        said = said.replace(term, "")
    return len(said) < ADDED_LEAST


#: Money that is paid in and money that is paid out: a question for one is not answered by the other.
_PAYS = re.compile("交|缴|收|费|自付|自理|出资|承担|价(?!值)")
_GETS = re.compile("补|奖|发|领|给|慰问|赔|资助|报销|价值|支付|配送")
_PAYS_ASKED = re.compile(
    "(?:[要需该]?[交缴收掏]|收费|收取|花|自费|自付)(?:纳|费)?(?:是|为|[要得]?)(?:多少|几)(?:钱|元|块|费)?"
)


def _other_way(part: Part, said: str) -> str:
    """Why the money of a segment goes the other way than that which is asked for; ``""`` where it does not."""
    if unit_asked(part) != "元" or not _PAYS_ASKED.search(part.text):
        return ""
    return "说的是发放的钱，不是要交的钱" if _GETS.search(said) and not _PAYS.search(said) else ""


def _fault(focus: Focus, part: Part, at: Context, index: int, named: str) -> tuple[Fault, str]:
    """What keeps a segment from being an answer however near its words are, and the reason in words."""
    if reason := named or _clause_reason(focus, at, index):
        return "对象不符", reason
    if reason := _unfit(part, at, index) or _other_way(part, at.segments[index]):
        return "形式不符", reason
    reason = _place_reason(focus, at, index) or year_reason(focus, at, index) or _other_count(part, at, index)
    return ("对象不符" if reason else ""), reason


def missing_share(needed: dict[str, float], at: Context, index: int) -> float:
    """Share (0–1) by weight of the words asked for that stand neither in a segment nor around it."""
    total = sum(needed.values())
    lacking = sum(w for t, w in needed.items() if _closeness(t, at, index) < NEARLY)
    return lacking / total if total else 1.0


_CITED = re.compile(r"《[^》]+》[^《》，。；]{0,12}?第[零〇一二三四五六七八九十百\d]+条")
_OWN_CLAUSE = re.compile(r"第[零〇一二三四五六七八九十百\d]+条")
#: "相关条文" and the like: lines made of nothing but names of laws and clauses.
_ONLY_CITED = re.compile(
    r"(?:(?:上表|以上|表中各项)(?:均?[见据]|依据))?(?:[•·\-*\s、，和及。；至]|《[^》]+》|第[零〇一二三四五六七八九十百\d]+条(?:第.款)?|[（(][^（）()]*(?:施行|实施|修[订正改])[）)])+"
)
_LEADS_IN = re.compile(
    r"(?:如下|下列|以下)[^，。；：]{0,6}[。：:]$|(?:现将|现就)[^。]*(?:通知|公布|公告|报告)如下"
)
_ONLY_HEADED = ("定义", "其他", "是否", "条款", "比较", "数字", "时间", "人物", "地点")


def _unfit(part: Part, at: Context, index: int) -> str:
    """Why a segment is no answer by its form: a question, a lead-in, a heading, a bare list of clauses."""
    segment = at.view.segments[index]
    said = at.view.of(segment)
    if said[-1:] in "？?":
        return "这是提问，不是回答"
    if part.kind not in ("人物", "出处") and _is_byline(at, segment.line):
        return "这是署名，不是回答"
    if "名单" in part.text and said.count("、") < LISTED and "名单" not in said:
        return "没有列出名单"
    if _ONLY_CITED.fullmatch(said):
        return "只列出条文"
    if part.kind not in FACTS and part.kind != "出处" and _is_formal(at, said):
        return "只是文号或落款"
    if part.kind in _ONLY_HEADED and _LEADS_IN.search(said) and not holds_clause(part, at, index):
        return "只是引出下文的话"
    heads_text = any(segment.line in p for p in at.view.path[segment.line + 1 : segment.line + 2])
    headed = at.view.lines[segment.line].depth and said[-1:] not in "。；;" and heads_text
    if headed and (
        part.kind in ("定义", "其他", "是否", "条款", "比较") or (part.kind in FACTS and ASKS.search(said))
    ):
        return "这是标题，不是回答"
    if asks_clause(part) and not holds_clause(part, at, index):
        return "没有写明是哪一条"
    return ""


#: A list of names names at least so many more than one.
LISTED = 2


def _is_formal(at: Context, said: str) -> bool:
    """Whether a segment holds nothing but the document's number, its office or a day."""
    bare = fold(said).rstrip("。")
    names = {fold(n) for n in (at.article.number, at.article.issuer) if n}
    return bare in names or bool(_FORMAL.fullmatch(bare))


_FORMAL = re.compile(
    r"[\u4e00-\u9fff]{1,12}[〔\[(]\d{4}[〕\])]第?\d+号|(?:\d{4}年)?\d{1,2}月(?:\d{1,2}日)?|[\u4e00-\u9fff]{2,20}(?:总工会|委员会|办公室)"
)


def _is_byline(at: Context, line: int) -> bool:
    """Whether a line at the top only says who wrote the article."""
    if line >= _TOP_LINES or at.view.line_text(line)[-1] in "。！？；：":
        return False
    return len(at.lines[line]) <= SHORT_LINE and any(fold(a) in at.lines[line] for a in at.article.authors)


SHORT_LINE = 40


def asks_clause(part: Part) -> bool:
    """Whether a part asks which clause says something, rather than what a clause says."""
    return part.kind == "条款" and not _OWN_CLAUSE.search(part.text)


#: A law that a question for its clause names without 《》.
_LAW_ASKED = re.compile(r"([\u4e00-\u9fff]{2,20}?(?:法|条例|办法|规定|章程))(?:的|里|中)?(?:第几|哪一?)条")


def holds_clause(part: Part, at: Context, index: int) -> bool:
    """Whether a clause is cited from a segment on in its line, or the line is a law's clause itself."""
    return asks_clause(part) and clause_end(part, at, index) is not None


def clause_end(part: Part, at: Context, index: int) -> int | None:
    """Where the sentence ends that names the clause a segment rests on; None where none does."""
    segment = at.view.segments[index]
    line = at.view.lines[segment.line]
    sentence = at.view.sentences[segment.sentence]
    laws = [fold(m) for m in re.findall("《([^》]+)》", part.text)]
    laws += [m[1][-4:] for m in [_LAW_ASKED.search(part.text)] if m]
    own = _OWN_CLAUSE.match(at.view.of(line))
    if own and (not laws or any(name in at.title for name in laws)):
        return sentence.end
    for later in sentence_spans(at.view.text, sentence.start, line.end)[:3]:
        cited = [fold(m) for m in _CITED.findall(at.view.of(later))]
        if any(not laws or any(f"{name}第" in c for name in laws) for c in cited):
            return later.end
    return None


#: "32种疾病": how many of what a question takes for granted.
_COUNTED = re.compile(r"(\d+|[一二两三四五六七八九十百]+)([种项条名家])([\u4e00-\u9fff]{2})")


def _other_count(part: Part, at: Context, index: int) -> str:
    """Why a segment speaks of another number of the same things than the question does; else ``""``."""
    asked = _COUNTED.findall(narrow(re.sub(r"\s+", "", part.text)))
    said = _COUNTED.findall(narrow(at.segments[index]))
    for count, unit, noun in asked:
        others = [n for n, u, what in said if (u, what) == (unit, noun)]
        if others and all(number(n) != number(count) for n in others):
            return f"说的是{others[0]}{unit}{noun}，不是{count}{unit}"
    return ""


def _holds_here(part: Part, needed: dict[str, float], at: Context, index: int) -> bool:
    """Whether a segment holds what is asked for; the heading of a table may name what its cells count."""
    said = at.view.of(at.view.segments[index])
    things = heads(part, spelled(needed))
    if holds(part, said, things):
        return True
    under = TABLE_ROW.fullmatch(said) and any(t in at.nearest[index] for t in things)
    return bool(under) and holds(part, said)


#: A heading that says what kind of thing stands under it ("一、活动时间").
_HEADED = {"时间": "时间|日期|期限", "地点": "地点|地址", "人物": "联系人|负责人"}


def _headed(part: Part, at: Context, index: int) -> bool:
    pattern = _HEADED.get(part.kind)
    return bool(pattern and re.search(pattern, at.nearest[index]))


#: The words right before "是谁", "是什么": the role or quality that is asked for.
_BEFORE_ASKING = re.compile(r"([\u4e00-\u9fff]{2,10}?)(?:分别|各)?(?:是|叫|为)(?:谁|哪|什么|何)")


def _named_here(part: Part, needed: Iterable[str], at: Context, index: int) -> bool:
    """Whether a segment itself names the role that is asked for ("第一名是谁") beside a person."""
    match = _BEFORE_ASKING.search(fold(part.text))
    if part.kind != "人物" or not match:
        return False
    return any(match[1].endswith(t) and t not in WEAK_WORDS and t in at.segments[index] for t in needed)


_WHICH = re.compile(
    r"(?:哪些|哪几|哪[一二三四五六七八九十两]+|哪\d+)(?:个|项|种|条|大|类)?的?(?:主要)?([\u4e00-\u9fff]{2,6})"
)


def _row_asked(focus: Focus, part: Part, needed: Iterable[str], at: Context, index: int) -> bool:
    """Whether a table's row is that of a place asked for and has a column of what is counted."""
    row = at.view.of(at.view.segments[index])
    if not focus.places or not TABLE_ROW.fullmatch(row):
        return False
    columns = fold("。".join(cell.partition("：")[0] for cell in re.split("[；;]", row))) + at.nearest[index]
    here = any(places.core(p) in row for p in innermost(focus))
    return here and any(found_in(t, columns) >= PIECES for t in heads(part, needed))


def listed_noun(part: Part, terms: Iterable[str]) -> str:
    """The noun right behind "哪些": what a list must be of; ``""`` where it says nothing."""
    match = _WHICH.search(fold(part.text))
    if not match:
        return ""
    first = [t for t in terms if match[1].startswith(t) and t not in WEAK_WORDS and t != "方面"]
    return max(first, key=len, default="")


_ASKED_FOR = {"数字": "数字", "时间": "时间", "人物": "人名", "地点": "地点"}


def _missing(needed: dict[str, float], at: Context, index: int, close: Mapping[str, float]) -> str:
    """The heaviest words asked for that the segment and what is around it lack."""
    # A word that its article lacks can stand only across two segments that its block joins.
    block = at.blocks[at.block_of[index]]
    near = {t: close[t] if t in close else IN_BLOCK * found_in(t, block) for t in needed}
    lacking = sorted(((w * (1 - near[t]), t) for t, w in needed.items()), reverse=True)
    words = [t for gap, t in lacking if gap > 0.5][:2]
    return f"没有谈到“{'”“'.join(words)}”" if words else "与所问不够贴近"


#: Share of a question's words that a sentence in other words must take up to be an answer to it.
TO_THE_POINT = 0.25


def to_the_point(focus: Focus, text: str) -> bool:
    """Whether a sentence takes up a question for a fact; lists and procedures need not repeat it."""
    if focus.kind not in FACTS:
        return True
    said = fold(text)
    for part in focus.parts:
        needed = wanted(focus, part)
        if sum(w * found_in(t, said) for t, w in needed.items()) >= TO_THE_POINT * sum(needed.values()):
            return True
    return False
