"""Which versions of a rule a question is about."""

import re
from typing import Literal

_BOTH = re.compile(
    r"(?:修订|修改|调整|新规)前后|新旧|新老|前后(?:两个|两版|两份)|(?:两个|两份|各)(?:版本|版)"
)
_OLD = re.compile(
    r"(?:修订|修改|调整|废止)(?:以|之)?前(?!后)|[旧老](?:版|的(?:办法|规定|标准)|办法|规定|标准)|原(?:来|先)?的?(?:办法|规定|标准)|以前的(?:办法|规定|标准)"
)
_NEW = re.compile(
    r"(?:修订|修改|调整)(?:以|之)?后|新(?:版|的(?:办法|规定|标准)|办法|规定|标准)|即将(?:施行|实施)|明年"
)


def versions_wanted(text: str) -> Literal["", "both", "old", "new"]:
    """Which versions of a rule a question is about, where it says so."""
    if _BOTH.search(text):
        return "both"
    return "old" if _OLD.search(text) else "new" if _NEW.search(text) else ""


def without_versions(text: str) -> str:
    """A question without the words for versions, which no version says of itself."""
    for pattern in (_BOTH, _OLD, _NEW):
        text = pattern.sub("", text)
    return text
