"""Sentences with one thing changed, to measure whether the verifier notices: ``python -m eval verifier``.

A sentence of a passage is taken as a draft of that passage. Untouched it must be verified; with one
number, date, name, clause number, word of permission or negation, or one clause of another sentence,
it must not. Everything is deterministic: the same store, count and seed give the same sentences.
"""

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from assistant import verify
from assistant.structure import sentence_spans
from assistant.values import Value, values
from corpus.store import Store
from corpus.types import Article
from eval.uncertainty import interval

#: Each kind of change and the word for it.
KINDS = {
    "number": "数字",
    "date": "日期",
    "name": "名称",
    "clause_number": "条款号",
    "modal": "应当、可以、不得",
    "negation": "否定",
    "clause": "换进别的分句",
}
#: Characters of a sentence, least and most.
_SHORTEST, _LONGEST = 14, 160
#: How often the sentences are gone through: each gives one change a round.
_ROUNDS = 6
_DIGIT = "零一二三四五六七八九"
_TITLE = re.compile(r"《[^《》]{2,20}》")
_PERSON = re.compile(r"(?<=主任|主席|书记|局长|部长|院长)[\u4e00-\u9fff]{2,3}(?=介绍|说|表示|告诉|[，、。])")
#: Names that no document has, for places and offices of which a store knows no other.
_INVENTED = (
    "南江省",
    "海州市",
    "宁屏县",
    "东屏区",
    "海州市总工会",
    "宁屏县总工会",
    "海州市中级人民法院",
    "《海州市工作暂行办法》",
)
_MODALS = (
    ("不得", "可以"),
    ("应当", "不得"),
    ("可以", "不得"),
    ("必须", "不必"),
    ("禁止", "允许"),
    ("不予", "应予"),
)
_DENIED = re.compile(
    r"不(?=得超过|超过|少于|低于|再|能|予|计|纳入|享受|影响|属于)|没有|未(?=经|按|及时|参加|缴|达)"
)
_DENIES = re.compile(
    r"(?<=[\u4e00-\u9fff])(?=(?:属于|享受|纳入|超过|参加|影响|计入|包括|适用|承担|需要)[\u4e00-\u9fff])"
)


@dataclass(frozen=True, slots=True)
class Alteration:
    """改动: a sentence, what became of it, and the passage it stands in. ``kind`` is one of KINDS."""

    kind: str
    said: str
    changed: str
    source: str
    around: str


@dataclass(frozen=True, slots=True)
class Figures:
    """What the verifier did: of each kind how many were changed and caught; untouched and rejected."""

    caught: dict[str, tuple[int, int]]
    untouched: int
    rejected: int
    missed: tuple[Alteration, ...]
    refused: tuple[Alteration, ...]

    @property
    def share(self) -> float:
        """Share (0–1) of all changed sentences that were caught."""
        return sum(c for c, _ in self.caught.values()) / max(1, sum(n for _, n in self.caught.values()))


def alterations(store: Store, count: int, seed: int = 0) -> Iterator[Alteration]:
    """Up to ``count`` changed sentences of the passages in a store, the kinds in equal shares."""
    dice = random.Random(seed)  # noqa: S311 (repeatable, not secret)
    sentences = list(_sentences(store))
    dice.shuffle(sentences)
    names, clauses = _names(store, sentences), _clauses(sentences)
    made: dict[str, int] = defaultdict(int)
    known: set[str] = set()
    for _ in range(_ROUNDS):
        for said, source, around in sentences:
            for kind in sorted(KINDS, key=lambda k: made[k]):
                changed = _MAKERS[kind](said, source, dice, names, clauses)
                if not changed or changed == said or changed in source or changed in known:
                    continue
                known.add(changed)
                made[kind] += 1
                yield Alteration(kind, said, changed, source, around)
                if len(known) == count:
                    return
                break


def retold(one: Alteration) -> list[str]:
    """The sentence untouched, and told otherwise without a change of sense: its document named, a clause left out."""
    told = [one.said, f"根据《{one.around.partition(chr(10))[0]}》，{one.said}"]
    parts = re.split("(?<=[，；])", one.said)
    return [*told, "".join(parts[1:])] if len(parts) > 2 else told


def measure(made: Sequence[Alteration]) -> Figures:
    """What ``verify.stated`` says of the changed sentences, and of the same ones untouched or retold."""
    caught: dict[str, tuple[int, int]] = dict.fromkeys(KINDS, (0, 0))
    missed: list[Alteration] = []
    for one in made:
        noticed = verify.stated(one.changed, one.source, one.around) != "已核实"
        had, of = caught[one.kind]
        caught[one.kind] = had + noticed, of + 1
        missed += [] if noticed else [one]
    sentences = {(one.said, one.source): one for one in made}
    untouched = [replace(one, changed=text) for one in sentences.values() for text in retold(one)]
    refused = [one for one in untouched if verify.stated(one.changed, one.source, one.around) != "已核实"]
    return Figures(caught, len(untouched), len(refused), tuple(missed), tuple(refused))


def lines(figures: Figures) -> list[str]:
    """The figures in words, shares with their 95 % intervals."""
    told = [f"{KINDS[kind]}：{had}/{of} 句被发现" for kind, (had, of) in figures.caught.items() if of]
    hits = [1.0] * sum(h for h, _ in figures.caught.values())
    hits += [0.0] * (sum(n for _, n in figures.caught.values()) - len(hits))
    low, high = interval(hits) if hits else (0.0, 0.0)
    wrong = [1.0] * figures.rejected + [0.0] * (figures.untouched - figures.rejected)
    bottom, top = interval(wrong) if wrong else (0.0, 0.0)
    told.append(f"改动共 {len(hits)} 句，发现 {figures.share:.4f}（{low:.4f}–{high:.4f}）")
    told.append(
        f"未改动（含只加出处、只少一个分句）{figures.untouched} 句，误拒 {figures.rejected / max(1, figures.untouched):.4f}（{bottom:.4f}–{top:.4f}）"
    )
    return told


def _sentences(store: Store) -> Iterator[tuple[str, str, str]]:
    for article in store.articles():
        for passage in store.passages(article.id):
            for span in sentence_spans(passage.text, 0, len(passage.text)):
                said = passage.text[span.start : span.end].strip()
                if _SHORTEST <= len(said) <= _LONGEST and said[-1] in "。；！" and "\n" not in said:
                    yield said, passage.text, _around(article)


def _around(article: Article) -> str:
    return "\n".join(filter(None, (article.title, article.issuer, article.region, *article.authors)))


def _names(store: Store, sentences: Sequence[tuple[str, str, str]]) -> list[str]:
    """Places, offices and titles that documents say of themselves or cite."""
    found = {name for a in store.articles() for name in (a.issuer, a.region) if len(name) > 2}
    found |= {name for said, _, _ in sentences for name in _TITLE.findall(said)}
    return sorted(found | set(_INVENTED), key=lambda n: (-len(n), n))


def _clauses(sentences: Sequence[tuple[str, str, str]]) -> list[str]:
    return sorted({c for said, _, _ in sentences for c in re.split("[，。；]", said) if 8 <= len(c) <= 24})


def _put(said: str, value: Value, text: str) -> str:
    return said[: value.start] + text + said[value.end :]


def _number(said: str, source: str, dice: random.Random, *_: Sequence[str]) -> str:
    """One digit of a number, an amount or a percentage another one."""
    found = [v for v in values(said) if v.kind in ("数", "百分比") and _digits(said[v.start : v.end])]
    found = [v for v in found if v.unit or v.kind == "百分比"]
    if not found:
        return ""
    value = dice.choice(found)
    return _put(said, value, _other_digit(said[value.start : value.end], dice))


def _digits(text: str) -> list[int]:
    return [i for i, c in enumerate(text) if c.isdigit() or c in _DIGIT[1:]]


def _other_digit(text: str, dice: random.Random) -> str:
    at = dice.choice(_digits(text))
    row = "123456789" if text[at].isdigit() else _DIGIT[1:]
    return text[:at] + dice.choice([c for c in row if c != text[at]]) + text[at + 1 :]


def _date(said: str, source: str, dice: random.Random, *_: Sequence[str]) -> str:
    found = [v for v in values(said) if v.kind == "日期" and re.search(r"\d", said[v.start : v.end])]
    if not found:
        return ""
    value = dice.choice(found)
    text = said[value.start : value.end]
    part = dice.choice(list(re.finditer(r"\d+", text)))
    number = int(part[0])
    other = number + dice.choice((-1, 1, 2)) if number > 2 else number + 1
    return _put(said, value, text[: part.start()] + str(other) + text[part.end() :])


def _name(said: str, source: str, dice: random.Random, names: Sequence[str], _: Sequence[str]) -> str:
    if person := _PERSON.search(said):
        other = ("欧阳" if person[0][0] != "欧" else "司马") + person[0][-1]
        return said[: person.start()] + other + said[person.end() :]
    found = [n for n in names if n in said]
    if not found:
        return ""
    name = dice.choice(found)
    alike = [n for n in names if n != name and n[-1] == name[-1] and n not in source and name not in n]
    return said.replace(name, dice.choice(alike), 1) if alike else ""


def _clause_number(said: str, source: str, dice: random.Random, *_: Sequence[str]) -> str:
    found = [v for v in values(said) if v.kind == "条款" and _digits(said[v.start : v.end])]
    if not found:
        return ""
    value = dice.choice(found)
    return _put(said, value, _other_digit(said[value.start : value.end], dice))


def _modal(said: str, source: str, dice: random.Random, *_: Sequence[str]) -> str:
    found = [(a, b) for a, b in _MODALS if a in said]
    if not found:
        return ""
    before, after = dice.choice(found)
    return said.replace(before, after, 1)


def _negation(said: str, source: str, dice: random.Random, *_: Sequence[str]) -> str:
    """A 不, 未, 没有 taken away, or a 不 put before a verb."""
    if match := _DENIED.search(said):
        return said[: match.start()] + said[match.end() :]
    match = _DENIES.search(said)
    if not match or said[match.start() - 1] in "不未没无可能得应需其各均":
        return ""
    return said[: match.start()] + "不" + said[match.start() :]


def _clause(said: str, source: str, dice: random.Random, _: Sequence[str], clauses: Sequence[str]) -> str:
    """One clause of several given way to a clause of another document."""
    parts = re.split("([，。；])", said)
    at = [i for i in range(0, len(parts), 2) if len(parts[i]) >= 6]
    if len(at) < 2:
        return ""
    other = [c for c in (dice.choice(clauses) for _ in range(8)) if c not in source]
    if not other:
        return ""
    parts[dice.choice(at)] = other[0]
    return "".join(parts)


_MAKERS: dict[str, Callable[[str, str, random.Random, Sequence[str], Sequence[str]], str]] = {
    "number": _number,
    "date": _date,
    "name": _name,
    "clause_number": _clause_number,
    "modal": _modal,
    "negation": _negation,
    "clause": _clause,
}
