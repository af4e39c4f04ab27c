"""An article on a page of its own, which other programs' links lead to: ``/articles/文件/篇?passage=段&quote=起-止-校验``.

It works without scripts, for whoever may ask. The quote is marked in the text, unless other words
stand there now: the link carries a few digits of its hash.
"""

import re
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import quote as quoted

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from assistant.reading import CSS, Opened, whole
from assistant.types import Citation
from corpus.errors import UserError
from corpus.store import Store
from corpus.types import Passage
from corpus.web.masthead import Offered, masthead, way_up
from corpus.web.plain_page import HEADERS, notice, page

_SPAN = re.compile(r"(\d{1,9})-(\d{1,9})-([0-9a-f]{8})", re.ASCII)
_GONE = UserError("这篇文章不在资料库中，可能已撤下或被替换。", "请重新提问，以现在的资料为准。")
_MOVED = UserError("这份文件有过更新，链接里的引文已不在原来的位置。", "请重新提问，以现在的资料为准。")


def address(passage: Passage, citation: Citation | None = None) -> str:
    """The path of the page that shows a passage, and in it what was quoted."""
    span = f"&quote={citation.start}-{citation.end}-{_check(citation.quote)}" if citation else ""
    return f"/articles/{quoted(passage.article_id)}?passage={passage.ordinal}{span}#passage"


def _check(quote: str) -> str:
    """Eight hex digits that tell a quote from what may stand in its place later."""
    return sha256(quote.encode()).hexdigest()[:8]


def routes(store: Store, offered: Offered) -> list[Route]:
    """The page, and its style."""
    desk = _Desk(store, offered)
    return [
        Route("/articles/reading.css", desk.sheet, methods=["GET"]),
        Route("/articles/{source}/{ordinal:int}", desk.article, methods=["GET"]),
    ]


class _Asked(NamedTuple):
    """What an address asks for."""

    article_id: str
    passage: str
    quote: str


class _Desk:
    def __init__(self, store: Store, offered: Offered) -> None:
        self._store = store
        self._offered = offered

    async def sheet(self, _: Request) -> Response:
        """The style of the page."""
        return Response(CSS, media_type="text/css", headers={"cache-control": "no-cache"})

    async def article(self, request: Request) -> Response:
        """The article; a page that says so where it is gone."""
        path, query = request.path_params, request.query_params
        asked = _Asked(
            f"{path['source']}/{path['ordinal']}", query.get("passage", ""), query.get("quote", "")
        )
        here = request.url.path.removeprefix(request.scope.get("root_path", ""))
        opened = await run_in_threadpool(self._opened, asked)
        head = masthead(
            self._offered, here, request.scope.get("person"), alone=not self._store.people.exist()
        )
        if opened is None:
            return self._answer("原文", notice(_GONE), here, head, 404)
        marks = _marks(opened.passage, asked.quote)
        told = notice(_MOVED) if asked.quote and not marks else ""
        shown = whole(opened, marks, told=told, up=way_up(here))
        title = opened.article.title or opened.source.name
        return self._answer(title, f'<article class="reading">{shown}</article>', here, head, 200)

    def _opened(self, asked: _Asked) -> Opened | None:
        """The article at a passage, its first where none is named or the one named is gone."""
        article = self._store.article(asked.article_id)
        source = self._store.source(article.source_id) if article else None
        passages: Sequence[Passage] = self._store.passages(article.id) if article else ()
        if article is None or source is None or not passages:
            return None
        named = next((p for p in passages if str(p.ordinal) == asked.passage), passages[0])
        return Opened(article, source, named)

    def _answer(self, title: str, body: str, here: str, head: str, status: int) -> Response:
        text = page(title, body, here=here, head=head, sheet=f"{way_up(here)}articles/reading.css")
        return HTMLResponse(text, status, HEADERS)


def _marks(passage: Passage, quote: str) -> list[tuple[int, int]]:
    """Where in the article's text the quote stands; nothing where the passage says something else there."""
    if not (span := _SPAN.fullmatch(quote)):
        return []
    start, end = int(span[1]), int(span[2])
    there = passage.text[start:end]
    return [(passage.start + start, passage.start + end)] if there and _check(there) == span[3] else []
