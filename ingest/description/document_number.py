"""文号: a document's own number, told from those that it refers to."""

import re
from collections.abc import Sequence
from itertools import pairwise

from ingest.description.dates import ANY_DATE, FULL_WIDTH

DOCUMENT_NUMBER = re.compile(
    r"(?P<who>[\u4e00-\u9fff]{1,14})\s*[〔\[［﹝（(【]\s*(?P<year>(?:19|20)\d{2})\s*[〕\]］﹞）)】]\s*第?\s*(?P<n>\d{1,5})\s*号"
)
_ORDER = re.compile(
    r"(?:由|经|以|现)?(?P<order>[\u4e00-\u9fff]{2,30}令\s*[（(]?\s*第\s*[\d零〇一二三四五六七八九十百]+\s*号)"
)
_ORDER_LINE = re.compile(r"公布|发布|通过|施行|^[（(]?\s*[\u4e00-\u9fff]{2,30}令")
_ORDER_NUMBER = re.compile(r"^[（(]?\s*第\s*[\d零〇一二三四五六七八九十百]+\s*号\s*[）)]?$")
_ABOUT_ANOTHER = re.compile(r"根据|依据|按照|依照|参照|遵照|转发|执行|贯彻|落实|修[正订改]|废止|^见|^同")
_FIELD = re.compile(r"\s*[|｜;；]\s*|\s+(?=[\u4e00-\u9fff]{2,6}\s*[:：])")
_FIELD_NAME = re.compile(r"^(?:发文字号|文件字号|文号|文件编号|字号)\s*[:：]?\s*")
_CITED = re.compile(r"(根据|依据|按照|依照)\s+")
_PART_DAY = re.compile(r"^\d{1,2}月\d{1,2}日")


def document_number(title: str, head: Sequence[str]) -> str:
    """The document's own 文号: alone in a field of its head, or in the title; never one it refers to."""
    for line in head:
        if own := own_number(line):
            return own
    if found := re.search(rf"[（(]\s*{DOCUMENT_NUMBER.pattern}\s*[）)]\s*$", title):
        return normal_number(found)
    for line, after in pairwise((*head, "")):
        line = line + after.strip() if line.endswith("令") and _ORDER_NUMBER.match(after.strip()) else line
        if len(line) <= 120 and (order := _own_order(line)):
            return order
    return ""


def own_number(line: str) -> str:
    """The 文号 of a line that holds nothing else but named fields and days."""
    for part in _FIELD.split(line.strip()):
        bare = _FIELD_NAME.sub("", part.strip())
        undated = ANY_DATE.sub("", bare).strip(" \u3000，,（()）")
        for text in (bare, undated, bare.strip("（()）")):
            found = DOCUMENT_NUMBER.fullmatch(text)
            if found and not _ABOUT_ANOTHER.search(found["who"]):
                return normal_number(found)
    return ""


def _own_order(line: str) -> str:
    """The order by which it was made known, without the day before it: “国务院令第1号”."""
    undated = _CITED.sub(r"\1", _PART_DAY.sub("", ANY_DATE.sub(" ", line.translate(FULL_WIDTH)).strip()))
    if not _ORDER_LINE.search(undated) or undated.endswith("。"):
        return ""
    orders = (found for found in _ORDER.finditer(undated) if not _ABOUT_ANOTHER.search(found["order"]))
    return next((re.sub(r"\s", "", found["order"]) for found in orders), "")


def normal_number(found: re.Match[str]) -> str:
    who = re.sub(r"^.*的|^原", "", found["who"])
    return f"{who}〔{found['year']}〕{found['n'].lstrip('0') or '0'}号"
