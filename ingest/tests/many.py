"""Ten thousand short documents: ``python -m ingest.tests.many FOLDER --files 10000``.

Writes the files, brings them into a store beside them, and says how long that took, how long
the first question then took, and how much processor time it was: half of that is what two cores
of a machine with nothing else to do would take.
"""

import argparse
import random
import resource
import sys
import time
from pathlib import Path

from corpus.store import Store
from ingest.pipeline import ingest
from ingest.workers.pool import shared

SUBJECTS = ("值班", "用车", "报销", "会议室", "培训", "体检", "食堂", "图书角", "运动会", "困难帮扶")
WORDS = [
    "各部门",
    "应当",
    "按照",
    "规定",
    "及时",
    "办理",
    "登记",
    "审批",
    "公示",
    "归档",
    "检查",
    "评比",
    "慰问",
    "补助",
    "经费",
    "职工代表大会",
    "安全生产",
    "劳动竞赛",
    "合理化建议",
    "的",
    "和",
    "对",
    "在",
    "由",
    "已经",
    "符合条件",
    "困难职工",
    "基层工会",
]


def write_files(folder: Path, count: int, seed: int = 1) -> None:
    """Short notices of about 600 characters, no two alike, 500 a folder."""
    chance = random.Random(seed)
    for n in range(count):
        subject = chance.choice(SUBJECTS)
        lines = [f"关于第{n}号{subject}事项的通知", "各基层工会："]
        for i in range(1, chance.randint(5, 12)):
            words = "".join(chance.choice(WORDS) for _ in range(chance.randint(8, 20)))
            lines.append(
                f"{i}. {subject}由第{chance.randint(1, 99)}小组负责，{words}，每月{i}日前报第{n}号表。"
            )
        lines.append(f"云河市总工会\n2024年{chance.randint(1, 12)}月{chance.randint(1, 28)}日")
        file = folder / f"{n // 500:02}" / f"{n:05}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join(lines), encoding="utf-8")


def main() -> None:
    """Measure, and say what was seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=10_000)
    given = parser.parse_args()
    files = given.folder / f"files{given.files}"
    if not files.exists():
        write_files(files, given.files)
    started = time.monotonic()
    with Store.open(given.folder / f"store-{time.time_ns()}") as store:
        for event in ingest([files], store):
            if event.stage == "indexing":
                sys.stdout.write(f"read and kept after {time.monotonic() - started:.1f} s\n")
        took = time.monotonic() - started
        sys.stdout.write(f"{event.tally}\nsearchable after {took:.1f} s\n")
        started = time.monotonic()
        store.search_vector("值班由谁负责", 5)
        sys.stdout.write(f"first question {time.monotonic() - started:.2f} s\n")
    shared().close()
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    here, workers = (usage.ru_utime + usage.ru_stime for usage in used)
    sys.stdout.write(f"processor time {here:.1f} s here, {workers:.1f} s in workers\n")


if __name__ == "__main__":
    main()
