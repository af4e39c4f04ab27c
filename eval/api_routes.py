"""Measuring from other programs: the question sets, a run started, how far it is, its figures."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import Field

from corpus.errors import UserError
from corpus.web.api import ApiError, Model
from eval.trainer.background import Progress
from eval.trainer.desk import Desk
from eval.trainer.workspace import LONGEST_NAME, Run

MOST_SETS = 20
MOST_RUNS = 200
_UNDER_WAY = ApiError(409, "已经有一次测评在进行。", "请等它做完，或者先停止它。")

RunName = Annotated[
    str, Path(min_length=1, max_length=LONGEST_NAME + 20, description="测评的名字", examples=["第1次测评"])
]
State = Literal["running", "stopping", "stopped", "finished", "failed"]


class QuestionSet(Model):
    """一套题。"""

    key: str = Field(description="题集的键，开始测评时用")
    name: str = Field(description="题集的名字")
    own: bool = Field(description="是否自建；否则是随附的")


class QuestionSets(Model):
    """题集。"""

    sets: list[QuestionSet] = Field(description="题集")


class Begin(Model):
    """开始一次测评。"""

    sets: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field(
        min_length=1, max_length=MOST_SETS, description="题集的键", examples=[["shipped/refusals"]]
    )
    name: str = Field(
        default="", max_length=LONGEST_NAME, description="名字；空则自动起名", examples=["改进之后"]
    )


class Measure(Model):
    """一项指标。"""

    mean: float = Field(description="平均，0 到 1")
    low: float = Field(description="95% 区间的下限")
    high: float = Field(description="95% 区间的上限")
    n: int = Field(description="计入的题数")
    not_scored: int = Field(description="不适用的题数")


class RunState(Model):
    """一次测评。"""

    name: str = Field(description="名字")
    state: State = Field(
        description="running 正在做，stopping 正在停止，stopped 没有做完，finished 做完，failed 中断"
    )
    message: str = Field(default="", description="为什么中断")
    sets: list[str] = Field(description="题集的名字")
    started_at: str = Field(description="开始的时间")
    done: int = Field(description="已做的题数")
    total: int = Field(description="总题数")
    seconds_left: float | None = Field(default=None, description="估计还要几秒")
    cases: int = Field(default=0, description="计入指标的题数")
    crashed: int = Field(default=0, description="程序出错的题数")
    measures: dict[str, Measure] = Field(default={}, description="各项指标；没有做完时只算做过的题")


class RunStates(Model):
    """各次测评，最新的在前。"""

    runs: list[RunState] = Field(description="测评")


def router(desk: Desk) -> APIRouter:
    """The addresses below ``/api/v1/eval``, which are for trainers."""
    runs = _Runs(desk)
    made = APIRouter(prefix="/eval", tags=["测评"])
    made.add_api_route(
        "/sets", runs.sets, name="eval_sets", methods=["GET"], summary="列出题集", response_model=QuestionSets
    )
    made.add_api_route(
        "/runs",
        runs.begin,
        name="eval_begin",
        methods=["POST"],
        status_code=202,
        summary="开始测评",
        description="同时只做一次；进度和结果也在“测评”页。",
        response_model=RunState,
    )
    made.add_api_route(
        "/runs", runs.all, name="eval_runs", methods=["GET"], summary="列出测评", response_model=RunStates
    )
    made.add_api_route(
        "/runs/{name}",
        runs.one,
        name="eval_run",
        methods=["GET"],
        summary="看一次测评",
        response_model=RunState,
    )
    made.add_api_route(
        "/runs/{name}/stop",
        runs.stop,
        name="eval_stop",
        methods=["POST"],
        status_code=202,
        summary="停止测评",
        description="做完手上的一题就停；做过的题都在，可以在“测评”页接着测。",
        response_model=RunState,
    )
    return made


class _Runs:
    """The handlers; each runs in a thread. The run under way is the one that the trainers' page shows."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def sets(self) -> QuestionSets:
        found = [QuestionSet(key=one.key, name=one.name, own=one.own) for one in self._desk.workspace.sets()]
        return QuestionSets(sets=found)

    def begin(self, body: Begin) -> RunState:
        if self._desk.background.going:
            raise _UNDER_WAY
        workspace = self._desk.workspace
        try:
            keys = [workspace.find(key).key for key in dict.fromkeys(body.sets)]
        except UserError as error:
            raise ApiError(404, error.message, "题集的键见 /api/v1/eval/sets。") from error
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        begun, cases = workspace.begin(body.name or self._desk.run_name(), keys, started_at=now)
        if not self._desk.background.start(begun, cases):
            workspace.remove_run(begun.name)
            raise _UNDER_WAY
        self._desk.dismissed = ""
        return self._state(workspace.run(begun.name))

    def all(
        self,
        limit: Annotated[int, Query(ge=1, le=MOST_RUNS, description="最多给出几次", examples=[20])] = 50,
    ) -> RunStates:
        return RunStates(runs=[self._state(run) for run in self._desk.workspace.runs()[:limit]])

    def one(self, name: RunName) -> RunState:
        return self._state(self._find(name))

    def stop(self, name: RunName) -> RunState:
        self._find(name)
        if self._desk.background.going != name:
            raise ApiError(409, "这次测评没有在进行。", "不需要停止。")
        self._desk.background.stop()
        return self.one(name)

    def _find(self, name: str) -> Run:
        try:
            return self._desk.workspace.run(name)
        except UserError as error:
            raise ApiError(404, error.message, "各次测评见 /api/v1/eval/runs。") from error

    def _state(self, run: Run) -> RunState:
        progress = self._desk.background.progress
        of_this = progress if progress and progress.name == run.name else None
        all_cases: dict[str, Any] = run.report.get("all", {})
        left = of_this.remaining_s if of_this and self._desk.background.going else None
        return RunState(
            name=run.name,
            state=_state_of(run, of_this),
            message=_problem(of_this),
            sets=list(run.sets),
            started_at=run.started_at,
            done=max(run.done, of_this.done if of_this else 0),
            total=run.total,
            seconds_left=None if left is None else round(left, 1),
            cases=all_cases.get("cases", 0),
            crashed=all_cases.get("crashed", 0),
            measures={name: Measure(**value) for name, value in all_cases.get("measures", {}).items()},
        )


def _state_of(run: Run, progress: Progress | None) -> State:
    if progress:
        return progress.state
    return "finished" if run.report and run.done >= run.total else "stopped"


def _problem(progress: Progress | None) -> str:
    """Why a run broke off; what is no user's mistake stands on the trainers' page with its number."""
    if progress is None or progress.error is None:
        return ""
    error = progress.error
    return str(error) if isinstance(error, UserError) else "程序出错了。详情见“测评”页。"
