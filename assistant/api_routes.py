"""Asking, searching, reading and rating from other programs; ``api_models`` has what is sent."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from assistant import api_models as models
from assistant import asked, queueing
from assistant.answering import Answering, BrokenError, BusyError, Event, SlowError, Waiting
from assistant.api_models import MOST_HITS, MOST_ROWS, QUESTION_LIMIT
from assistant.contract import answer_json, find_json, statement_json
from assistant.finds import find
from assistant.question.understand import understand
from assistant.types import OUTCOME_CODES, Answer, Statement
from corpus.store import Store
from corpus.table import holdings
from corpus.types import Filters, Kind, Status
from corpus.versions.standing import Register
from corpus.web.api import ApiError, error_event, while_there, who
from corpus.web.api_errors import NO_STORE

HISTORY_TURNS = 6
#: Seconds without an event after which a sign of life is sent: proxies cut what is silent.
_SILENCE_S = 15.0
_LIVE = "已发布"
_GONE = ApiError(404, "这篇文章不在资料库中。", "它可能已撤下或被替换，请重新检索。")
_OUTCOMES = {code: outcome for outcome, code in OUTCOME_CODES.items()}
_EVENTS = """事件流（`text/event-stream`），`data` 都是 JSON：

- `waiting`：排队，`position` 前面还有几个问题，`seconds` 估计还要几秒
- `stage`：阶段，`name` 是检索、核对依据、起草、校验
- `statement`：校验过的一句话，格式同回答的 `statements`
- `answer`：完整的回答，格式同 `/ask`；之后不再有事件
- `error`：中途出错，格式同其他错误；之后不再有事件
"""

_AN_EVENT = {
    "type": "object",
    "required": ["event", "data"],
    "properties": {
        "event": {"enum": ["waiting", "stage", "statement", "answer", "error"]},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
}
Number = Annotated[int, Path(ge=1, le=999_999_999, examples=[1], description="编号的一段，如 3/2 的 3 和 2")]


def router(store: Store, answering: Answering) -> APIRouter:
    """The addresses below ``/api/v1`` for asking and reading."""
    made = APIRouter()
    _add_asking(made, _Asking(store, answering))
    _add_reading(made, _Reading(store))
    return made


def _add_asking(made: APIRouter, asking: "_Asking") -> None:
    made.add_api_route(
        "/ask",
        asking.ask,
        methods=["POST"],
        tags=["提问"],
        summary="提问",
        description="按资料库里的文件回答，每一句都带出处；没有依据就说没有。问题会记入提问记录（隐去个人信息）。",
        responses={200: {"model": models.Answer, "description": "回答"}},
    )
    made.add_api_route(
        "/ask/stream",
        asking.stream,
        name="ask_stream",
        methods=["POST"],
        tags=["提问"],
        summary="提问，边写边收",
        description=_EVENTS,
        response_class=StreamingResponse,
        responses={
            200: {
                "description": "事件流",
                "content": {"text/event-stream": {"schema": _AN_EVENT}},
            }
        },
    )
    made.add_api_route(
        "/feedback",
        asking.rate,
        name="feedback",
        methods=["POST"],
        status_code=201,
        tags=["提问"],
        summary="评价回答",
        description="“没有帮助”的回答会进入培训人员的待复核队列。",
        response_model=models.Kept,
    )


def _add_reading(made: APIRouter, reading: "_Reading") -> None:
    made.add_api_route(
        "/search",
        reading.search,
        methods=["GET"],
        tags=["查资料"],
        summary="检索段落",
        description="只检索，不作答。不给筛选条件时，问题里提到的地区、年份等会自动用作条件。",
        responses={200: {"model": models.Hits, "description": "检索结果"}},
    )
    made.add_api_route(
        "/articles",
        reading.articles,
        methods=["GET"],
        tags=["查资料"],
        summary="列出文章",
        description="资料库里现有的文章，按标题排列，分页给出。",
        response_model=models.Articles,
    )
    made.add_api_route(
        "/articles/{source_id}/{ordinal}",
        reading.article,
        methods=["GET"],
        tags=["查资料"],
        summary="读一篇文章",
        description="一篇文章的全文、分段和属性。",
        response_model=models.Article,
    )


class _Asking:
    """Questions and what people think of the answers."""

    def __init__(self, store: Store, answering: Answering) -> None:
        self._store = store
        self._answering = answering

    async def ask(self, body: models.Question, request: Request) -> Response:
        settle = self._settling(body, request)
        try:
            asking = self._answering.ask(body.question.strip(), **_given(body))
            answer = await while_there(request, asking)
        except BusyError:
            raise
        except ClientDisconnect:
            return Response(status_code=499)
        except Exception as error:
            await asyncio.get_running_loop().run_in_executor(None, settle, None)
            raise _with_status(error) from error
        keeping = BackgroundTask(settle, answer)
        return JSONResponse(answer_json(answer, body.id), headers=NO_STORE, background=keeping)

    async def stream(self, body: models.Question, request: Request) -> Response:
        events = self._answering.events(body.question.strip(), **_given(body))
        settle = self._settling(body, request)
        try:
            first = await anext(events)  # who is refused gets a status, not a stream
        except BusyError:
            raise
        except Exception as error:
            await asyncio.get_running_loop().run_in_executor(None, settle, None)
            raise _with_status(error) from error
        headers = {**NO_STORE, "X-Accel-Buffering": "no"}
        told = _told(first, events, body.id, settle, request)
        return StreamingResponse(told, media_type="text/event-stream", headers=headers)

    def _settling(self, body: models.Question, request: Request) -> Callable[[Answer | None], None]:
        """Keeps the question once it is known what became of it."""
        given = body.passages is not None
        return partial(asked.settle, self._store, body.question, who=who(request), given=given)

    def rate(self, body: models.Feedback) -> models.Kept:
        number = self._store.add_feedback(
            question=body.question,
            answer=body.answer,
            rating=body.rating,
            comment=body.comment,
            evidence=body.evidence,
        )
        if body.rating == "down":
            queueing.enqueue_rated(
                self._store,
                body.question,
                body.answer,
                outcome=_OUTCOMES[body.outcome],
                comment=body.comment,
                passages=body.evidence,
            )
        return models.Kept(id=number)


def _with_status(error: Exception) -> Exception:
    """The error, with a status where it is not the caller's own doing."""
    if isinstance(error, SlowError):
        return ApiError(503, error.message, error.hint, code="timeout")
    if isinstance(error, BrokenError):
        return ApiError(500, error.message, error.hint)
    return error


async def _told(
    first: Event,
    events: AsyncIterator[Event],
    id: str,
    settle: Callable[[Answer | None], None],
    request: Request,
) -> AsyncIterator[bytes]:
    """The events as a browser's ``EventSource`` reads them; the question is kept when it is answered or fails."""
    answer: Answer | None = None
    over = False
    try:
        async with aclosing(_alive(first, events)) as alive:
            async for event in alive:
                if isinstance(event, Answer):
                    answer, over = event, True
                yield _written(event, id)
    except Exception as error:  # the edge: the reply has begun
        over = True
        yield _line("error", error_event(request.scope, _with_status(error)))
    finally:
        if over:  # in a thread that goes on though nobody listens any more
            keeping = asyncio.get_running_loop().run_in_executor(None, settle, answer)
            await asyncio.shield(keeping)


async def _alive(first: Event, events: Any) -> AsyncGenerator[Event | None, None]:
    """The events; None where there was none for a while."""
    yield first
    async with aclosing(events):
        coming: asyncio.Task[Event] | None = None
        try:
            while True:
                coming = coming or asyncio.ensure_future(anext(events))
                done, _ = await asyncio.wait([coming], timeout=_SILENCE_S)
                if not done:
                    yield None
                    continue
                try:
                    event, coming = coming.result(), None
                except StopAsyncIteration:
                    return
                yield event
        finally:
            if coming is not None and not coming.done():
                coming.cancel()
                await asyncio.wait([coming])


def _written(event: Event | None, id: str) -> bytes:
    if event is None:
        return b": \n\n"
    if isinstance(event, Answer):
        return _line("answer", answer_json(event, id))
    if isinstance(event, Statement):
        return _line("statement", statement_json(event))
    if isinstance(event, Waiting):
        return _line("waiting", {"position": event.position, "seconds": round(event.seconds, 1)})
    return _line("stage", {"name": event.name, "detail": event.detail})


def _line(name: str, value: dict[str, Any]) -> bytes:
    data = json.dumps(value, ensure_ascii=False)
    return f"event: {name}\ndata: {data}\n\n".encode("utf-8", "replace")


def _given(body: models.Question) -> dict[str, Any]:
    """What the assistant takes beside the question."""
    history = [(each.question, each.answer) for each in body.history][-HISTORY_TURNS:]
    return {"history": history, "as_of": body.as_of, "passages": body.passages}


class _Reading:
    """What stands in the corpus. Each runs in a thread."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._register = Register(store)

    def search(
        self,
        q: Annotated[
            str,
            Query(
                min_length=1,
                max_length=QUESTION_LIMIT,
                pattern=r"\S",
                description="要找的事，一句话或几个词",
                examples=["女职工委员会怎样产生"],
            ),
        ],
        k: Annotated[int, Query(ge=1, le=MOST_HITS, description="给出几段", examples=[5])] = 10,
        kind: Annotated[list[Kind], Query(max_length=8, description="类型，可以给几个")] = [],  # noqa: B006
        status: Annotated[list[Status], Query(max_length=5, description="文件自己写明的效力")] = [],  # noqa: B006
        issuer: Annotated[str, Query(max_length=200, description="发文机关，全称")] = "",
        region: Annotated[str, Query(max_length=200, description="地区，如 云河市")] = "",
        published_from: Annotated[models.Day, Query(description="发布日期不早于")] = "",
        published_to: Annotated[models.Day, Query(description="发布日期不晚于")] = "",
    ) -> Response:
        query = understand(q, self._store)
        filters = Filters(
            kinds=tuple(kind),
            statuses=tuple(status),
            issuers=tuple(filter(None, [issuer])),
            regions=tuple(filter(None, [region])),
            published_from=published_from,
            published_to=published_to,
        )
        query = replace(query, filters=filters or query.filters)
        found = find(self._store, query, k, day=date.today().isoformat(), register=self._register)
        body = {"query": q, "hits": [find_json(one) for one in found]}
        return JSONResponse(body, headers=NO_STORE)

    def articles(
        self,
        q: Annotated[
            str, Query(max_length=200, description="标题、文件名、文号、发文机关里的词", examples=["办法"])
        ] = "",
        kind: Annotated[list[Kind], Query(max_length=8, description="类型，可以给几个")] = [],  # noqa: B006
        status: Annotated[list[Status], Query(max_length=5, description="今天的效力")] = [],  # noqa: B006
        region: Annotated[str, Query(max_length=200, description="地区")] = "",
        offset: Annotated[int, Query(ge=0, le=10_000_000, description="跳过几篇", examples=[0])] = 0,
        limit: Annotated[int, Query(ge=1, le=MOST_ROWS, description="给出几篇", examples=[20])] = 50,
    ) -> models.Articles:
        chosen: dict[str, list[str]] = {"state": [_LIVE], "kind": [*kind], "status": [*status]}
        chosen["region"] = [region] if region else []
        query = holdings.Query(
            text=q,
            chosen={name: values for name, values in chosen.items() if values},
            sort="title",
            descending=False,
        )
        page = self._store.holdings.page(query, offset=offset, limit=limit, counts=False)
        return models.Articles(total=page.total, articles=[_row(row) for row in page.rows])

    def article(self, source_id: Number, ordinal: Number) -> models.Article:
        id_ = f"{source_id}/{ordinal}"
        with self._store.snapshot():
            article, of = self._store.article(id_), self._store.source(str(source_id))
            passages = self._store.passages(id_)
        if article is None or of is None:
            raise _GONE
        row = next(iter(self._store.holdings.chosen([id_])), None)
        known = {
            name: getattr(article, name) for name in models.Article.model_fields if hasattr(article, name)
        }
        known |= {"article_id": id_, "source": of.name, "note": self._store.holdings.note(id_)}
        known |= {"status": row.status if row else article.status}
        cut = [models.Passage(passage_id=p.id, **_of(p, models.Passage)) for p in passages]
        return models.Article(**known | {"passages": cut})


def _row(row: Any) -> models.ArticleRow:
    return models.ArticleRow(article_id=row.id, source=row.name, **_of(row, models.ArticleRow))


def _of(item: Any, model: Any) -> dict[str, Any]:
    """The fields that an item and a model have in common by name."""
    return {
        name: getattr(item, name) for name in model.model_fields if hasattr(item, name) and name != "source"
    }
