"""What the dictionary says of a text: a door for whoever judges texts before they are in the store."""

import re
import unicodedata

from corpus.characters import simplified, traditional
from corpus.segmenter import Segmenter, in_dictionary, name_sort, names_thing

__all__ = [
    "common",
    "cut",
    "fold",
    "in_dictionary",
    "name_sort",
    "names_thing",
    "simplified",
    "traditional",
    "unknown_share",
]

_SEGMENTER = Segmenter()
_LEFT_OUT = re.compile(r"[\s“”‘’\"'「」『』《》〈〉]+")


def unknown_share(text: str) -> float:
    """Share (0–1) of the Han characters of ``text`` that stand in no word of the dictionary.

    Under .25 in prose, over .85 where the characters are the wrong ones. Loads the
    dictionary at its first call (0.5 s).
    """
    return _SEGMENTER.unknown_share(text)


def cut(text: str) -> list[str]:
    """The search-mode words of a text, folded, in order, without a store."""
    return _SEGMENTER.words(text)


def common(word: str) -> float:
    """How common a word is in the dictionary's own texts: ln of its share per million, ≥ 0; 0 where unknown."""
    return _SEGMENTER.common(word)


def fold(text: str) -> str:
    """The text as titles and names are compared: NFKC, lower case, simplified, without white space and quotation marks."""
    return _LEFT_OUT.sub("", simplified(unicodedata.normalize("NFKC", text).lower()))
