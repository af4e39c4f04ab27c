"""审计记录和备份, for administrators: the log with its filters, pages and downloads; a backup to take away."""

import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from corpus.accounts.people import Person
from corpus.errors import UserError
from corpus.records.chain import AuditLine
from corpus.records.trail import Sought
from corpus.web.masthead import Offered, masthead
from corpus.web.plain_page import HEADERS, field, notice, page

if TYPE_CHECKING:
    from corpus.store import Store

#: What the administrators' page links to: address and name.
LINKS = (("audit", "审计记录：谁在何时改了什么"), ("backup", "备份"))
_PAGE = 50
_BLOCK = 2**20
#: Longer values are folded.
_SHOWN = 90
_FIELDS = ("who", "action", "since", "until", "text")
_SHEET = (Path(__file__).parent / "trail.css").read_text(encoding="utf-8")
#: Without accounts: who sits at this machine.
_LOCAL = "网页"
_DOWNLOADS = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}


def routes(store: "Store", offered: Offered) -> list[Route]:
    """The log below /admin/audit, its downloads, and backups below /admin/backup."""
    desk = _Desk(store, offered)
    return [
        Route("/admin/audit", desk.log, methods=["GET"]),
        Route("/admin/audit.css", desk.sheet, methods=["GET"]),
        Route("/admin/audit.csv", desk.download, methods=["GET"]),
        Route("/admin/audit.jsonl", desk.download, methods=["GET"]),
        Route("/admin/backup", desk.backups, methods=["GET"]),
        Route("/admin/backup", desk.back_up, methods=["POST"]),
    ]


class _Desk:
    def __init__(self, store: "Store", offered: Offered) -> None:
        self._store = store
        self._offered = offered

    async def sheet(self, _: Request) -> Response:
        """The style of the log's table."""
        return Response(_SHEET, media_type="text/css", headers={"cache-control": "no-cache"})

    async def log(self, request: Request) -> Response:
        """The log, the newest first, narrowed as the address says."""
        said: UserError | str = ""
        try:
            sought = _sought(request)
        except UserError as error:
            said, sought = error, Sought()
        body = await run_in_threadpool(self._log, request, sought)
        if request.query_params.get("check"):
            said = await run_in_threadpool(self._checked)
        return self._answer(request, "审计记录", notice(said) + body, bad=isinstance(said, UserError))

    def _checked(self) -> UserError | str:
        broken = self._store.trail.check()
        if broken:
            return UserError("".join(broken), "请用备份或以前的导出文件核对，并追查是谁动了文件。")
        return f"检查过了：{self._store.trail.head().lines} 条记录前后相连，没有被改动、删去或截断。"

    def _log(self, request: Request, sought: Sought) -> str:
        trail = self._store.trail
        found = trail.count(sought)
        pages = max(1, -(-found // _PAGE))
        number = min(pages, max(1, _number(request.query_params.get("page", ""))))
        entries = trail.entries(sought, limit=_PAGE, offset=(number - 1) * _PAGE)
        given = {name: value for name in _FIELDS if (value := getattr(sought, name))}
        lines, chain = trail.head()
        last = f"最后一条的校验码：<code>{chain}</code>" if lines else ""
        return (
            '<section><h2>审计记录</h2><p class="soft">每一次添加、更正、撤下、删除、改账号和备份都记一条。只增不改：'
            f"每条的校验码都把上一条算在内，改动或删去一条就对不上。{last}</p>"
            + _filters(sought, *trail.names())
            + f'<p class="acts">{_count(found, lines)}{_links(given)}</p></section>'
            + (_table(entries) if entries else '<p class="soft">没有符合的记录。</p>')
            + _pager(given, number, pages)
        )

    async def download(self, request: Request) -> Response:
        """The lines that are wanted, as CSV or JSONL, with their fingerprints."""
        form = request.url.path.rpartition(".")[2]
        try:
            sought = _sought(request)
        except UserError as error:
            return self._answer(request, "审计记录", notice(error), bad=True)
        rows: Iterator[str] = await run_in_threadpool(getattr(self._store.trail, form), sought)
        name = f"audit-{datetime.now().astimezone():%Y%m%d-%H%M}.{form}"
        headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
        return StreamingResponse(rows, media_type=_DOWNLOADS[form], headers=headers)

    async def backups(self, request: Request, said: UserError | str = "") -> Response:
        """How to make a backup, and when the last ones were made."""
        made = await run_in_threadpool(self._store.trail.entries, Sought(action="备份"), limit=10)
        rows = "".join(f"<li>{_moment(line)}　{escape(line.who)}　{escape(line.after)}</li>" for line in made)
        listed = f"<h3>最近的备份</h3><ul>{rows}</ul>" if rows else ""
        return self._answer(
            request, "备份", notice(said) + _BACKUP + listed + "</section>", bad=isinstance(said, UserError)
        )

    async def back_up(self, request: Request) -> Response:
        """Make a backup and hand it over; nothing of it stays here."""
        name = f"资料库备份-{datetime.now().astimezone():%Y%m%d-%H%M%S}.zip"
        folder = tempfile.TemporaryDirectory(prefix="backup-")
        file = Path(folder.name) / name
        try:
            await run_in_threadpool(self._store.backup, file, who=_who(request))
        except BaseException as error:
            folder.cleanup()
            if isinstance(error, UserError):
                return await self.backups(request, error)
            raise
        headers = {
            "content-disposition": f"attachment; filename*=utf-8''{quote(name)}",
            "content-length": str(file.stat().st_size),
            "cache-control": "no-store",
        }
        return StreamingResponse(_taken_away(file, folder), media_type="application/zip", headers=headers)

    def _answer(self, request: Request, title: str, body: str, *, bad: bool = False) -> Response:
        person: Person | None = request.scope.get("person")
        head = masthead(self._offered, "/admin/", person, alone=not self._store.people.exist())
        back = '<p><a href="./">← 管理</a></p>'
        text = page(title, back + body, here="/admin/", head=head, sheet="audit.css")
        return HTMLResponse(text, 400 if bad else 200, headers=HEADERS)


def _taken_away(file: Path, folder: tempfile.TemporaryDirectory[str]) -> Iterator[bytes]:
    """The bytes of a file; its folder goes with the last of them, or with whoever stops reading before."""
    with folder, file.open("rb") as held:
        while block := held.read(_BLOCK):
            yield block


def _who(request: Request) -> str:
    person: Person | None = request.scope.get("person")
    return person.name if person else _LOCAL


def _sought(request: Request) -> Sought:
    """What the address asks for. Raises ``UserError`` where a day is none."""
    return Sought(**{name: request.query_params.get(name, "").strip()[:200] for name in _FIELDS})


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 1


def _moment(line: AuditLine) -> str:
    return escape(line.at[:19].replace("T", " "))


def _filters(sought: Sought, people: Sequence[str], actions: Sequence[str]) -> str:
    return (
        '<form class="filters" method="get" action="audit">'
        + _choice("操作人", "who", people, sought.who)
        + _choice("操作", "action", actions, sought.action)
        + field("从哪天起", "since", kind="date", value=sought.since)
        + field("到哪天止", "until", kind="date", value=sought.until)
        + field("含有的文字", "text", kind="search", value=sought.text, more='maxlength="200"')
        + '<button class="main">查找</button></form>'
    )


def _choice(label: str, name: str, values: Sequence[str], chosen: str) -> str:
    options = "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(value)}</option>'
        for value in (values if not chosen or chosen in values else [*values, chosen])
    )
    return (
        f"<label><span>{label}</span>"
        f'<select name="{name}"><option value="">全部</option>{options}</select></label>'
    )


def _count(found: int, lines: int) -> str:
    return f"<span>共 {lines} 条" + (f"，符合的 {found} 条" if found != lines else "") + "</span>"


def _links(given: dict[str, str]) -> str:
    query = f"?{escape(urlencode(given))}" if given else ""
    check = escape(urlencode({**given, "check": "1"}))
    return (
        f'<a href="audit?{check}">检查有没有被改动</a>'
        f'<a href="audit.csv{query}" download>下载表格（CSV）</a><a href="audit.jsonl{query}" download>下载 JSONL</a>'
    )


def _table(entries: Sequence[AuditLine]) -> str:
    head = "".join(f"<th>{name}</th>" for name in ("序号", "时间", "操作人", "操作", "对象", "原来", "改为"))
    rows = "".join(
        f'<tr><td data-name="序号">{line.number}</td><td data-name="时间">{_moment(line)}</td>'
        f'<td data-name="操作人">{escape(line.who)}</td><td data-name="操作">{escape(line.action)}</td>'
        f'<td data-name="对象">{_value(line.detail)}</td><td data-name="原来">{_value(line.before)}</td>'
        f'<td data-name="改为">{_value(line.after)}</td></tr>'
        for line in entries
    )
    return f'<div class="trail"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _value(text: str) -> str:
    if len(text) <= _SHOWN:
        return escape(text)
    return f"<details><summary>{escape(text[:_SHOWN])}……</summary>{escape(text)}</details>"


def _pager(given: dict[str, str], number: int, pages: int) -> str:
    if pages == 1:
        return ""
    links = [
        f'<a href="audit?{escape(urlencode({**given, "page": to}))}">{name}</a>'
        for name, to in (("上一页", number - 1), ("下一页", number + 1))
        if 1 <= to <= pages
    ]
    return f'<nav class="pager" aria-label="翻页"><span>第 {number} 页，共 {pages} 页</span>{"".join(links)}</nav>'


_BACKUP = (
    "<section><h2>备份</h2><p>把整个资料库存成一个文件：文件原件、撤下的和旧版的、待发布的、题集和测评、"
    "账号和审计记录都在内。做备份时照常可以提问和入库。写完会逐个核对，有损坏就不会给出文件。</p>"
    '<p class="soft">文件里有账号和提问记录，请存到只有管理员能打开的地方，最好是另一块磁盘。恢复请在命令行运行 '
    "<code>python -m corpus restore 备份文件 --store 新文件夹</code>。</p>"
    '<form method="post" action="backup"><button class="main">立即备份并下载</button>'
    "<small>资料多时要等几分钟，请不要关闭页面。</small></form>"
)
