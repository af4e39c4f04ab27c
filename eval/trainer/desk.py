"""What the parts of the trainers' page share: the store, the folders, the run, the frame of a page."""

import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from assistant.panel import sent_file
from assistant.pipeline import Assistant
from corpus.store import Store
from eval import review
from eval.trainer import markup
from eval.trainer.background import Background
from eval.trainer.forms import text_of
from eval.trainer.workspace import Workspace

MEDIA_TYPES = {
    "html": "text/html",
    "csv": "text/csv",
    "md": "text/markdown",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
#: What the browser sent with a click or a form: texts, and lists of texts.
Values = Mapping[str, Any]


class Reply(NamedTuple):
    """What an event changes: the page, a sentence above it, a file to hand over; None leaves it as it is."""

    page: str | None = None
    told: str = ""
    file: dict[str, str] | None = None


class Desk:
    """案头: one store with its sets, its runs and the run under way; shared by all who look at the page."""

    def __init__(self, store: Store, answering: Assistant) -> None:
        self.store = store
        self.answering = answering
        self.workspace = Workspace(store.directory)
        self.background = Background(store, answering)
        #: The run whose end has been seen.
        self.dismissed = ""
        self._titles: tuple[int, list[tuple[str, str]]] = (-1, [])

    def page(self, here: str, body: str) -> str:
        """A page of the part ``here`` (``sets``, ``runs`` or ``queue``) under the navigation."""
        return markup.page(here, len(review.queue(self.store)), body)

    def run_name(self) -> str:
        """What the next run is called when nobody names it."""
        return self.workspace.free_run_name(f"第{self.workspace.count_runs() + 1}次测评")

    def titles(self) -> list[tuple[str, str]]:
        """(title, file) of the articles, in the store's order, read once a revision."""
        if self._titles[0] != self.store.revision:
            files = {source.id: source.name for source in self.store.sources()}
            held = [(t, files.get(i.split("/")[0], "")) for i, t in self.store.titles() if t]
            self._titles = (self.store.revision, held)
        return self._titles[1]


def good(text: str, *, taken: str = "") -> str:
    return markup.said(text, good=True) + (f"<i{markup.attributes(taken=taken)}></i>" if taken else "")


def suffix_of(values: Values, allowed: tuple[str, ...]) -> str:
    suffix = text_of(values, "suffix")
    return suffix if suffix in allowed else allowed[0]


def written(name: str, write: Callable[[Path], None]) -> dict[str, str]:
    """A file for the courier, written by ``write`` to a place of its own."""
    folder = Path(tempfile.mkdtemp(prefix="unionqa-"))
    try:
        suffix = name.rsplit(".", 1)[-1]
        path = folder / f"file.{suffix}"
        write(path)
        return sent_file(name, MEDIA_TYPES[suffix], path.read_bytes())
    finally:
        shutil.rmtree(folder, ignore_errors=True)
