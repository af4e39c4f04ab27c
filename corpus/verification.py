"""Everything of a store against everything else, and the repair of what can be derived.

The catalogue is the truth and cannot be derived, nor can originals or the audit log: what is wrong
there is told, and a backup is the remedy. Indexes, vectors without a text and files that a killed
program left behind are put right.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from corpus import originals
from corpus.backup import HELD
from corpus.embeddings import Embeddings
from corpus.indexes import ENCODER
from corpus.segments import Halves, Rows
from corpus.stamp import IndexBrokenError
from corpus.vectors import from_blobs

if TYPE_CHECKING:
    from corpus.store import Store

#: So many vectors are compared at a time.
_AT_ONCE = 32_768
_REPAIR = "请运行 python -m corpus verify --repair"
#: Unfinished files that programs leave in the store's folder when they are killed, and the vector
#: index as earlier versions of the program kept it.
_UNFINISHED = ("words.*.tmp", "vectors.faiss", "vectors.tmp", "lexical.*.tmp", HELD, "originals/*/*.tmp")


class Problem(NamedTuple):
    """One thing that is wrong, in words, and what would put it right (``""``: only a backup)."""

    message: str
    repair: Literal["", "lexical", "purge", "vectors", "embeddings", "stray"] = ""


class Repair(NamedTuple):
    """What was put right, and what is still wrong; a Chinese sentence each."""

    done: list[str]
    left: list[str]


def problems(store: "Store") -> list[Problem]:
    """All that is wrong. Reports what a writer at work has not finished: hold the lock to be sure."""
    found = [Problem(told) for told in store._catalogue.problems() + store.archive.problems()]
    found += map(Problem, _originals(store))
    found += _lexical(store)
    found += _vectors(store)
    found += _strays(store)
    return found + [Problem(told) for told in store.trail.check()]


def repair(store: "Store", found: list[Problem]) -> list[str]:
    """Put right what can be derived; what was done. Whoever calls it holds the lock."""
    steps: dict[str, tuple[Callable[[], object], str]] = {
        "stray": (lambda: sweep(store), "已清除没有用处的文件。"),
        "embeddings": (Embeddings(store._catalogue).forget_orphaned, "已清除没有对应段落的向量。"),
        "lexical": (lambda: store._indexes.bring_lexical(anew=True), "已重建关键词索引。"),
        "purge": (lambda: store._indexes.bring_lexical(anew=True), "已从关键词索引中清除彻底删除的文字。"),
        "vectors": (lambda: _renew_vectors(store), "已重建向量索引。"),
    }
    wanted = {problem.repair for problem in found} - {""}
    if "lexical" in wanted:
        wanted.discard("purge")
    done = []
    for kind, (put_right, told) in steps.items():
        if kind in wanted:
            put_right()
            done.append(told)
    return done


def _renew_vectors(store: "Store") -> None:
    store._indexes.vectors.clear()
    store._indexes.bring_vectors()


def sweep(store: "Store") -> None:
    """Delete what writers and backups that were killed left behind. Whoever calls it holds the lock."""
    for path in _unused(store):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _unused(store: "Store") -> Iterator[Path]:
    """Unfinished files, and originals that nothing refers to."""
    unfinished = [path for pattern in _UNFINISHED for path in store.directory.glob(pattern)]
    held = store.directory / HELD
    if store._indexes.backing_up():
        unfinished = [path for path in unfinished if path != held]
    yield from unfinished
    yield from store._indexes.vectors.strays()
    used = store._catalogue.digests()
    for folder, _, names in os.walk(store.directory / "originals"):
        yield from (Path(folder, name) for name in names if name not in used and not name.endswith(".tmp"))


def _originals(store: "Store") -> Iterator[str]:
    """The originals that are missing or altered, those of the archive too."""
    named = {source.sha256: f"来源 {source.id}（{source.name}）" for source in store.sources()}
    for digest in sorted(store._catalogue.digests(), key=lambda digest: named.get(digest, "")):
        name = named.get(digest, f"撤下的文件或旧版本（{digest[:12]}）")
        try:
            with originals.place(store.directory, digest).open("rb") as file:
                same = hashlib.file_digest(file, "sha256").hexdigest() == digest
        except OSError:
            yield f"{name}的原件不见了。"
            continue
        if not same:
            yield f"{name}的原件被改动过。"


def _lexical(store: "Store") -> list[Problem]:
    if store._indexes.lexical.stamp() != store._indexes.stamp_now(store._indexes.lexical.made):
        return [Problem(f"关键词索引落后于目录，{_REPAIR}。", "lexical")]
    try:
        same = (
            not store._indexes.lexical.damaged() and store._indexes.lexical.rows() == store._catalogue.rows()
        )
    except IndexBrokenError:
        same = False
    if not same:
        return [Problem(f"关键词索引与目录不一致，{_REPAIR}。", "lexical")]
    if store._catalogue.setting("purge"):
        told = "关键词索引里还留有彻底删除的文件的字词（不会被检索到）"
        return [Problem(f"{told}，{_REPAIR}。", "purge")]
    return []


def _vectors(store: "Store") -> list[Problem]:
    found = []
    if orphans := Embeddings(store._catalogue).orphaned():
        found.append(Problem(f"有 {orphans} 个向量没有对应的段落，{_REPAIR}。", "embeddings"))
    recorded = store._catalogue.setting(ENCODER) or ""
    if (
        store._indexes.vectors.stamp() != store._indexes.stamp_now(recorded)
        or not store._indexes.vectors.whole()
    ):
        return [*found, Problem(f"向量索引落后于目录，{_REPAIR}。", "vectors")]
    wanted = store._catalogue.rows()
    if not np.array_equal(store._indexes.vectors.rows(), wanted):
        return [*found, Problem(f"向量索引与目录不一致，{_REPAIR}。", "vectors")]
    if not all(_as_kept(store, recorded, *part) for part in store._indexes.vectors.held()):
        found.append(Problem(f"向量索引与向量缓存不一致，{_REPAIR}。", "vectors"))
    return found


def _as_kept(store: "Store", encoder: str, rows: Rows, vectors: Halves) -> bool:
    """Whether vectors of the index are what the cache holds of the same rows."""
    for at in range(0, len(rows), _AT_ONCE):
        chunk = rows[at : at + _AT_ONCE].tolist()
        kept = dict(Embeddings(store._catalogue).of(encoder, chunk))
        if len(kept) < len(chunk):
            return False
        if not np.array_equal(from_blobs([kept[row] for row in chunk]), vectors[at : at + _AT_ONCE]):
            return False
    return True


def _strays(store: "Store") -> list[Problem]:
    unused = [path.relative_to(store.directory).as_posix() for path in _unused(store)]
    if not unused:
        return []
    named = "、".join(unused[:3]) + ("等" if len(unused) > 3 else "")
    return [Problem(f"有 {len(unused)} 个没有用处的文件：{named}，{_REPAIR}。", "stray")]
