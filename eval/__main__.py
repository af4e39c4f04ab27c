"""``python -m eval run|report|compare|gate|retrieval|bench``."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from corpus.console import at_the_edge
from corpus.errors import UserError
from corpus.settings import CorpusSettings
from corpus.store import Store
from eval import gate, report
from eval.bench import bench
from eval.compare import compare
from eval.dataset import load
from eval.retrieval import LEGS, retrieval
from eval.runner import META, read, run

DATASETS = Path(__file__).parent / "datasets"
FLOORS = DATASETS / "floors.json"
DOCUMENTS = Path(__file__).parents[1] / "corpus" / "documents"
messages = Console(stderr=True, highlight=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit codes: 0 done, 1 the gate is not passed or the command failed, 2 usage."""
    options = _parser().parse_args(arguments)
    return at_the_edge(lambda: options.command(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m eval", description="测评：答得对不对，找得准不准。")
    commands = parser.add_subparsers(required=True, metavar="命令")
    one = commands.add_parser("run", help="跑一套或几套题，写出报告")
    one.add_argument("dataset", nargs="+", type=Path, help="题集（JSONL）")
    one.add_argument("--store", type=Path, default=CorpusSettings.from_environment(os.environ).store)
    one.add_argument("--out", type=Path, required=True, help="结果文件夹；中断后再跑会接着做")
    one.set_defaults(command=_run)
    one = commands.add_parser("report", help="由已有的结果重写报告")
    one.add_argument("out", type=Path, help="结果文件夹")
    one.set_defaults(command=_report)
    one = commands.add_parser("compare", help="比较两次测评")
    one.add_argument("before", type=Path)
    one.add_argument("after", type=Path)
    one.set_defaults(command=_compare)
    one = commands.add_parser("gate", help="和记下的基准比较；低于基准时退出码为 1")
    one.add_argument("out", type=Path, help="结果文件夹")
    one.add_argument("--floors", type=Path, default=FLOORS)
    one.add_argument("--pin", action="store_true", help="把这次成绩记为基准")
    one.add_argument("--lower", action="store_true", help="允许降低基准")
    one.set_defaults(command=_gate)
    one = commands.add_parser("retrieval", help="在 BEIR 格式的数据上单独测检索")
    one.add_argument("folder", type=Path)
    one.add_argument("--out", type=Path, required=True)
    one.add_argument("--legs", default=",".join(LEGS), help="、".join(LEGS))
    one.add_argument("-k", type=int, default=100)
    one.set_defaults(command=_retrieval)
    one = commands.add_parser("bench", help="计时：建库、冷启动、连续提问")
    one.add_argument("documents", nargs="?", type=Path, default=DOCUMENTS, help="文档文件夹")
    one.add_argument("--dataset", nargs="+", type=Path, default=sorted(DATASETS.glob("*.jsonl")))
    one.set_defaults(command=_bench)
    return parser


def _run(options: argparse.Namespace) -> int:
    cases = [case for path in options.dataset for case in load(path)]
    columns = (TextColumn("答题"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Store.open(options.store) as store, Progress(*columns, console=messages, transient=True) as bar:
        task = bar.add_task("答题", total=len(cases))
        run(cases, store, options.out, progress=lambda done, total: bar.update(task, completed=done))
    return _report(options)


def _report(options: argparse.Namespace) -> int:
    written = _load_report(options.out)
    print("\n".join(report.lines(written)))
    print(f"报告：{options.out / 'report.html'}")
    return 0


def _load_report(out: Path) -> dict:
    results = list(read(out))
    if not results:
        raise UserError(f"{out} 里没有测评结果。", "请先用 python -m eval run 跑一次。")
    return report.write(results, json.loads((out / META).read_text(encoding="utf-8")), out)


def _compare(options: argparse.Namespace) -> int:
    found = compare(list(read(options.before)), list(read(options.after)))
    print(json.dumps(found, ensure_ascii=False, indent=2))
    return 0


def _gate(options: argparse.Namespace) -> int:
    written = _load_report(options.out)
    if options.pin:
        gate.pin(written, options.floors, lower=options.lower)
        print(f"已记下基准：{options.floors}")
        return 0
    fallen = gate.check(written, options.floors)
    print("\n".join(fallen) or "通过：没有一项低于基准。")
    return 1 if fallen else 0


def _retrieval(options: argparse.Namespace) -> int:
    legs = [leg.strip() for leg in options.legs.split(",") if leg.strip()]
    measured = retrieval(
        options.folder, options.out, legs=legs, k=options.k, progress=lambda text: messages.print(text)
    )
    for leg, values in measured.items():
        scores = "  ".join(f"{name} {v['mean']:.3f}" for name, v in values.items() if isinstance(v, dict))
        print(f"{leg}：{scores}  中位 {values['median_ms']:.1f} 毫秒")
    return 0


def _bench(options: argparse.Namespace) -> int:
    cases = [case for path in options.dataset for case in load(path)]
    for what, figure in bench(options.documents, cases, lambda text: messages.print(text)):
        print(f"{what}：{figure}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
