"""The command line of the store: ``python -m corpus list|show|remove|…``, see ``--help``.

Exit codes: 0, 1 (something is wrong; the message says what to do), 2 (usage).
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress as Bar
from rich.table import Table

from corpus.accounts import keys_command, people_command
from corpus.console import at_the_edge
from corpus.errors import UserError
from corpus.records.trail import Sought
from corpus.settings import CorpusSettings, encoder_at
from corpus.store import Progress, Store
from corpus.types import Article, Source
from corpus.versions import archive_command
from corpus.versions.standing import Register

#: The keys of one exported line, in this order; a contract.
EXPORT_KEYS = (
    *("id", "source", "title", "subtitle", "label", "authors", "issuer", "number", "published_on"),
    *("effective_on", "expires_on", "region", "kind", "status", "pages", "quality", "text"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    settings = CorpusSettings.from_environment()
    given = _parser(settings).parse_args(arguments)

    def tell(error: UserError) -> None:
        _say(given, {"error": error.message, "hint": error.hint}, f"{error.message}{error.hint}", failed=True)

    return at_the_edge(lambda: given.run(given, settings), tell=tell)


def _parser(settings: CorpusSettings) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m corpus", description="查看和维护资料库")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--store", type=Path, default=settings.store, help="资料库的文件夹（默认：%(default)s）"
    )
    shared.add_argument("--json", action="store_true", help="输出 JSON")
    commands = parser.add_subparsers(required=True, metavar="命令")

    def command(name: str, run: Callable[..., int], help_: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, parents=[shared], help=help_, description=help_)
        added.set_defaults(run=run)
        return added

    command("list", _list, "列出所有来源文件").add_argument(
        "--failed", action="store_true", help="只列出未能加入的文件和原因"
    )
    command("show", _show, "显示一个来源、文章或段落").add_argument("id", help="编号，如 3、3/2 或 3/2/7")
    command("remove", _remove, "彻底删除来源文件及其全部内容、全部旧版").add_argument(
        "id", nargs="+", help="来源编号（在用的或已撤下的），旧版的编号（v12），或未能加入的文件的编号（f1）"
    )
    _add_archive(command)
    export = command("export", _export, "导出所有文章，每行一篇 JSON")
    export.add_argument("--out", type=Path, help="写入文件（默认输出到屏幕）")
    audit = command("audit", _audit, "查看审计记录：谁在何时改了什么")
    audit.add_argument("--who", default="", help="只看某人的")
    audit.add_argument("--action", default="", help="只看某种操作，如 删除")
    audit.add_argument("--since", default="", metavar="日期", help="从这一天起，如 2031-03-05")
    audit.add_argument("--until", default="", metavar="日期", help="到这一天为止")
    audit.add_argument("--text", default="", help="对象、原来或改为里含有的文字")
    audit.add_argument("--last", type=int, default=50, help="最近多少条（默认 %(default)s；0 为全部）")
    audit.add_argument("--export", type=Path, metavar="文件", help="导出到 .csv 或 .jsonl 文件")
    audit.add_argument("--check", action="store_true", help="检查有没有被改动、删去的记录")
    audit.add_argument("--against", type=Path, metavar="文件", help="与以前导出的文件或备份核对")
    people_command.describe(commands.add_parser("people", help="账号：添加、角色、密码、停用"), [shared])
    commands.choices["people"].set_defaults(run=_people)
    keys_command.describe(commands.add_parser("keys", help="API 密钥：添加、列出、撤销"), [shared])
    commands.choices["keys"].set_defaults(run=_keys)
    command("verify", _verify, "检查资料库是否完好").add_argument(
        "--repair", action="store_true", help="修好能修的：索引、向量、没有用处的文件"
    )
    command("rebuild", _rebuild, "重建全部索引，或换一个向量模型").add_argument(
        "--encoder",
        default="",
        metavar="文件夹或名称",
        help="换用这个向量模型（bundled 是随附的）；算好之前照旧用原来的回答，中断后再运行就接着算",
    )
    command("backup", _backup, "备份到一个文件").add_argument(
        "file", type=Path, help="备份文件，如 资料库.zip"
    )
    command("restore", _restore, "从备份恢复到一个新的文件夹").add_argument(
        "file", type=Path, help="备份文件"
    )
    return parser


def _add_archive(command: Callable[..., argparse.ArgumentParser]) -> None:
    withdraw = command(
        "withdraw", _archived(archive_command.withdraw), "撤下来源文件：不再用来回答，可以恢复"
    )
    withdraw.add_argument("id", nargs="+", help="来源编号")
    withdraw.add_argument("--note", default="", help="原因")
    restore = command("restore-source", _archived(archive_command.restore), "恢复已撤下的来源，或恢复旧版")
    restore.add_argument("id", nargs="+", help="来源编号，或旧版的编号（v12）")
    past = command(
        "history", _archived(archive_command.past), "一个来源的各个版本；不写编号则列出已撤下的来源"
    )
    past.add_argument("id", nargs="?", default="", help="来源编号")
    diff = command("diff", _archived(archive_command.diff), "两个版本逐条的差异")
    diff.add_argument("old", metavar="旧", help="来源（3）、文章（3/2）或旧版（v12）的编号")
    diff.add_argument("new", metavar="新", help="来源、文章或旧版的编号")


def _archived(act: Callable[[argparse.Namespace, Store], archive_command.Told]) -> Callable[..., int]:
    def run(given: argparse.Namespace, settings: CorpusSettings) -> int:
        with _open(given, settings) as store:
            told = act(given, store)
        _say(given, told.value, told.text)
        return told.code

    return run


def _open(given: argparse.Namespace, settings: CorpusSettings) -> Store:
    if not Store.exists(given.store):
        raise UserError(
            f"这里没有资料库：{given.store}。",
            "请用 --store 指定文件夹，或先运行 python -m ingest 添加资料。",
        )
    return Store.open(given.store, encoder=settings.encoder)


def _say(given: argparse.Namespace, value: Any, text: str, *, failed: bool = False) -> None:
    if given.json:
        print(json.dumps(value, ensure_ascii=False))
    else:
        print(text, file=sys.stderr if failed else sys.stdout)


def _source_json(source: Source, articles: int) -> dict[str, Any]:
    return {**asdict(source), "warnings": list(source.warnings), "articles": articles}


def _list(given: argparse.Namespace, settings: CorpusSettings) -> int:
    with _open(given, settings) as store:
        failures = store.failures()
    if given.json and given.failed:
        print(json.dumps([asdict(failure) for failure in failures], ensure_ascii=False))
        return 0
    if not given.failed:
        _list_sources(given, settings)
    if failures and not given.json:
        table = Table("编号", "未能加入的文件", "时间", "原因")
        for failure in failures:
            table.add_row(failure.id, escape(failure.name), failure.at[:16], escape(failure.message))
        Console().print(table)
    return 0


def _list_sources(given: argparse.Namespace, settings: CorpusSettings) -> None:
    with _open(given, settings) as store:
        held: dict[str, list[Article]] = {source.id: [] for source in store.sources()}
        for article in map(_standing(store), store.articles()):
            held[article.source_id].append(article)
        notes = store.reprint_notes([article.id for articles in held.values() for article in articles])
        sources = [
            {
                **_source_json(s, len(held[s.id])),
                "status": _status(held[s.id]),
                "reprints": [notes[article.id] for article in held[s.id] if article.id in notes],
            }
            for s in store.sources()
        ]
        counts = store.counts()
    if given.json:
        print(json.dumps(sources, ensure_ascii=False))
        return
    table = Table("编号", "名称", "文章", "页数", "效力", "收到时间", "提示")
    for s in sources:
        told = "；".join([*s["warnings"], *s["reprints"]])
        row = (s["id"], s["name"], s["articles"], s["pages"], s["status"], s["received_at"][:16], told)
        table.add_row(*(escape(str(cell)) for cell in row))
    Console().print(table)
    print(f"{counts.sources} 个来源文件，{counts.articles} 篇文章，{counts.passages} 个段落。")


def _standing(store: Store) -> Callable[[Article], Article]:
    """Gives an article the status that it has today, by all that the store holds."""
    register, today = Register(store), datetime.now().astimezone().date().isoformat()
    return lambda article: register.listed(article, today)


def _status(articles: Sequence[Article]) -> str:
    """The status of a source that is one document; of several nothing can be said in one word."""
    return articles[0].status if len(articles) == 1 else ""


def _show(given: argparse.Namespace, settings: CorpusSettings) -> int:
    with _open(given, settings) as store:
        depth = given.id.count("/")
        if depth == 0 and (source := store.source(given.id)):
            articles = list(map(_standing(store), store.articles(source.id)))
            notes = store.reprint_notes([a.id for a in articles])
            brief = [{**_brief(a), "reprints": notes.get(a.id, "")} for a in articles]
            value = {**_source_json(source, len(articles)), "articles": brief}
        elif depth == 1 and (article := store.article(given.id)):
            passages = [asdict(p) for p in store.passages(article.id)]
            value = {
                **asdict(_standing(store)(article)),
                "trust": article.trust,
                "reprints": store.reprint_notes([article.id]).get(article.id, ""),
                "passages": passages,
            }
        elif depth == 2 and (passage := store.passage(given.id)):
            value = asdict(passage)
        else:
            raise UserError(f"资料库里没有编号 {given.id}。", "请用 python -m corpus list 查看有哪些编号。")
    _say(given, value, "\n".join(_lines(value)))
    return 0


def _brief(article: Article) -> dict[str, Any]:
    return {
        "id": article.id,
        "title": article.title,
        "kind": article.kind,
        "published_on": article.published_on,
        "status": article.status,
        "trust": article.trust,
    }


def _lines(value: dict[str, Any]) -> list[str]:
    lines = []
    for key, held in value.items():
        if isinstance(held, list | tuple) and held and isinstance(held[0], dict):
            lines.append(f"{key}:")
            lines += ["  " + "  ".join(str(v) for v in row.values() if v not in ("", ())) for row in held]
        elif held not in ("", (), []):
            lines.append(f"{key}: {held}")
    return lines


def _remove(given: argparse.Namespace, settings: CorpusSettings) -> int:
    with _open(given, settings) as store, store.writing(who="命令行") as writer:
        gone = {id_: writer.remove(id_) for id_ in given.id}
    missing = [id_ for id_, removed in gone.items() if not removed]
    text = "\n".join(f"{id_}：{'已删除' if removed else '没有这个来源'}" for id_, removed in gone.items())
    _say(given, {"removed": [i for i in gone if i not in missing], "missing": missing}, text)
    return 1 if missing else 0


def exported(article: Article, source: Source) -> dict[str, Any]:
    """An article as one exported line; ``source`` is the source's name."""
    values = {**asdict(article), "source": source.name}
    return {key: values[key] for key in EXPORT_KEYS}


def _export(given: argparse.Namespace, settings: CorpusSettings) -> int:
    with _open(given, settings) as store:
        standing = _standing(store)
        lines = (
            json.dumps(exported(standing(article), source), ensure_ascii=False)
            for source in store.sources()
            for article in store.articles(source.id)
        )
        if given.out is None:
            for line in lines:
                print(line)
            return 0
        with given.out.open("w", encoding="utf-8", newline="\n") as file:
            count = sum(1 for line in lines if file.write(line + "\n"))
    _say(given, {"articles": count, "file": str(given.out)}, f"已导出 {count} 篇文章到 {given.out}。")
    return 0


def _audit(given: argparse.Namespace, settings: CorpusSettings) -> int:
    sought = Sought(who=given.who, action=given.action, since=given.since, until=given.until, text=given.text)
    with _open(given, settings) as store:
        if given.check or given.against:
            problems = store.trail.check()
            problems += store.trail.check_against(given.against) if given.against else []
            lines, chain = store.trail.head()
            said = "\n".join(problems) or f"审计记录完好，共 {lines} 条；最后一条的校验码是 {chain}。"
            _say(given, {"ok": not problems, "problems": problems, "lines": lines, "chain": chain}, said)
            return 1 if problems else 0
        if given.export:
            count = store.trail.export(given.export, sought)
            _say(given, {"lines": count, "file": str(given.export)}, f"已导出 {count} 条到 {given.export}。")
            return 0
        entries = store.trail.entries(sought, limit=given.last)
    if given.json:
        print(json.dumps([entry._asdict() for entry in entries], ensure_ascii=False))
        return 0
    table = Table("序号", "时间", "操作人", "操作", "对象", "原来", "改为")
    for entry in reversed(entries):
        row = (str(entry.number), entry.at[:19].replace("T", " "), *entry[2:7])
        table.add_row(*map(escape, row))
    Console().print(table)
    return 0


def _people(given: argparse.Namespace, settings: CorpusSettings) -> int:
    # A store is made where there is none: the first administrator may come before the first start.
    with Store.open(given.store, encoder=settings.encoder) as store:
        _say(given, *people_command.run(given, store.people))
    return 0


def _keys(given: argparse.Namespace, settings: CorpusSettings) -> int:
    with _open(given, settings) as store:
        _say(given, *keys_command.run(given, store.keys))
    return 0


def _verify(given: argparse.Namespace, settings: CorpusSettings) -> int:
    with _open(given, settings) as store:
        done, problems = store.repair(who="命令行") if given.repair else ([], store.verify())
        quality = None if problems else store.vector_quality()
    said = [*done, *(problems or ["资料库完好。"])]
    value = {"ok": not problems, "problems": problems, **({"repaired": done} if given.repair else {})}
    if quality:
        value["vectors"] = quality._asdict()
        if quality.kind == "signs":
            share = "没有量过" if quality.recall is None else f"{quality.recall:.3f}"
            said.append(f"向量检索先比符号位，再比向量；最近的十段里找得到的比例：{share}。")
    _say(given, value, "\n".join(said))
    return 1 if problems else 0


@contextmanager
def _told(given: argparse.Namespace) -> Iterator[Progress]:
    """Shows how far things are, on the screen and not in what is put out."""
    with Bar(console=Console(stderr=True), disable=given.json) as bar:
        stages: dict[str, Any] = {}

        def progress(stage: str, done: int, total: int) -> None:
            if stage not in stages:
                # What was done at an earlier time says nothing of how long the rest takes.
                stages[stage] = bar.add_task(stage, total=total, completed=done)
            bar.update(stages[stage], completed=done)

        yield progress


def _rebuild(given: argparse.Namespace, settings: CorpusSettings) -> int:
    with _open(given, settings) as store, _told(given) as progress:
        # Whoever set another one than is bundled wants that one.
        others = settings.encoder if settings.encoder != CorpusSettings().encoder else ""
        wanted = encoder_at(given.encoder) or others
        changed = bool(wanted) and store.change_encoder(wanted, progress=progress, who="命令行")
        if not changed:
            store.rebuild(progress, who="命令行")
        counts, encoder = store.counts(), store.encoder_name
    _say(
        given,
        {"passages": counts.passages, "encoder": encoder},
        f"{'已换用另一个向量模型' if changed else '索引已重建'}，共 {counts.passages} 个段落，向量模型是 {encoder or '（还没有段落）'}。",
    )
    return 0


def _backup(given: argparse.Namespace, settings: CorpusSettings) -> int:
    with _open(given, settings) as store, _told(given) as progress:
        store.backup(given.file, progress=progress, who="命令行")
    size = given.file.stat().st_size
    _say(given, {"file": str(given.file), "bytes": size}, f"已备份到 {given.file}，并已核对无误。")
    return 0


def _restore(given: argparse.Namespace, settings: CorpusSettings) -> int:
    with _told(given) as progress:
        Store.restore(given.file, given.store, progress=progress, who="命令行")
    with Store.open(given.store, encoder=settings.encoder) as store:
        counts = store.counts()
    _say(
        given,
        {"store": str(given.store), **counts._asdict()},
        f"已恢复到 {given.store}：{counts.sources} 个来源文件，已核对无误。",
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
