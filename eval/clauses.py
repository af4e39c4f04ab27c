"""Whether a passage is the clause a case asks for: “工会法 第四十三条第二款”, however it was cut.

A cited passage counts when its document is the one named and its label is the clause, a
part of it, or the whole that holds it: for 第四十三条第二款 the passages “第四十三条第二款”,
“第四十三条第二款第（一）项”, “第四十三条第一款至第三款” and an uncut “第四十三条” count,
“第四十三条第一款” does not.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.values import chinese_number, fold
from corpus.versions.standing import stem

_N = r"[零〇一二三四五六七八九十百千两\d]+"
_CLAUSE = re.compile(
    rf"第({_N})条(?:之({_N}))?"
    rf"(?:第({_N})款(?:至第({_N})款)?)?"
    rf"(?:第[（(]?({_N})[）)]?(?:至[（(]?({_N})[）)]?)?项)?"
)
_ALTERNATIVES = re.compile(r"[|｜/／]")
#: What may follow a document's name in a title: nothing, a year, a mark, or that it was sent round.
_AFTER = re.compile(r"$|[^\w]|_|\d|第|的通知$|的公告$")
#: “关于修改《…》的决定” is another document than the one it names.
_ABOUT = re.compile(r"(?:修改|修订|修正|废止|实施|贯彻|学习|宣传)\w{0,4}$")
_NAMED = re.compile(rf"《(?P<law>[^》]+)》|第{_N}条(?:之{_N})?(?:第{_N}款)?(?:第[（(]?{_N}[）)]?项)?")

Range = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """条款: a document and a place in it. ``number`` is 条 and 之; a missing 款 or 项 is None.

    Where the place is no 条, ``heading`` holds its words.
    """

    document: str
    number: Range | None = None
    sections: Range | None = None
    items: Range | None = None
    heading: str = ""

    @classmethod
    def parse(cls, text: str) -> "Clause":
        """From “文件名 第…条第…款” or “文件名 小标题”, the name with or without 《》."""
        found = _CLAUSE.search(text)
        if found:
            return cls.at(found, text[: found.start()].strip())
        document, _, heading = text.strip().partition(" ")
        return cls(document=document, heading=fold(heading))

    @classmethod
    def at(cls, found: re.Match[str], document: str = "") -> "Clause":
        """From a match of 第…条第…款第…项."""
        return cls(
            document=document,
            number=(_plain(found[1]), _plain(found[2]) if found[2] else 0),
            sections=_range(found[3], found[4]),
            items=_range(found[5], found[6]),
        )

    def holds(self, other: "Clause") -> bool:
        """Whether the place of ``other`` is this clause, a part of it, or holds it."""
        return (
            self.number == other.number
            and _meet(self.sections, other.sections)
            and _meet(self.items, other.items)
        )


def alternatives(entry: str) -> list[str]:
    """The clauses of one entry, of which any is enough: parted by “|” or “／”."""
    return [one.strip() for one in _ALTERNATIVES.split(entry) if one.strip()]


def cited_share(wanted: Sequence[str], answer: dict[str, Any]) -> float:
    """Share of the wanted clauses that an answer cites, 0–1: by a cited passage's title and
    label, or by quoting a line that itself names them, “……（《工会法》第十八条）”. “／” or “|”
    stands between clauses of which one is enough."""
    cited = [e for e in answer["evidence"] if e["cited"]]
    said = [named for line in _quoted_lines(answer) for named in _named_in(line)]
    found = 0
    for entry in wanted:
        clauses = [Clause.parse(one) for one in alternatives(entry)]
        found += any(_is_at(c, e) for c in clauses for e in cited) or any(
            _is(c, n) for c in clauses for n in said
        )
    return found / len(wanted)


def same_document(name: str, title: str) -> bool:
    """Whether a title is that of the document named; “劳动法” is not “劳动法实施办法”."""
    wanted, there = stem(name), stem(title)
    at = there.find(wanted)
    while at >= 0:
        if _AFTER.match(there[at + len(wanted) :]) and not _ABOUT.search(there[:at]):
            return True
        at = there.find(wanted, at + 1)
    return False


def _is_at(clause: Clause, evidence: dict[str, Any]) -> bool:
    if not any(same_document(clause.document, t) for t in (evidence["title"], evidence["source"]) if t):
        return False
    if clause.number is None:
        return clause.heading in fold(evidence["label"])
    return any(clause.holds(Clause.at(m)) for m in _CLAUSE.finditer(evidence["label"]))


def _is(clause: Clause, named: Clause) -> bool:
    return (
        clause.number is not None and same_document(clause.document, named.document) and clause.holds(named)
    )


def _quoted_lines(answer: dict[str, Any]) -> Iterator[str]:
    """The lines of the passages that quotations stand in: what a rule rests on follows in brackets."""
    texts = {e["marker"]: e["text"] for e in answer["evidence"]}
    for citation in (c for s in answer["statements"] for c in s["citations"]):
        text, quote = texts.get(citation["marker"], ""), citation["quote"]
        if quote and (start := text.find(quote)) >= 0:
            end = text.find("\n", start + len(quote))
            yield text[text.rfind("\n", 0, start) + 1 : end if end >= 0 else len(text)]


def _named_in(quote: str) -> Iterator[Clause]:
    """Clauses that a text names, each with the document named last before it."""
    law = ""
    for found in _NAMED.finditer(re.sub(r"\s+", "", quote)):
        if found["law"]:
            law = found["law"]
        elif law:
            yield Clause.parse(f"{law} {found[0]}")


def _range(first: str | None, last: str | None) -> Range | None:
    return (_plain(first), _plain(last) if last else _plain(first)) if first else None


def _plain(numeral: str) -> int:
    return int(numeral) if numeral.isdigit() else chinese_number(numeral) or 0


def _meet(one: Range | None, other: Range | None) -> bool:
    return one is None or other is None or (one[0] <= other[1] and other[0] <= one[1])
