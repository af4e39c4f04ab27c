"""``python -m ingest``: files and folders into the store."""

import argparse
import json
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.console import at_the_edge
from corpus.settings import CorpusSettings
from corpus.store import Store
from ingest.pipeline import Event, Tally, ingest

if TYPE_CHECKING:
    from ingest.watching.watch import Notice

_STATES = {"new": "新增", "changed": "更新", "unchanged": "未变", "failed": "失败"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 all read, 1 some failed, 2 usage or store."""
    options = _options(arguments)
    command = _watch if options.watch else _ingest
    return at_the_edge(lambda: command(options), failed=2)


def _ingest(options: argparse.Namespace) -> int:
    started = time.monotonic()
    with Store.open(options.store) as store:
        events = ingest(options.paths, store, received_by=options.by, again=options.again)
        seen = list(events if options.json else _shown(events))
    tally = seen[-1].tally
    if options.json:
        print(json.dumps(_report(seen, time.monotonic() - started), ensure_ascii=False))
    else:
        _print_summary(tally, time.monotonic() - started)
    return 1 if tally.failed else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ingest", description="把文件和文件夹加入资料库。")
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="文件或文件夹，可以写多个")
    parser.add_argument("--store", type=Path, help="资料库所在文件夹（默认 UNIONQA_STORE 或 ./store）")
    parser.add_argument("--json", action="store_true", help="以 JSON 输出结果")
    parser.add_argument("--again", action="store_true", help="没有变化的、先前读不了的文件也重新读取")
    parser.add_argument("--by", default="", metavar="NAME", help="加入人，记入资料库")
    parser.add_argument("--watch", action="store_true", help="一直监视这些文件夹，新增和改动的文件自动加入")
    parser.add_argument(
        "--every",
        type=_minutes,
        default=10,
        metavar="MINUTES",
        help="监视时每隔几分钟全部查看一遍（默认 10）",
    )
    parser.add_argument(
        "--mirror", action="store_true", help="监视时，文件夹里已经没有的文件从资料库撤下（可以恢复）"
    )
    options = parser.parse_args(arguments)
    if options.mirror and not options.watch:
        parser.error("--mirror 要和 --watch 一起用")
    options.store = options.store or CorpusSettings.from_environment().store
    return options


def _minutes(text: str) -> float:
    try:
        minutes = float(text)
    except ValueError:
        minutes = 0
    if not 0 < minutes <= 24 * 60:
        raise argparse.ArgumentTypeError("应为分钟数，大于 0，不超过 1440")
    return minutes


def _watch(options: argparse.Namespace) -> int:
    from ingest.watching.watch import RECEIVED_BY, Notice, Watch

    def told(notice: Notice) -> None:
        line = json.dumps(_noticed(notice), ensure_ascii=False) if options.json else _logged(notice)
        print(line, flush=True)

    stop = threading.Event()
    with Store.open(options.store) as store:
        watch = Watch(
            options.paths,
            store,
            told,
            every_s=options.every * 60,
            mirror=options.mirror,
            received_by=options.by or RECEIVED_BY,
        )
        with _ended_by_signals(stop):
            watch.run(stop)
    return 0


@contextmanager
def _ended_by_signals(stop: threading.Event) -> Iterator[None]:
    """Ctrl-C and SIGTERM set ``stop``, so that the document at hand is finished; a second one ends at once."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def ended(number: int, _: object) -> None:
        stop.set()
        signal.signal(number, before[signal.Signals(number)])

    for number in before:
        signal.signal(number, ended)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _logged(notice: "Notice") -> str:
    return f"{notice.at[:19].replace('T', ' ')}　{notice.text}"


def _noticed(notice: "Notice") -> dict[str, Any]:
    """A notice as a line of JSON; that of a file with what became of it."""
    row: dict[str, Any] = {"at": notice.at, "event": notice.kind, "message": notice.text, "file": notice.file}
    if notice.event is not None:
        row["state"] = notice.event.state
        row["articles"], row["passages"] = notice.event.articles, notice.event.passages
        row["message"], row["warnings"] = notice.event.message, list(notice.event.warnings)
    return row


def _shown(events: Iterator[Event]) -> Iterator[Event]:
    """The same events, drawn on the way: a bar on a terminal, a line a file where it is none."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    console = Console(highlight=False, soft_wrap=True)
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("剩余"),
        TimeRemainingColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("")
        for event in events:
            progress.update(task, total=event.total or None, description=_doing(event))
            if event.state:
                progress.update(task, completed=event.index)
                for line in _lines(event):
                    progress.console.print(line, markup=False)
            yield event


def _doing(event: Event) -> str:
    return "建立索引…" if event.stage == "indexing" else event.file


def _lines(event: Event) -> Iterator[str]:
    assert event.state is not None
    held = f"：{event.articles} 篇，{event.passages} 段" if event.passages else ""
    yield f"{_STATES[event.state]}  {event.file}{held}" + (f"：{event.message}" if event.message else "")
    yield from (f"      注意：{warning}" for warning in event.warnings)


def _print_summary(tally: Tally, seconds: float) -> None:
    print(
        f"完成：新增 {tally.new}，更新 {tally.changed}，未变 {tally.unchanged}，失败 {tally.failed}；"
        f"共 {tally.articles} 篇、{tally.passages} 段，用时 {seconds:.1f} 秒。"
    )


def _report(seen: Sequence[Event], seconds: float) -> dict[str, Any]:
    return {
        **asdict(seen[-1].tally),
        "seconds": round(seconds, 3),
        "files": [
            {
                "file": event.file,
                "state": event.state,
                "articles": event.articles,
                "passages": event.passages,
                "warnings": list(event.warnings),
                "message": event.message,
            }
            for event in seen
            if event.state
        ],
    }


if __name__ == "__main__":
    sys.exit(main())
