"""``python -m eval run|report|compare|gate|judge|retrieval|closed|calibrate|propose|probes|verifier|bench|load|soak``."""

import argparse
import asyncio
import json
import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict, replace
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from assistant.chat_model import LangChainModel, ModelError
from assistant.pipeline import Assistant
from assistant.settings import AssistantSettings
from corpus.console import at_the_edge
from corpus.errors import UserError
from corpus.settings import CorpusSettings
from corpus.store import Store
from eval import alterations, bench_command, calibrate, closed, gate, judge, report
from eval.bench import bench
from eval.compare import compare_many
from eval.compare import lines as compare_lines
from eval.crowd import Crowd, crowd, questions, so_far, table
from eval.dataset import Questions, load, save, template
from eval.interchange import FORMS, convert
from eval.probes import KINDS, probes
from eval.propose import drafted
from eval.retrieval import LEGS, retrieval
from eval.runner import META, read, run
from eval.served import Served, served
from eval.soak import judged, soak

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
    one.add_argument("dataset", nargs="+", type=Path, help="题集（JSONL、CSV 或 XLSX）")
    one.add_argument("--store", type=Path, default=CorpusSettings.from_environment(os.environ).store)
    one.add_argument("--out", type=Path, required=True, help="结果文件夹；中断后再跑会接着做")
    one.add_argument("--workers", type=_count, default=1, help="同时用几个进程答题（默认 1）")
    one.set_defaults(command=_run)
    one = commands.add_parser("template", help="写一份可以填写的题集模板")
    one.add_argument("out", type=Path, help="模板文件：.xlsx 或 .csv")
    one.set_defaults(command=_template)
    one = commands.add_parser("convert", help="题集、判定、结果在各种格式之间转换")
    one.add_argument("given", type=Path, metavar="IN", help="题集、BEIR 文件夹、判定文件或测评结果文件夹")
    one.add_argument("target", type=Path, metavar="OUT")
    one.add_argument("--to", choices=FORMS, default="", help="；".join(f"{k}：{v}" for k, v in FORMS.items()))
    one.add_argument("--store", type=Path, help="文档库；由题目的出处作判定时要用")
    one.set_defaults(command=_convert)
    one = commands.add_parser("report", help="由已有的结果重写报告")
    one.add_argument("out", type=Path, help="结果文件夹")
    one.set_defaults(command=_report)
    _judging(commands)
    one = commands.add_parser("calibrate", help="校准作答的把握，选定作答门槛")
    one.add_argument(
        "dataset", nargs="+", metavar="题集[@文档库]", help="题集；后面可用 @ 写明它自己的文档库"
    )
    one.add_argument("--store", type=Path, default=CorpusSettings.from_environment(os.environ).store)
    one.add_argument("--out", type=Path, required=True, help="写入 calibration.json 和 calibration.html")
    one.add_argument("--balance", type=float, default=1.0, help="越大越偏向作答，默认 1")
    one.add_argument("--write", action="store_true", help="同时写为本程序的默认校准")
    one.set_defaults(command=_calibrate)
    _writing(commands)
    one = commands.add_parser("retrieval", help="在 BEIR 格式的数据上单独测检索")
    one.add_argument("folder", type=Path)
    one.add_argument("--out", type=Path, required=True)
    one.add_argument("--legs", default=",".join(LEGS), help="、".join(LEGS))
    one.add_argument("-k", type=int, default=100)
    one.set_defaults(command=_retrieval)
    one = commands.add_parser("closed", help="在自带段落的题（RGB、CAIL 格式）上测作答、拒答和冲突")
    one.add_argument("folder", type=Path, nargs="+", help="文件或文件夹")
    one.add_argument("--store", type=Path, default=CorpusSettings.from_environment(os.environ).store)
    one.add_argument("--most", type=int, default=0, help="每个文件最多取几行（默认全部）")
    one.add_argument("--seed", type=int, default=0)
    one.add_argument("--json", action="store_true", help="输出 JSON")
    one.set_defaults(command=_closed)
    one = commands.add_parser("bench", help="计时：建库、冷启动、连续提问")
    one.add_argument("documents", nargs="?", type=Path, default=DOCUMENTS, help="文档文件夹")
    one.add_argument("--dataset", nargs="+", type=Path, default=sorted(DATASETS.glob("*.jsonl")))
    bench_command.options(one)
    one.set_defaults(command=_bench)
    _crowds(commands)
    return parser


def _crowds(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The commands in which many people ask a running program at once."""
    for name, words, people, minutes in (
        ("load", "许多人同时提问：快慢、拒绝、出错、恢复", 50, 10.0),
        ("soak", "长时间提问：内存与句柄是否平稳", 25, 60.0),
    ):
        one = commands.add_parser(name, help=words)
        at = one.add_mutually_exclusive_group(required=True)
        at.add_argument("--serve", type=Path, metavar="文档库", help="自己启动程序，用这个文档库的副本")
        at.add_argument("--url", help="已在运行的程序，如 http://127.0.0.1:7860")
        one.add_argument("--people", type=_count, default=people, help=f"人数（默认 {people}）")
        one.add_argument("--every", type=float, default=5.0, help="每人隔几秒问一个新问题（默认 5）")
        one.add_argument("--minutes", type=float, default=minutes, help=f"几分钟（默认 {minutes:.0f}）")
        one.add_argument(
            "--questions", type=Path, default=DATASETS / "law.jsonl", help="题集，或 BEIR 的 queries.jsonl"
        )
        one.add_argument("--key", action="append", default=[], help="API 密钥，可写多次，轮流使用")
        one.add_argument("--json", action="store_true", help="输出 JSON")
        one.set_defaults(command=_load if name == "load" else _soak)
    one.add_argument("--process", type=int, help="和 --url 同用：程序的进程号")
    one.add_argument("--out", type=Path, help="每分钟一行写入的文件（JSONL）")


def _judging(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The commands that say whether a run is good enough, or better than another."""
    one = commands.add_parser("compare", help="比较同一套题的两次或多次测评，都和第一次比")
    one.add_argument(
        "runs", nargs="+", type=Path, metavar="结果文件夹", help="两个或更多，第一个是比较的起点"
    )
    one.add_argument("--json", action="store_true", help="输出 JSON")
    one.set_defaults(command=_compare)
    one = commands.add_parser("gate", help="和记下的基准比较；低于基准时退出码为 1")
    one.add_argument("out", type=Path, nargs="?", help="结果文件夹；和 --run 同用时，测评留在这里")
    one.add_argument("--run", action="store_true", help="先在随附文档上跑随附题集，再比较")
    one.add_argument("--dataset", nargs="+", type=Path, default=sorted(DATASETS.glob("*.jsonl")))
    one.add_argument("--documents", type=Path, default=DOCUMENTS, help="文档文件夹")
    one.add_argument("--floors", type=Path, default=FLOORS)
    one.add_argument("--pin", action="store_true", help="把这次成绩记为基准")
    one.add_argument("--lower", action="store_true", help="允许降低基准")
    one.set_defaults(command=_gate, usage=one.error)
    one = commands.add_parser("judge", help="请大模型另判一遍，结果单列，不计入得分")
    one.add_argument("out", type=Path, help="结果文件夹")
    one.add_argument("--model", help="当判官的大模型，如 openai:模型名；默认用 UNIONQA_MODEL")
    one.set_defaults(command=_judge)


def _writing(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The commands that help to write questions."""
    store = CorpusSettings.from_environment(os.environ).store
    one = commands.add_parser("propose", help="就一篇文章拟题，供人审定")
    one.add_argument("--store", type=Path, default=store)
    one.add_argument("--article", required=True, help="文章编号，如 3/1")
    one.add_argument("--model", help="用大模型一起拟题，如 openai:模型名")
    one.add_argument("--out", type=Path, help="写成题集草稿，改好后再并入题集")
    one.set_defaults(command=_propose)
    one = commands.add_parser("probes", help="由题集生成稳健性探测题")
    one.add_argument("dataset", type=Path, help="题集")
    one.add_argument("--store", type=Path, default=store)
    one.add_argument(
        "--kinds", default="", help="、".join(f"{kind}（{name}）" for kind, name in KINDS.items())
    )
    one.add_argument("--out", type=Path, required=True, help="写入的题集文件")
    one.set_defaults(command=_probes)
    one = commands.add_parser("verifier", help="把句子改动一处，看校验器发现多少、误拒多少")
    one.add_argument("--store", type=Path, default=store)
    one.add_argument("--count", type=_count, default=2000, help="改动几句（默认 2000）")
    one.add_argument("--seed", type=int, default=0)
    one.add_argument("--out", type=Path, help="把没有发现的和误拒的写入这个文件（JSONL）")
    one.set_defaults(command=_verifier)


def _propose(options: argparse.Namespace) -> int:
    settings = AssistantSettings.from_environment(os.environ)
    if options.model:
        settings = replace(settings, model=options.model)
    with Store.open(options.store) as store:
        found = drafted(store, options.article, settings)
    if options.out:
        save([one.case for one in found], options.out)
        print(f"拟了 {len(found)} 题，写入 {options.out}。请逐题审定后再并入题集。")
        return 0
    for one in found:
        facts = "；".join(group[0] for group in one.case.must) or "（应拒答）"
        print(f"{one.case.id}  {one.case.question}")
        print(f"    答案要点：{facts}  {'；'.join(one.case.clauses)}")
        print(f"    {one.reason}")
    return 0


def _probes(options: argparse.Namespace) -> int:
    kinds = [kind.strip() for kind in re.split("[,，]", options.kinds) if kind.strip()]
    with Store.open(options.store) as store:
        made = probes(load(options.dataset), store, kinds)
    save(made, options.out)
    counted = Counter(case.category for case in made)
    print("，".join(f"{name} {count} 题" for name, count in counted.items()) or "没有能生成的探测题")
    return 0


def _verifier(options: argparse.Namespace) -> int:
    with Store.open(options.store) as store:
        figures = alterations.measure(list(alterations.alterations(store, options.count, options.seed)))
    if options.out:
        rows = [asdict(one) for one in (*figures.missed, *figures.refused)]
        options.out.write_text(
            "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), encoding="utf-8"
        )
    print("\n".join(alterations.lines(figures)))
    return 0


def _run(options: argparse.Namespace) -> int:
    cases = Questions(*options.dataset)
    if not any(True for _ in cases):
        raise UserError("题集里还没有题。", "请在题集里填写题目；编号以 # 开头的行是示例，去掉 # 就成为题。")
    columns = (TextColumn("答题"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    encoder = CorpusSettings.from_environment(os.environ).encoder
    with (
        Store.open(options.store, encoder=encoder) as store,
        Progress(*columns, console=messages, transient=True) as bar,
    ):
        task = bar.add_task("答题", total=None)
        run(
            cases,
            store,
            options.out,
            settings=AssistantSettings.from_environment(os.environ),
            workers=options.workers,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    return _report(options)


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError("应是 1 或更大的整数")
    return int(text)


def _template(options: argparse.Namespace) -> int:
    if options.out.exists():
        raise UserError(f"{options.out} 已经有了。", "请换一个文件名，以免盖掉已经填写的题。")
    template(options.out)
    print(f"已写出模板：{options.out}")
    return 0


def _convert(options: argparse.Namespace) -> int:
    if options.store and not Store.exists(options.store):
        raise UserError(f"{options.store} 里没有文档库。", "请检查 --store 的路径。")
    with Store.open(options.store) if options.store else nullcontext() as store:
        convert(options.given, options.target, form=options.to, store=store)
    print(f"已写出：{options.target}")
    return 0


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
    # numbered, so that a folder can be compared with itself
    found = compare_many({f"{n} {path}": list(read(path)) for n, path in enumerate(options.runs, 1)})
    if options.json:
        pairs = list(found["against"].values())
        whole = pairs[0] | {"rows": found["rows"]} if len(pairs) == 1 else found
        print(json.dumps(whole, ensure_ascii=False, indent=2))
    else:
        print("\n".join(compare_lines(found, report.TYPES)))
    return 0


def _gate(options: argparse.Namespace) -> int:
    if not options.run and options.out is None:
        options.usage("请给出结果文件夹，或用 --run 现跑一次")
    written = _shipped(options) if options.run else _load_report(options.out)
    if options.pin:
        gate.pin(written, options.floors, lower=options.lower)
        print(f"已记下基准：{options.floors}")
        return 0
    fallen = gate.check(written, options.floors)
    print("\n".join(fallen) or "通过：没有一项低于基准。")
    return 1 if fallen else 0


def _calibrate(options: argparse.Namespace) -> int:
    examples: list[calibrate.Example] = []
    for words in options.dataset:
        path, _, own = words.partition("@")
        cases = load(Path(path))
        messages.print(f"{Path(path).name}：{len(cases)} 题")
        with Store.open(Path(own) if own else options.store) as store:
            examples += calibrate.ask(cases, store)
    names = "、".join(Path(words.partition("@")[0]).stem for words in options.dataset)
    fitted = calibrate.fit(examples, balance=options.balance, fitted_on=f"{names}，共 {len(examples)} 题")
    calibrate.write(fitted, options.out, ship=options.write)
    print("\n".join(calibrate.lines(fitted)))
    print(f"曲线：{options.out / 'calibration.html'}")
    return 0


def _judge(options: argparse.Namespace) -> int:
    settings = AssistantSettings.from_environment(os.environ)
    settings = replace(settings, model=options.model or settings.model)
    if not settings.model:
        raise UserError("没有配置当判官的大模型。", "请用 --model 写明，或设 UNIONQA_MODEL。")
    results = list(read(options.out))
    if not results:
        raise UserError(f"{options.out} 里没有测评结果。", "请先用 python -m eval run 跑一次。")
    try:
        model = LangChainModel(settings)
    except ModelError as error:
        raise UserError(f"大模型 {settings.model} 用不了：{error}", "请检查模型名称、地址和密钥。") from error
    columns = (TextColumn("评判"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=messages, transient=True) as bar:
        task = bar.add_task("评判", total=len(results))
        told = judge.judge(
            results,
            model,
            settings.model,
            options.out,
            progress=lambda done: bar.update(task, completed=done),
        )
    print("\n".join(judge.lines(told)))
    return 0


def _shipped(options: argparse.Namespace) -> dict:
    """The scores of the question sets, asked anew; on the floors' own day unless they are pinned anew."""
    day = "" if options.pin else gate.pinned_day(options.floors)
    columns = (TextColumn("答题"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with (
        tempfile.TemporaryDirectory() as folder,
        Progress(*columns, console=messages, transient=True) as bar,
    ):
        task = bar.add_task("答题", total=None)
        return gate.shipped(
            options.dataset,
            options.documents,
            options.out or Path(folder),
            day=day,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )


def _closed(options: argparse.Namespace) -> int:
    columns = (TextColumn("答题"), TextColumn("{task.completed}"))
    with Store.open(options.store) as store, Progress(*columns, console=messages, transient=True) as bar:
        task = bar.add_task("答题", total=None)
        found = closed.measure(
            options.folder,
            Assistant(store, AssistantSettings.from_environment(os.environ)),
            most=options.most,
            seed=options.seed,
            progress=lambda done: bar.update(task, completed=done),
        )
    if options.json:
        print(json.dumps({name: m.outcomes for name, m in found.items()}, ensure_ascii=False))
        return 0
    for name, measured in found.items():
        print("\n".join([name, *(f"  {line}" for line in measured.lines())]))
    return 0


def _retrieval(options: argparse.Namespace) -> int:
    legs = [leg.strip() for leg in options.legs.split(",") if leg.strip()]
    measured = retrieval(
        options.folder, options.out, legs=legs, k=options.k, progress=lambda text: messages.print(text)
    )
    for leg, values in measured.items():
        scores = "  ".join(f"{name} {v['mean']:.3f}" for name, v in values.items() if isinstance(v, dict))
        times = f"中位 {values['median_ms']:.1f}、95% 在 {values['p95_ms']:.1f} 毫秒以内"
        print(f"{leg}：{scores}  {times}（处理器 {values['median_cpu_ms']:.1f}、{values['p95_cpu_ms']:.1f}）")
    return 0


def _load(options: argparse.Namespace) -> int:
    with served(options.serve) if options.serve else nullcontext(Served(options.url, 0)) as where:
        tally = asyncio.run(
            crowd(
                where.url, _people(options), questions(options.questions), lambda t: messages.print(so_far(t))
            )
        )
    row = tally.row(_people(options))
    print(json.dumps(row, ensure_ascii=False, indent=2) if options.json else "\n".join(table(row)))
    return 0


def _soak(options: argparse.Namespace) -> int:
    if options.url and not options.process:
        raise UserError(
            "不知道要看哪个进程。", "请用 --process 写明程序的进程号，或用 --serve 由本命令启动。"
        )
    with (
        served(options.serve) if options.serve else nullcontext(Served(options.url, options.process)) as where
    ):
        row = soak(
            where,
            _people(options),
            questions(options.questions),
            options.out,
            lambda text: messages.print(text),
        )
    lines = [*table(row), *judged(row)]
    print(json.dumps(row, ensure_ascii=False, indent=2) if options.json else "\n".join(lines))
    return 1 if row["flat"] is False else 0


def _people(options: argparse.Namespace) -> Crowd:
    return Crowd(
        people=options.people, every=options.every, seconds=options.minutes * 60, keys=tuple(options.key)
    )


def _bench(options: argparse.Namespace) -> int:
    if options.data:
        print("\n".join(bench_command.beside(options, messages.print)))
        return 0
    cases = [case for path in options.dataset for case in load(path)]
    for what, figure in bench(options.documents, cases, lambda text: messages.print(text)):
        print(f"{what}：{figure}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
