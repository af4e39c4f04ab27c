"""Handing in files from other programs, how far each is, and originals to download."""

import secrets
import shutil
from pathlib import Path as FilePath
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Path, Query, UploadFile
from pydantic import Field
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from corpus.store import Store
from corpus.web.api import ApiError, Model, who
from ingest import readers
from ingest.file_names import place_of
from ingest.intake.drafts import Draft
from ingest.intake.receiving import Progress
from ingest.intake.reception import Ended, Reception
from ingest.pictures.picture_routes import HEADERS

MOST_FILES = 50
MOST_JOBS = 200
#: Without accounts: who hands in.
_LOCAL = "接口"
_TITLES = 3
_GONE = ApiError(404, "没有这个任务。", "请检查编号；很早以前的任务不再保留。")
_NO_ORIGINAL = ApiError(404, "这份文件不在资料库中。", "它可能已撤下或被替换，请重新检索。")

State = Literal["queued", "reading", "ready", "publishing", "failed", "published", "unpacked", "removed"]
JobId = Annotated[str, Path(pattern=r"^[0-9a-f]{12,24}$", description="任务编号", examples=["0123456789ab"])]


class Job(Model):
    """一份文件的入库任务。"""

    id: str = Field(description="任务编号")
    name: str = Field(description="文件名")
    state: State = Field(
        description="queued 排队，reading 正在读取，ready 已读好、等人在“资料库”页发布，publishing 正在发布，"
        "failed 未能读取，published 已发布，unpacked 已解开（其中的文件各是一个任务），removed 已移除"
    )
    message: str = Field(default="", description="为什么没有读取或没有发布")
    at: str = Field(description="收到的时间；已结束的，结束的时间")
    bytes: int = Field(default=0, description="文件大小（字节）")
    pages_done: int = Field(default=0, description="已读页数")
    pages_total: int = Field(default=0, description="总页数，0 为还不知道")
    seconds_left: float = Field(default=0, description="估计还要几秒")
    articles: int = Field(default=0, description="读出的篇数")
    titles: list[str] = Field(default=[], description="前几篇的标题")
    source_id: str = Field(default="", description="发布后的文件编号")
    members: list[str] = Field(default=[], description="压缩包里各文件的任务编号")


class Received(Model):
    """收到的文件。"""

    jobs: list[Job] = Field(description="每份文件一个任务")
    unchanged: list[str] = Field(description="与库里完全相同、不必再加的文件")
    skipped: list[str] = Field(description="没有当作文件加入的：隐藏文件、程序、文件登记表等")


class Jobs(Model):
    """任务，最新的在前。"""

    jobs: list[Job] = Field(description="任务")


def router(store: Store, reception: Reception) -> APIRouter:
    """The addresses below ``/api/v1``; ``/ingest`` is for offices, ``/originals`` for everybody."""
    desk = _Desk(store, reception)
    made = APIRouter(tags=["入库"])
    made.add_api_route(
        "/ingest",
        desk.take,
        name="ingest",
        methods=["POST"],
        status_code=202,
        summary="交文件",
        description="收下文件，随后读取；`direct` 为真时读好就发布，否则留在“资料库”页等人预览后发布。同名而内容不同的文件，"
        "`direct` 为真时替换原来的一份（旧版留档）。",
        response_model=Received,
    )
    made.add_api_route(
        "/ingest",
        desk.jobs,
        name="ingest_jobs",
        methods=["GET"],
        summary="列出入库任务",
        description="没有结束的，和最近结束的。",
        response_model=Jobs,
    )
    made.add_api_route(
        "/ingest/{job}",
        desk.job,
        name="ingest_job",
        methods=["GET"],
        summary="看一个入库任务",
        response_model=Job,
    )
    made.add_api_route(
        "/ingest/{job}",
        desk.remove,
        name="ingest_remove",
        methods=["DELETE"],
        summary="取消或移除一个入库任务",
        description="已经发布的不受影响。",
        response_model=Job,
    )
    made.add_api_route(
        "/originals/{source_id}",
        desk.original,
        name="original",
        methods=["GET"],
        tags=["查资料"],
        summary="下载原件",
        description="收到时的文件，总是作为附件。",
        response_class=FileResponse,
        responses={
            200: {
                "description": "原件",
                "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
            }
        },
    )
    return made


class _Desk:
    """The handlers; each runs in a thread."""

    def __init__(self, store: Store, reception: Reception) -> None:
        self._store = store
        self._reception = reception

    def take(
        self,
        request: Request,
        files: Annotated[
            list[UploadFile],
            File(
                min_length=1,
                max_length=MOST_FILES,
                description="文件，可以几份；ZIP 会解开",
                examples=[["@文件.pdf"]],
            ),
        ],
        direct: Annotated[
            Literal["true", "false"], Form(description="是否读好就发布", examples=["true"])
        ] = "true",
    ) -> Received:
        folder = self._reception.drafts.inbox(secrets.token_hex(8))
        try:
            names = [_kept(folder, file) for file in files]
            received = self._reception.receiving.take(
                folder, who=who(request) or _LOCAL, direct=direct == "true"
            )
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        taken = {draft.name for draft in received.drafts} | set(received.unchanged)
        progress = self._reception.receiving.progress()
        return Received(
            jobs=[_of_draft(draft, progress.get(draft.id)) for draft in received.drafts],
            unchanged=received.unchanged,
            skipped=[name for name in names if name not in taken],
        )

    def jobs(
        self,
        limit: Annotated[int, Query(ge=1, le=MOST_JOBS, description="最多给出几个", examples=[20])] = 50,
    ) -> Jobs:
        progress = self._reception.receiving.progress()
        drafts = self._reception.drafts.all()
        held = [_of_draft(draft, progress.get(draft.id)) for draft in reversed(drafts) if not draft.corrects]
        here = {job.id for job in held}
        ended = [_of_ended(each) for each in self._reception.ended.latest(limit) if each.id not in here]
        return Jobs(jobs=[*held, *ended][:limit])

    def job(self, job: JobId) -> Job:
        found = self._reception.find(job)
        if found is None:
            raise _GONE
        if isinstance(found, Ended):
            return _of_ended(found)
        return _of_draft(found, self._reception.receiving.progress().get(job))

    def remove(self, job: JobId) -> Job:
        self.job(job)
        self._reception.remove(job)
        return self.job(job)

    def original(
        self, source_id: Annotated[int, Path(ge=1, le=999_999_999, description="文件编号", examples=[1])]
    ) -> Response:
        held = self._store.source(str(source_id))
        path = self._store.original_path(held.id) if held else None
        if held is None or path is None or not path.is_file():
            raise _NO_ORIGINAL
        name = FilePath(held.name).name.encode("utf-8", "replace").decode() or "original"
        # Never the file's own type: a browser must save what we were given, not run it.
        return FileResponse(path, media_type="application/octet-stream", filename=name, headers=HEADERS)


def _kept(folder: FilePath, file: UploadFile) -> str:
    """Writes an uploaded file below a folder; its name there."""
    named = path = folder / place_of(file.filename or "")
    number = 1
    while path.exists():
        number += 1
        path = named.with_stem(f"{named.stem} ({number})")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as kept:
        left = readers.MAX_BYTES + 1  # that it is too large is said when it is taken
        while left > 0 and (chunk := file.file.read(min(left, 1 << 20))):
            kept.write(chunk)
            left -= len(chunk)
    return path.relative_to(folder).as_posix()


def _of_draft(draft: Draft, progress: Progress | None) -> Job:
    state: dict[str, State] = {"waiting": "queued", "failed": "failed", "ready": "ready"}
    now = state[draft.state]
    if progress and progress.stage == "reading":
        now = "reading"
    elif now == "ready" and draft.direct:
        now = "publishing"
    known: dict[str, Any] = {
        "name": draft.name,
        "message": draft.message,
        "at": draft.at,
        "bytes": draft.bytes,
    }
    if progress:
        known |= {"pages_done": progress.done, "pages_total": progress.total}
        known["seconds_left"] = round(progress.left, 1)
    titles = [part.article.title for part in draft.parts[:_TITLES]]
    return Job(id=draft.id, state=now, articles=len(draft.parts), titles=titles, **known)


def _of_ended(ended: Ended) -> Job:
    return Job(
        id=ended.id,
        name=ended.name,
        state=ended.state,
        at=ended.at,
        articles=ended.articles,
        source_id=ended.source_id,
        members=list(ended.members),
    )
