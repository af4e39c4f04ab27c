"""How well statutes are cut and described: ``python -m ingest.tests.measure_laws FOLDER [--sample 200] [--seed 3]``.

FOLDER holds laws as Markdown, one a file, old and current versions side by side, the day of
the version in the file's name: ``工会法(2021-12-24).md``. Each is read by the pipeline and
held to what the raw lines say when they are read another way:

* 条: the clauses of a statute count from one without a gap, so every line that opens with
  the next number is one. Lines that open with another number are listed, to be looked at.
* labels: each raw line is given its 条, 款 and 项 by counting; a passage's label must be that
  of the lines it holds. ``--sample`` prints as many, drawn with ``--seed``, with what stands
  around them, to be checked by reading.
* days: issued = the day in the name, else the last day in the lines under the title;
  in force = the day in “自…起施行” of the last lines or on a line “… 施行” under the title.
* status: files of one name are versions; “《…》同时废止” names what is repealed.
  Every pair is listed; the store is filled in both orders.
"""

import argparse
import dataclasses
import random
import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from corpus.errors import UserError
from corpus.store import Store, received_now
from corpus.types import Article, Passage
from corpus.versions.standing import Register
from ingest.document import parse

_CN = "零一二三四五六七八九"
_DIGITS = {c: n for n, c in enumerate(_CN)} | {"〇": 0, "两": 2}
_OPENS = re.compile(r"第\s*([零〇一二三四五六七八九十百]+)\s*条(之[一二三四五六七八九十])?")
_ITEM = re.compile(r"[（(]([一二三四五六七八九十]{1,3})[）)](?![项款、])")
_DAY = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日")
_KNOWN_BY = 16  # characters by which a line is known again
_NAMED_DAY = re.compile(r"\((\d{4}-\d{2}-\d{2})\)")


class Place(NamedTuple):
    """Where a raw line stands: its clause ("" before the first), its 款 from 1 and the number of its 项."""

    clause: str
    subsection: int
    item: str
    text: str


class Law(NamedTuple):
    """One file: its raw lines and what the pipeline made of them."""

    name: str
    data: bytes
    lines: list[str]
    article: Article
    passages: list[Passage]


def laws(folder: Path) -> Iterator[Law]:
    """Every file of the folder that holds text."""
    for path in sorted(folder.glob("*.md")):
        data = path.read_bytes()
        try:
            document = parse(data, path.name, "1")
        except UserError:
            continue
        lines = [line.strip("#*> \u3000\u200b\t\r") for line in data.decode().split("\n")]
        yield Law(path.name, data, [line for line in lines if line], document.articles[0], document.passages)


# ---- clauses and labels ----------------------------------------------------------------------


def number(text: str) -> int:
    """``"一百零五"`` → 105, for numbers under a thousand."""
    hundreds, _, rest = text.rpartition("百")
    tens, ten, ones = rest.rpartition("十")
    value = 100 * _DIGITS[hundreds] if hundreds else 0
    value += 10 * (_DIGITS[tens.strip("零〇")] if tens.strip("零〇") else 1) if ten else 0
    return value + (_DIGITS[ones.strip("零〇")] if ones.strip("零〇") else 0)


def places(lines: Sequence[str]) -> tuple[list[Place], list[str]]:
    """Each raw line's place by counting, and the lines that open with a number out of turn."""
    found: list[Place] = []
    odd: list[str] = []
    clause, count, subsection, item = "", 0, 0, ""
    for line in lines:
        opens = _OPENS.match(line)
        if opens and _in_turn(opens, count):
            if number(opens[1]) > count + 1:
                odd.append(f"原文缺第{count + 1}条：{line}")
            clause, count, subsection, item = re.sub(r"\s", "", opens[0]), number(opens[1]), 1, ""
        elif opens:
            odd.append(line)
        elif re.match(r"第[一二三四五六七八九十]+[编章节]|附\s*[件则表录]", line) and len(line) < 40:
            clause, subsection, item = "", 0, ""
        elif mark := _ITEM.match(line):
            item = f"（{mark[1]}）"
        elif mark := re.match("([甲乙丙丁戊己庚辛])、", line):
            item = mark[1]
        elif clause and not re.match(r"\d+[.．、]|[①-⑳]|[一二三四五六七八九十]+、|[（(]\d+[）)]", line):
            subsection, item = subsection + 1, ""
        found.append(Place(clause, subsection, item, line))
    return found, odd


def _in_turn(opens: re.Match[str], count: int) -> bool:
    """The next number, the same with 之一, or one of the two after a number that the file lacks."""
    if opens[2]:
        return number(opens[1]) == count
    return count < number(opens[1]) <= (count + 3 if count else 1)


def clauses(law: Law) -> tuple[list[str], list[str]]:
    """The clauses by counting, and those that the passages' labels name; both in order."""
    wanted = [p.clause for p in places(law.lines)[0] if p.clause]
    got = [
        found[0]
        for p in law.passages
        if (found := re.match(r"第[^第条]+条(?:之[一二三四五六七八九十])?", p.label))
    ]
    return list(dict.fromkeys(wanted)), list(dict.fromkeys(got))


def label_faults(law: Law) -> Iterator[tuple[Passage, str]]:
    """Passages whose label is not that of the raw lines they hold, with what it should be."""
    by_text: dict[str, list[Place]] = defaultdict(list)
    spots = places(law.lines)[0]
    for spot in spots:
        by_text[_bare(spot.text)].append(spot)
        by_text[_bare(spot.text)[:_KNOWN_BY]].append(spot)
    last = {spot.clause: spot.subsection for spot in spots}
    for passage in law.passages:
        held = [place for line in passage.text.split("\n") if (place := _place(by_text, line, passage))]
        held = [place for place in held if place.clause]
        if held and (wanted := _label(held, last)) != passage.label:
            yield passage, wanted


def _place(by_text: dict[str, list[Place]], line: str, passage: Passage) -> Place | None:
    """The raw line that a passage's line is; of several with the same words, one in the passage's clause."""
    text = _bare(line.lstrip("• "))
    same = by_text.get(text) or by_text.get(text[:_KNOWN_BY], [])
    return next(
        (p for p in same if p.clause and passage.label.startswith(p.clause)), same[0] if same else None
    )


def _label(held: Sequence[Place], last: dict[str, int]) -> str:
    """The label of neighbouring lines of one clause: all of it, 款, or 项 of one 款."""
    first, end = held[0], held[-1]
    label = first.clause
    if last[label] > 1 and (first.subsection, end.subsection) != (1, last[label]):
        label += f"第{_numeral(first.subsection)}款"
        if end.subsection > first.subsection:
            label += f"至第{_numeral(end.subsection)}款"
    elif last[label] > 1 and not (_OPENS.match(first.text) and end.subsection == last[label]):
        label += f"第{_numeral(first.subsection)}款"
    if first.item and not _OPENS.match(first.text):
        unit, mark = ("项", f"第{first.item}") if first.item[0] == "（" else ("款", first.item)
        if end.item == first.item:
            return f"{label}{mark}{unit}"
        return f"{label}{mark}至{end.item}项" if unit == "项" else f"{label}{mark}款至{end.item}款"
    return label


def _numeral(n: int) -> str:
    tens, ones = divmod(n, 10)
    return ("" if not tens else "十" if tens == 1 else f"{_CN[tens]}十") + (_CN[ones] if ones else "")


def _bare(text: str) -> str:
    return re.sub(r"\s", "", text)


# ---- days ------------------------------------------------------------------------------------


def days(law: Law) -> tuple[str, str]:
    """The day of issue and the day in force that the name and the raw lines give, ``""`` for none."""
    named = _NAMED_DAY.search(law.name)
    head = _history(law.lines)
    made = [day for line in head if "施行" not in line for day in map(_iso, _DAY.findall(line))]
    return (named[1] if named else max(made, default="")), _in_force(
        law.lines, head, made, named[1] if named else ""
    )


def _history(lines: Sequence[str]) -> list[str]:
    """The dated lines under the title, before the first sentence or chapter."""
    head: list[str] = []
    for line in lines:
        if re.match(r"第[一1]\s*[条章编]|一、", line) or (line.endswith("。") and not _DAY.match(line)):
            break
        head += [line] * bool(_DAY.match(line))
    return head


def _in_force(lines: Sequence[str], head: Sequence[str], made: Sequence[str], named: str) -> str:
    """“自…起施行” of the text itself; “自公布之日” is the day of the first 公布 or 发布, else the day of issue
    of what was never amended, or on which the National People's Congress passed it."""
    for line in head:
        if found := re.match(rf"{_DAY.pattern}\s*(?:起)?施行", line):
            return _iso(found.groups())
    own = r"本(?:法|条例|办法|规定|实施办法|解释|决定|若干规定)\s*[自从]"
    for line in lines:
        spoken = _western(line)
        if found := re.search(rf"{own}\s*{_DAY.pattern}\s*起(?:施行|实施|执行)", spoken):
            return _iso(found.groups())
        if re.search(rf"{own}(?:公布|发布)之日起(?:施行|实施)", line):
            public = [
                _iso(day) for text in head if re.search("公布|发布", text) for day in _DAY.findall(text)[:1]
            ]
            national = [day for text, day in zip(head, made, strict=False) if "全国人民代表大会" in text]
            amended = any(re.search("修正|修订", text) for text in head)
            named_once = [] if amended else [named, *made[-1:]]
            return next(iter((*public[:1], *national[:1], *filter(None, named_once))), "")
    return ""


def _iso(day: Sequence[str]) -> str:
    return f"{day[0]}-{int(day[1]):02}-{int(day[2]):02}"


def _western(line: str) -> str:
    """一九九五年一月一日 with digits."""
    year = re.sub(
        "[一二][〇零一二三四五六七八九]{3}(?=年)", lambda m: "".join(str(_DIGITS[c]) for c in m[0]), line
    )
    return re.sub(r"[一二三四五六七八九十]{1,3}(?=[月日])", lambda m: str(number(m[0])), year)


# ---- status ----------------------------------------------------------------------------------


def pairs(found: Sequence[Law]) -> Iterator[tuple[str, str, str]]:
    """``(old file, new file, status of the old)``: versions by name and day, repeals by 同时废止."""
    by_name: dict[str, list[Law]] = defaultdict(list)
    titles = {_title(law.lines[0] if law.lines[0] != "---" else law.article.title): law for law in found}
    for law in found:
        by_name[_title(law.article.title)].append(law)
    for same in by_name.values():
        ordered = sorted(same, key=lambda law: days(law)[0])
        yield from ((old.name, new.name, "已修改") for old, new in pairwise(ordered))
    for law in found:
        for line in law.lines:
            if re.search("同时废止|予以废止", line):
                for name in re.findall("《([^》]+)》", line):
                    old = titles.get(_title(name))
                    if old and old.name != law.name:
                        yield old.name, law.name, "已废止"


def _title(text: str) -> str:
    return re.sub(r"[\s《》〈〉<>]|^中华人民共和国", "", text)


def statuses(found: Sequence[Law]) -> dict[str, str]:
    """Each file's status in a store that took the files in that order."""
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "store") as store:
        names: dict[str, str] = {}
        with store.writing() as writer:
            for n, law in enumerate(found, start=1):
                document = parse(law.data, law.name, str(n))
                source = dataclasses.replace(document.source, origin=law.name, received_at=received_now())
                writer.put(source, document.articles, document.passages, original=law.data)
                names[str(n)] = law.name
        register, today = Register(store), datetime.now().astimezone().date().isoformat()
        return {names[a.source_id]: register.listed(a, today).status for a in store.articles()}


# ---- the report ------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what was found; 0 where every figure holds."""
    parser = argparse.ArgumentParser(prog="python -m ingest.tests.measure_laws", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", type=int, default=0, help="print so many labels with their context")
    parser.add_argument("--seed", type=int, default=3)
    given = parser.parse_args(arguments)
    found = list(laws(given.folder))
    good = [_tell_clauses(found), _tell_labels(found), _tell_days(found), _tell_status(found)]
    _sample(found, given.sample, given.seed)
    return 0 if all(good) else 1


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _tell_clauses(found: Sequence[Law]) -> bool:
    wanted = got = 0
    for law in found:
        counted, labelled = clauses(law)
        wanted, got = wanted + len(counted), got + len(set(counted) & set(labelled))
        for line in (*places(law.lines)[1], *(f"多或少：{c}" for c in set(counted) ^ set(labelled))):
            _say(f"  {law.name}：{line[:50]}")
    _say(f"条：原文 {wanted}，切出 {got}，{len(found)} 个文件")
    return wanted == got


def _tell_labels(found: Sequence[Law]) -> bool:
    total, wrong = sum(len(law.passages) for law in found), 0
    for law in found:
        for passage, wanted in label_faults(law):
            wrong += 1
            _say(f"  {law.name}：标“{passage.label}”，数出“{wanted}”：{passage.text[:30]!r}")
    parted = [p for law in found for p in law.passages if p.lead]
    placed = sum(bool(p.path) for law in found for p in law.passages)
    _say(
        f"标签：{total} 段，与逐行数出的不同 {wrong} 段；有章节路径 {placed} 段，带引语的后续各项 {len(parted)} 段"
    )
    return wrong <= total / 200


def _tell_days(found: Sequence[Law]) -> bool:
    wrong = total = 0
    for law in found:
        for name, wanted, got in zip(
            ("发布", "施行"), days(law), (law.article.published_on, law.article.effective_on), strict=True
        ):
            total += 1
            if wanted != got:
                wrong += 1
                _say(f"  {law.name}：{name}日期应为“{wanted}”，读作“{got}”")
    _say(f"日期：{total} 个，对 {total - wrong} 个（{(total - wrong) / total:.1%}）")
    return wrong <= total / 50


def _tell_status(found: Sequence[Law]) -> bool:
    orders = [statuses(found), statuses(found[::-1])]
    good = orders[0] == orders[1]
    count = 0
    for old, new, status in pairs(found):
        count += 1
        held = [(told[old], told[new]) for told in orders]
        good &= held == [(status, "现行")] * 2
        _say(f"  {old}（{held[0][0]}，应为{status}）← {new}（{held[0][1]}）")
    expected = {name for old, new, _ in pairs(found) for name in (old, new)}
    rest = {name: told for name, told in orders[0].items() if name not in expected and told != "未知"}
    _say(
        f"效力：{count} 对，正反两种入库顺序{'相同' if orders[0] == orders[1] else '不同'}；其余不是“未知”的：{rest}"
    )
    return good


def _sample(found: Sequence[Law], size: int, seed: int) -> None:
    every = [(law, passage) for law in found for passage in law.passages]
    for n, (law, passage) in enumerate(random.Random(seed).sample(every, min(size, len(every))), start=1):
        before = law.article.text[max(0, passage.start - 50) : passage.start].replace("\n", "/")
        text = passage.text.replace("\n", "/")
        shown = text if len(text) <= 110 else f"{text[:60]} … {text[-45:]}"
        _say(
            f"{n}. {law.name}\n   〔{' › '.join(passage.path)}〕{passage.label}〔{passage.lead}〕\n   …{before}【{shown}】"
        )


if __name__ == "__main__":
    sys.exit(main())
