"""A PDF writer of forty lines, so that tests can put each run of text exactly where they want it."""

from collections.abc import Sequence
from typing import NamedTuple


class Run(NamedTuple):
    """Text at ``x, y`` (points from the page's top left corner, ``y`` is the baseline)."""

    x: float
    y: float
    text: str
    size: float = 10.0


def make_pdf(
    pages: Sequence[Sequence[Run]],
    *,
    width: int = 595,
    height: int = 842,
    boxes: Sequence[Sequence[float]] = (),
) -> bytes:
    """A PDF whose content streams hold the runs in the order given; no run on a page: a drawn rectangle.

    ``boxes`` (left, top, right and bottom in points) are ruled on every page.
    """
    objects: list[bytes] = [b"", b""]
    font = (
        b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[<</Type/Font"
        b"/Subtype/CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>"
        b"/FontDescriptor<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]"
        b"/ItalicAngle 0/Ascent 880/Descent -120/CapHeight 880/StemV 93>>/DW 1000>>]>>"
    )
    kids = []
    for runs in pages:
        ruled = [
            b"%.1f %.1f %.1f %.1f re S" % (x0, height - y1, x1 - x0, y1 - y0) for x0, y0, x1, y1 in boxes
        ]
        stream = b"\n".join([*ruled, *(_drawn(run, height) for run in runs)]) or b"10 10 300 300 re f"
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream))
        content = len(objects)
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]/Contents %d 0 R/Resources<</Font<</F1 %s>>>>>>"
            % (width, height, content, font)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[0] = b"<</Type/Catalog/Pages 2 0 R>>"
    objects[1] = b"<</Type/Pages/Kids[%s]/Count %d>>" % (b" ".join(kids), len(kids))
    return _assembled(objects)


def _drawn(run: Run, height: int) -> bytes:
    codes = run.text.encode("utf-16-be").hex().encode()
    return b"BT /F1 %.1f Tf 1 0 0 1 %.1f %.1f Tm <%s> Tj ET" % (run.size, run.x, height - run.y, codes)


def _assembled(objects: Sequence[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)
