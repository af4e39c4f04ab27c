"""What "第二点", "第三类", "最后一个字" point at in the answer before."""

import re

from assistant.question.subject import subject_of
from assistant.question.vocabulary import NUMERAL
from assistant.values import whole

_POINT = re.compile(
    rf"(?:第({NUMERAL}|\d{{1,2}})|(头)一|(最后)一?)(?:个字|[点条项个类种步句款]|方面)(?!款)(?:的)?"
)
#: The markers of a list's items, which are no part of what they say.
_ITEM = re.compile(rf"^(?:{NUMERAL}+是|{NUMERAL}+、|[（(].{{1,3}}[）)]|\d+[.、．])")
_TITLED = re.compile(r"^《[^》]*》：")
#: Asks to say more, and nothing else.
_MORE_OF_IT = re.compile(
    r"^(?:请|再|能不能|能|可以|麻烦)*(?:给?我)?(?:详细|具体|展开|仔细|细|多)?(?:地)?(?:说说|讲讲|说一下|讲一下|说|讲|解释|介绍|展开)?(?:一下|一点|点)?(?:是)?(?:什么意思|什么|怎么回事|怎么说的?|怎么讲|怎样做|怎么做|内容)?[吗呢吧]?[？?。]*$"
)
_SERIES = re.compile("[^、，。；：:（）()]{1,24}(?:、[^、，。；：:（）()]{1,24})+")
_QUOTED = re.compile("“([^”]{1,8}(?:、[^”、]{1,8})+)”")
#: What leads over to a series: "分为", "是".
_BEFORE_SERIES = re.compile("^.*(?:分为|包括|包含|念好|做到|实行|即|有|是|为|好|以)(?=[\u4e00-\u9fff“])")
_LAST_OF = re.compile(f"(?:等|[等共这]?{NUMERAL}{{1,3}}[类种个项条点字方大]).*$")


def pointed_at(asked: str, answer: str) -> tuple[str, str]:
    """(what an ordinal in a question points at in an answer, the rest of the question); else ``("", "")``."""
    match = _POINT.search(asked)
    if not match or re.search("《|法第|条例|办法|规定", asked) or len(subject_of(asked[: match.start()])) > 2:
        return "", ""
    items = _items(answer)
    place = len(items) if match[3] else 1 if match[2] else whole(match[1]) or 0
    if not 0 < place <= len(items):
        return "", ""
    rest = re.sub("^[，,的]+", "", asked[match.end() :])
    return items[place - 1], "" if _MORE_OF_IT.match(rest) else rest


def _items(answer: str) -> list[str]:
    """What an answer lists: its lines, or the members of the series in its only one."""
    lines = [re.sub(r"\[\d+\]", "", raw).strip() for raw in answer.split("\n")]
    lines = [_TITLED.sub("", li) for li in lines if li]
    if len(lines) > 1:
        return [re.split("[。；，,：:]", _ITEM.sub("", li))[0] for li in lines]
    only = "".join(lines)
    series = [m[1] for m in _QUOTED.finditer(only)] or [m[0] for m in _SERIES.finditer(only)]
    counted = [s for s in series if _LAST_OF.search(s)]
    return max(map(_members, counted or series), key=len, default=[])


def _members(series: str) -> list[str]:
    *first, last = series.split("、")
    first[0] = _BEFORE_SERIES.sub("", first[0])
    closing = re.split("以及|[和与及](?=[^和与及]+$)", last)
    found = [*first, *(_LAST_OF.sub("", c) for c in closing)]
    if found[0].startswith("“") and "”" not in found[0]:
        found = [c.split("”")[0] for c in found]
    return [c.strip("“”") for c in found if c.strip("“”")]
