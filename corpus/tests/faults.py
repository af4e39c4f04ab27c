"""What goes wrong with disks and files: ways to harm a store, and children that live on harmed systems.

A child (``python -m corpus.tests.faults NAME FOLDER``) has limits of its own, which a test must
not give itself: how large files may get, how many may be open, what the superuser may do. It
prints what came of it as JSON.
"""

import ctypes
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from corpus.errors import StoreError, UserError
from corpus.store import Store
from corpus.testing import HashingEncoder, make_document, make_store

ROOT = Path(__file__).parents[2]
TEXTS = ["第一条　会费每月十元。\n第二条　困难职工免交。", "夏天发清凉饮料。", "冬天送温暖，慰问困难职工。"]
#: What is asked, and the passage that answers it in both legs.
ASKED, ANSWER = "困难职工免交会费", "1/1/2"
#: A fourth document, large enough that no limit below lets it pass.
LARGE = ("4", ["".join(f"第{n}项，{n * n % 971}号物资发放登记。\n" for n in range(300))])


def make(folder: Path) -> None:
    """The store in ``folder / "store"``, as good as new."""
    make_store(folder, TEXTS).close()


def opened(folder: Path) -> Store:
    return Store.open(folder / "store", encoder=HashingEncoder())


def found(store: Store) -> list[str]:
    """The best passage of each leg, or why there is none; in a thread that opens the files for itself."""
    told: list[str] = []

    def ask() -> None:
        for search in (store.search_lexical, store.search_vector):
            try:
                told.append(next(iter(search(ASKED, 1)), ("nothing", 0))[0])
            except UserError as error:
                told.append(str(error))

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    return told


def add(store: Store) -> str:
    """Put the large document; what the person is told, ``""`` where it was kept."""
    number, articles = LARGE
    try:
        with store.writing(wait_s=5) as writer:
            writer.put(*make_document(number, articles=articles))
    except UserError as error:
        return str(error)
    return ""


# -- harm ------------------------------------------------------------------------------------


def derived(directory: Path) -> list[str]:
    """Every file of a store that can be made again from the catalogue and the originals."""
    kept = ("catalogue.sqlite", "originals/")
    names = (p.relative_to(directory).as_posix() for p in directory.rglob("*") if p.is_file())
    return sorted(name for name in names if not name.startswith(kept))


def deleted(path: Path) -> None:
    path.unlink()


def emptied(path: Path) -> None:
    os.truncate(path, 0)


def halved(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def flipped(path: Path) -> None:
    """One bit in the middle, in place."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 2)
        byte = file.read(1)
        if byte:
            file.seek(size // 2)
            file.write(bytes([byte[0] ^ 0x10]))


def made_a_folder(path: Path) -> None:
    path.unlink()
    (path / "里面").mkdir(parents=True)


HARMS = {f.__name__: f for f in (deleted, emptied, halved, flipped, made_a_folder)}
#: Cutting off is the worst for who has a file mapped; the rest shows as well when it is opened.
IN_USE = ("deleted", "halved", "flipped")
AT_REST = ("emptied", "flipped", "made_a_folder")


# -- children --------------------------------------------------------------------------------


@contextmanager
def small_files(most: int) -> Iterator[None]:
    """Inside, no file of this process grows beyond so many bytes: what a full disk does to a write."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def little_room(folder: Path, left: int) -> Iterator[None]:
    """Inside, the disk of the folder has room for so many bytes more."""
    ballast = folder / "ballast"
    size = max(0, shutil.disk_usage(folder).free - left)
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, size))
    try:
        yield
    finally:
        ballast.unlink()


def _tries(folder: Path, pinches: list[object]) -> list[dict[str, object]]:
    """Add a document under each pinch, look what is told and found, let go, verify, add it after all."""
    rows: list[dict[str, object]] = []
    with opened(folder) as store:
        for pinch in pinches:
            with pinch:  # type: ignore[attr-defined]
                told, seen = add(store), found(store)
            rows.append({"told": told, "found": seen, "held": store.source("4") is not None})
            rows[-1] |= {"verify": store.verify(), "then": add(store), "again": store.verify()}
            rows[-1]["after"] = found(store)
            with store.writing() as writer:
                writer.remove("4")
    return rows


def full(folder: Path) -> list[dict[str, object]]:
    """A disk that is full sooner or later, by a limit on files."""
    make(folder)
    most = (folder / "store" / "catalogue.sqlite").stat().st_size
    limits = (0, 12_000, most + 4096)
    return _tries(folder, [small_files(limit) for limit in limits])


def really_full(folder: Path) -> list[dict[str, object]]:
    """A disk that is full sooner or later; ``folder`` is one of its own."""
    make(folder)
    return _tries(folder, [little_room(folder, kib * 1024) for kib in (0, 60, 400)])


def forbidden(folder: Path) -> dict[str, object]:
    """A folder in which this user may read and not write, while it is in use and when it is opened."""
    make(folder)
    with opened(folder) as store:
        with _without_write(folder / "store"):
            told, seen = add(store), found(store)
            opening = _told(lambda: opened(folder).close())
        rest = {"verify": store.verify(), "then": add(store), "again": store.verify()}
    return {"told": told, "found": seen, "opening": opening, **rest}


def unreadable(folder: Path) -> dict[str, object]:
    """Files that this user may not even read, when the store is opened."""
    make(folder)
    rows: dict[str, object] = {}
    for name in ("catalogue.sqlite", "lexical/meta.json", "vectors", "writer.lock", "words.txt"):
        path = folder / "store" / name
        mode = path.stat().st_mode
        path.chmod(0)
        rows[name] = _told(lambda: [opened_found(folder)])
        path.chmod(mode)
    with opened(folder) as store:
        rows["verify"], rows["found"] = store.verify(), found(store)
    return rows


def opened_found(folder: Path) -> None:
    """Raises ``UserError`` where the store cannot be opened, or does not find what it holds."""
    with opened(folder) as store:
        seen = found(store)
    if seen != [ANSWER, ANSWER]:
        raise UserError("；".join(dict.fromkeys(seen)))


def read_only(folder: Path) -> dict[str, object]:
    """A disk that is read-only when the store is opened; ``folder`` is one of its own."""
    make(folder)
    subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
    opening = _told(lambda: opened(folder).close())
    subprocess.run(["mount", "-o", "remount,rw", folder], check=True)
    with opened(folder) as store:
        rest = {"verify": store.verify(), "found": found(store), "then": add(store), "again": store.verify()}
    return {"opening": opening, **rest}


def no_handles(folder: Path) -> dict[str, object]:
    """No further file can be opened, for a while."""
    import resource

    make(folder)
    with opened(folder) as store:
        before = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (80, before[1]))
        taken = []
        with suppress(OSError):
            while True:
                taken.append(os.open("/dev/null", os.O_RDONLY))
        during = found(store), add(store)
        for one in taken:
            os.close(one)
        rest = {"verify": store.verify(), "after": found(store)}
    return {"found": during[0], "told": during[1], **rest}


def in_use(folder: Path) -> list[dict[str, object]]:
    """Files of the indexes are harmed under the hands of a program that has them mapped into memory."""
    make(folder)
    with opened(folder) as store:
        found(store)
        return [_harmed(store, harm, kind) for harm in IN_USE for kind in _kinds(folder / "store")]


def at_rest(folder: Path) -> list[dict[str, object]]:
    """Files of the indexes are harmed, and then the store is opened."""
    make(folder)
    rows = []
    for harm in AT_REST:
        for kind in _kinds(folder / "store"):
            HARMS[harm](_of(folder / "store", kind))
            with opened(folder) as store:
                rows.append(_seen(store, harm, kind))
    return rows


def _kinds(directory: Path) -> list[str]:
    """What files the indexes have, by their names or, where those are ever new, by their endings."""
    names = (Path(name) for name in derived(directory) if not name.endswith(".lock"))
    return sorted({f"*{name.suffix}" if len(name.stem) > 15 else name.name for name in names})


def _of(directory: Path, kind: str) -> Path:
    return next(path for path in sorted(directory.rglob(kind)) if path.is_file())


def _harmed(store: Store, harm: str, kind: str) -> dict[str, object]:
    HARMS[harm](_of(store.directory, kind))
    return _seen(store, harm, kind)


def _seen(store: Store, harm: str, kind: str) -> dict[str, object]:
    row: dict[str, object] = {"file": kind, "harm": harm, "found": found(store)}
    row["verify"] = store.verify()
    if row["verify"]:
        row |= {"repaired": _repaired(store), "again": store.verify()}
    return row | {"after": found(store)}


def _repaired(store: Store) -> list[str]:
    try:
        return store.repair().left
    except UserError as error:
        return [str(error)]


@contextmanager
def _without_write(directory: Path) -> Iterator[None]:
    paths = [directory, *directory.rglob("*")]
    modes = {path: path.stat().st_mode for path in paths}
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


def _told(act: object) -> str:
    try:
        act()  # type: ignore[operator]
    except StoreError as error:
        return str(error)
    except UserError as error:
        return f"(not a StoreError) {error}"
    return ""


def _as_anybody() -> None:
    """The superuser of this process is bound by permissions, as everybody else is."""
    if os.geteuid() != 0:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    sets = (ctypes.c_uint32 * 6)()
    libc.capget(header, sets)
    sets[0] &= ~0b111  # CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH: in force no longer
    if libc.capset(header, sets):
        raise OSError(ctypes.get_errno(), "capset")


CHILDREN = {
    f.__name__: f for f in (full, really_full, forbidden, unreadable, read_only, no_handles, in_use, at_rest)
}


def child(name: str, folder: Path, *, disk_mib: int = 0) -> object:
    """What came of a child's life; on a disk of its own where ``disk_mib`` says how large. None: not to be had."""
    command = [sys.executable, "-m", "corpus.tests.faults", name, str(folder)]
    if disk_mib:
        mounted = f'mount -t tmpfs -o size={disk_mib}m unionqa "$0" && exec "$@"'
        command = [
            "unshare",
            "--user",
            "--map-root-user",
            "--mount",
            "sh",
            "-c",
            mounted,
            str(folder),
            *command,
        ]
        try:
            probe = subprocess.run([*command[:7], str(folder), "true"], capture_output=True)
        except FileNotFoundError:
            return None
        if probe.returncode:
            return None
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, f"{done.returncode}\n{done.stderr[-3000:]}"
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    if sys.argv[1] in ("forbidden", "unreadable"):
        _as_anybody()
    sys.stdout.write(json.dumps(CHILDREN[sys.argv[1]](Path(sys.argv[2])), ensure_ascii=False) + "\n")
