"""The bodies around a document: who issued it, whom it is addressed to, for which place it holds."""

import re
from collections.abc import Sequence
from itertools import pairwise

from ingest.description.dates import DATE, is_date_line
from ingest.description.document_number import own_number

_BODIES = (
    "总工会|工会委员会|工会联合会|人民代表大会常务委员会|人民代表大会|人民政府办公厅|人民政府办公室|人民政府|"
    "国务院办公厅|国务院|中央办公厅|中央军委|最高人民法院|最高人民检察院|委员会办公室|委员会|办公厅|办公室|保障厅|保障局|保障部|"
    "组织部|宣传部|统战部|财政厅|财政局|财政部|应急管理厅|税务总局|税务局|统计局|人民法院|产业工会|工会"
)
_BODY = rf"[\u4e00-\u9fff]{{0,20}}?(?:{_BODIES})(?:办公室|办公厅)?"
_TITLE_ISSUER = re.compile(
    rf"^(?P<who>(?:(?>{_BODY}(?=[\s、]))[\s、]+)*{_BODY})(?:等.{{1,8}}部门)?\s*(?:关于|(?:转发|批转|印发)(?=.*通知\s*$))"
)
_SIGNATURE = re.compile(rf"^[\u4e00-\u9fff（）()\s]{{0,24}}(?:{_BODIES}|局|厅|公司)(?:（盖章）)?$")
_ISSUER_FIELD = re.compile(
    r"(?:发文机关|发文单位|发文机构|发布机关|发布机构|制定机关|成文机关)\s*[:：]\s*(?P<who>[\u4e00-\u9fff、]{3,40})"
)
_MAKER = re.compile(
    r"(?P<who>全国人民代表大会常务委员会|全国人民代表大会|[\u4e00-\u9fff]{2,8}(?:省|市|自治区)"
    r"(?:(?:第[\u4e00-\u9fff]{1,4}届)?人民代表大会(?:常务委员会)?|人民政府(?=令))|最高人民法院|中华全国总工会|国务院)"
)


def issuer(title: str, head: Sequence[str], paras: Sequence[str], history: Sequence[str]) -> str:
    """Who issued it, in full: “某市总工会办公室” is not “某市总工会”; several are joined by “、”.

    ``history`` are the lines of ``head`` that say when it was passed or made known.
    """
    if found := _TITLE_ISSUER.match(title):
        return "、".join(re.split(r"[\s、]+", found["who"]))
    if signed := _signed(paras):
        return "、".join(signed)
    for line in head:
        if found := _ISSUER_FIELD.search(line):
            return found["who"]
    made = [line for line in history if "批准" not in line or "通过" in line]
    for line in reversed(made or history):  # who approves what another body passed has not made it
        line = re.sub(r"第[\u4e00-\u9fff]{1,4}届(?=(?:全国)?人民代表大会)", "", re.sub(DATE, " ", line))
        if len(line) <= 200 and (found := _MAKER.search(line)):
            return found["who"]
    return "国务院" if any(re.fullmatch("中华人民共和国国务院令", line) for line in head) else ""


def is_signature(line: str) -> bool:
    """Whether a line holds the name of a body and nothing else."""
    return bool(_SIGNATURE.match("".join(line.split())))


def _signed(paras: Sequence[str]) -> list[str]:
    """The bodies that sign above the first date below a signature, each once; annexes may follow."""
    at = next((n for n, (a, b) in enumerate(pairwise(paras)) if is_date_line(b) and is_signature(a)), -1)
    bodies: list[str] = []
    for line in reversed(paras[max(0, at - 3) : at + 1]):
        if not is_signature(line):
            break
        parts = line.replace("（盖章）", "").split()
        apart = all(len(part) > 3 and is_signature(part) for part in parts)
        bodies = [*(parts if apart else ["".join(parts)]), *bodies]
    return list(dict.fromkeys(bodies))


_ADDRESSED = re.compile(rf"^(?:各|[\u4e00-\u9fff、]{{2,}}(?:{_BODIES}|局|厅|公司|学院|大学|集团))")
_ADDRESSEE = re.compile(
    r"(?:[部委办省市县区厅局署院会社行处]|代表|委员|主席|同志|单位|机构|公司|总部|中心|学校|政府|机关|部门|街道|乡镇|组织|集团|企业)"
    r"(?:[（(][^）)]*[）)])?[:：]$"
)


def recipients(head: Sequence[str]) -> tuple[str, ...]:
    """主送机关: the bodies that a notice is addressed to, in the line of them that ends in a colon."""
    for above, line in pairwise(("", *head)):
        bare = re.sub(r"^主送\s*[:：]\s*", "", line)
        below_number = own_number(above) and len(bare) <= 60 and _ADDRESSEE.search(bare)
        addressed = bare != line or (
            bare.endswith(("：", ":")) and bool(below_number or _ADDRESSED.match(bare))
        )
        if addressed and len(bare) <= 200 and not re.search(r"[。！？《]|如下|通知", bare):
            return tuple(filter(None, (part.strip() for part in re.split("[，,；;]", bare.rstrip("：:。")))))
    return ()


_PLACE = re.compile(
    r"^(?:中共|中国共产党)?(?P<where>[\u4e00-\u9fff]{2,8}?(?:自治区|自治州|省|市|州|县|区|旗))"
)
_NO_PLACE = re.compile(
    r"(?:城市|超市|门市|股市|地区|社区|园区|校区|小区|辖区|景区|矿区|厂区|市区|街区|各.*|全.*|本.*)$"
)
_NATIONAL = re.compile(
    r"^(?:中华人民共和国|中华全国|全国|国务院|中共中央|最高人民|人力资源(?:和)?社会保障部|财政部|中国工会)"
)


def region(title: str, issuing: str) -> str:
    """The place whose rule it is: the province, city or county that title or issuer begin with."""
    for text in (title, issuing):
        if _NATIONAL.match(text):
            return "全国"
        found = _PLACE.match(text)
        if found and not _NO_PLACE.search(found["where"]):
            return found["where"]
    return ""
