"""Whether a sentence is borne out by the passage it cites: values, names, polarity, content."""

import re
from collections.abc import Sequence

from assistant import sense
from assistant.evidence.nearness import found_in
from assistant.types import Verdict
from assistant.values import Value, fold, values
from corpus.types import UNSURE

#: Share of a sentence's words that must stand in what it cites. Below it, it says something else.
CONTENT = 0.6
#: Words that turn a rule round. Each stands with what it is compared to.
_POLARITY = (
    ("不得", "禁止", "严禁", "不准"),
    ("应当", "必须", "应该"),
)
_NEGATION = re.compile(
    r"不(?![断少仅但只同过管论超低足])|未(?!来)|没有|无(?!论|锡|偿|障碍)|非(?!常|公|遗)|禁止|严禁|免(?!费)"
)
#: A value in a source that recognition was not sure of bears nothing out.
_DOUBTED = re.compile(rf"[\d.,，．%％‰一二三四五六七八九十百千万亿〇零两]*{re.escape(UNSURE)}")


def quoted(quote: str, passage: str) -> Verdict:
    """A quotation is true when it stands in the passage, character by character.

    Where recognition was not sure of a number or name in it, that is not enough.
    """
    if UNSURE in quote:
        return "依据不足"
    return "已核实" if quote and quote in passage else "引文不存在"


def _known(value: Value, there: Sequence[Value]) -> bool:
    return any(_same(value, other) for other in there)


def _same(value: Value, other: Value) -> bool:
    if (value.kind, value.value) == (other.kind, other.value):
        return not value.unit or not other.unit or value.unit == other.unit
    if other.kind != "日期":
        return False
    if value.kind == "日期":
        return _date_within(value.value, other.value)
    return value.kind == "数" and value.unit in ("月", "日", "年") and value.value in other.value.split("-")


def _date_within(said: str, source: str) -> bool:
    """A date that says less than the source ("2月" of "2月10日") but nothing else."""
    return (
        all(not a or a == b for a, b in zip(said.split("-"), source.split("-"), strict=True))
        and said != "---"
    )


def values_hold(text: str, source: str) -> bool:
    """Whether every number, date, percentage, clause and 文号 in the text stands in the source."""
    squeezed, basis = re.sub(r"\s+", "", text), _DOUBTED.sub("", re.sub(r"\s+", "", source))
    there = values(basis)
    return all(_known(v, there) for v in values(squeezed))


_NAME = re.compile(
    r"《[^》]+》|“[^”]+”|[\u4e00-\u9fff]{2,10}?(?:省|市|县|区|镇|总工会|法院|学院|公司|委员会)|"
    r"(?<=主席|书记|主任|院长|劳模|作者|记者)[\u4e00-\u9fff]{2,3}(?=[，。、向在对表说介]|$)"
)


def names_hold(text: str, source: str) -> bool:
    """Whether titles, quoted words, places and organisations of the text stand in the source."""
    folded = fold(source)
    return all(any(fold(part) in folded for part in _cuts(name)) for name in _NAME.findall(text))


def _cuts(name: str) -> list[str]:
    """A name as found, and with what may stand before it cut off."""
    if name[0] in "《“":
        return [name]
    return [name[i:] for i in range(max(1, len(name) - 1))]


def polarity_holds(text: str, source: str) -> bool:
    """Whether each clause of the text forbids, demands and denies as its nearest source clause does."""
    told = [c for c in re.split(r"[。；;！？，,：:]", source) if c.strip()]
    return all(
        _same_sense(clause, max(told, key=lambda s: _overlap(clause, s), default=""))
        for clause in re.split(r"[。；;！？，,：:]", text)
        if len(clause) > 3
    )


def _same_sense(clause: str, source: str) -> bool:
    for words in _POLARITY:
        if any(w in clause for w in words) != any(w in source for w in words) and (
            any(w in clause for w in words) or words is _POLARITY[0]
        ):
            return False
    return bool(_NEGATION.search(clause)) == bool(_NEGATION.search(source))


def _overlap(text: str, sentence: str) -> int:
    pairs = {text[i : i + 2] for i in range(len(text) - 1)}
    return sum(p in sentence for p in pairs)


def content_share(text: str, source: str) -> float:
    """Share of the text's character pairs that stand in the source, 0–1."""
    folded, basis = re.sub(r"[^\w]", "", fold(text)), re.sub(r"[^\w]", "", fold(source))
    pairs = [folded[i : i + 2] for i in range(len(folded) - 1)]
    return sum(found_in(p, basis) >= 1 for p in pairs) / len(pairs) if pairs else 0.0


_TITLED = re.compile(
    r"(?:根据|按照|依据|依照|据|见|在)?《(?P<title>[^《》]+)》(?:的?(?:规定|要求|明确|指出)|中|里)?[，：,:]?"
)


def _without_titles(text: str, around: str) -> str:
    """A sentence without the names of its own documents: what a title counts or dates is no claim."""
    known = fold(around)
    return _TITLED.sub(lambda m: "" if fold(m["title"]) in known else m[0], text)


def stated(text: str, source: str, around: str = "") -> Verdict:
    """A sentence in other words, against the passages it cites (joined).

    ``around`` is what is known of their documents (title, author, region): names may stand
    there, numbers may not.
    """
    if not source:
        return "引文不存在"
    told = _told(text, source, around)
    bare = _without_titles(text, around)
    return told if told == "已核实" or bare == text else _told(bare, source, around)


def _told(text: str, source: str, around: str) -> Verdict:
    if not values_hold(text, source):
        return "数字不符"
    supported = (
        names_hold(text, f"{source}\n{around}")
        and polarity_holds(text, source)
        and content_share(text, f"{source}\n{around}") >= CONTENT
        and sense.same(text, source, around)
    )
    return "已核实" if supported else "依据不足"
