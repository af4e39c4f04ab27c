"""Pictures of pages, the places of quotes on them, and originals to download, over HTTP.

``/articles/…`` is for everybody signed in and knows live documents alone; ``/corpus/drafts/…``
is for offices. What is handed out was made by strangers: nothing of it may run in a browser.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from corpus.errors import UserError
from corpus.store import Store
from corpus.types import Box, Passage
from corpus.web import content_policy
from ingest.intake.drafts import Drafts
from ingest.pictures.drawn import Original, Pictures

#: A file is saved or drawn, never opened as a page; and asked for again each time, as it may be withdrawn.
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": content_policy.FILE,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
}
_USUAL_WIDTH = 1350
_MOST_SPANS = 100
_SPANS = re.compile(r"\d{1,9}-\d{1,9}(?:,\d{1,9}-\d{1,9})*", re.ASCII)
_GONE = "这份文件不在资料库中，可能已撤下或被替换。请重新提问，以现在的资料为准。"
_NO_PICTURES = UserError("这种格式没有版面图片。", "请看文字，或下载原件查看。")

Endpoint = Callable[[Request], Awaitable[Response]]
#: Finds the original that a request names, and what it is called. Raises KeyError where there is none.
Find = Callable[[Request], tuple[Original, str]]


def routes(store: Store, pictures: Pictures) -> list[Route]:
    """The addresses; ``pictures`` draws for all of them."""
    live, drafts = _Live(store), _Drafted(store)
    made = []
    for folder, find, marks in (
        ("/articles/{source}", live.find, live.marks),
        ("/corpus/drafts/{draft}", drafts.find, _no_marks),
    ):
        desk = _Desk(pictures, find, marks)
        made += [
            Route(f"{folder}/pages/{{page:int}}.png", _told(desk.picture), methods=["GET"]),
            Route(f"{folder}/pages.json", _told(desk.pages), methods=["GET"]),
            Route(f"{folder}/original", _told(desk.original), methods=["GET"]),
        ]
    return made


class _Live:
    """Documents that are live: what was withdrawn is not there."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(self, request: Request) -> tuple[Original, str]:
        source = self._store.source(request.path_params["source"])
        if source is None:
            raise KeyError
        media_type = source.media_type if source.pictured else ""
        return Original(self._store.original_path(source.id), source.sha256, media_type), source.name

    def marks(self, request: Request) -> tuple[Passage, list[tuple[int, int]]] | None:
        """The passage that is asked about and the parts of its text; None where none is."""
        passage_id = request.query_params.get("passage", "")
        if not passage_id.startswith(f"{request.path_params['source']}/"):
            return None
        passage = self._store.passage(passage_id)
        return (passage, _spans(request)) if passage else None


class _Drafted:
    """Documents that an office looks at before it publishes them."""

    def __init__(self, store: Store) -> None:
        self._drafts = Drafts(store.directory)

    def find(self, request: Request) -> tuple[Original, str]:
        try:
            draft = self._drafts.get(request.path_params["draft"])
        except UserError as error:
            raise KeyError from error
        media_type = draft.source.media_type if draft.source and draft.source.pictured else ""
        return Original(self._drafts.original_path(draft.id), draft.sha256, media_type), draft.name


def _no_marks(_: Request) -> None:
    return None


class _Desk:
    """The three endpoints over one way to find originals."""

    def __init__(self, pictures: Pictures, find: Find, marks: Callable[[Request], Any]) -> None:
        self._pictures = pictures
        self._find = find
        self._marks = marks

    async def picture(self, request: Request) -> Response:
        original, _ = await self._drawable(request)
        page, width = request.path_params["page"], _width(request)
        tag = f'"{original.sha256[:24]}-{page}-{width}"'
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={**HEADERS, "ETag": tag})
        picture = await self._pictures.picture(original, page, width)
        return Response(picture, media_type="image/png", headers={**HEADERS, "ETag": tag})

    async def pages(self, request: Request) -> Response:
        original, _ = await self._drawable(request)
        sizes = await self._pictures.sizes(original)
        marks: list[dict[str, Any]] = []
        if asked := await run_in_threadpool(self._marks, request):
            passage, spans = asked
            quoted = await self._pictures.boxes(original, passage.text, spans, passage.boxes)
            marks = [*_drawn(passage.boxes, "passage"), *_drawn(quoted, "quote")]
        return JSONResponse({"sizes": sizes, "marks": marks}, headers=HEADERS)

    async def original(self, request: Request) -> Response:
        original, name = await run_in_threadpool(self._find, request)
        if not original.path.is_file():
            raise KeyError
        called = Path(name).name.encode("utf-8", "replace").decode() or "original"
        # Never the file's own type: a browser must save what we were given, not run it.
        return FileResponse(
            original.path, media_type="application/octet-stream", filename=called, headers=HEADERS
        )

    async def _drawable(self, request: Request) -> tuple[Original, str]:
        found = await run_in_threadpool(self._find, request)
        if not found[0].media_type:
            raise _NO_PICTURES
        return found


def _told(endpoint: Endpoint) -> Endpoint:
    """The endpoint, what goes wrong told as JSON with a Chinese ``message``."""

    async def answering(request: Request) -> Response:
        try:
            return await endpoint(request)
        except KeyError:
            return JSONResponse({"message": _GONE}, 404, headers=HEADERS)
        except UserError as error:
            return JSONResponse({"message": f"{error.message}{error.hint}"}, 422, headers=HEADERS)

    return answering


def _width(request: Request) -> int:
    told = request.query_params.get("width", "")
    return int(told) if re.fullmatch(r"\d{1,6}", told, re.ASCII) else _USUAL_WIDTH


def _spans(request: Request) -> list[tuple[int, int]]:
    told = request.query_params.get("spans", "")
    if not _SPANS.fullmatch(told):
        return []
    pairs = (span.split("-") for span in told.split(",")[:_MOST_SPANS])
    return [(int(start), int(end)) for start, end in pairs]


def _drawn(boxes: Sequence[Box], group: str) -> list[dict[str, Any]]:
    return [{**box._asdict(), "group": group, "label": ""} for box in boxes]
