"""What the readers make of real files: twins, scans, speed. Run by hand, the figures go into the README.

    python -m ingest.tests.measure_readers twins DIR     every PDF with a DOCX or HTML twin: paragraphs found whole
    python -m ingest.tests.measure_readers scans DIR     seconds and sureness of each scanned page and picture
    python -m ingest.tests.measure_readers speed DIR     pages a second of each PDF with a text layer
    python -m ingest.tests.measure_readers order DIR     each PDF: neighbours of the stream that stay neighbours

DIR holds ``zh_pdf_*``, ``zh_docx``, ``zh_html``, ``ocr_images`` (any may be missing). A twin is a file
of another format with the same stem.
"""

import difflib
import re
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from corpus.errors import UserError
from ingest import layout, readers, repair

_TWINS = (".docx", ".html", ".htm")
_PICTURES = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".webp")


def plain(text: str) -> str:
    """The text without what printing changes: white space, width of characters, kinds of quotes and dots."""
    folded = unicodedata.normalize("NFKC", text)
    return re.sub(r"[\s\u200b\ufeff]|[·•・\-—–]|[\"'“”‘’]", "", folded)


def paragraphs(path: Path) -> list[str]:
    """A file's paragraphs as the pipeline has them before articles are told apart."""
    reading = readers.read(path.read_bytes(), path.name)
    return [line.text for line in repair.repair(layout.reading_order(reading)).lines]


def twins(folder: Path) -> None:
    for pdf in sorted(folder.rglob("*.pdf")):
        for twin in sorted(
            other for other in folder.rglob(f"{pdf.stem}.*") if other.suffix.lower() in _TWINS
        ):
            try:
                wanted, have = (
                    [plain(text) for text in paragraphs(twin)],
                    [plain(text) for text in paragraphs(pdf)],
                )
            except UserError as error:
                _say(f"{pdf.name} / {twin.name}: {error}")
                continue
            _compare(f"{pdf.name} / {twin.name}", [text for text in wanted if text], have)


def _compare(name: str, wanted: list[str], have: list[str]) -> None:
    whole = set(have)
    through = "".join(have)
    missing = [text for text in wanted if not any(text in one for one in ({text} & whole or have))]
    torn = [text for text in missing if text in through]
    _say(
        f"{name}: {len(wanted) - len(missing)} of {len(wanted)} whole; {len(torn)} more cut in two; {len(missing) - len(torn)} not found"
    )
    for text in missing:
        near = max(
            have,
            key=lambda one: difflib.SequenceMatcher(
                None, one[:200], text[:200], autojunk=False
            ).quick_ratio(),
        )
        _say(f"   {'torn' if text in torn else 'lost'}: {text[:50]}… | nearest {near[:50]}…")


def scans(folder: Path) -> None:
    for path in _files(folder, (".pdf", *_PICTURES)):
        if path.suffix.lower() == ".pdf" and "pdf_text" in str(path.parent):
            continue
        started, burnt = time.monotonic(), time.process_time()
        try:
            reading = readers.read(path.read_bytes(), path.name)
        except UserError as error:
            _say(f"{path.name}: {error}")
            continue
        seconds, worked = time.monotonic() - started, time.process_time() - burnt
        pages = max(len(reading.pages), 1)
        lines = reading.lines
        sure = sum(len(line.text) * line.sure for line in lines) / max(
            sum(len(line.text) for line in lines), 1
        )
        unsure = sum(line.sure < 0.9 for line in lines)
        _say(
            f"{path.name}: {pages} pages, {seconds / pages:.1f} s a page ({worked / pages:.1f} s of processor), "
            f"{len(lines)} lines, sure {sure:.3f}, {unsure} lines below .9, {reading.reader}"
        )


def speed(folder: Path) -> None:
    pages_in_all, seconds_in_all = 0, 0.0
    for path in _files(folder, (".pdf",)):
        started = time.process_time()
        try:
            reading = readers.read(path.read_bytes(), path.name)
        except UserError:
            continue
        if "ocr" in reading.reader:
            continue
        seconds = time.process_time() - started
        pages_in_all, seconds_in_all = pages_in_all + len(reading.pages), seconds_in_all + seconds
        if len(reading.pages) >= 10:
            _say(f"{path.name}: {len(reading.pages) / seconds:.0f} pages a second of one processor")
    _say(
        f"in all: {pages_in_all} pages, {pages_in_all / max(seconds_in_all, 1e-9):.0f} a second of one processor"
    )


_TELLING = 6  # characters: what is shorter (page numbers, cells) stands in too many places
_REACH = 8  # characters on either side of the border of two lines


def order(folder: Path) -> None:
    """Share of the stream's neighbouring lines that are neighbours in reading order, furniture aside."""
    for path in _files(folder, (".pdf",)):
        try:
            reading = readers.read(path.read_bytes(), path.name)
        except UserError:
            continue
        ordered = "".join(plain(line.text) for line in layout.reading_order(reading))
        told = Counter(plain(line.text) for line in reading.lines)
        kept = {text for text in told if len(text) >= _TELLING and ordered.count(text) >= told[text]}
        stream = [text for line in reading.lines if (text := plain(line.text)) in kept]
        pairs = [(a, b) for a, b in pairwise(stream) if a != b]
        moved = [(a, b) for a, b in pairs if not _near(a, b, ordered)]
        _say(f"{path.name}: {1 - len(moved) / max(len(pairs), 1):.3f} of {len(pairs)} neighbours")
        for above, below in moved[:3]:
            _say(f"   parted: …{above[-20:]} | {below[:20]}…")


def _near(above: str, below: str, ordered: str) -> bool:
    """Whether the one follows the other, with nothing but short lines between them."""
    return any(
        -1 < ordered.find(below, found.end()) - found.end() < 60
        for found in re.finditer(re.escape(above), ordered)
    )


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _files(folder: Path, suffixes: tuple[str, ...]) -> Iterator[Path]:
    yield from sorted(path for path in folder.rglob("*") if path.suffix.lower() in suffixes)


if __name__ == "__main__":
    {"twins": twins, "scans": scans, "speed": speed, "order": order}[sys.argv[1]](Path(sys.argv[2]))
