"""How far a text can be trusted to be what was printed: from its characters, its words, its repetition.

The same score chooses between engines for a page, and stands on the article for those who read it.
"""

import functools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

from corpus.types import UNSURE
from ingest.lines import Line

#: Below it a text is not believed as it stands: another engine, then recognition, is asked.
POOR = 0.8
#: A line of which recognition is less sure: its numbers and names are no facts.
DOUBT = 0.9

# Fonts without any map give letters and signs at random; prose and tables hold few of these signs.
_SIGNS = frozenset("!\"#$%&'*+/;<=>?@[\\]^`{|}~")
_FEW_SIGNS = 0.2
_SAMPLE = 4000  # characters: a page or two tells
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
# Western Europe never writes four accented letters in a row; GB18030 bytes taken for Latin-1 are nothing else.
_BYTES = re.compile(
    r"(?:[\x80-\xff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u20ac\u2122]\s?){4,}"
)
# Scripts that stand in documents here: Latin, Greek, Cyrillic, Arabic, symbols, kana, Han, hangul, full-width forms.
_FAMILIAR = re.compile(
    r"[\x20-\u052f\u0600-\u06ff\u1e00-\u2bff\u2e80-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\ufb50-\uffef"
    r"\U0001f000-\U0001faff\U00020000-\U0003ffff]"
)
# The commonest characters make up two fifths of any Chinese prose: where they are missing, the dictionary is asked.
_COMMON = frozenset(
    "的一是在不了有和人这中大为上个国以要他时来用们生到作地于出就分对成会可主发年动同工也能下过民得面而方后定行学法所经"
    "十三之进部度家力里如水化高自二理起小现实加量都两制机当使点从业本去把性好应开合还因由其前外天政四日社义事平全间样与关"
    "各新线内数正心明看或质第向道条只没结问建月公系情者最立想已通并提题程五果职总组织协商劳务保障权益单位员规制省市县"
)
_COMMON_ENOUGH = 0.25
_RARE = 0.2  # share of characters beyond everyday use from which a text may be noise
_KNOWN = (0.35, 0.85)  # share of characters in no word: as in prose, as in noise
_LOOP = re.compile(r"([\u4e00-\u9fff])\1{3,}")
_PHRASE = 12
#: What lowers the trust by less is not told.
_WORTH_SAYING = 0.02


def trust(text: str) -> float:
    """How far ``text`` can be trusted, 0–1; 1 for a text without anything odd, and for none.

    Each of four shares lowers it: characters that no document is written in, characters
    that make no words, single characters repeated, phrases repeated.
    """
    text = text[:_SAMPLE]
    drawn = [char for char in text if not char.isspace()]
    if not drawn:
        return 1.0
    as_bytes = sum(len(found.group().replace(" ", "")) for found in _BYTES.finditer(text))
    strange = min(1.0, 3.0 * (_strange(drawn) + as_bytes / len(drawn)))
    looped = min(1.0, 2.0 * sum(len(found.group()) for found in _LOOP.finditer(text)) / len(drawn))
    return round((1 - strange) * (1 - looped) * (1 - _wordless(text)) * (1 - _repeated(text)), 3)


def doubts(lines: Iterable[Line], *, borders: float = 1.0) -> str:
    """Why an article is not wholly trusted, in Chinese, the gravest first; ``""`` where it is.

    ``borders`` (0–1) is how sure its borders and its headline are.
    """
    parts = [part for line in lines for part in (line.parts or (line,))]
    read = sum(len(part.text) for part in parts)
    text = "\n".join(part.text for part in parts)[:_SAMPLE]
    drawn = [char for char in text if not char.isspace()]
    if not drawn:
        return ""
    as_bytes = sum(len(found.group().replace(" ", "")) for found in _BYTES.finditer(text))
    looped = sum(len(found.group()) for found in _LOOP.finditer(text))
    weighed = [
        (1 - borders, "标题或文章的起止不一定找对了"),
        (1 - sum(len(part.text) * part.sure for part in parts) / read, "文字是从图像识别的，可能有错字"),
        (3 * (_strange(drawn) + as_bytes / len(drawn)), "有认不出的字符"),
        (2 * looped / len(drawn), "有连续重复的字"),
        (_wordless(text), "许多字不成词，可能是乱码"),
        (_repeated(text), "有整段重复的话"),
    ]
    return "；".join(why for much, why in sorted(weighed, reverse=True) if much >= _WORTH_SAYING)


def article(lines: Iterable[Line]) -> float:
    """Trust in an article's lines: in their characters, and in recognition where it read them."""
    parts = [part for line in lines for part in (line.parts or (line,))]
    read = sum(len(part.text) for part in parts)
    if not read:
        return 1.0
    sure = sum(len(part.text) * part.sure for part in parts) / read
    return round(sure * trust("\n".join(part.text for part in parts)), 3)


def _strange(drawn: Sequence[str]) -> float:
    """Share of characters that stand for nothing: private use, unassigned, control, scripts that are not ours."""
    counts = Counter(drawn)
    lost = sum(
        count
        for char, count in counts.items()
        if char == "\ufffd"
        or unicodedata.category(char) in ("Co", "Cn", "Cc", "Cs")
        or not _FAMILIAR.match(char)
    )
    signs = sum(counts[char] for char in _SIGNS) / len(drawn)
    return lost / len(drawn) + max(0.0, signs - _FEW_SIGNS)


def _wordless(text: str) -> float:
    """0 where the Chinese is made of words, 1 where it is noise; the dictionary is asked only in doubt.

    Names make no words either, but in characters that are in use.
    """
    han = _HAN.findall(text)
    if len(han) < 20 or sum(char in _COMMON for char in han) >= _COMMON_ENOUGH * len(han):
        return 0.0
    if sum(map(_is_rare, han)) < _RARE * len(han):
        return 0.0
    from corpus import words  # loads the dictionary: half a second that sound texts do not pay

    usual, noise = _KNOWN
    return min(1.0, max(0.0, (words.unknown_share(text) - usual) / (noise - usual)))


@functools.lru_cache(maxsize=8192)
def _is_rare(char: str) -> bool:
    """Whether a character is beyond the first level of both GB 2312 and Big5: outside what is used every day."""
    return not any(
        first <= char.encode(encoding, "replace")[0] <= last
        for encoding, first, last in (("gb2312", 0xB0, 0xD7), ("big5", 0xA4, 0xC6))
    )


def _repeated(text: str) -> float:
    """0 unless most of the phrases are said more than twice, as in a loop of recognition."""
    plain = re.sub(r"\W", "", text)
    phrases = Counter(plain[at : at + _PHRASE] for at in range(max(len(plain) - _PHRASE, 0)))
    if len(plain) < 200:
        return 0.0
    again = sum(count for count in phrases.values() if count > 2) / sum(phrases.values())
    return max(0.0, again - 0.5)


# ── doubtful readings ─────────────────────────────────────────────────────────────────

_NUMBER = re.compile(
    r"\d(?:[\d.,，．]*\d)?[%％‰]?|[一二三四五六七八九十百千万亿〇零两]{1,12}(?=[年月日号元人名个天项条户家岁倍])"
)
_PAGE_NUMBER = re.compile(r"^\s*[-—－–一·•]+\s*\d{1,4}\s*[-—－–一·•]+\s*$")
_OPENING = re.compile(
    r"^\s*(?:第[一二三四五六七八九十百千\d]+[编章节条款项]|[（(]?[一二三四五六七八九十\d]+[）)、.．])"
)


def marked(text: str, sure: float, *, is_name: bool = False) -> str:
    """The text of a line that recognition is ``sure`` of, with ``UNSURE`` behind what is no fact.

    That is each number (the label that opens a clause or a list item aside), or the end of a
    line that is a name alone. Lines of which it is sure enough stay as they are, and so does
    the number of a page.
    """
    if sure >= DOUBT or not text.strip() or _PAGE_NUMBER.match(text):
        return text
    opening = _OPENING.match(text)
    head = opening.end() if opening else 0
    body = _NUMBER.sub(lambda found: found.group() + UNSURE, text[head:])
    return text[:head] + body + (UNSURE if is_name and UNSURE not in body else "")
