"""The order in which Chinese readers look things up: by the sound of the characters (pinyin).

``pinyin.txt`` holds the 20,903 characters of GBK in the order of the Unicode CLDR's pinyin
collation (Unicode License v3), as ``Intl.Collator("zh-u-co-pinyin")`` gives it in Chromium:
each character has one reading, strokes decide between equal sounds. What it lacks follows by
code point. CLDR's few readings of whole words (重庆) are not taken over.
"""

import functools
import re
from pathlib import Path

from corpus.words import fold

_ORDER = Path(__file__).parent / "pinyin.txt"
#: Numbers are compared by value, up to so many digits.
_DIGITS = 12
#: Latin letters come after all Chinese characters, as in CLDR's order.
_LETTERS = 0xF0000


@functools.cache
def _ranks() -> dict[int, int]:
    characters = "".join(_ORDER.read_text(encoding="utf-8").split())
    ranks = {ord(character): 0x4E00 + rank for rank, character in enumerate(characters)}
    return ranks | {ord("a") + letter: _LETTERS + letter for letter in range(26)}


def sort_key(text: str) -> str:
    """A string that sorts as the text reads: numbers by value, then characters by sound, then letters.

    Case, width, white space, quotation marks and 《》 do not count.
    """
    folded = re.sub(r"\d+", lambda digits: digits[0].zfill(_DIGITS), fold(text))
    return folded.translate(_ranks())
