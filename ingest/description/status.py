"""Whether a document is in force, as far as it says itself, and what it puts out of force.

What other documents say of it is told by ``corpus.versions.standing``, whatever the order in which they come.
"""

import re
from collections.abc import Sequence

from corpus.types import Status
from ingest.description.document_number import DOCUMENT_NUMBER, normal_number

_REPEALED = re.compile(r"[（(\[【]\s*(?:已废止|废止|已失效|失效)\s*[）)\]】]")
_AMENDED = re.compile(r"[（(\[【]\s*(?:已修改|已修订|已被修订)\s*[）)\]】]")
_VERB = r"(?:废止|失效|停止执行|停止施行|停止实施|不再执行)"
_LIST = r"(?:《[^》]{2,80}》\s*(?:[（(][^）)]{2,60}[）)]\s*)?(?:[、，,和及与以]\s*)*)+"
_FROM_THEN = r"(?:自[^《》。，；]{2,20}(?:之日|日)起)?"
_AT_ONCE = r"(?:现予|应予|一并|同时|予以|即行|自行|自动|相应)"
_REPLACES = re.compile(
    rf"(?P<what>{_LIST})(?:及其[^《》。，；]{{2,12}}?)?{_FROM_THEN}{_AT_ONCE}*{_VERB}"
    rf"|(?:(?<!建议){_AT_ONCE}|决定){_VERB}[^《》。，；的]{{0,16}}(?:印发的|发布的|公布的|制定的)?原?(?P<named>{_LIST})(?!\s*的)"
)
_REPLACED = re.compile(r"《(?P<title>[^》]{2,80})》(?:\s*[（(](?P<number>[^）)]{2,60})[）)])?")
_REPLACES_NUMBER = re.compile(
    rf"{DOCUMENT_NUMBER.pattern}\s*(?:文件|文|通知)?(?:{_FROM_THEN}{_AT_ONCE}+{_VERB}|{_FROM_THEN}{_VERB}(?=[。；]|$))"
)


def status(title: str, name: str, effective: str, expires: str, today: str) -> Status:
    """What title or name say, else what its own first and last day say of ``today``.

    A document that names no last day may have been repealed since: that stays 未知.
    """
    if _REPEALED.search(title) or _REPEALED.search(name):
        return "已废止"
    if _AMENDED.search(title) or _AMENDED.search(name):
        return "已修改"
    if not today:
        return "未知"
    if len(effective) == 10 and effective > today:
        return "尚未施行"
    if len(expires) != 10:
        return "未知"
    return "已废止" if expires < today else "现行" if len(effective) == 10 else "未知"


def supersedes(paras: Sequence[str]) -> tuple[str, ...]:
    """Titles and numbers of what the text repeals; a law it merely names is left alone."""
    found: list[str] = []
    for para in paras:
        for repeal in _REPLACES.finditer(para):
            for document in _REPLACED.finditer(repeal["what"] or repeal["named"]):
                found.append(document["title"])
                if document["number"] and (number := DOCUMENT_NUMBER.search(document["number"])):
                    found.append(normal_number(number))
        found += [normal_number(number) for number in _REPLACES_NUMBER.finditer(para)]
    return tuple(dict.fromkeys(found))
