"""The trainers' page: gradio components, and what happens when they are used.

``set_pages.py`` and its sisters turn values into HTML, ``panel.js`` turns clicks and forms into
the one event ``act``, whose ``do`` names a ``do_`` method of ``Trainers``. A run has its own thread
(``background.py``); the page asks every second how far it is, so nothing waits for it.
"""

import base64
import binascii
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from assistant.chat_model import LangChainModel, ModelError
from assistant.panel import COURIER, in_words, sent_file
from assistant.pipeline import Assistant
from corpus.errors import UserError
from corpus.store import Store
from eval import compare_pages, dataset, markup, propose, result_pages, review, review_pages, set_pages
from eval.background import Background, Progress
from eval.compare import compare_many
from eval.dataset import Case
from eval.forms import article_named, case_from, facts_of, list_of, number_of, text_of
from eval.report import fault_of
from eval.runner import read
from eval.workspace import QuestionSet, Run, Workspace, safe_name

HERE = Path(__file__).parent
CSS = (HERE / "panel.css").read_text(encoding="utf-8")
_SCRIPT = (HERE / "panel.js").read_text(encoding="utf-8")
#: Seconds between two looks at a run.
TICK_S = 1.0
_TYPES = {
    "html": "text/html",
    "csv": "text/csv",
    "md": "text/markdown",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Values = Mapping[str, Any]


class Reply(NamedTuple):
    """What an event changes: the page, a sentence above it, a file to hand over; None leaves it."""

    desk: str | None = None
    told: str = ""
    file: dict[str, str] | None = None
    follow: bool = False


def build(store: Store, answering: Assistant, *, shown: gr.Tab) -> None:
    """Lays the page out in the tab that is open, ``shown``, and connects it."""
    trainers = Trainers(store, answering)
    with gr.Column(elem_id="evaluation"):
        notice = _html("evaluation-notice")
        progress = _html("evaluation-progress")
        desk = _html("evaluation-desk")
    courier = gr.HTML("", html_template="<i></i>", js_on_load=COURIER, elem_id="evaluation-courier")
    clock = gr.Timer(TICK_S, active=False)
    quick: dict[str, Any] = {
        "show_progress": "hidden",
        "api_visibility": "private",
        "concurrency_limit": 8,
        "concurrency_id": "evaluation",
    }
    outputs = [notice, desk, courier, progress, clock]
    for part in (progress, desk):
        part.act(trainers.act, None, outputs, **quick)
    clock.tick(trainers.look, None, [progress, clock], **quick)
    shown.select(trainers.look, None, [progress, clock], **quick)
    root = gr.context.Context.root_block
    if root:
        root.load(trainers.arrive, None, [desk], **quick)


def _html(elem_id: str) -> gr.HTML:
    return gr.HTML("", js_on_load=_SCRIPT, apply_default_css=False, elem_id=elem_id)


class Trainers:
    """培训人员: the handlers of the page's events, over one store and its assistant."""

    def __init__(self, store: Store, answering: Assistant) -> None:
        self.store = store
        self.workspace = Workspace(store.directory)
        self.background = Background(store, answering)
        self._counted: dict[tuple[Path, int], tuple[int, int]] = {}
        self._dismissed = ""
        self._worded: tuple[Exception | None, str] = (None, "")
        self._titles: tuple[int, list[tuple[str, str]]] = (-1, [])

    # --- events ---

    def act(self, event: gr.EventData) -> tuple[Any, ...]:
        """One click or form: (sentence, page, file, progress, clock)."""
        values: Values = event._data if isinstance(event._data, dict) else {}
        try:
            reply = self._handler(text_of(values, "do"))(values)
        except Exception as error:  # the edge: everything must become words here
            reply = Reply(told=markup.said(in_words(error)))
        desk = gr.skip() if reply.desk is None else reply.desk
        file = gr.skip() if reply.file is None else reply.file
        return reply.told, desk, file, *self.look(began=reply.follow)

    def look(self, *, began: bool = False) -> tuple[str, gr.Timer]:
        """The progress of the run, and whether to look again."""
        progress = self.background.progress
        if progress and not self.background.going and self._dismissed == progress.name and not began:
            progress = None
        return result_pages.progress_bar(progress, self._problem(progress)), gr.Timer(
            active=bool(self.background.going)
        )

    def _problem(self, progress: Progress | None) -> str:
        """What went wrong with a run, worded (and logged) once."""
        error = progress.error if progress else None
        if error is not None and self._worded[0] is not error:
            self._worded = (error, in_words(error))
        return self._worded[1] if error else ""

    def arrive(self) -> str:
        """The page as it is first seen."""
        try:
            return self.do_sets({}).desk or ""
        except Exception as error:  # the edge
            return markup.said(in_words(error))

    def _handler(self, name: str) -> Callable[[Values], Reply]:
        found = getattr(self, f"do_{name}", None)
        if found is None:
            raise UserError("这个按钮已经失效。", "请刷新页面再试。")
        return found

    def _page(self, here: str, body: str) -> str:
        return markup.page(here, len(review.queue(self.store)), body)

    # --- question sets ---

    def do_sets(self, values: Values) -> Reply:
        """The list of sets."""
        rows = [(one, *self._count(one)) for one in self.workspace.sets()]
        runs = len(self.workspace.runs())
        return Reply(self._page("sets", set_pages.sets_page(rows, self._run_name(), runs=runs)))

    def do_open_set(self, values: Values, told: str = "") -> Reply:
        """One set with its questions."""
        one = self.workspace.find(text_of(values, "key"))
        body = set_pages.set_page(
            one,
            self.workspace.cases(one.key),
            self.titles(),
            start=number_of(values, "start"),
            find=text_of(values, "find"),
        )
        return Reply(self._page("sets", body), told)

    def do_create(self, values: Values) -> Reply:
        one = self.workspace.create(text_of(values, "name"))
        return self.do_open_set({"key": one.key}, _good(f"新建了题集“{one.name}”。请写第一道题。"))

    def do_upload(self, values: Values) -> Reply:
        """A file from the browser, which sends its name and its bytes in base64."""
        folder = Path(tempfile.mkdtemp(prefix="unionqa-"))
        try:
            name = text_of(values, "name").replace("\\", "/").rsplit("/", 1)[-1]
            path = folder / f"{safe_name(Path(name).stem)}{Path(name).suffix.lower()}"
            path.write_bytes(base64.b64decode(text_of(values, "data"), validate=True))
            one, total = self.workspace.receive(path)
        except binascii.Error as error:
            raise UserError("文件没有传完整。", "请重新选择文件再试。") from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return self.do_open_set({"key": one.key}, _good(f"收到 {total} 道题，存为题集“{one.name}”。"))

    def do_too_large(self, values: Values) -> Reply:
        raise UserError(f"“{text_of(values, 'name')}”超过 20 MB。", "请分成几个小一些的题集上传。")

    def do_template(self, values: Values) -> Reply:
        suffix = _suffix(values, ("xlsx", "csv"))
        return Reply(file=_written(f"题集模板.{suffix}", dataset.template))

    def do_download_set(self, values: Values) -> Reply:
        one = self.workspace.find(text_of(values, "key"))
        cases, suffix = self.workspace.cases(one.key), _suffix(values, ("xlsx", "csv", "jsonl"))
        return Reply(
            file=_written(f"{set_pages.set_title(one)}.{suffix}", lambda path: dataset.save(cases, path))
        )

    def do_copy_set(self, values: Values) -> Reply:
        one = self.workspace.find(text_of(values, "key"))
        name = self.workspace.free_name(f"{set_pages.set_title(one)} 副本")
        copy = self.workspace.create(name, self.workspace.cases(one.key))
        return self.do_open_set({"key": copy.key}, _good(f"复制好了，这份可以随意修改：“{copy.name}”。"))

    def do_remove_set(self, values: Values) -> Reply:
        self.workspace.remove_set(text_of(values, "key"))
        return self.do_sets({})._replace(told=_good("题集已经删除。"))

    def _count(self, one: QuestionSet) -> tuple[int, int]:
        """Questions, and those to be refused; read again only when the file has changed."""
        place = (one.path, one.path.stat().st_mtime_ns)
        if place not in self._counted:
            total = refuse = 0
            for case in dataset.stream(one.path) if one.path.stat().st_size else ():
                total, refuse = total + 1, refuse + (not case.answerable)
            self._counted[place] = (total, refuse)
        return self._counted[place]

    def titles(self) -> list[tuple[str, str]]:
        """(title, file) of the articles, in the store's order, read once a revision."""
        if self._titles[0] != self.store.revision:
            files = {source.id: source.name for source in self.store.sources()}
            held = [(t, files.get(i.split("/")[0], "")) for i, t in self.store.titles() if t]
            self._titles = (self.store.revision, held)
        return self._titles[1]

    # --- questions ---

    def do_add_case(self, values: Values) -> Reply:
        case = self.workspace.add(text_of(values, "key"), case_from(values, self.store))
        return self.do_open_set(values, _good(f"已加入：{case.question}"))

    def do_edit_case(self, values: Values) -> Reply:
        one = self.workspace.find(text_of(values, "key"))
        case = self._case(one.key, text_of(values, "case"))
        return Reply(self._page("sets", set_pages.edit_page(one, case, self.titles())))

    def do_save_case(self, values: Values) -> Reply:
        key, case_id = text_of(values, "key"), text_of(values, "case")
        changed = case_from(values, self.store, self._case(key, case_id))
        self.workspace.change(key, lambda cases: [changed if c.id == case_id else c for c in cases])
        return self.do_open_set({"key": key}, _good("改好了。"))

    def do_remove_case(self, values: Values) -> Reply:
        key, case_id = text_of(values, "key"), text_of(values, "case")
        self.workspace.change(key, lambda cases: [c for c in cases if c.id != case_id])
        return self.do_open_set({"key": key}, _good("题目已经删除。"))

    def _case(self, key: str, case_id: str) -> Case:
        for case in self.workspace.cases(key):
            if case.id == case_id:
                return case
        raise UserError("这道题已经不在题集里了。", "请回到题集再看一下。")

    def do_propose(self, values: Values) -> Reply:
        """Questions that an article suggests, for a person to accept one by one."""
        one = self.workspace.find(text_of(values, "key"))
        article = article_named(text_of(values, "article"), self.store)
        told = ""
        try:
            found = propose.propose_from(self.store, article.id, model=self._model())
        except ModelError:  # the templates do without it
            found = propose.propose_from(self.store, article.id)
            told = markup.said("语言模型没有回应，下面只有按模板出的题。")
        proposed = [(replace(p.case, article=article.title), p.reason) for p in found]
        body = set_pages.proposals_page(one, article.title, proposed, self.titles())
        return Reply(self._page("sets", body), told)

    def _model(self) -> LangChainModel | None:
        settings = self.background.answering.settings
        return LangChainModel(settings) if settings.model else None

    def do_accept(self, values: Values) -> Reply:
        """A proposal as it was edited, into the set; its form leaves the page, the others stay."""
        case = self.workspace.add(text_of(values, "key"), case_from(values, self.store))
        return Reply(told=_good(f"已收入题集：{case.question}", taken=text_of(values, "form")))

    # --- runs ---

    def do_start(self, values: Values) -> Reply:
        """A new run over the chosen sets."""
        if self.background.going:
            raise UserError("已经有一次测评在进行。", "请等它做完，或者先停止它。")
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        name = text_of(values, "name") or self._run_name()
        begun, cases = self.workspace.begin(name, list_of(values, "set"), started_at=now)
        return self._going(begun, cases)

    def do_resume(self, values: Values) -> Reply:
        """A run that was stopped goes on where it stood."""
        return self._going(self.workspace.run(text_of(values, "run")), None)

    def _going(self, which: Run, cases: list[Case] | None) -> Reply:
        if not self.background.start(which, cases):
            raise UserError("已经有一次测评在进行。", "请等它做完，或者先停止它。")
        self._dismissed = ""
        return self.do_runs({})._replace(follow=True)

    def do_stop(self, values: Values) -> Reply:
        self.background.stop()
        return Reply()

    def do_dismiss_progress(self, values: Values) -> Reply:
        self._dismissed = self.background.progress.name if self.background.progress else ""
        return Reply()

    def do_runs(self, values: Values) -> Reply:
        """The list of runs."""
        body = result_pages.runs_page(self.workspace.runs(), self.background.going)
        return Reply(self._page("runs", body))

    def do_open_run(self, values: Values) -> Reply:
        """One run: figures, and the failed questions."""
        which = self._with_results(text_of(values, "run"))
        failed = [result for result in read(which.path) if fault_of(result)]
        fault, start = text_of(values, "fault"), number_of(values, "start")
        return Reply(self._page("runs", result_pages.run_page(which, failed, fault=fault, start=start)))

    def do_open_report(self, values: Values) -> Reply:
        which = self._with_results(text_of(values, "run"))
        html = (which.path / "report.html").read_text(encoding="utf-8")
        return Reply(self._page("runs", result_pages.report_page(which, html)))

    def do_download_report(self, values: Values) -> Reply:
        which, suffix = (
            self._with_results(text_of(values, "run")),
            _suffix(values, ("html", "csv", "md", "json")),
        )
        content = (which.path / f"report.{suffix}").read_bytes()
        return Reply(file=sent_file(f"{which.name}.{suffix}", _TYPES[suffix], content))

    def do_remove_run(self, values: Values) -> Reply:
        name = text_of(values, "run")
        if name == self.background.going:
            raise UserError("这次测评正在进行，不能删除。", "请先停止它。")
        self.workspace.remove_run(name)
        return self.do_runs({})._replace(told=_good("这次测评已经删除。"))

    def do_compare(self, values: Values) -> Reply:
        """Two or more runs side by side, the earliest first."""
        chosen = [self._with_results(name) for name in list_of(values, "run")]
        if len(chosen) < 2:
            raise UserError("还没有选好要比较的。", "请勾选两次或更多的测评，再点“比较选中的”。")
        chosen.sort(key=lambda which: which.started_at)
        found = compare_many({which.name: list(read(which.path)) for which in chosen})
        names = [which.name for which in chosen]
        return Reply(self._page("runs", compare_pages.compare_page(found, names)))

    def _with_results(self, name: str) -> Run:
        which = self.workspace.run(name)
        if not which.report:
            raise UserError("这次测评还没有结果。", "请等它做完，或者点“接着测”。")
        return which

    def _run_name(self) -> str:
        return self.workspace.free_run_name(f"第{len(self.workspace.runs()) + 1}次测评")

    # --- the review queue ---

    def do_queue(self, values: Values) -> Reply:
        """Answers to be reviewed; with a trainer's name, those this trainer has not judged."""
        trainer, reason = text_of(values, "trainer"), text_of(values, "reason")
        everything = review.queue(self.store, trainer=trainer)
        counts = {r: sum(item.reason == r for item in everything) for r in review_pages.REASONS}
        names = sorted(review.trainers(self.store))
        pairs = [
            (a, b, review.agreement(self.store, a, b)) for n, a in enumerate(names) for b in names[n + 1 :]
        ]
        body = review_pages.queue_page(
            [item for item in everything if reason in ("", item.reason)],
            self.workspace.sets(),
            trainer=trainer,
            reason=reason,
            counts=counts,
            agreed=[pair for pair in pairs if pair[2].items],
            titles=self.titles()[: set_pages.OFFERED_TITLES],
        )
        return Reply(self._page("queue", body))

    def do_review(self, values: Values) -> Reply:
        """One trainer's judgement, and the question into a set when that was chosen."""
        number, trainer, into = (
            number_of(values, "number"),
            text_of(values, "trainer"),
            text_of(values, "into"),
        )
        title = text_of(values, "article")
        article = article_named(title, self.store).id if title else ""
        given = {"verdict": text_of(values, "verdict"), "article": article, "note": text_of(values, "note")}
        review.label(self.store, number, trainer=trainer, **given)
        words = "意见已经记下。"
        if into:
            item = self.store.review(number)
            assert item is not None
            self.workspace.add(into, review.to_case(self.store, item, trainer=trainer, must=facts_of(values)))
            review.made_case(self.store, number)
            words = f"意见已经记下，问题收入了题集“{self.workspace.find(into).name}”。"
        return Reply(told=_good(words, taken=text_of(values, "form")))

    def do_review_dismiss(self, values: Values) -> Reply:
        review.dismiss(self.store, number_of(values, "number"))
        return self.do_queue(values)._replace(told=_good("已经移出待复核。"))


def _good(text: str, *, taken: str = "") -> str:
    return markup.said(text, good=True) + (f"<i{markup.attributes(taken=taken)}></i>" if taken else "")


def _suffix(values: Values, allowed: tuple[str, ...]) -> str:
    suffix = text_of(values, "suffix")
    return suffix if suffix in allowed else allowed[0]


def _written(name: str, write: Callable[[Path], None]) -> dict[str, str]:
    """A file for the courier, written by ``write`` to a place of its own."""
    folder = Path(tempfile.mkdtemp(prefix="unionqa-"))
    try:
        suffix = name.rsplit(".", 1)[-1]
        path = folder / f"file.{suffix}"
        write(path)
        return sent_file(name, _TYPES[suffix], path.read_bytes())
    finally:
        shutil.rmtree(folder, ignore_errors=True)
