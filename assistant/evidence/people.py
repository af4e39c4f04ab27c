"""Whether a text names who is asked for: a person beside a title, an office that does it, a post."""

import re

from assistant.question.kind import POST_ASKED
from assistant.question.parts import Part
from assistant.structure import TABLE_ROW
from assistant.word_lists import section

_TITLES = "|".join(section("people.txt", "职务"))
_SURNAMES = "".join(section("people.txt", "姓氏"))
_PERSON = re.compile(
    rf"(?:{_TITLES})[、:：\s]?[{_SURNAMES}][\u4e00-\u9fff·]{{1,2}}(?=[以获荣在向说对为等和及，,。、（(\s]|表示|介绍|领衔|认为|$)|"
    rf"[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}(?:表示|说道|说|介绍|告诉|认为|写下|讲述|坦言|同志|等人|[（(])|"
    rf"(?:由|邀请|叫|名叫|是|为|任命|选举|当选)[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}(?:同志|担任|领衔|宣讲|主持|任|带队|主讲|[，,。、])|"
    rf"[{_SURNAMES}](?:\d?某{{1,2}}|[xX×]+\d*|\d{{1,2}})(?!\d|[年月日元万%])|"
    rf"^[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}[，,：:]|"
    r"[\u4e00-\u9fff]{1,4}·[\u4e00-\u9fff]{1,8}|[摄文]\s*$"
)
_ACTOR = re.compile(
    r"由[\u4e00-\u9fff]{2,}|[\u4e00-\u9fff]{2,}(?:工会|委员会|公司|学院|法院|政府|部门|中心|机构|单位|机关|组织|集团|协会|局|厅|部)|"
    r"(?<![\u4e00-\u9fff])[全省市区县]总(?=[\u4e00-\u9fff])"
)


def has_person(text: str) -> bool:
    """Whether the text names a person next to a title, a speech verb or a role."""
    return bool(_PERSON.search(text))


def names_post(text: str) -> bool:
    """Whether the text names a post that somebody may hold."""
    return bool(re.search(_TITLES, text))


#: A column of a table that names who it is.
_WHO_COLUMN = re.compile(r"(?:单位|部门|机构|机关|人|者|谁)：[\u4e00-\u9fff]{2,}")


#: Who pays is told in other words than asked: "费用谁掏" is answered by "由用人单位承担".
_PAYS_ASKED = re.compile("谁来?(?:[出付掏交缴赔]|支付|承担|负担|缴纳|垫付|先行)|哪(?:里|儿)(?:出|支付|掏)")
_PAYS = re.compile(
    "(?:由|从)[^，。；]{2,24}?(?:支付|承担|负担|缴纳?|赔偿|垫付|列支|出|付|交)|"
    "(?:单位|企业|公司|职工|个人|本人|基金|财政|雇主|工会|机构|劳动者|政府|会员)[^。；]{0,40}?(?:支付|承担|负担|缴纳?|赔偿|垫付|自理|自付|[出付交])"
)


def _has_actor(part: Part, text: str) -> bool:
    """Whether the text says which office does what a part asks ("由谁规定": "由……规定")."""
    if TABLE_ROW.fullmatch(text) and _WHO_COLUMN.search(text):
        return True
    if re.search("姓名|名字|哪一?位", part.text):
        return False
    asked = re.search(r"[由是](?:谁|哪[^，,。？]{0,6}?)(?P<does>[\u4e00-\u9fff]+)", part.text)
    if _PAYS_ASKED.search(part.text):
        return bool(_PAYS.search(text))
    does = asked["does"].lstrip("来去先再")[:2].removesuffix("的") if asked else ""
    if not does:
        return bool(_ACTOR.search(text))
    return bool(
        re.search(
            rf"由[^，。；]{{2,40}}?{does}|[\u4e00-\u9fff]{{2,}}(?:负责|应当|依法|选举){does}|"
            rf"(?:{_ACTOR.pattern})[^，。；]{{0,30}}{does}",
            text,
        )
    )


#: "第一名是谁": one person is asked for, no office will do.
_ONE_PERSON = re.compile(r"(?:名|员|手|师|长|书记|主席|主任|经理|劳模|工匠|冠军)(?:是|叫|为)(?:谁|哪一?位)")
_ROLE_ASKED = re.compile(rf"(副?(?:{_TITLES}))(?:是|叫|为)(?:谁|哪一?位|什么)")


def _in_role(part: Part, text: str) -> bool | None:
    """Whether the text names a person in the role asked for: 副院长 is no 院长. None: it cannot be told."""
    asked = _ROLE_ASKED.search(part.text)
    if not asked:
        return None
    role = asked[1] if asked[1].startswith("副") else f"(?<!副){asked[1]}"
    name = rf"(?!常务)[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}"
    if re.search(rf"{role}(?:[、和兼][^，。；、和兼]{{1,10}})*[:：]?{name}|{name}{role}", text):
        return True
    return False if asked[1] in text and not re.search(role, text) else None


#: "那家公司叫什么名字": "某电子公司", "该公司" do not name it.
_ORGANISATION_ASKED = re.compile(
    "(?:公司|企业|单位|工厂|学校|商店|机构|饭店|酒店)(?:的名字)?(?:叫|是)什么(?:名字|名称)?[？?]?$"
)
_ORGANISATION = re.compile(
    r"(?:(?![某该这那本])[\u4e00-\u9fff（）()]){4,}(?:公司|集团|学院|大学|中学|小学|工厂|厂|酒店|饭店|商店|医院)"
)


def holds_person(part: Part, text: str) -> bool:
    """Whether the text names who is asked for: a person, an office that does it, somebody's post."""
    if re.search(POST_ASKED, part.text):
        return names_post(text)
    if _ORGANISATION_ASKED.search(part.text):
        return bool(_ORGANISATION.search(text))
    if not re.search("记者|通讯员|作者|报道|照片|图片|拍|摄", part.text):
        text = re.sub(r"[（(](?:记者|通讯员)[^）)]*[）)]", "", text)
    in_role = _in_role(part, text)
    if in_role is not None:
        return in_role
    return has_person(text) or (not _ONE_PERSON.search(part.text) and _has_actor(part, text))
