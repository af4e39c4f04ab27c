"""How well newspaper pages are read: ``python -m ingest.tests.measure newspapers DIR [--seeds 1,2] [--derived FOLDER]``.

Prints a page of every kind in every drawing order into DIR with Chromium (pages that lie
there already are kept), reads each, and holds what comes out to the truth beside it.
``plain DIR`` holds every other PDF to the order of its own stream: reading must not tear it.
"""

import argparse
import io
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pypdf
from pypdf.generic import ContentStream, NameObject

from corpus.errors import UserError
from ingest import layout, readers
from ingest.articles import Piece, split
from ingest.lines import Line, Reading
from ingest.repair import repair
from ingest.tests import newspaper, printing

_JOINT = 6  # characters on either side of the border of two lines
_WHOLE = 0.8  # of the characters, both ways, that make a match


class Counts(NamedTuple):
    """What was counted on one page or on several; all fields add up."""

    wanted: int = 0
    found: int = 0
    matched: int = 0
    titles: int = 0
    authors: int = 0
    furniture: int = 0
    strayed: int = 0
    neighbours: int = 0
    kept: int = 0

    def __add__(self, other: object) -> "Counts":
        assert isinstance(other, Counts)
        return Counts(*(a + b for a, b in zip(self, other, strict=True)))


def read_pieces(data: bytes, name: str) -> list[Piece]:
    """The articles of one file, as the pipeline makes them."""
    return split(repair(layout.reading_order(readers.read(data, name))).lines, name=name)


def counted(pieces: Sequence[Piece], truth: dict) -> Counts:
    """One page's articles held to its truth."""
    texts = [_bare(piece.text) for piece in pieces]
    grams = [_grams(text) for text in texts]
    total = Counts(
        wanted=len(truth["articles"]), found=len(pieces), furniture=sum(map(_size, truth["furniture"]))
    )
    for article in truth["articles"]:
        wanted = _grams(_bare("".join(article["lines"])))
        shared = [(wanted & found).total() for found in grams]
        best = max(range(len(pieces)), key=shared.__getitem__, default=-1)
        if best < 0:
            continue
        whole = shared[best] >= _WHOLE * max(wanted.total(), grams[best].total())
        junctions = [_bare(a)[-5:] + _bare(b)[:5] for a, b in pairwise(article["lines"])]
        total += Counts(
            matched=whole,
            titles=_bare(pieces[best].title) == _bare(article["title"]),
            authors=set(pieces[best].authors) == set(article["authors"]),
            neighbours=len(junctions),
            kept=sum(junction in texts[best] for junction in junctions),
        )
    everything = "".join(_bare(piece.title + piece.label + piece.subtitle) for piece in pieces) + "".join(
        texts
    )
    strayed = sum(_size(text) for text in truth["furniture"] if _bare(text) in everything)
    return total + Counts(strayed=strayed)


def _bare(text: str) -> str:
    return re.sub(r"\s", "", text)


def _size(text: str) -> int:
    return len(_bare(text))


def _grams(text: str) -> Counter[str]:
    return Counter(text[n : n + 3] for n in range(len(text) - 2))


def report(counts: Counts) -> str:
    """The page's figures in one line."""
    f1 = 2 * counts.matched / max(counts.wanted + counts.found, 1)
    return (
        f"articles {counts.matched}/{counts.wanted} (found {counts.found}) F1 {f1:.3f}  "
        f"titles {counts.titles / max(counts.wanted, 1):.3f}  authors {counts.authors / max(counts.wanted, 1):.3f}  "
        f"furniture inside {counts.strayed / max(counts.furniture, 1):.3f}  "
        f"neighbours {counts.kept / max(counts.neighbours, 1):.3f}"
    )


# ── the page with truth that is not ours ──────────────────────────────────────────────


class Held(NamedTuple):
    """What reading made of a page: shares (0–1) of the truth's neighbours kept, switches between articles.

    ``placed`` holds the boxes of what was read to those of the truth, ``told`` its text: a line that
    mixes two columns may stand where it should, and still says nothing.
    """

    placed: float
    told: float
    switches: int


def derived(folder: Path) -> Iterable[tuple[str, Held]]:
    """The drawing orders of the rebuilt page in ``folder``, each with how reading held to its truth."""
    truth = json.loads((folder / "newspaper_gt.json").read_text("utf-8"))
    files = {name: (folder / f"newspaper_{name}.pdf").read_bytes() for name in ("order", "shuffle_shadow")}
    files["rows"] = by_rows(files["order"])
    for name, data in files.items():
        lines = layout.reading_order(readers.read(data, f"{name}.pdf"))
        yield name, held_to(truth["blocks"], lines)


def by_rows(data: bytes) -> bytes:
    """The same page with its text drawn row by row across the columns."""
    writer = pypdf.PdfWriter(clone_from=pypdf.PdfReader(io.BytesIO(data)))
    page = writer.pages[0]
    content = ContentStream(page["/Contents"].get_object(), writer)
    runs: list[list] = [[]]
    for operation in content.operations:
        runs[-1].append(operation)
        if operation[1] == b"ET":
            runs.append([])
    placed = [
        (round(-float(operands[5]) / 4), float(operands[4]), n)
        for n, run in enumerate(runs)
        for operands, operator in run
        if operator == b"Tm"
    ]
    order = {n: at for at, (_, _, n) in enumerate(sorted(placed), start=1)}
    ordered = sorted(range(len(runs)), key=lambda n: order.get(n, 0))
    content.operations = [operation for n in ordered for operation in runs[n]]
    page[NameObject("/Contents")] = writer._add_object(content)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def held_to(blocks: Sequence[dict], lines: Sequence[Line]) -> Held:
    """Lines of the page held to the truth's: neighbours there are two lines of one article, one after the other.

    The truth is cut finer than lines are: it parts a row where the scan's recognition did
    (before ``35%``, after ``年``). A line read stands for all its pieces, from the left.
    """
    ordered = sorted(blocks, key=lambda block: block["order"])
    wanted = [(block["art"], *line) for block in ordered for line in block["lines"]]
    boxes = [box for line in lines for box in line.boxes]
    places = [place for box in boxes for place in _pieces(box[1:], wanted)]
    places = [place for n, place in enumerate(places) if n == 0 or places[n - 1] != place]
    pairs = [(n, n + 1) for n in range(len(wanted) - 1) if wanted[n][0] == wanted[n + 1][0]]
    kept = set(pairwise(places))
    text = _bare("".join(line.text for line in lines))
    told = [_bare(wanted[a][-1])[-_JOINT:] + _bare(wanted[b][-1])[:_JOINT] in text for a, b in pairs]
    switches = sum(wanted[a][0] != wanted[b][0] for a, b in pairwise(places))
    return Held(sum(pair in kept for pair in pairs) / len(pairs), sum(told) / len(pairs), switches)


def _pieces(box: Sequence[float], wanted: Sequence[tuple]) -> list[int]:
    """The lines of the truth that lie on the box, else the one that the box lies on; none for furniture."""
    across = [min(box[2], x1) - max(box[0], x0) for _, x0, _, x1, *_ in wanted]
    down = [min(box[3], y1) - max(box[1], y0) for _, _, y0, _, y1, _ in wanted]
    shared = [max(a, 0.0) * max(d, 0.0) for a, d in zip(across, down, strict=True)]
    whole = [
        n for n, (_, x0, y0, x1, y1, _) in enumerate(wanted) if shared[n] > 0.6 * (x1 - x0) * (y1 - y0) > 0
    ]
    best = max(range(len(wanted)), key=shared.__getitem__)
    if shared[best] <= 0.3 * (box[2] - box[0]) * (box[3] - box[1]) and len(whole) < 2:
        return []
    return sorted(whole, key=lambda n: wanted[n][1]) or [best]


# ── plain documents ───────────────────────────────────────────────────────────────────


def stream_kept(reading: Reading) -> float:
    """The share of the stream's neighbouring lines that are neighbours in what is read, furniture aside."""
    parts = [part for line in layout.reading_order(reading) for part in (line.parts or (line,))]
    found = [_bare(part.text) for part in parts]
    text = "".join(found)
    lines = [_bare(line.text) for line in reading.lines]
    pairs = [(a, b) for a, b in pairwise(line for line in lines if line and line in text)]
    return sum(a[-12:] + b[:12] in text for a, b in pairs) / max(len(pairs), 1)


# ── command ───────────────────────────────────────────────────────────────────────────


def main(arguments: Sequence[str]) -> int:
    """Measure and print; 0 when done."""
    parser = argparse.ArgumentParser(prog="python -m ingest.tests.measure")
    parser.add_argument("what", choices=["newspapers", "plain"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", default="1")
    parser.add_argument("--derived", type=Path)
    parser.add_argument("--each", action="store_true", help="a line for every page")
    options = parser.parse_args(arguments)
    if options.what == "plain":
        _plain(options.folder)
        return 0
    _newspapers(options.folder, [int(seed) for seed in options.seeds.split(",")], each=options.each)
    if options.derived:
        for name, held in derived(options.derived):
            sys.stdout.write(
                f"{name}: neighbours kept {held.placed:.3f} by place, {held.told:.3f} in the text, "
                f"switches {held.switches}\n"
            )
    return 0


def _plain(folder: Path) -> None:
    for path in sorted(folder.rglob("*.pdf")):
        try:
            reading = readers.read(path.read_bytes(), path.name)
        except UserError as error:
            sys.stdout.write(f"------  {path.relative_to(folder)}: {error}\n")
            continue
        if reading.lines:
            sys.stdout.write(f"{stream_kept(reading):.4f}  {path.relative_to(folder)}\n")


def _newspapers(folder: Path, seeds: Sequence[int], *, each: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    sheets = newspaper.pages(seeds)
    missing = [page for page in sheets if not (folder / f"{page.name}.pdf").exists()]
    if missing:
        printing.printed(missing, folder)
        for page in missing:
            truth = json.dumps(newspaper.truth(page), ensure_ascii=False, indent=1)
            (folder / f"{page.name}.json").write_text(truth, "utf-8")
    totals: dict[str, Counts] = {}
    started = time.perf_counter()
    for page in sheets:
        truth = json.loads((folder / f"{page.name}.json").read_text("utf-8"))
        counts = counted(read_pieces((folder / f"{page.name}.pdf").read_bytes(), f"{page.name}.pdf"), truth)
        if each:
            sys.stdout.write(f"{page.name}: {report(counts)}\n")
        for key in (page.name.rsplit("-", 2)[0], page.name.rsplit("-", 2)[1], "all pages"):
            totals[key] = totals.get(key, Counts()) + counts
    seconds = (time.perf_counter() - started) / len(sheets)
    for key, counts in totals.items():
        sys.stdout.write(f"{key}: {report(counts)}\n")
    sys.stdout.write(f"{len(sheets)} pages, {seconds:.3f} s a page on one core\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
