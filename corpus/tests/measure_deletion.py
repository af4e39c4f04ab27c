# ruff: noqa: T201 - a command that prints what it measures
"""Nothing that was deleted answers again: ``python -m corpus.tests.measure_deletion``.

A hundred documents of our own are taken out one by one, every other for good, the rest withdrawn.
At the moment of each commit, before the indexes follow, two other processes ask ten questions
about the document. Then deletions are killed (``kill -9``) at random moments, and the same is
asked. What may cite a document then is counted, against whether the catalogue still holds it.
In the end the store must verify clean, and no file of it may contain a text that is gone.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from corpus.store import Store
from corpus.testing import make_document

ROOT = Path(__file__).parents[2]
PLACES = ("东桥", "西渡", "南坪", "北塘", "青石", "红柳", "白沙", "金谷", "玉泉", "松岭")
THINGS = (
    *("图书角", "晾衣区", "充电棚", "健身房", "母婴室", "停车场", "浴室", "理发室", "小超市", "排练厅"),
    *("洗衣房", "茶水间", "乒乓球室", "资料室", "心理咨询室"),
)
CLAUSES = (
    "第一条　本办法适用于{name}的使用和管理。",
    "第二条　{name}每天{a}时开放，{b}时关闭。",
    "第三条　使用{name}，须提前{c}天到工会登记。",
    "第四条　{name}由后勤第{d}组负责管理，内线电话为{code}。",
    "第五条　损坏{name}设施的，按每件{e}元赔偿。",
    "第六条　{name}每月{f}日检修，检修当天不开放。",
)
QUESTIONS = (
    *("{name}每天几时开放？", "{name}几时关闭？", "使用{name}要提前几天登记？", "{name}由哪个组负责管理？"),
    *(
        "{name}的内线电话是多少？",
        "损坏{name}设施赔多少钱？",
        "{name}每月几日检修？",
        "{name}检修当天开放吗？",
    ),
    *("{name}到哪里登记？", "{name}的使用办法是怎么规定的？"),
)
#: Answers what it is asked, a line each: the sources that are cited, and the time of each answer.
ASKER = """
import json, sys, time
from pathlib import Path
from assistant.pipeline import Assistant
from assistant.settings import AssistantSettings
from corpus.store import Store

with Store.open(Path(sys.argv[1])) as store:
    assistant = Assistant(store, AssistantSettings())
    assistant.ask("几时开放？")
    print("ready", flush=True)
    for line in sys.stdin:
        told = []
        for question in json.loads(line):
            asked = time.time()
            answer = assistant.ask(question)
            cited = {c.marker for s in answer.statements for c in s.citations}
            sources = sorted({e.hit.source.id for e in answer.evidence if e.marker in cited})
            shown = sorted({e.hit.source.id for e in answer.evidence})
            told.append({"cited": sources, "shown": shown, "asked": asked, "answered": time.time()})
        print(json.dumps(told), flush=True)
"""
#: Takes out what it is told to, and says so as soon as the catalogue has it, before the indexes follow.
DELETER = """
import sys, time
from pathlib import Path
from corpus.store import Store

with Store.open(Path(sys.argv[1])) as store:
    store.warm()
    print("ready", flush=True)
    for line in sys.stdin:
        how, source_id = line.split()
        with store.writing(who="测试") as writer:
            assert getattr(writer, how)(source_id)
            print(time.time(), flush=True)
        print("flushed", flush=True)
"""


def name_of(number: int) -> str:
    """What document ``number`` (from 1) is about; no other is about it."""
    return f"{PLACES[(number - 1) % len(PLACES)]}厂区{THINGS[(number - 1) // len(PLACES)]}"


def code_of(number: int) -> str:
    """A number that stands in this document alone."""
    return str(7_310_000 + number * 7)


def document(number: int) -> tuple:
    """What ``Writer.put`` takes of one document."""
    values = {"a": number % 5 + 5, "b": number % 4 + 18, "c": number % 7 + 1, "d": number % 9 + 1}
    values |= {"e": number + 50, "f": number % 28 + 1, "code": code_of(number), "name": name_of(number)}
    lines = [clause.format(**values) for clause in CLAUSES]
    labels = [line.split("　")[0] for line in lines]
    article = {
        "title": f"{name_of(number)}使用办法",
        "text": "\n".join(lines),
        "labels": labels,
        "kind": "办法",
    }
    return make_document(str(number), articles=[article])


def questions(number: int) -> list[str]:
    """Ten questions about a document."""
    return [question.format(name=name_of(number)) for question in QUESTIONS]


class Other:
    """A process that is spoken to by lines."""

    def __init__(self, code: str, directory: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, str(directory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            text=True,
        )

    def say(self, line: str) -> None:
        """Send a line."""
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def hear(self) -> str:
        """The next line; fails where the process has ended."""
        line = self.process.stdout.readline().strip()
        if not line:
            raise SystemExit("the other process has ended")
        return line

    def end(self) -> None:
        """Kill it."""
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


@contextmanager
def others(code: str, directory: Path, count: int) -> Iterator[list[Other]]:
    """So many processes, all of them ready."""
    started = [Other(code, directory) for _ in range(count)]
    try:
        for other in started:
            assert other.hear() == "ready"
        yield started
    finally:
        for other in started:
            other.end()


def ask(askers: Sequence[Other], asked: Sequence[str]) -> list[dict[str, Any]]:
    """All questions, shared out among the askers, at once."""
    parts = [asked[n :: len(askers)] for n in range(len(askers))]
    for asker, part in zip(askers, parts, strict=True):
        asker.say(json.dumps(part))
    return [answer for asker in askers for answer in json.loads(asker.hear())]


def delete_and_ask(directory: Path, numbers: Sequence[int], askers: Sequence[Other]) -> Counter[str]:
    """Take documents out one by one and ask about each at once; how often it was cited or shown."""
    counts: Counter[str] = Counter()
    with others(DELETER, directory, 1) as (deleter,):
        for number in numbers:
            deleter.say(f"{'remove' if number % 2 else 'withdraw'} {number}")
            committed = float(deleter.hear())
            told = ask(askers, questions(number))
            counts["questions"] += len(told)
            counts["asked within 1 s"] += sum(one["asked"] - committed <= 1 for one in told)
            counts["cited"] += sum(str(number) in one["cited"] for one in told)
            counts["shown"] += sum(str(number) in one["shown"] for one in told)
            deleter.hear()
    return counts


def kill_and_ask(
    store: Store, numbers: Sequence[int], askers: Sequence[Other], chance: random.Random
) -> Counter[str]:
    """Kill each deletion at a random moment and ask about its document; how often what is gone was cited."""
    counts: Counter[str] = Counter()
    for number in numbers:
        with others(DELETER, store.directory, 1) as (deleter,):
            deleter.say(f"{'remove' if number % 2 else 'withdraw'} {number}")
            time.sleep(chance.uniform(0, 0.08))
        gone = store.source(str(number)) is None
        told = ask(askers, questions(number))
        counts["kills"] += 1
        counts["killed after the commit"] += gone
        counts["questions"] += len(told)
        counts["cited though gone"] += gone and sum(str(number) in one["cited"] for one in told)
        counts["cited while held"] += (not gone) and sum(str(number) in one["cited"] for one in told)
    return counts


def readable(store: Store, numbers: Sequence[int]) -> list[str]:
    """Where a document's name or number still stands in a file of the store, or in its keyword index."""
    files = {path: path.read_bytes() for path in store.directory.rglob("*") if path.is_file()}
    found = [
        f"{name_of(number)} in {path.name}"
        for number in numbers
        for path, data in files.items()
        if name_of(number).encode() in data or code_of(number).encode() in data
    ]
    searcher = store._indexes.lexical._current().searcher
    return found + [f"{code_of(n)} in the index" for n in numbers if searcher.doc_freq("words", code_of(n))]


def measure(directory: Path, documents: int, kills: int, askers: int = 2) -> dict[str, Any]:
    """Make the store, take ``documents`` out, kill ``kills`` more deletions; what was seen."""
    total = documents + kills + 10
    assert total <= len(PLACES) * len(THINGS)
    chance = random.Random(20_311_121)
    with Store.open(directory) as store, store.writing() as writer:
        for number in range(1, total + 1):
            writer.put(*document(number))
    with Store.open(directory) as store, others(ASKER, directory, askers) as asking:
        before = ask(asking, [questions(n)[0] for n in range(1, documents + 1)])
        deleted = delete_and_ask(directory, range(1, documents + 1), asking)
        killed = kill_and_ask(store, range(documents + 1, documents + kills + 1), asking, chance)
        with store.writing(who="测试"):
            pass  # whoever writes next finishes what was killed
        problems = store.verify()
        gone = [n for n in range(1, total + 1) if n % 2 and store.source(str(n)) is None]
    with Store.open(directory) as store:
        left = readable(store, gone)
    return {
        "answered before": sum(bool(one["cited"]) for one in before),
        "deleted": dict(deleted),
        "killed": dict(killed),
        "problems": problems,
        "readable": left,
    }


def main() -> None:
    """Measure and say what was seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=100)
    parser.add_argument("--kills", type=int, default=40)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder) / "store", given.documents, given.kills)
    print(json.dumps(found, ensure_ascii=False, indent=1))
    cited = found["deleted"]["cited"] + found["killed"].get("cited though gone", 0)
    sys.exit(1 if cited or found["problems"] or found["readable"] else 0)


if __name__ == "__main__":
    main()
