"""Asking, searching and rating from other programs."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from assistant import asked
from assistant.answering import Answering, BusyError
from assistant.contract import answer_json
from corpus.api import who
from corpus.api_errors import NO_STORE
from corpus.store import Store

QUESTION_LIMIT = 2000
HISTORY_TURNS = 6


class Exchange(BaseModel):
    """此前的一问一答。"""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(max_length=QUESTION_LIMIT)
    answer: str = Field("", max_length=20_000)


class Ask(BaseModel):
    """一个问题。"""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(min_length=1, max_length=QUESTION_LIMIT, pattern=r"\S")
    history: list[Exchange | tuple[str, str]] = Field([], max_length=50)
    as_of: date | Literal[""] = ""
    passages: list[Annotated[str, Field(max_length=20_000)]] | None = Field(None, max_length=200)
    id: str = Field("", max_length=200)


def router(store: Store, answering: Answering) -> APIRouter:
    """The addresses below ``/api/v1`` that are for asking."""
    made = APIRouter()

    @made.post("/ask")
    async def ask(body: Ask, request: Request) -> Response:
        given = _given(body)
        try:
            answer = await answering.ask(body.question.strip(), **given)
        except BusyError:
            raise
        except Exception:
            asked.settle(store, body.question, None, who=who(request))
            raise
        keeping = BackgroundTask(asked.settle, store, body.question, answer, who=who(request))
        return JSONResponse(answer_json(answer, body.id), headers=NO_STORE, background=keeping)

    return made


def _given(body: Ask) -> dict[str, Any]:
    """What the assistant takes beside the question."""
    history = [(e.question, e.answer) if isinstance(e, Exchange) else e for e in body.history]
    day = body.as_of.isoformat() if body.as_of else ""
    return {"history": history[-HISTORY_TURNS:], "as_of": day, "passages": body.passages}
