"""What the tab 添加与预览 asks the server for; all of it lies below ``/corpus/drafts``."""

import re
from collections.abc import Awaitable, Callable, Mapping
from itertools import islice
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from corpus.errors import UserError
from corpus.store import Store
from corpus.versions.effects import Effects
from ingest import readers
from ingest.desk import draft_view
from ingest.desk.notices import in_words
from ingest.file_names import place_of
from ingest.intake.drafts import Draft
from ingest.intake.publishing import decide, forget_deleted, open_live
from ingest.intake.reception import Reception
from ingest.intake.twins import Twins

#: Where no accounts are kept, the person is whoever sits at this machine.
_LOCAL = "网页"
_EFFECTS_S = 12.0
_EFFECTS = 12
#: Operation → what it takes and of which kind.
_TAKES: dict[str, dict[str, type]] = {
    "set_fields": {"at": int, "values": dict},
    "split": {"at": int, "line": int},
    "merge": {"at": int, "other": int},
    "leave_out": {"at": int, "lines": list},
    "bring_back": {"at": int, "lines": list},
    "drop": {"at": int},
    "undo": {},
    "reset": {},
}


def routes(store: Store, reception: Reception, effects: Effects | None = None) -> list[Route]:
    """The routes over what the reception of the store holds."""
    desk = _Desk(store, effects, reception)
    at = "/corpus/drafts"
    return [
        Route("/corpus/drafts.json", desk.list, methods=["GET"]),
        Route(f"{at}/in/{{batch}}", desk.upload, methods=["POST"]),
        Route(f"{at}/in/{{batch}}/done", _post(desk.uploaded), methods=["POST"]),
        Route(f"{at}/publish", _post(desk.publish), methods=["POST"]),
        Route(f"{at}/effects", _post(desk.told_effects), methods=["POST"]),
        Route(f"{at}/open", _post(desk.open), methods=["POST"]),
        Route(f"{at}/{{id}}.json", desk.show, methods=["GET"]),
        Route(f"{at}/{{id}}/act", _post(desk.act), methods=["POST"]),
        Route(f"{at}/{{id}}/place", _post(desk.place), methods=["POST"]),
        Route(f"{at}/{{id}}/retry", _post(desk.retry), methods=["POST"]),
        Route(f"{at}/{{id}}/cancel", _post(desk.cancel), methods=["POST"]),
        Route(f"{at}/{{id}}/remove", _post(desk.remove), methods=["POST"]),
    ]


class _Desk:
    """The handlers, over one store."""

    def __init__(self, store: Store, effects: Effects | None, reception: Reception) -> None:
        self._store = store
        self._effects = effects
        self._reception = reception
        self._drafts, self._receiving = reception.drafts, reception.receiving
        self._twins = Twins(store)

    # -- looking --------------------------------------------------------------------------

    async def list(self, request: Request) -> Response:
        return await _told(self._list)

    def _list(self) -> dict[str, Any]:
        forget_deleted(self._store, self._drafts)
        progress = self._receiving.progress()
        drafts = [draft_view.in_list(draft, progress.get(draft.id)) for draft in self._drafts.all()]
        return {"drafts": drafts, "left": max((each.left for each in progress.values()), default=0.0)}

    async def show(self, request: Request) -> Response:
        return await _told(lambda: self._whole(self._drafts.get(request.path_params["id"])))

    def _whole(self, draft: Draft) -> dict[str, Any]:
        found = self._twins.of(draft) if draft.parts else []
        return draft_view.whole(draft, found, self._store)

    # -- receiving ------------------------------------------------------------------------

    async def upload(self, request: Request) -> Response:
        """One file of an upload, its place below the folder that was given in ``path``."""
        try:
            asked = request.query_params.get("path", "")
            path = self._drafts.inbox(request.path_params["batch"]) / place_of(asked)
            path.parent.mkdir(parents=True, exist_ok=True)
            size = 0
            with path.open("wb") as file:
                async for chunk in request.stream():
                    size += len(chunk)
                    if size > readers.MAX_BYTES + 1:  # that it is too large is said when it is taken
                        continue
                    file.write(chunk)
        except UserError as error:
            return JSONResponse({"message": str(error)}, 400)
        except ClientDisconnect:
            path.unlink(missing_ok=True)
            return Response(status_code=499)
        except OSError:
            return JSONResponse({"message": "文件没有存下来。请检查服务器的磁盘空间后重试。"}, 507)
        return JSONResponse({})

    def uploaded(self, request: Request, told: Mapping[str, Any]) -> dict[str, Any]:
        folder = self._drafts.inbox(request.path_params["batch"])
        if not folder.is_dir():
            return {"added": 0, "unchanged": []}
        received = self._receiving.take(folder, who=_who(request), direct=told.get("direct") is True)
        return {"added": len(received.drafts), "unchanged": received.unchanged}

    def retry(self, request: Request, told: Mapping[str, Any]) -> dict[str, Any]:
        draft = self._drafts.get(request.path_params["id"])
        asked = str(told.get("pages", "")).strip()
        pages = _pages(asked, draft.source.pages if draft.source else 1) if asked else ()
        return draft_view.in_list(self._receiving.retry(draft.id, pages), None)

    def cancel(self, request: Request, told: Mapping[str, Any]) -> dict[str, Any]:
        self._receiving.cancel(self._drafts.get(request.path_params["id"]).id)
        return {}

    def remove(self, request: Request, told: Mapping[str, Any]) -> dict[str, Any]:
        self._reception.remove(request.path_params["id"])
        return {}

    # -- correcting -----------------------------------------------------------------------

    def open(self, request: Request, told: Mapping[str, Any]) -> dict[str, Any]:
        return {"id": open_live(self._store, self._drafts, str(told.get("source", "")), who=_who(request)).id}

    def act(self, request: Request, told: Mapping[str, Any]) -> dict[str, Any]:
        do, version = told.get("do"), told.get("version")
        if do not in _TAKES or not isinstance(version, int):
            raise _STALE
        given = {name: told.get(name) for name in _TAKES[do]}
        if not all(_fits(given[name], kind) for name, kind in _TAKES[do].items()):
            raise _STALE
        draft = self._drafts.apply(request.path_params["id"], version, do, _who(request), **given)
        return self._whole(draft)

    def place(self, request: Request, told: Mapping[str, Any]) -> dict[str, Any]:
        place, version = told.get("place"), told.get("version")
        if not isinstance(place, str) or not isinstance(version, int):
            raise _STALE
        return self._whole(decide(self._store, self._drafts, request.path_params["id"], version, place))

    # -- publishing -----------------------------------------------------------------------

    def publish(self, request: Request, told: Mapping[str, Any]) -> dict[str, Any]:
        ids = told.get("ids")
        if not isinstance(ids, list) or not all(isinstance(id_, str) for id_ in ids):
            raise _STALE
        return {"outcomes": [o._asdict() for o in self._reception.publish(ids, who=_who(request))]}

    def told_effects(self, request: Request, told: Mapping[str, Any]) -> dict[str, Any]:
        """Which questions what was published answers; nothing where nobody can tell."""
        ids = [str(id_) for id_ in told.get("sources", [])][:_EFFECTS]
        if self._effects is None or not ids:
            return {"questions": [], "now": []}
        questions = islice(self._effects.questions(ids), _EFFECTS)
        now = islice(self._effects.now_answered(ids, seconds=_EFFECTS_S), _EFFECTS)
        return {"questions": [each._asdict() for each in questions], "now": [each._asdict() for each in now]}


_STALE = UserError("页面与程序的版本不一致。", "请刷新页面后再试。")


def _post(
    handler: Callable[[Request, Mapping[str, Any]], dict[str, Any]],
) -> Callable[[Request], Awaitable[Response]]:
    """A handler of a JSON object as an endpoint. Other sites cannot send one: browsers ask first."""

    async def endpoint(request: Request) -> Response:
        if request.headers.get("content-type", "").split(";")[0] != "application/json":
            return JSONResponse({"message": str(_STALE)}, 415)
        try:
            told = await request.json()
        except ValueError:
            told = None
        if not isinstance(told, dict):
            return JSONResponse({"message": str(_STALE)}, 400)
        return await _told(lambda: handler(request, told))

    return endpoint


async def _told(work: Callable[[], dict[str, Any]]) -> Response:
    """What the work gives, or why it did not, in words."""
    try:
        return JSONResponse(await run_in_threadpool(work))
    except UserError as error:
        return JSONResponse({"message": in_words(error)}, 409)
    except Exception as error:  # the edge: the log has the traceback
        return JSONResponse({"message": in_words(error)}, 500)


def _who(request: Request) -> str:
    person = request.scope.get("person")
    return person.name if person else _LOCAL


def _pages(asked: str, most: int) -> tuple[int, ...]:
    """``"1、3-5"`` as page numbers. Raises ``UserError`` for what is none."""
    found: set[int] = set()
    for part in filter(None, re.split(r"[、，,；;\s]+", asked)):
        ends = re.fullmatch(r"(\d{1,5})(?:[-–—~至到](\d{1,5}))?", part)
        if not ends or not 1 <= int(ends[1]) <= int(ends[2] or ends[1]) <= most:
            raise UserError(f"页码“{part[:20]}”无效。", f"请写成 1、3-5 这样，最大到第 {most} 页。")
        found |= set(range(int(ends[1]), int(ends[2] or ends[1]) + 1))
    return tuple(sorted(found))


def _fits(value: Any, kind: type) -> bool:
    if kind is list:
        return isinstance(value, list) and all(type(each) is int for each in value)
    if kind is dict:
        return isinstance(value, dict) and all(isinstance(each, str) for each in value.values())
    return type(value) is kind
