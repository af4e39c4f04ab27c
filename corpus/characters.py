"""Characters that are written in several ways: traditional ones to simplified, one for one."""

import re
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("traditional.txt")
#: Begins the part of the table that is only read: of several traditional forms the usual one stands before.
_OTHERS = "# 其余"


def simplified(text: str) -> str:
    """The text in simplified characters, of the same length; as it is where it has no others."""
    return text.translate(_table()) if _traditional().search(text) else text


def traditional(text: str) -> str:
    """The text as people write it who write traditional characters; of the same length."""
    usual = _pairs(_TABLE.read_text(encoding="utf8").partition(_OTHERS)[0])
    return text.translate({ord(plain): other for other, plain in reversed(usual)})


@cache
def _table() -> dict[int, str]:
    return {ord(other): plain for other, plain in _pairs(_TABLE.read_text(encoding="utf8"))}


def _pairs(text: str) -> list[tuple[str, str]]:
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return [(pair[0], pair[1]) for line in lines for pair in line.split()]


@cache
def _traditional() -> re.Pattern[str]:
    return re.compile(f"[{''.join(map(chr, _table()))}]")
