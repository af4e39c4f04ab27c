"""Questions to learn from, made of news: a value of a headline or a sentence is left out and asked for.

Nothing of the news is kept but numbers (``train.py``); the questions live only while weights are made.
"""

import json
import lzma
import math
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.question.parts import parts_of
from assistant.question.vocabulary import synonyms
from assistant.reader.asked import asked
from assistant.values import narrow
from corpus.words import common, cut, name_sort

#: Characters of a passage, least and most.
SHORTEST, LONGEST = 60, 420


@dataclass(frozen=True, slots=True)
class Read:
    """One question with passages; ``answer`` is "" where none of them answers."""

    question: str
    answer: str
    passages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Cloze:
    question: str
    answer: str
    article: int


_NUMBER = re.compile(r"(\d[\d,]*(?:\.\d+)?(?:万亿|[万亿千百])?)(?:多|余)?(%|个百分点|[\u4e00-\u9fff])")
_DATE = re.compile(r"(?:\d{4}年)?\d{1,2}月\d{1,2}日")
_TELLING = re.compile(
    r"(?:[约近超逾共达为是有]|达到|超过|突破|实现|完成|总计|累计|同比增长|增长|增至|已|将|只)+$"
)
_HAPPENS = re.compile(
    r"(?:开幕|闭幕|发射|启动|召开|举行|举办|去世|开通|通车|上映|成立|揭牌|投产|开工|竣工|发布|施行|生效|签署|首飞|就职|开赛)"
)
_ROLES = "主席|总统|总理|部长|省长|市长|县长|局长|院长|校长|董事长|总经理|经理|书记|主任|会长|秘书长|馆长|所长|队长|教授|导演|主演|作者|负责人|发言人|创始人|冠军|教练|厂长|馆员|站长|班长|村支书"
_PLACED = re.compile(
    r"在([\u4e00-\u9fff]{2,12}?)(举行|召开|开幕|举办|成立|闭幕|揭幕|启动|发布|去世|出生|签署|揭牌|发射|落成|开工)"
)
_CALLED = re.compile(r"(主题|口号|名称|全称|简称|代号|吉祥物|名字|题目)(?:是|为|叫|：)?“([^”]{2,18})”")
_WON = re.compile(
    r"(获得|夺得|摘得|荣获|赢得|斩获)([\u4e00-\u9fffA-Za-z0-9]{2,24}?)(冠军|金牌|银牌|铜牌|一等奖|称号|大奖)"
)
_BECAUSE = re.compile(r"(?:因|由于|以)([\u4e00-\u9fff、]{4,20}?)(?:为由|，)([\u4e00-\u9fff]{6,24})[，。]")


def read(data: Path, count: int, seed: int) -> Iterator[Read]:
    """Up to ``count`` questions, half of them with nothing among their passages that answers."""
    dice = random.Random(seed)  # noqa: S311 (repeatable, not secret)
    articles = _articles(data, dice)
    pool = _Pool([(n, p) for n, (_, body) in enumerate(articles) for p in _passages(body)])
    clozes = [c for n, (head, body) in enumerate(articles) for c in _clozes(n, head, body, dice)]
    dice.shuffle(clozes)
    kept: Counter[str] = Counter()
    made = 0
    for cloze in clozes:
        kind = asked(parts_of(cloze.question)[0]).kind
        if made == count or kept[kind] > count // 4:
            continue
        if (one := _with_passages(cloze, pool, dice)) is not None:
            kept[kind] += 1
            made += 1
            yield one


def _articles(data: Path, dice: random.Random) -> list[tuple[str, str]]:
    """(headline, body): of the newscast its titles, of newspapers the first sentence."""
    found = []
    with lzma.open(data / "news-2012-2024.jsonl.xz", "rt", encoding="utf8") as file:
        for line in file:
            if dice.random() < 0.1:
                row = json.loads(line)
                found.append((narrow(f"{row['title']}\n{row['brief']}"), narrow(row["body"])))
    with lzma.open(data / "news-2023-articles.txt.xz", "rt", encoding="utf8") as file:
        for line in file:
            if dice.random() < 0.05:
                body = narrow(line.partition("正文：")[2].strip())
                found.append(("", body))
    return [(h, b) for h, b in found if len(b) > 2 * SHORTEST]


def _passages(body: str) -> list[str]:
    """A body in passages of a sentence or more."""
    found, now = [], ""
    for sentence in re.findall(r"[^。！？\n]+[。！？\n]*", body):
        if len(now) + len(sentence) > LONGEST * 0.6 and len(now) >= SHORTEST:
            found.append(now.strip())
            now = ""
        now += sentence[:LONGEST]
    if len(now) >= SHORTEST:
        found.append(now.strip())
    return found[:6]


# -- questions ------------------------------------------------------------------------------------


def _clozes(number: int, head: str, body: str, dice: random.Random) -> Iterator[_Cloze]:
    lines = [li for li in re.split(r"[\n；;]", head) if len(li) > 6][:4]
    own = [s for s in re.findall(r"[^。！？\n]{12,90}[。！？]", body)[:14] if dice.random() < 0.5]
    made = 0
    for said in dict.fromkeys([*lines, *own]):
        makers = list(_MAKERS)
        dice.shuffle(makers)
        for maker in makers:
            pair = maker(said, body, dice)
            if pair and pair[1] in body and 6 <= len(pair[0]) <= 48 and "\n" not in pair[0]:
                question = _worn(pair[0], dice)
                if len(asked(parts_of(question)[0]).words) >= 2:
                    yield _Cloze(question, pair[1], number)
                    made += 1
                    break
        if made == 2:
            return


def _subject(text: str) -> str:
    """The end of a text that says what is spoken of: its last clause, with the one before where it is short."""
    text = re.sub(r"^(?:本报讯|新华社\S*电|据\S*?[，,]|（[^）]*）|\([^)]*\))", "", text.strip())
    clauses = [c for c in re.split(r"[，,。：:]", text) if c.strip()]
    if not clauses:
        return ""
    last = clauses[-1]
    return last if len(last) >= 6 or len(clauses) < 2 else clauses[-2] + last


def _ask_number(said: str, body: str, dice: random.Random) -> tuple[str, str] | None:
    found = [
        m
        for m in _NUMBER.finditer(said)
        if m[2] not in "年月日时点号第届" and not said[: m.start()].endswith("第")
    ]
    if not found:
        return None
    match = dice.choice(found)
    before, after = said[: match.start()], re.split(r"[，,。；]", said[match.end() :])[0][:8]
    subject = _subject(_TELLING.sub("", before))
    if len(subject) < 4:
        return None
    if re.search("(?:以|经|在|因|为|向|前|后|时|等|了|有)$", subject):
        return None
    ways = [
        f"{subject}是多少？", f"{subject}", f"{subject}多少{match[2]}{after}？", f"{subject}达到多少{match[2]}",
        f"{subject}有多少{match[2]}{after}", f"{subject}为多少？",
    ]  # fmt: skip
    return dice.choice(ways), match[1] if match[2] != "%" else match[1] + "%"


def _ask_time(said: str, body: str, dice: random.Random) -> tuple[str, str] | None:
    act = _HAPPENS.search(said)
    if not act:
        return None
    dates = _DATE.findall(said) or [
        d for s in re.findall(r"[^。\n]+", body) if act[0] in s for d in _DATE.findall(s)
    ]
    if not dates:
        return None
    what = _subject(_DATE.sub("", said[: act.start()]))
    what = re.sub(r"(?:今天|昨天|日|将|已|正式|在\S{2,10}|，)+$", "", what)
    if len(what) < 4:
        return None
    ways = [
        f"{what}什么时候{act[0]}？",
        f"{what}{act[0]}时间",
        f"{what}何时{act[0]}",
        f"{what}{act[0]}的时间是什么时候？",
        f"{what}{act[0]}日期",
        f"{what}的时间",
    ]
    return dice.choice(ways), dates[0]


def _ask_person(said: str, body: str, dice: random.Random) -> tuple[str, str] | None:
    for name in (w for w in cut(said) if _person(w)):
        at = said.find(name)
        before, after = said[max(0, at - 24) : at], said[at + len(name) :]
        won = _WON.match(after)
        if won:
            prize = won[2] + won[3]
            return dice.choice([f"谁{won[1]}了{prize}？", f"{prize}是谁？", prize, f"{prize}得主是谁"]), name
        role = re.search(rf"([\u4e00-\u9fff、]{{2,14}})({_ROLES})$", before)
        if role:
            of = re.split(r"[、，]", role[1])[-1]
            if len(of) >= 2:
                return dice.choice(
                    [
                        f"{of}{role[2]}是谁？",
                        f"{of}的{role[2]}是谁",
                        f"谁是{of}{role[2]}",
                        f"{of}{role[2]}",
                        f"{of}的{role[2]}叫什么名字？",
                    ]
                ), name
        does = re.match(r"(?:在|将|还|也|已|向|对)?([\u4e00-\u9fff]{2}[\u4e00-\u9fff\d“”《》]{4,20})", after)
        if does and at < 8:
            return dice.choice([f"谁{does[0]}？", f"{does[0]}的人是谁？"]), name
    return None


def _person(word: str) -> bool:
    if re.search("[天日月年上午下晚]", word):
        return False
    return len(word) >= 2 and (
        name_sort(word) == "人"
        or (len(word) == 3 and common(word) == 0 and word[0] in "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马")
    )


def _ask_place(said: str, body: str, dice: random.Random) -> tuple[str, str] | None:
    match = _PLACED.search(said)
    if not match:
        return None
    subject = _subject(_DATE.sub("", said[: match.start()])) or said[match.end() : match.end() + 12].strip(
        "，。"
    )
    subject = re.sub(r"(?:今天|昨天|日|将|已|正式|，)+", "", subject)
    if len(subject) < 4:
        return None
    ways = [
        f"{subject}在哪里{match[2]}？",
        f"{subject}{match[2]}地点",
        f"{subject}在哪{match[2]}",
        f"{subject}{match[2]}的地点是哪里？",
        f"{subject}在哪个城市{match[2]}？",
    ]
    return dice.choice(ways), match[1]


def _ask_name(said: str, body: str, dice: random.Random) -> tuple[str, str] | None:
    match = _CALLED.search(said)
    if not match:
        return None
    subject = _subject(said[: match.start()]).removesuffix("的")
    return (
        (
            dice.choice(
                [f"{subject}的{match[1]}是什么？", f"{subject}{match[1]}", f"{subject}{match[1]}是什么"]
            ),
            match[2],
        )
        if len(subject) >= 4
        else None
    )


def _ask_cause(said: str, body: str, dice: random.Random) -> tuple[str, str] | None:
    match = _BECAUSE.search(said)
    if not match or dice.random() < 0.5:
        return None
    return dice.choice(
        [f"为什么{match[2]}？", f"{match[2]}的原因是什么？", f"{match[2]}是因为什么？", f"因何{match[2]}？"]
    ), match[1]


_MAKERS: tuple[Callable[[str, str, random.Random], tuple[str, str] | None], ...] = (
    _ask_number, _ask_time, _ask_person, _ask_place, _ask_name, _ask_cause,
)  # fmt: skip
#: Share of a question's words that are dropped, and put in another word, as people do.
_DROPPED, _OTHERWISE = 0.12, 0.3


def _worn(question: str, dice: random.Random) -> str:
    """The question with words dropped or said otherwise."""
    words = list(asked(parts_of(question)[0]).words)
    for word in words:
        if word not in question:
            continue
        if dice.random() < _DROPPED and len(words) > 3:
            question = question.replace(word, "", 1)
        elif (others := sorted(synonyms().get(word, ()))) and dice.random() < _OTHERWISE:
            question = question.replace(word, dice.choice(others), 1)
    return question


# -- passages -------------------------------------------------------------------------------------


class _Pool:
    """Passages found by their words (BM25's idf, no length norm: they are alike in length)."""

    def __init__(self, held: Sequence[tuple[int, str]]) -> None:
        self.held = held
        self._at: dict[str, list[int]] = defaultdict(list)
        for number, (_, text) in enumerate(held):
            for word in set(cut(text)):
                self._at[word].append(number)
        self.of: dict[int, list[int]] = defaultdict(list)
        for number, (article, _) in enumerate(held):
            self.of[article].append(number)

    def near(self, question: str, count: int) -> list[int]:
        scores: dict[int, float] = defaultdict(float)
        for word in asked(parts_of(question)[0]).words:
            at = self._at.get(word, ())
            if at and len(at) < len(self.held) / 8:
                for number in at:
                    scores[number] += math.log(len(self.held) / len(at))
        return sorted(scores, key=lambda n: -scores[n])[:count]


def _with_passages(cloze: _Cloze, pool: _Pool, dice: random.Random) -> Read | None:
    """The question with passages: of its own article with or without what answers, and others that are near."""
    own = [pool.held[n][1] for n in pool.of[cloze.article]]
    if not any(cloze.answer in p for p in own):
        return None
    answered = dice.random() < 0.5
    near = [pool.held[n][1] for n in pool.near(cloze.question, 24) if pool.held[n][0] != cloze.article]
    noise = [p for p in near if cloze.answer not in p]
    wanted = dice.choice((1, 1, 3, 5, 5))
    if wanted == 1:
        whole = "".join(own)[: dice.choice((300, 600, 900))]
        told = whole if answered else _without(whole, cloze.answer)
        if answered and cloze.answer not in told:
            told = dice.choice([p for p in own if cloze.answer in p])
        return (
            Read(cloze.question, cloze.answer if answered else "", (told,)) if len(told) > SHORTEST else None
        )
    beside = [q for p in own if len(q := _without(p, cloze.answer)) > SHORTEST]
    dice.shuffle(beside)
    noise = [*beside[: dice.choice((0, 1, 1, 2))], *noise]
    chosen = [dice.choice([p for p in own if cloze.answer in p])] if answered else []
    chosen = [_cropped(p, cloze.answer, dice) for p in (chosen + noise)[:wanted]]
    dice.shuffle(chosen)
    return Read(cloze.question, cloze.answer if answered else "", tuple(chosen)) if chosen else None


def _without(passage: str, answer: str) -> str:
    """A passage without its sentences that hold the answer."""
    return "".join(s for s in re.findall(r"[^。！？\n]+[。！？\n]*", passage) if answer not in s)


def _cropped(passage: str, answer: str, dice: random.Random) -> str:
    """A passage, sometimes torn at both ends as a search engine's excerpts are; what answers stays."""
    if dice.random() < 0.6 or len(passage) < 2 * SHORTEST:
        return passage
    start = dice.randrange(len(passage) // 3)
    end = len(passage) - dice.randrange(len(passage) // 3)
    at = passage.find(answer)
    if at >= 0:
        start, end = min(start, max(0, at - 20)), max(end, at + len(answer) + 20)
    return f"{passage[start:end]} ..."
