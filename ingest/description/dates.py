"""Dates in every form that documents write."""

import re
from collections.abc import Iterator
from datetime import date

from ingest.description.numerals import chinese_number

_CN = "〇零○ＯO一二三四五六七八九十"
DATE = (
    rf"(?P<y>\d{{4}}|[一二][{_CN}]{{3}})\s*年(?:\s*(?P<m>\d{{1,2}}|[{_CN}]{{1,3}}|元)\s*月"
    rf"(?:\s*(?P<d>\d{{1,2}}|[{_CN}廿卅]{{1,3}})\s*[日号])?)?"
)
SHORT_DATE = r"(?P<y2>(?:19|20)\d{2})\s*[-./]\s*(?P<m2>\d{1,2})(?:\s*[-./]\s*(?P<d2>\d{1,2}))?"
ANY_DATE = re.compile(rf"{DATE}|{SHORT_DATE}")
_DATE_LINE = re.compile(rf"^[（(]?\s*(?:{DATE}|{SHORT_DATE})\s*(?:印发|发布)?\s*[）)]?$")
FULL_WIDTH = str.maketrans("０１２３４５６７８９", "0123456789")


def iso_date(text: str) -> str:
    """The first date in ``text`` as ISO 8601, as exact as it is written: ``"2024-05-01"``, ``"2024-05"``, ``""``."""
    return next(dates(text), "")


def dates(text: str) -> Iterator[str]:
    """Every date in ``text``, in order, as ``iso_date`` gives it; what no calendar has is left out."""
    for found in ANY_DATE.finditer(text.translate(FULL_WIDTH)):
        year = _number(found["y"] or found["y2"])
        month = _number(found["m"] or found["m2"])
        day = _number(found["d"] or found["d2"])
        if not 1900 <= year <= 2100 or month > 12:
            continue
        try:
            yield date(year, month, day).isoformat() if day else f"{year}-{month:02}" if month else str(year)
        except ValueError:
            continue  # 2月30日: a slip of the pen is no date


def _number(text: str | None) -> int:
    """``"元"`` (月) → 1, ``"廿一"`` → 21; 0 for none."""
    text = (text or "").translate(_WRITTEN)
    return chinese_number(text) if text else 0


_WRITTEN = str.maketrans({"Ｏ": "〇", "O": "〇", "○": "〇", "元": "一", "廿": "二十", "卅": "三十"})


def is_date_line(line: str) -> bool:
    """Whether a line holds a date and nothing else."""
    return bool(_DATE_LINE.match(line.translate(FULL_WIDTH)))
