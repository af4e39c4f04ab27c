"""The table's way to the server: rows, counts, details, files, and what is done to chosen files.

All below ``/corpus/holdings``, so only for those whom the guard lets there.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import date
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from corpus.errors import UserError
from corpus.store import Store
from corpus.versions.effects import Effects
from ingest.desk import grid_actions, grid_files, grid_query
from ingest.desk.grid_details import details
from ingest.desk.notices import in_words

#: Rows of one reply.
_MOST_ROWS = 500
#: Bytes that a page may send: the ids of some 100,000 rows.
_LARGEST_BODY = 2 * 2**20
#: Cases named before a withdrawal.
_MOST_CASES = 5
_NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
#: Without accounts: who sits at this machine.
_LOCAL = "网页"


def routes(store: Store, effects: Effects | None = None) -> list[Route]:
    """The table's routes over one store. With ``effects`` one sees before withdrawing what rests on a file."""
    grid = _Grid(store, effects)
    at = "/corpus/holdings"
    return [
        Route(f"{at}/rows", _answering(grid.rows), methods=["GET"]),
        Route(f"{at}/files/{{source}}", _answering(grid.file), methods=["GET"]),
        Route(f"{at}/files/{{source}}/original", _answering(grid.original), methods=["GET"]),
        Route(f"{at}/export.csv", _answering(grid.export), methods=["GET"]),
        Route(f"{at}/choice", _answering(grid.choice), methods=["POST"]),
        Route(f"{at}/originals", _answering(grid.originals), methods=["POST"]),
        Route(f"{at}/act", _answering(grid.act), methods=["POST"]),
    ]


Handler = Callable[[Request, dict[str, Any]], Response]


def _answering(handler: Handler) -> Callable[[Request], Any]:
    """The handler in a thread, with the JSON that was sent; what goes wrong is said in words."""

    async def answer(request: Request) -> Response:
        try:
            body = await _body(request) if request.method == "POST" else {}
            return await run_in_threadpool(handler, request, body)
        except UserError as error:
            return _said(error, 400)
        except ClientDisconnect:
            return Response(status_code=499)
        except Exception as error:  # the edge
            return _said(error, 500)

    return answer


async def _body(request: Request) -> dict[str, Any]:
    """What was sent. Only JSON: no form on another website can send that."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise UserError("请求的格式不对。", "请刷新页面后再试。")
    data = b""
    async for part in request.stream():
        data += part
        if len(data) > _LARGEST_BODY:
            raise UserError("一次选得太多。", "请用筛选代替逐行选择。")
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise UserError("请求的格式不对。", "请刷新页面后再试。")
    return body


def _said(error: Exception, status: int) -> Response:
    return JSONResponse({"error": in_words(error)}, status, headers=_NO_STORE)


def _who(request: Request) -> str:
    person = request.scope.get("person")
    return person.name if person else _LOCAL


class _Grid:
    def __init__(self, store: Store, effects: Effects | None) -> None:
        self._store = store
        self._effects = effects

    def rows(self, request: Request, _: dict[str, Any]) -> Response:
        """``offset``, ``limit``, ``counts`` beside the conditions of ``grid_query``."""
        given = [
            (k, v) for k, v in request.query_params.multi_items() if k not in ("offset", "limit", "counts")
        ]
        page = self._store.holdings.page(
            grid_query.asked(given),
            offset=_whole(request, "offset", 0),
            limit=min(_whole(request, "limit", 100), _MOST_ROWS),
            counts=request.query_params.get("counts") == "1",
        )
        return JSONResponse(
            {**page._asdict(), "rows": [grid_query.cells(row) for row in page.rows]}, headers=_NO_STORE
        )

    def file(self, request: Request, _: dict[str, Any]) -> Response:
        found = details(self._store, request.path_params["source"])
        return JSONResponse(found, headers=_NO_STORE)

    def original(self, request: Request, _: dict[str, Any]) -> Response:
        """Always as a file to save: a page among the originals must not run as one of ours."""
        found = grid_files.held(self._store, request.path_params["source"])
        if found is None:
            raise UserError("这份文件已经不在资料库里。", "请刷新资料表。")
        source, id_ = found
        try:
            data = self._store.original(id_)
        except OSError:
            raise UserError("没有找到这份文件的原件。", "请联系管理员检查资料库。") from None
        return _saved(iter([data]), source.name)

    def export(self, request: Request, _: dict[str, Any]) -> Response:
        rows = self._store.holdings.rows(grid_query.asked(request.query_params.multi_items()))
        lines = grid_files.csv_lines(grid_query.table(rows))
        return _saved(lines, f"资料表-{date.today().isoformat()}.csv", "text/csv; charset=utf-8")

    def choice(self, _: Request, body: dict[str, Any]) -> Response:
        """What an action would touch, to be shown before it is done; with ``resting``, the trainers' cases too."""
        chosen = grid_actions.choice(self._store, body)
        cases = self._effects.resting(chosen.files) if self._effects and body.get("resting") is True else []
        resting = [case.question for case in cases[:_MOST_CASES]]
        return JSONResponse({**chosen._asdict(), "cases": len(cases), "resting": resting}, headers=_NO_STORE)

    def originals(self, _: Request, body: dict[str, Any]) -> Response:
        """The originals of all chosen files."""
        chosen = grid_actions.choice(self._store, body)
        files = [found for id_ in chosen.files if (found := grid_files.held(self._store, id_))]
        if sum(source.bytes for source, _ in files) > grid_files.LARGEST_ZIP:
            raise UserError("所选文件的原件超过 2 GB。", "请分几次下载。")
        return _saved(grid_files.zipped(self._store, files), "原件.zip", "application/zip")

    def act(self, request: Request, body: dict[str, Any]) -> Response:
        """Do something to the chosen files: a line of JSON after every few, the last says ``finished``."""
        do, note = body.get("do"), body.get("note", "")
        if do == "delete" and body.get("confirm") != grid_actions.CONFIRMATION:
            raise UserError("没有删除。", f"彻底删除不能恢复，请先输入“{grid_actions.CONFIRMATION}”四个字。")
        if not isinstance(do, str) or not isinstance(note, str) or len(note) > 500:
            raise UserError("请求的格式不对。", "请刷新页面后再试。")
        files = grid_actions.choice(self._store, body).files
        doing = grid_actions.act(self._store, do, files, who=_who(request), note=note.strip())
        return StreamingResponse(
            _told(doing, len(files)), media_type="application/x-ndjson", headers=_NO_STORE
        )


async def _told(doing: Iterator[int], total: int) -> AsyncIterator[bytes]:
    """A line for each step. All steps are taken in one thread, which goes on where nobody listens any more."""
    lines: asyncio.Queue[bytes | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def tell(line: bytes | None) -> None:
        loop.call_soon_threadsafe(lines.put_nowait, line)

    def take_steps() -> None:
        done = 0
        try:
            for done in doing:
                tell(_line({"done": done, "total": total}))
            tell(_line({"finished": True, "done": done, "total": total}))
        except Exception as error:  # the edge: the reply has begun
            tell(_line({"error": in_words(error), "done": done, "total": total}))
        tell(None)

    steps = asyncio.create_task(run_in_threadpool(take_steps))
    while (line := await lines.get()) is not None:
        yield line
    await steps


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


def _saved(data: Iterator[bytes], name: str, media_type: str = "application/octet-stream") -> Response:
    headers = _NO_STORE | {"Content-Disposition": grid_files.disposition(name)}
    return StreamingResponse(data, media_type=media_type, headers=headers)


def _whole(request: Request, name: str, otherwise: int) -> int:
    text = request.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else otherwise
