"""Who acts: a question for what the employer must do is not answered by what the worker or an office must."""

import re

from assistant.question.parts import Part
from assistant.values import fold

#: Who acts in rules of work, by side; a sentence of one side says nothing of another's.
_SIDES = {
    "单位": "用人单位|用工单位|(?:所在)?单位|企业|公司|老板|雇主|厂里|派遣公司",
    "职工": "女职工|职工|员工|劳动者|工人|骑手|本人|个人",
    "机关": "(?:行政)?部门|经办机构|仲裁委(?:员会)?|仲裁庭|(?:人民)?法院|鉴定委员会|税务机关|征收机构|行政机关|登记机关|人民政府",
}
#: What shows that the name before it is the one who acts: a duty, a right, a manner, a time.
_ACTS_ASKED = r"(?=自己|本人|要|应|可以|能|得(?!到)|想|需|必须|不|没|多[少久长]|几|最|在|逾期|该|怎么|如何|违法|提出|申请)"
_ACTS = r"(?=应当|应该|可以|只?能|不得|不能|必须|有权|需要|要|须|自|在|提前|未|没有|不|违反|拒绝|逾期|依法|向|按照?|对|无正当理由|拿|出具)"
_ASKED = re.compile("多少|多久|多长|几|什么|哪|怎么|如何|能不能|可不可以|要不要|是否|吗")


def _side(text: str, acts: str, *, last: bool) -> str:
    """The side that acts in a text: of the first name that acts, or of the last."""
    found = sorted(
        (m.start(), side) for side, names in _SIDES.items() for m in re.finditer(f"(?:{names}){acts}", text)
    )
    return found[-1 if last else 0][1] if found else ""


def asked_actor(part: Part) -> str:
    """The side whose act is asked for, in the clause that asks; ``""`` where none acts, or is acted on."""
    clauses = re.split("[,，;；。]", fold(part.text))
    asks = next((c for c in clauses if _ASKED.search(c)), "")
    if re.search("被|受到|谁", asks):
        return ""
    return _side(asks, _ACTS_ASKED, last=False)


def said_actor(said: str) -> str:
    """The side that acts in a folded sentence: before its duty or right, else the first named."""
    for clause in re.split("[,;:]", said):
        modal = re.search("应当|应该|可以|不得|必须|有权|只能", clause)
        if modal and (side := _side(clause[: modal.end()], _ACTS, last=True)):
            return side
    return _side(said, _ACTS, last=False)


def other_actor(part: Part, said: str) -> bool:
    """Whether a folded sentence tells what another side does than the one asked about."""
    asked = asked_actor(part)
    told = said_actor(said) if asked else ""
    return bool(told) and told != asked
