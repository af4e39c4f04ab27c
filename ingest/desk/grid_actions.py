"""What people do with the files that they chose in the table."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

from corpus.errors import UserError
from corpus.store import Store, Writer
from corpus.table.holdings import Row
from ingest.desk.grid_query import asked
from ingest.intake.drafts import Drafts
from ingest.intake.publishing import forget_deleted

Act = Literal["withdraw", "restore", "delete"]
#: What must be typed before anything is deleted for good.
CONFIRMATION = "彻底删除"
#: Files at once: their transaction keeps others who write waiting.
_TOGETHER = 50
#: Names that tell what is about to happen.
_NAMED = 5


class Choice(NamedTuple):
    """所选: files, in the table's order. ``rows`` of articles were chosen, ``articles`` stand in the files."""

    files: list[str]
    rows: int
    articles: int
    live: int
    withdrawn: int
    names: list[str]


def choice(store: Store, body: dict[str, Any]) -> Choice:
    """What a request names: ``ids`` of rows, or a ``query`` of which all but ``except`` are meant.

    With ``expected`` rows, raises ``UserError`` where there are now others.
    """
    rows = _rows(store, body)
    expected = body.get("expected")
    if isinstance(expected, int) and expected != len(rows):
        raise UserError(
            f"资料表刚刚有变化：原来选了 {expected} 行，现在是 {len(rows)} 行。", "请看一看再重新选择。"
        )
    files = {row.source_id: row for row in rows}
    articles = sum(row.source_id in files for row in store.holdings.rows() if not row.id.endswith("/0"))
    live = sum(row.state == "已发布" for row in files.values())
    names = [row.name for row in files.values()][:_NAMED]
    return Choice(list(files), len(rows), articles, live, len(files) - live, names)


def _rows(store: Store, body: dict[str, Any]) -> list[Row]:
    if isinstance(body.get("query"), str):
        without = set(_texts(body.get("except", [])))
        return [row for row in store.holdings.rows(asked(body["query"])) if row.id not in without]
    return store.holdings.chosen(_texts(body.get("ids")))


def _texts(given: Any) -> list[str]:
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise UserError("没有收到所选的行。", "请刷新页面后重新选择。")
    return given


def act(store: Store, do: str, files: Sequence[str], *, who: str, note: str = "") -> Iterator[int]:
    """Do it to the files; yields how many are done after every few.

    Each is done whole or not at all, and what is yielded is kept. What others did already is passed
    over. Raises ``UserError`` for what nobody can do, or where another writer is at work.
    """
    doing: dict[str, Callable[[Writer, str], bool]] = {
        "withdraw": lambda writer, id_: writer.withdraw(id_, note=note),
        "restore": lambda writer, id_: writer.restore(id_),
        "delete": lambda writer, id_: writer.remove(id_),
    }
    if do not in doing:
        raise UserError("没有这种操作。", "请刷新页面后再试。")
    done = 0
    with store.writing(who=who, wait_s=10) as writer:
        for at in range(0, len(files), _TOGETHER):
            with writer.together():
                done += sum(doing[do](writer, id_) for id_ in files[at : at + _TOGETHER])
            if do == "delete":
                forget_deleted(store, Drafts(store.directory))
            yield done
