"""Small TrueType fonts for the newspaper pages: ``fonttools`` is needed only here.

Chromium draws the OpenType fonts of Noto CJK glyph by glyph (Type 3), which makes a page three times
as large. TrueType outlines it embeds as what they are, cut to the characters used.
"""

import base64
from io import BytesIO
from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

NOTO = Path("/usr/share/fonts/opentype/noto")
SIMPLIFIED = 2  # the face for simplified Chinese in each of Noto's collections
FACES = {
    "Song": "NotoSerifCJK-Regular.ttc",
    "Hei": "NotoSansCJK-Regular.ttc",
    "Heavy": "NotoSansCJK-Bold.ttc",
}


def truetype(collection: Path, text: str) -> bytes:
    """The simplified Chinese face of ``collection`` with the characters of ``text``, as a TrueType file."""
    font = TTFont(collection, fontNumber=SIMPLIFIED)
    names = {ord(char): font.getBestCmap()[ord(char)] for char in sorted(set(text)) if char != "\n"}
    shapes, glyphs, order = font.getGlyphSet(), {}, [".notdef", *dict.fromkeys(names.values())]
    for name in order:
        pen = TTGlyphPen(None)
        shapes[name].draw(Cu2QuPen(pen, max_err=1.5, reverse_direction=True))
        glyphs[name] = pen.glyph()
    built = FontBuilder(font["head"].unitsPerEm, isTTF=True)
    built.setupGlyphOrder(order)
    built.setupCharacterMap(names)
    built.setupGlyf(glyphs)
    built.setupHorizontalMetrics({name: font["hmtx"][name] for name in order})
    built.setupHorizontalHeader(ascent=font["hhea"].ascent, descent=font["hhea"].descent)
    built.setupNameTable({"familyName": collection.stem, "styleName": "Regular"})
    built.setupOS2()
    built.setupPost()
    file = BytesIO()
    built.save(file)
    return file.getvalue()


def faces(text: str) -> str:
    """CSS that declares the families Song, Hei and Heavy, holding the characters of ``text``."""
    rules = []
    for family, file in FACES.items():
        data = base64.b64encode(truetype(NOTO / file, text)).decode("ascii")
        rules.append(f"@font-face {{ font-family: {family}; src: url(data:font/ttf;base64,{data}) }}")
    return "\n".join(rules)
