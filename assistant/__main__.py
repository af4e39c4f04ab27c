"""``python -m assistant ask``, ``search`` and ``mcp``: questions from the command line, and from other programs."""

import argparse
import datetime
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from assistant.contract import answer_json, hit_json
from assistant.pipeline import Assistant
from assistant.question import understand
from assistant.retrieve import retrieve
from assistant.settings import AssistantSettings
from assistant.types import Answer
from corpus.console import at_the_edge
from corpus.errors import UserError
from corpus.settings import CorpusSettings
from corpus.store import Store
from corpus.types import Hit

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
    mcp = commands.add_parser(
        "mcp", help="供支持 MCP 的程序（如桌面上的 AI 助手）启动，经标准输入输出提问、检索、读文章"
    )
    mcp.add_argument("--model", default=None, metavar="provider:name", help="用大模型起草（同样逐句校验）")
    for command in (ask, search, mcp):
        command.add_argument("--store", type=Path, default=None, metavar="目录", help="资料库目录")
    for command in (ask, search):
        command.add_argument("--json", action="store_true", help="输出 JSON")
    return parser


def _open(options: argparse.Namespace) -> Store:
    settings = CorpusSettings.from_environment()
    directory = options.store or settings.store
    if not Store.exists(directory):
        raise UserError(
            f"资料库“{directory}”不存在。", "请先运行 python -m ingest 文件夹 --store 目录 导入文件。"
        )
    return Store.open(directory, encoder=settings.encoder)


def _assistant(options: argparse.Namespace, store: Store) -> Assistant:
    settings = AssistantSettings.from_environment()
    if options.model is not None:
        settings = replace(settings, model=options.model)
    return Assistant(store, settings)


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


def _place(hit: Hit) -> str:
    """Where a passage stands, as people say it."""
    article, passage = hit.article, hit.passage
    title = f"《{article.title}》" if article.title else hit.source.name
    label = f" {passage.label}" if passage.label else ""
    return f"{title}{label}（{hit.source.name} 第{passage.page}页）"


def _search(options: argparse.Namespace) -> int:
    with _open(options) as store:
        hits = retrieve(store, understand(options.text, store), max(1, options.k))[: max(1, options.k)]
    if options.json:
        rows = [hit_json(hit) for hit in hits]
        print(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        print(
            "\n".join(f"{n}. {_place(h)}\n   {h.passage.text[:120]}" for n, h in enumerate(hits, 1))
            or "没有找到。"
        )
    return EXIT_OK


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
