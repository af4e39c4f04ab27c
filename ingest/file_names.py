"""Names of files: where one that is handed in may lie, and what it says, the title and the day.

The database (国家法律法规数据库) names a download 标题_20240530.docx; copies in Markdown are called
标题(2024-05-30).md. The day is the one on which that text was made.
"""

import re
from datetime import date
from pathlib import Path
from typing import NamedTuple

from corpus.errors import UserError

_NAMED = re.compile(
    r"(?P<title>.*)(?:[_＿](?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})"
    r"|[（(](?P<y2>(?:19|20)\d{2})-(?P<m2>\d{1,2})-(?P<d2>\d{1,2})[）)])"
)
#: What ends the title of a rule; another name may be of anything.
_RULE = re.compile(
    r"(?:法|法典|条例|规定|办法|细则|规则|章程|决定|解释|批复|意见|通知)(?:[（(][^（()）]{1,20}[）)])*$"
)
_NO_RULE = re.compile(r"(?:做|方|写|想|看|用|玩|说|书|语)法$")


class Named(NamedTuple):
    """文件名: the title in it (``""`` of what is no rule) and its ISO day, ``""`` where it has none."""

    title: str
    day: str


def named(name: str) -> Named:
    """Title and day of a file's name, which ends in the day; nothing of another name."""
    found = _NAMED.fullmatch(Path(name).stem)
    if found is None:
        return Named("", "")
    year, month, day = (int(found[key] or found[f"{key}2"]) for key in ("y", "m", "d"))
    try:
        made = date(year, month, day).isoformat()
    except ValueError:
        return Named("", "")
    title = found["title"].rstrip()
    is_rule = _RULE.search(title) and not _NO_RULE.search(title) and len(title) > 3
    return Named(title if is_rule else "", made)


def place_of(path: str) -> Path:
    """Where an uploaded file goes below its batch. Raises ``UserError`` for a path that leads elsewhere."""
    parts = [part for part in re.split(r"[/\\]", path.replace("\0", "")) if part not in ("", ".")]
    if not parts or ".." in parts or len(path) > 900:
        raise UserError("文件名无效。", "请改名后重新上传。")
    return Path(*(_shortened(part) for part in parts))


def _shortened(name: str) -> str:
    """A name that every file system takes: at most 255 bytes, its suffix kept."""
    stem, dot, suffix = name.rpartition(".")
    stem, suffix = (stem, dot + suffix) if stem and len(suffix) <= 10 else (name, "")
    while len((stem + suffix).encode("utf-8", "replace")) > 240:
        stem = stem[:-1]
    return stem + suffix
