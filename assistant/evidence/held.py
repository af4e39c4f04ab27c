"""Whether a segment holds the kind of thing asked for: a number of the unit, a time, a person, a place."""

import re
from collections.abc import Iterable, Sequence

from assistant.evidence.context import Context
from assistant.evidence.nearness import NEARLY, share_in_pieces
from assistant.evidence.needed import PAY, THINGS, TOTAL, spelled, unit_asked
from assistant.evidence.people import holds_person
from assistant.question.heads import heads, noun_counted
from assistant.question.parts import Part
from assistant.question.vocabulary import synonyms
from assistant.structure import TABLE_ROW
from assistant.values import fold, has_duration, has_time, narrow, same_unit, values

_PLACE = re.compile(
    r"(?:设在|设于|位于|地址|坐落|落户|走进|地点|在|到|赴|于)[\u4e00-\u9fff“]{2,}|"
    r"[\u4e00-\u9fff]{2,}(?:院|馆|中心|园|站|镇|区|县|市|室|厅|路|号|楼|村|港|湖畔|广场|基地|驿站|学校|企业|单位)"
)


#: Names as long as this have no second meaning.
LONG_NAME = 4


def _named(thing: str, text: str) -> bool:
    """Whether a clause names what is counted in its own word: a short synonym counts something else."""
    if thing in text or share_in_pieces(thing, text) >= NEARLY:
        return True
    others = (w for w in synonyms().get(thing, ()) if len(w) >= LONG_NAME or set(thing) <= set(w))
    return any(word in text for word in others)  # 年假 is short for 年休假


def _without_asked(part: Part, text: str) -> str:
    """The text without the numbers and years that the question itself names: they are no answer."""
    if part.kind not in ("数字", "时间") or "还是" in part.text:
        return text  # "按80还是100" asks which of the two
    for value in values(re.sub(r"\s+", "", part.text)):
        named = value.kind == "数" and not value.unit and not re.search(r"\d", part.text)  # 五一劳动奖章
        if value.kind != "条款" and not named:
            text = text.replace(narrow(part.text)[value.start : value.end], "")
    return text


#: "一共花了多少钱" is not answered by what was free for somebody.
_SPENT_ASKED = re.compile("一共|总共|合计|花了|花掉|用了|投入")
#: What counts no things: asked "有多少机关干部", "不少于60天" says nothing.
_NO_THINGS = ("天", "日", "年", "月", "个月", "小时", "分钟", "元", "万元", "亿元", "周", "届")
#: How pay is told: in yuan, as a share or a multiple, in days or months of wages.
_PAID = re.compile(
    r"[\d一二两三四五六七八九十百千万]\s*(?:余|多)?元|\d%|百分之|[\d一二两三四五六七八九十]\s*倍|(?:[\d一二两三四五六七八九十半])个?[月天日](?:的)?[\u4e00-\u9fff]{0,16}(?:工资|收入)"
)


def _has_number(unit: str, text: str) -> bool:
    found = values(text)
    if unit == TOTAL:
        return any(v.kind == "数" and (v.unit or re.search(r"\d", text[v.start : v.end])) for v in found)
    if unit == PAY:
        return bool(_PAID.search(narrow(text)))
    if unit == THINGS:
        return any(
            v.kind == "数"
            and v.unit not in _NO_THINGS
            and (v.unit or re.search(r"\d", text[v.start : v.end]))
            for v in found
        )
    if unit == "%":
        return any(v.kind == "百分比" for v in found)
    if unit == "倍" and any(v.kind == "百分比" for v in found):
        return True
    if unit:
        return any(v.kind == "数" and v.unit and same_unit(unit, v.unit) for v in found)
    return any(
        v.kind in ("数", "百分比") and (v.unit or re.search(r"\d", text[v.start : v.end])) for v in found
    )


def _cell_with(unit: str, row: str, things: Iterable[str]) -> bool:
    """Whether a cell of a table's row holds a number in the unit, or in a column of the thing counted."""
    things = list(things)
    for cell in re.split("[；;]", row):
        column, _, said = cell.partition("：")
        if values(said) and any(thing in fold(column) for thing in things):
            return True
        for value in values(said):
            if value.kind not in ("数", "百分比"):
                continue
            if (
                not unit
                or (value.unit and same_unit(unit, value.unit))
                or (not value.unit and unit in column)
            ):
                return True
            if not value.unit and "（" not in column:
                return True
    return False


#: How many there are is asked; "满25人的", "300人以上的" are conditions and say nothing about it.
_HOW_MANY_ARE = re.compile("一共|总共|总数|共有|最少要有|至少要有|由几|由多少|(?<![应得要需该])有多少")
_CONDITION = re.compile(
    r"(?:满|不足|不满|超过)\d+[\u4e00-\u9fff]|\d+(?:人|名|家|个|户)(?:及?以上|及?以下)(?!不得)"
)
#: The number of a list's item counts nothing.
_ITEM_NUMBER = re.compile(r"^(?:\d{1,2}[.．、]|[（(]\d{1,2}[）)])")
#: Asked what something costs, "不收费" is the answer.
_FREE = re.compile("不收(?:取)?(?:任何)?费|免费|不用(?:交|掏|花)[^，。]{0,4}[钱费]|免收|免交")


#: Asked when: an event may say it ("办完工作交接时支付"), a mere measure ("每满一年", "每天8小时") does not.
_MOMENT_ASKED = re.compile("什么时候|何时|啥时候|哪天")
_MEASURED = re.compile(
    r"[每满]+(?:[\d一二两三四五六七八九十半]+)?个?(?:年|月|天|日|周)(?:工作)?(?:[\d一二两三四五六七八九十]+(?:小时|天))?|\d+小时"
)
_EVENT = re.compile("[在于自从][^，。；]{2,24}(?:时|之日|[之以]?前|[之以]?后|当天|当日|期间)|[之以](?:前|后)")


#: "违约金最多多少": a limit may be told by another amount: "不得超过培训费用".
_MOST_ASKED = re.compile("最[多高大少低小]|上限|下限|封顶")
_BOUNDED = re.compile("不[得能]?(?:超过|高于|低于|少于)[^，。；]{2}")


def _names(text: str, things: Sequence[str]) -> bool:
    """Whether a text names what is counted, where anything is."""
    return not things or any(_named(thing, fold(text)) for thing in things)


def holds(part: Part, text: str, things: Iterable[str] = ()) -> bool:
    """Whether the text holds the kind of thing a part asks for; a number beside what is counted."""
    text = _without_asked(part, re.sub(r"\s+", "", text))
    text = _ITEM_NUMBER.sub("", text)
    if part.form:
        return bool(re.search(part.form, narrow(text)))
    if part.kind == "数字":
        return _holds_number(part, text, list(things))
    if part.kind == "时间":
        if _MOMENT_ASKED.search(part.text):
            return has_time(_MEASURED.sub("", text)) or bool(_EVENT.search(text))
        return has_duration(text) if part.unit == "时长" else has_time(text)
    if part.kind == "人物":
        return holds_person(part, text)
    if part.kind == "地点":
        return bool(_PLACE.search(text))
    return True


def _holds_number(part: Part, text: str, things: Sequence[str]) -> bool:
    """Whether a text holds a number of the unit asked for beside what is counted."""
    if _HOW_MANY_ARE.search(part.text) and not re.search("[就才](?:必须|要|应|可|得|能|算)", part.text):
        text = _CONDITION.sub("", text)
    if TABLE_ROW.fullmatch(text):
        return _cell_with(unit_asked(part).replace(THINGS, ""), text, things) and _names(text, things)
    unit = unit_asked(part)
    text = text.replace("一次性", "")
    bounded = unit in ("", PAY) and _MOST_ASKED.search(part.text)
    if bounded and any(_BOUNDED.search(c) and _names(c, things) for c in re.split("[；;。]", text)):
        return True
    if unit == "元" and _FREE.search(text) and not _SPENT_ASKED.search(part.text):
        return True
    return any(
        _has_number(unit, clause) and _names(clause, things)
        for clause in re.split(r"[，；;。]|,(?!\d{3})", text)
    )


def holds_here(part: Part, needed: dict[str, float], at: Context, index: int) -> bool:
    """Whether a segment holds what is asked for; the heading of a table may name what its cells count."""
    said = at.view.of(at.view.segments[index])
    things = heads(part, spelled(needed)) or noun_counted(part)
    if holds(part, said, things):
        return True
    under = TABLE_ROW.fullmatch(said) and any(t in at.nearest[index] for t in things)
    return bool(under) and holds(part, said)
