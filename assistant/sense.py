"""Whether a sentence says the same as the part of its source that it is nearest to.

A value, a denial or a bound is true only where it stands: "不超过三年" in one sentence bears out no
"三年" of another, "超过三年" is its opposite. So each clause is laid beside the source's sentences
that share most with it, and read against these alone.
"""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from assistant.values import Value, fold, values

_SENTENCE = re.compile(r"[^。；;！？!?\n]+")
_CLAUSE = re.compile(r"[^。；;！？!?，,：:\n]+")
#: Source sentences that share nearly as much with a clause as the nearest are read with it.
NEARLY = 0.85
#: Share of a clause's character pairs that the source must hold; shorter clauses say too little.
CLAUSE_SHARE, CLAUSE_CHARS = 0.5, 6
#: A sentence whose characters stand in one source sentence up to this share is a copy: what it adds is checked.
COPIED = 0.75

_DENIES = re.compile(r"不得|不能|不会|不可|不予|不再|不必|不用|没有|不|未|无|勿|禁止|严禁|拒绝")
#: Words that begin with a denying character and deny nothing.
_NO_DENIAL = re.compile(
    r"不(?:断|仅|但|只|同|过|管|论|得不|足|满|等)|未来|未成年|"
    r"无(?:论|锡|偿|障碍|线|形|菌|疑)|没有不|不可抗|不动产|不正当"
)
#: Bounds by what they hold a value to.
_BOUNDS = (
    ("≤", re.compile(r"不(?:得|能|应|可)?(?:超过|高于|多于|大于|超)|最多|最高|最长|至多|以内|以下|之内|封顶|上限|不足|不满|(?<![不得能应可])(?:低于|少于|小于)")),
    ("≥", re.compile(r"不(?:得|能|应|可)?(?:少于|低于|小于)|最少|最低|最短|至少|以上|下限|(?<![不得能应可])(?:超过|高于|多于|大于|超出)|(?<!不)满")),
)  # fmt: skip
#: How near a bound stands to its value, in characters.
_BESIDE = 14
#: What stands between a bound and its value: "不超过当月工资的20%".
_COMPARED = re.compile("低于|少于|小于|超过|高于|多于|大于")
#: What a copy may add without saying more: function words, marks of quoting, numbers of items.
_MAY_ADD = re.compile(
    r"[的了着在是和与及或也都就还并而且将对为以由从向到把被所其该此这那本即可应按据中里上下内后前时等各个项条款点一二三四五六七八九十\d\W_a-z]|规定|根据|按照|依据|如下|包括|其中|以及|同时|此外|另外|具体|明确|指出|要求|可以|应当|需要|能够|进行|有关|相关|文件|办法|通知|条例|单位|工会"
)


def _pairs(text: str) -> list[str]:
    return [text[i : i + 2] for i in range(len(text) - 1)]


def _nearest(clause: str, told: Sequence[str]) -> list[str]:
    """The source's sentences that share most character pairs with a clause."""
    pairs = _pairs(clause)
    shares = [sum(p in t for p in pairs) for t in told]
    best = max(shares, default=0)
    return [t for t, s in zip(told, shares, strict=True) if s and s >= NEARLY * best]


def _folded(text: str) -> str:
    return re.sub(r"\s+", "", fold(text))


#: From this length on a line of what is known of the documents is a title, which claims nothing itself.
TITLE_CHARS = 6


def same(text: str, source: str, around: str = "") -> bool:
    """Whether values, bounds, denials and added words of a text agree with the source's nearest sentences."""
    told = [_folded(s) for s in _SENTENCE.findall(source) if s.strip()]
    known = _folded(around)
    titles = [t for t in map(_folded, re.split(r"[\n，]", around)) if len(t) >= TITLE_CHARS]
    for sentence in _SENTENCE.findall(text):
        folded = _folded(sentence)
        for title in titles:
            folded = folded.replace(title, "")
        if any(_affirmed(folded, t) for t in told):
            continue
        clauses = [c for c in _CLAUSE.findall(folded) if len(c) > 1]
        if not all(_clause_holds(c, folded, told, known) for c in clauses) or _adds(folded, told, known):
            return False
    return True


def _clause_holds(clause: str, sentence: str, told: Sequence[str], known: str) -> bool:
    near = _nearest(clause, told) or _nearest(sentence, told)
    if not near:
        return False
    whole = _nearest(sentence, told)
    if not (_values(clause) or _DENIES.search(clause)) and any(_affirmed(clause, t) for t in (*near, *whole)):
        return True
    joined = "\n".join(dict.fromkeys([*near, *whole]))
    beside = _beside(clause, whole) or _beside(clause, near) or [joined, *told[:1]]
    return (
        _share(clause, joined + known) >= CLAUSE_SHARE
        and all(_placed(v, clause, "\n".join(beside)) for v in _values(clause))
        and _denials_agree(clause, joined)
    )


#: From this share of a clause's characters on, digits aside, a source clause is the one that it repeats.
REPEATED = 0.75


def _beside(clause: str, sentences: Sequence[str]) -> list[str]:
    """The source clauses that a clause repeats but for its numbers; none where it is in other words."""
    bare = _without_numbers(clause)
    found = [
        c for s in sentences for c in _CLAUSE.findall(s) if _alike(bare, _without_numbers(c)) >= REPEATED
    ]
    best = max((_alike(bare, _without_numbers(c)) for c in found), default=0.0)
    return [c for c in found if _alike(bare, _without_numbers(c)) >= best - 0.05]


def _without_numbers(text: str) -> str:
    for value in reversed([v for v in values(text) if v.unit or v.kind != "数"]):
        text = text[: value.start] + "#" + text[value.end :]
    return text


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _share(clause: str, source: str) -> float:
    bare = re.sub(r"\W", "", clause)
    pairs = _pairs(bare)
    if len(bare) < CLAUSE_CHARS:
        return 1.0
    return sum(p in source for p in pairs) / len(pairs)


def _values(text: str) -> list[Value]:
    return [v for v in values(text) if v.kind != "文号"]


def _placed(value: Value, clause: str, near: str) -> bool:
    """Whether a value stands in the nearest words of the source, in its own item and under no other bound."""
    found = [v for v in values(near) if _equal(value, v)]
    if not found:
        return False
    if value.kind == "条款":
        return True
    if not _in_its_item(value, clause, near):
        return False
    bound = _bound(clause, value)
    there = {_bound(near, v) for v in found}
    return not bound or bound in there or "" in there


def _in_its_item(value: Value, clause: str, near: str) -> bool:
    """Whether an item of a series ("二等奖30项") that the source has, too, has this value there."""
    start = clause.rfind("、", 0, value.start) + 1
    end = clause.find("、", value.end)
    named = _without_numbers(clause[start : end if end >= 0 else len(clause)])
    if len(named) < ITEM_CHARS:
        return True
    alike = [
        i
        for i in re.split(r"[、，,。；\n]", near)
        if _without_numbers(i).endswith(named[-ITEM_CHARS:]) and named in _without_numbers(i)
    ]
    return not alike or any(_equal(value, v) for i in alike for v in values(i))


#: An item of a series with fewer characters beside its number names nothing.
ITEM_CHARS = 4


def _equal(one: Value, other: Value) -> bool:
    if one.kind == other.kind == "日期":
        pairs = zip(one.value.split("-"), other.value.split("-"), strict=True)
        return all(not a or a == b for a, b in pairs)
    if other.kind == "日期":
        return one.kind == "数" and one.value in other.value.split("-")
    return one.value == other.value and (not one.unit or not other.unit or one.unit == other.unit)


def _bound(text: str, value: Value) -> str:
    """To what a value is held by the words right before or behind it: ≤, ≥ or nothing."""
    before = re.split(r"[，,。；\n]", text[max(0, value.start - _BESIDE) : value.start])[-1]
    behind = re.split(r"[，,。；\n]", text[value.end : value.end + 3])[0]
    for way, shape in _BOUNDS:
        if shape.match(behind):
            return way
    last = [(m.end(), way) for way, shape in _BOUNDS for m in shape.finditer(before)]
    return max(last)[1] if last else ""


def _stems(text: str) -> set[str]:
    """What a text denies: the two characters behind each denying word, four where it compares."""
    bare = _NO_DENIAL.sub(lambda m: "＃" * len(m[0]), text)
    found = set()
    for match in _DENIES.finditer(bare):
        size = 4 if _COMPARED.match(bare, match.end()) else 2
        stem = bare[match.end() : match.end() + size]
        if len(stem) == size and stem[:2].isalpha():
            found.add(stem)
    return found


def _denials_agree(clause: str, near: str) -> bool:
    """Whether what a clause denies is nowhere affirmed alone beside it, nor the other way round."""
    denied, there = _stems(clause), _stems(near)
    for stem in denied - there:
        if stem in near:
            return False
    return not any(
        stem in clause and _affirmed(stem, clause) and not _affirmed(stem, near) for stem in there - denied
    )


def _affirmed(stem: str, text: str) -> bool:
    """Whether a stem stands somewhere without a denying word right before it."""
    bare = _NO_DENIAL.sub(lambda m: "＃" * len(m[0]), text)
    return any(
        not re.search(rf"(?:{_DENIES.pattern})$", bare[max(0, m.start() - 3) : m.start()])
        for m in re.finditer(re.escape(stem), bare)
    )


def _adds(sentence: str, told: Sequence[str], known: str) -> bool:
    """Whether a copy of a source sentence holds words that the source does not."""
    near = _nearest(sentence, told)
    for source in near[:3]:
        matcher = SequenceMatcher(None, source, sentence, autojunk=False)
        blocks = matcher.get_matching_blocks()
        if sum(b.size for b in blocks) < COPIED * len(sentence):
            continue
        added = [sentence[b:c] for op, _, _, b, c in matcher.get_opcodes() if op in ("insert", "replace")]
        return any(_says_more(a, source + known) for a in added)
    return False


def _says_more(added: str, source: str) -> bool:
    rest = _MAY_ADD.sub("", added)
    return len(rest) >= 2 and rest not in source and _share_of_chars(rest, source) < 1.0


def _share_of_chars(text: str, source: str) -> float:
    pairs = _pairs(text)
    return sum(p in source for p in pairs) / len(pairs)
