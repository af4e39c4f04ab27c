"""What happens on the pages about runs: started, stopped, resumed, read, compared."""

from datetime import datetime

from assistant.panel import sent_file
from corpus.errors import UserError
from eval.compare import compare_many
from eval.dataset import Case
from eval.report import fault_of
from eval.runner import read
from eval.trainer import compare_pages, result_pages
from eval.trainer.desk import MEDIA_TYPES, Desk, Reply, Values, good, suffix_of
from eval.trainer.forms import list_of, number_of, text_of
from eval.trainer.workspace import Run


class RunEvents:
    """测评记录: each ``do_`` method answers one button or form."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def do_start(self, values: Values) -> Reply:
        """A new run over the chosen sets."""
        if self.desk.background.going:
            raise UserError("已经有一次测评在进行。", "请等它做完，或者先停止它。")
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        name = text_of(values, "name") or self.desk.run_name()
        begun, cases = self.desk.workspace.begin(name, list_of(values, "set"), started_at=now)
        return self._going(begun, cases)

    def do_resume(self, values: Values) -> Reply:
        """A run that was stopped goes on where it stood."""
        return self._going(self.desk.workspace.run(text_of(values, "run")), None)

    def _going(self, which: Run, cases: list[Case] | None) -> Reply:
        if not self.desk.background.start(which, cases):
            raise UserError("已经有一次测评在进行。", "请等它做完，或者先停止它。")
        self.desk.dismissed = ""
        return self.do_runs({})

    def do_stop(self, values: Values) -> Reply:
        self.desk.background.stop()
        return Reply()

    def do_dismiss_progress(self, values: Values) -> Reply:
        self.desk.dismissed = self.desk.background.progress.name if self.desk.background.progress else ""
        return Reply()

    def do_runs(self, values: Values) -> Reply:
        """The list of runs."""
        body = result_pages.runs_page(self.desk.workspace.runs(), self.desk.background.going)
        return Reply(self.desk.page("runs", body))

    def do_open_run(self, values: Values) -> Reply:
        """One run: figures, and the failed questions."""
        which = self._with_results(text_of(values, "run"))
        if which.name != self.desk.background.going:
            self.desk.dismissed = which.name  # who reads the results need not be told that they are there
        failed = [result for result in read(which.path) if fault_of(result)]
        fault, start = text_of(values, "fault"), number_of(values, "start")
        return Reply(self.desk.page("runs", result_pages.run_page(which, failed, fault=fault, start=start)))

    def do_open_report(self, values: Values) -> Reply:
        which = self._with_results(text_of(values, "run"))
        html = (which.path / "report.html").read_text(encoding="utf-8")
        return Reply(self.desk.page("runs", result_pages.report_page(which, html)))

    def do_download_report(self, values: Values) -> Reply:
        which = self._with_results(text_of(values, "run"))
        suffix = suffix_of(values, ("html", "csv", "md", "json"))
        content = (which.path / f"report.{suffix}").read_bytes()
        return Reply(file=sent_file(f"{which.name}.{suffix}", MEDIA_TYPES[suffix], content))

    def do_remove_run(self, values: Values) -> Reply:
        name = text_of(values, "run")
        if name == self.desk.background.going:
            raise UserError("这次测评正在进行，不能删除。", "请先停止它。")
        self.desk.workspace.remove_run(name)
        return self.do_runs({})._replace(told=good("这次测评已经删除。"))

    def do_compare(self, values: Values) -> Reply:
        """Two or more runs side by side, the earliest first."""
        chosen = [self._with_results(name) for name in list_of(values, "run")]
        if len(chosen) < 2:
            raise UserError("还没有选好要比较的。", "请勾选两次或更多的测评，再点“比较选中的”。")
        chosen.sort(key=lambda which: which.started_at)
        found = compare_many({which.name: list(read(which.path)) for which in chosen})
        names = [which.name for which in chosen]
        return Reply(self.desk.page("runs", compare_pages.compare_page(found, names)))

    def _with_results(self, name: str) -> Run:
        which = self.desk.workspace.run(name)
        if not which.report:
            raise UserError("这次测评还没有结果。", "请等它做完，或者点“接着测”。")
        return which
