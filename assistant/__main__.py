"""``python -m assistant ask``, ``search`` and ``mcp``: questions from the command line, and from other programs."""

import argparse
import datetime
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from assistant.contract import answer_json, find_json
from assistant.cross_encoder import CrossEncoderReader
from assistant.finds import Find, find, find_explained
from assistant.pipeline import Assistant
from assistant.question.understand import understand
from assistant.reranker.explain import Explanation
from assistant.settings import AssistantSettings
from assistant.types import Answer
from corpus.console import at_the_edge
from corpus.errors import UserError
from corpus.settings import CorpusSettings
from corpus.store import Store
from corpus.types import Hit

#: Of what a find stands for as well, and of the features that explain it, so many are shown.
OTHERS, SHARES = 3, 10
EXIT_OK, EXIT_FAILED, EXIT_USAGE = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Exit status: 0 done (a refusal is an answer), 1 what a user can mend, 2 usage."""
    options = _parser().parse_args(argv)
    commands = {"ask": _ask, "search": _search, "mcp": _mcp}
    return at_the_edge(lambda: commands[options.command](options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m assistant", description="向已入库的文件提问；每句回答都带出处。"
    )
    commands = parser.add_subparsers(dest="command", required=True)
    ask = commands.add_parser("ask", help="提问")
    ask.add_argument("question", nargs="?", help="问题；用 - 从标准输入读取")
    ask.add_argument("--batch", type=Path, metavar="IN.jsonl", help="成批提问，一行一个 JSON")
    ask.add_argument("--out", type=Path, metavar="OUT.jsonl", help="成批回答写到这里")
    ask.add_argument("--as-of", default="", metavar="日期", help="以哪一天的效力为准，如 2024-05-01")
    ask.add_argument("--model", default=None, metavar="provider:name", help="用大模型起草（同样逐句校验）")
    search = commands.add_parser("search", help="只检索，不作答")
    search.add_argument("text", help="要找的词")
    search.add_argument("-k", type=int, default=10, help="给出几段，默认 10")
    search.add_argument("--explain", action="store_true", help="说明每一段为什么排在这里：各项特征的份量")
    mcp = commands.add_parser(
        "mcp", help="供支持 MCP 的程序（如桌面上的 AI 助手）启动，经标准输入输出提问、检索、读文章"
    )
    mcp.add_argument("--model", default=None, metavar="provider:name", help="用大模型起草（同样逐句校验）")
    for command in (ask, search, mcp):
        command.add_argument("--store", type=Path, default=None, metavar="目录", help="资料库目录")
    for command in (ask, search):
        command.add_argument("--json", action="store_true", help="输出 JSON")
        command.add_argument(
            "--reranker", default=None, metavar="模型", help="用本机的重排模型（CrossEncoder）排前几十段"
        )
    return parser


def _open(options: argparse.Namespace) -> Store:
    settings = CorpusSettings.from_environment()
    directory = options.store or settings.store
    if not Store.exists(directory):
        raise UserError(
            f"资料库“{directory}”不存在。", "请先运行 python -m ingest 文件夹 --store 目录 导入文件。"
        )
    return Store.open(directory, encoder=settings.encoder)


def _settings(options: argparse.Namespace) -> AssistantSettings:
    flags = {name: getattr(options, name, None) for name in ("model", "reranker")}
    given = {name: value for name, value in flags.items() if value is not None}
    return replace(AssistantSettings.from_environment(), **given)


def _assistant(options: argparse.Namespace, store: Store) -> Assistant:
    return Assistant(store, _settings(options))


def _ask(options: argparse.Namespace) -> int:
    if (options.question is None) == (options.batch is None) or (options.batch and not options.out):
        print("请给出一个问题，或者用 --batch 输入文件 --out 输出文件 成批提问。", file=sys.stderr)
        return EXIT_USAGE
    _check_day(options.as_of)
    with _open(options) as store:
        assistant = _assistant(options, store)
        if options.batch:
            return _batch(assistant, options)
        question = sys.stdin.read() if options.question == "-" else options.question
        if not question.strip():
            raise UserError("问题是空的。", "请写出要问的事。")
        answer = assistant.ask(question, as_of=options.as_of)
    print(
        json.dumps(answer_json(answer), ensure_ascii=False, indent=2) if options.json else _readable(answer)
    )
    return EXIT_OK


def _check_day(day: str) -> None:
    try:
        if day:
            datetime.date.fromisoformat(day)
    except ValueError:
        raise UserError(f"日期“{day}”看不懂。", "请写成 2024-05-01 这样的形式。") from None


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise UserError(f"读不了“{path}”。", "请检查文件是否存在、是否为 UTF-8 编码。") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            row = None
        if not isinstance(row, dict) or not isinstance(row.get("question"), str):
            raise UserError(
                f"“{path}”第 {number} 行不是一个问题。", '每行应是 {"id": …, "question": "…"} 这样的 JSON。'
            )
        yield row


def _batch(assistant: Assistant, options: argparse.Namespace) -> int:
    rows = list(_rows(options.batch))
    try:
        with options.out.open("w", encoding="utf-8") as out:
            for row in rows:
                answer = assistant.ask(
                    row["question"],
                    history=[(str(q), str(a)) for q, a in row.get("history") or ()],
                    as_of=row.get("as_of") or options.as_of,
                    passages=row.get("passages"),
                )
                out.write(json.dumps(answer_json(answer, str(row.get("id", ""))), ensure_ascii=False) + "\n")
    except OSError:
        raise UserError(f"写不了“{options.out}”。", "请换一个可以写入的位置。") from None
    return EXIT_OK


def _readable(answer: Answer) -> str:
    parts = [answer.text]
    cited = {c.marker for s in answer.statements for c in s.citations}
    parts += [f"[{e.marker}] {_place(e.hit)}" for e in answer.evidence if e.marker in cited]
    near = [e for e in answer.evidence if e.marker not in cited][:3] if not cited else []
    if near:
        parts.append("最接近的段落：")
        parts += [f"  {_place(e.hit)}（{e.reason}）" for e in near]
    parts += [f"说明：{note}" for note in answer.notes]
    return "\n".join(parts)


def _place(hit: Hit, label: str = "") -> str:
    """Where a passage stands, as people say it."""
    article, passage = hit.article, hit.passage
    title = f"《{article.title}》" if article.title else hit.source.name
    label = label or passage.label
    label = f" {label}" if label else ""
    return f"{title}{label}（{hit.source.name} 第{passage.page}页）"


def _search(options: argparse.Namespace) -> int:
    reranker, k = _settings(options).reranker, max(1, options.k)
    if options.explain and reranker:
        raise UserError(
            f"重排模型“{reranker}”说不出每一项的份量。",
            "请去掉 --explain，或者用自带的重排（--reranker ''）。",
        )
    reader = CrossEncoderReader(reranker) if reranker else None
    day = datetime.date.today().isoformat()
    with _open(options) as store:
        query = understand(options.text, store)
        found: list[tuple[Find, Explanation | None]]
        if options.explain:
            found = [*find_explained(store, query, k, day=day)]
        else:
            found = [(one, None) for one in find(store, query, k, day=day, reader=reader)]
    if options.json:
        rows = [find_json(one, why) for one, why in found]
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return EXIT_OK
    for n, (one, why) in enumerate(found, 1):
        print("\n".join(_lines(n, one)))
        if why is not None:
            _show(why)
    if not found:
        print("没有找到。")
    return EXIT_OK


def _lines(number: int, found: Find) -> Iterator[str]:
    yield f"{number}. {_place(found.hit, found.label)}"
    yield f"   {found.hit.passage.text[:120]}"
    if len(found.passages) > 1:
        yield f"   （连着的 {len(found.passages)} 段都相关，合在一起）"
    for other in found.others[:OTHERS]:
        label = f" {other.passage.label}" if other.passage and other.passage.label else ""
        yield f"   {other.relation}：《{other.article.title}》{label}（{other.article.status}）"
    if len(found.others) > OTHERS:
        yield f"   另有 {len(found.others) - OTHERS} 处"


def _show(why: Explanation) -> None:
    """The features that count for most, in a table; the others in one line of it."""
    from rich.console import Console
    from rich.table import Table

    first = sorted(why.shares, key=lambda s: -abs(s.share))[:SHARES]
    rest = sum(s.share for s in why.shares) - sum(s.share for s in first)
    table = Table(title=f"得分 {why.score:+.3f} ＝ 候选的平均 {why.baseline:+.3f} ＋ 各项份量")
    table.add_column("特征")
    table.add_column("数值", justify="right")
    table.add_column("份量", justify="right")
    for share in first:
        table.add_row(share.title, f"{share.value:.3f}", f"{share.share:+.3f}")
    table.add_row(f"其余 {len(why.shares) - len(first)} 项", "", f"{rest:+.3f}", end_section=True)
    table.add_row("合计", "", f"{why.score - why.baseline:+.3f}")
    Console().print(table)


def _mcp(options: argparse.Namespace) -> int:
    from assistant.mcp_server import over_stdio  # half a second that questions need not wait for

    with _open(options) as store:
        store.warm()
        if sys.stdin.isatty():
            print(
                "正在等待 MCP 客户端。本命令由支持 MCP 的程序启动，不直接对话；按 Ctrl+C 停止。",
                file=sys.stderr,
            )
        over_stdio(store, _assistant(options, store).ask)
    return EXIT_OK


if __name__ == "__main__":
    sys.exit(main())
