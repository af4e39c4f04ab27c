"""What trainers keep beside a store: ``questions/*.jsonl`` (their sets) and ``runs/<name>/``.

Names that people choose become file names by ``safe_name``; what a browser asks for is
looked up among what is there, never joined to a path, so no name leads out of the folder.
"""

import json
import re
import shutil
import threading
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from corpus.errors import UserError
from eval import dataset
from eval.dataset import Case
from eval.runner import META, RESULTS

SHIPPED = Path(__file__).parents[1] / "datasets"
SUFFIXES = (".jsonl", ".csv", ".xlsx")
#: File systems take 255 bytes; a Chinese character is three, and suffixes need some.
LONGEST_NAME = 60
CASES = "questions.jsonl"
ABOUT = "about.json"
#: Windows keeps these names for devices.
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


class QuestionSet(NamedTuple):
    """题集: a file of questions; ``key`` names it in the browser, ``own`` ones can be edited."""

    key: str
    name: str
    path: Path
    own: bool


class Run(NamedTuple):
    """一次测评: a run's folder; ``done`` of ``total`` questions are answered, ``sets`` are names."""

    name: str
    path: Path
    sets: tuple[str, ...]
    done: int
    total: int
    started_at: str
    report: dict[str, Any]


def safe_name(text: str) -> str:
    """The name as a file name on every system; UserError when nothing of it can be used."""
    kept = "".join(
        c if c.isalnum() or c in " _-.()（）·～" else "-" for c in unicodedata.normalize("NFC", text)
    )
    name = re.sub(r"\s+", " ", kept).strip(" .-")[:LONGEST_NAME].strip(" .-")
    if not name:
        raise UserError("这个名字不能用。", "请用汉字、字母或数字起一个名字。")
    return f"_{name}" if _RESERVED.fullmatch(name) else name


class Workspace:
    """测评的文件夹: question sets and runs of one store, safe to share between threads."""

    def __init__(self, directory: Path, *, shipped: Path = SHIPPED) -> None:
        self.questions = directory / "questions"
        self.runs_folder = directory / "runs"
        self.shipped = shipped
        self._lock = threading.RLock()

    # --- question sets ---

    def sets(self) -> list[QuestionSet]:
        """The trainers' sets by name, then the shipped ones."""
        return [
            QuestionSet(f"{place}/{path.stem}", path.stem, path, place == "own")
            for place, folder in (("own", self.questions), ("shipped", self.shipped))
            for path in sorted(folder.glob("*.jsonl"))
            if not path.stem.endswith(".partial")  # being written
        ]

    def find(self, key: str) -> QuestionSet:
        """The set with this key; UserError when it is gone."""
        for one in self.sets():
            if one.key == key:
                return one
        raise UserError("这套题已经不在了。", "请回到题集列表，另选一套。")

    def create(self, name: str, cases: Sequence[Case] = ()) -> QuestionSet:
        """A new set; UserError when the name is taken."""
        name = safe_name(name)
        path = self.questions / f"{name}.jsonl"
        with self._lock:
            if path.exists():
                raise UserError(f"已经有一套叫“{name}”的题集。", "请换一个名字。")
            dataset.save(cases, path)
        return QuestionSet(f"own/{name}", name, path, True)

    def named(self, name: str) -> QuestionSet:
        """The own set of this name, made where there is none."""
        with self._lock:
            return next((s for s in self.sets() if s.own and s.name == name), None) or self.create(name)

    def receive(self, upload: Path) -> tuple[QuestionSet, int]:
        """A file that was uploaded as a new set of the trainers, and its number of questions.

        Raises UserError naming the row that is wrong; a name that is taken gets a number.
        """
        if upload.suffix.lower() not in SUFFIXES:
            raise UserError(
                f"不能读取“{upload.name}”。", "题集文件应是 XLSX、CSV 或 JSONL，可以下载模板来填。"
            )
        cases = dataset.load(upload)
        if not cases:
            raise UserError(f"“{upload.name}”里没有题。", "请至少写一道题再上传。")
        return self.create(self.free_name(upload.stem), cases), len(cases)

    def free_name(self, name: str) -> str:
        """The name, or the name with the first number that makes it free."""
        name = safe_name(name)
        taken = {one.name.casefold() for one in self.sets() if one.own}
        return _free(name, lambda candidate: candidate.casefold() in taken)

    def cases(self, key: str) -> list[Case]:
        """The questions of a set, in their order."""
        return _loaded(self.find(key).path)

    def change(self, key: str, edit: Callable[[list[Case]], list[Case]]) -> list[Case]:
        """Edits an own set under a lock; what it holds then."""
        with self._lock:
            one = self.find(key)
            if not one.own:
                raise UserError("随附的题集不能修改。", "请先复制一份，再改复制出来的那份。")
            cases = edit(_loaded(one.path))
            dataset.save(cases, one.path)
        return cases

    def add(self, key: str, case: Case) -> Case:
        """Puts a case at the end of an own set, with an id of its own; the case as it was kept."""
        kept = case

        def edit(cases: list[Case]) -> list[Case]:
            nonlocal kept
            taken = {c.id for c in cases}
            stem = self.find(key).name
            number = next(
                n for n in range(len(cases) + 1, 2 * len(cases) + 3) if f"{stem}-{n:03d}" not in taken
            )
            kept = replace(case, id=f"{stem}-{number:03d}")
            return [*cases, kept]

        self.change(key, edit)
        return kept

    def remove_set(self, key: str) -> None:
        """Deletes an own set; runs over it keep their copy of the questions."""
        with self._lock:
            one = self.find(key)
            if not one.own:
                raise UserError("随附的题集不能删除。", "不需要时不勾选它就可以。")
            one.path.unlink(missing_ok=True)

    # --- runs ---

    def runs(self) -> list[Run]:
        """The runs, newest first."""
        found = [_run_in(p.parent) for p in self.runs_folder.glob(f"*/{ABOUT}")]
        return sorted(found, key=lambda run: run.started_at, reverse=True)

    def count_runs(self) -> int:
        return sum(1 for _ in self.runs_folder.glob(f"*/{ABOUT}"))

    def run(self, name: str) -> Run:
        """The run with this name; UserError when it is gone."""
        for path in self.runs_folder.glob(f"*/{ABOUT}"):
            if path.parent.name == name:
                return _run_in(path.parent)
        raise UserError("这次测评已经不在了。", "请回到测评记录，另选一次。")

    def begin(self, name: str, keys: Sequence[str], *, started_at: str) -> tuple[Run, list[Case]]:
        """A folder for a new run over these sets, with a copy of their questions."""
        chosen = [self.find(key) for key in keys]
        if not chosen:
            raise UserError("还没有选题集。", "请先勾选至少一套题，再开始测评。")
        cases = _distinct([(one.name, _loaded(one.path)) for one in chosen])
        if not cases:
            raise UserError("选中的题集里还没有题。", "请先加几道题，再开始测评。")
        with self._lock:
            folder = self.runs_folder / self.free_run_name(name)
            folder.mkdir(parents=True)
            dataset.save(cases, folder / CASES)
            about = {"sets": [one.name for one in chosen], "total": len(cases), "started_at": started_at}
            (folder / ABOUT).write_text(json.dumps(about, ensure_ascii=False, indent=2), encoding="utf-8")
        return _run_in(folder), cases

    def free_run_name(self, name: str) -> str:
        """The name, or the name with the first number that makes it free."""
        return _free(safe_name(name), lambda candidate: (self.runs_folder / candidate).exists())

    def remove_run(self, name: str) -> None:
        """Deletes a run with its results."""
        shutil.rmtree(self.run(name).path)


def _loaded(path: Path) -> list[Case]:
    return dataset.load(path) if path.stat().st_size else []


def _distinct(sets: Sequence[tuple[str, list[Case]]]) -> list[Case]:
    """The cases of several sets; an id that an earlier set uses is led by its own set's name."""
    seen: set[str] = set()
    cases = []
    for name, part in sets:
        for given in part:
            case = replace(given, id=f"{name}/{given.id}") if given.id in seen else given
            seen.add(case.id)
            cases.append(case)
    return cases


def _free(name: str, taken: Callable[[str], bool]) -> str:
    candidate, number = name, 2
    while taken(candidate):
        candidate, number = f"{name} ({number})", number + 1
    return candidate


def _run_in(folder: Path) -> Run:
    about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    results, written = folder / RESULTS, folder / "report.json"
    done = _count_lines(results) if results.is_file() else 0
    report = json.loads(written.read_text(encoding="utf-8")) if written.is_file() else {}
    return Run(
        name=folder.name,
        path=folder,
        sets=tuple(about["sets"]),
        done=min(done, about["total"]),
        total=about["total"],
        started_at=about["started_at"] if not (folder / META).is_file() else _started(folder / META, about),
        report=report,
    )


def _started(meta: Path, about: dict[str, Any]) -> str:
    return str(json.loads(meta.read_text(encoding="utf-8")).get("started_at", about["started_at"]))


def _count_lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
