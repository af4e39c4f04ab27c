"""What a document says of itself: kind, issuer, number, dates, region, what it replaces.

Everything is read from the text; where it says nothing the field stays empty. What the
office's ``sources.csv`` says comes later and wins.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from corpus.types import Kind, Status
from ingest.numerals import chinese_number

_HEAD, _FOOT = 12, 4  # paragraphs at the start and the end where a document introduces and signs itself

# ── dates ─────────────────────────────────────────────────────────────────────────────

_CN = "〇零○ＯO一二三四五六七八九十"
_DATE = (
    rf"(?P<y>\d{{4}}|[一二][{_CN}]{{3}})\s*年(?:\s*(?P<m>\d{{1,2}}|[{_CN}]{{1,3}})\s*月"
    rf"(?:\s*(?P<d>\d{{1,2}}|[{_CN}]{{1,3}})\s*日)?)?"
)
_SHORT_DATE = r"(?P<y2>(?:19|20)\d{2})\s*[-./]\s*(?P<m2>\d{1,2})(?:\s*[-./]\s*(?P<d2>\d{1,2}))?"
_ANY_DATE = re.compile(rf"{_DATE}|{_SHORT_DATE}")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９", "0123456789")


def iso_date(text: str) -> str:
    """The first date in ``text`` as ISO 8601, as exact as it is written: ``"2024-05-01"``, ``"2024-05"``, ``""``."""
    return next(_dates(text), "")


def _dates(text: str) -> Iterator[str]:
    for found in _ANY_DATE.finditer(text.translate(_FULL_WIDTH)):
        year = _number(found["y"] or found["y2"])
        month = _number(found["m"] or found["m2"])
        day = _number(found["d"] or found["d2"])
        if not 1900 <= year <= 2100 or month > 12:
            continue
        try:
            yield date(year, month, day).isoformat() if day else f"{year}-{month:02}" if month else str(year)
        except ValueError:
            continue  # 2月30日: a slip of the pen is no date


def _number(text: str | None) -> int:
    return chinese_number(re.sub("[ＯO○]", "〇", text)) if text else 0


# ── the description ───────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """著录: the fields of ``corpus.types.Article`` that describe it, named as there."""

    kind: Kind = "其他"
    issuer: str = ""
    number: str = ""
    published_on: str = ""
    effective_on: str = ""
    expires_on: str = ""
    region: str = ""
    status: Status = "未知"
    supersedes: tuple[str, ...] = ()


def describe(
    title: str,
    text: str,
    *,
    label: str = "",
    issuer: str = "",
    dated: str = "",
    name: str = "",
    today: str = "",
) -> Description:
    """Read the description of one article.

    ``label`` is its column label, ``issuer`` and ``dated`` what its byline gave, ``name``
    the file's name, ``today`` an ISO day: what takes effect after it is 尚未施行.
    """
    paras = [para.strip() for para in text.split("\n") if para.strip()]
    head, foot = _head(paras), paras[-_FOOT:]
    own = _issuer(title, head, foot)
    issuer = own if issuer in own else issuer  # the longer name: the body's office, or all who sign
    published = _published(title, head, foot, dated, name)
    effective = _effective(title, head, paras, published)
    expires = _expires(paras, effective)
    return Description(
        kind=_kind(title, label, head, paras),
        issuer=issuer,
        number=_document_number(title, head),
        published_on=published,
        effective_on=effective,
        expires_on=expires,
        region=_region(title, issuer),
        status=_status(title, name, effective, expires, today),
        supersedes=tuple(other for other in _supersedes(paras) if other != title),
    )


def _head(paras: list[str]) -> list[str]:
    """What stands before the first clause or section: the document's own introduction."""
    for index, para in enumerate(paras[:_HEAD]):
        if re.match(r"第[一1]\s*[条章编]|一、", para):
            return paras[:index]
    return paras[:_HEAD]


# ── 文号 ──────────────────────────────────────────────────────────────────────────────

_NUMBER = re.compile(
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


def _document_number(title: str, head: list[str]) -> str:
    """The document's own 文号: alone in a field of its head, or in the title; never one it refers to."""
    for line in head:
        if own := _own_number(line):
            return own
    if found := re.search(rf"[（(]\s*{_NUMBER.pattern}\s*[）)]\s*$", title):
        return _normal_number(found)
    for line, after in pairwise((*head, "")):
        line = line + after.strip() if line.endswith("令") and _ORDER_NUMBER.match(after.strip()) else line
        if len(line) <= 120 and (order := _own_order(line)):
            return order
    return ""


def _own_number(line: str) -> str:
    """The 文号 of a line that holds nothing else but named fields and days."""
    for part in _FIELD.split(line.strip()):
        bare = _FIELD_NAME.sub("", part.strip())
        undated = _ANY_DATE.sub("", bare).strip(" \u3000，,（()）")
        for text in (bare, undated, bare.strip("（()）")):
            found = _NUMBER.fullmatch(text)
            if found and not _ABOUT_ANOTHER.search(found["who"]):
                return _normal_number(found)
    return ""


def _own_order(line: str) -> str:
    """The order by which it was made known, without the day before it: “国务院令第1号”."""
    undated = _CITED.sub(r"\1", _PART_DAY.sub("", _ANY_DATE.sub(" ", line.translate(_FULL_WIDTH)).strip()))
    if not _ORDER_LINE.search(undated) or undated.endswith("。"):
        return ""
    orders = (found for found in _ORDER.finditer(undated) if not _ABOUT_ANOTHER.search(found["order"]))
    return next((re.sub(r"\s", "", found["order"]) for found in orders), "")


def _normal_number(found: re.Match[str]) -> str:
    who = re.sub(r"^.*的|^原", "", found["who"])
    return f"{who}〔{found['year']}〕{int(found['n'])}号"


# ── dates of a document ───────────────────────────────────────────────────────────────

_MADE = re.compile(r"令\s*第|通过|公布|发布|印发|修正|修订|批准|成文日期|发布日期|发布时间|印发日期")
_FILE_DATE = re.compile(r"[（(\[_-]?((?:19|20)\d{2}-\d{1,2}-\d{1,2})[）)\]]?")
_DATE_LINE = re.compile(rf"^[（(]?\s*(?:{_DATE}|{_SHORT_DATE})\s*(?:印发|发布)?\s*[）)]?$")
_FROM = re.compile(
    rf"(?:自|从|于)\s*(?P<when>{_DATE}|(?:公布|发布|印发|颁布|下发)\s*之日)\s*起\s*(?:正式|开始)?(?:施行|实施|执行|生效|试行)"
)
_IN_FORCE = re.compile(rf"(?P<when>{_DATE})\s*(?:起)?\s*(?:施行|实施|生效|试行)$")
_OWN = re.compile(
    r"本(?:法|条例|办法|规定|细则|规则|通知|意见|章程|制度|方案|决定|解释|公约|标准|指南|规程|准则)"
)


def _published(title: str, head: list[str], foot: list[str], dated: str, name: str) -> str:
    """The byline's date; else the file's; else when the head says it was made; else the signature's."""
    if day := iso_date(dated):
        return day
    if found := _FILE_DATE.search(name):
        return iso_date(found.group(1))
    # A law's history is no sentence; one that ends in a full stop speaks of another document.
    history = [line for line in head if len(line) <= 300 and "。" not in line and _MADE.search(line)]
    made = [day for line in history for day in _made_on(line)]
    signed = [day for line in foot if _DATE_LINE.match(line.translate(_FULL_WIDTH)) for day in _dates(line)]
    dated_head = [day for line in head for day in _dates_alone(line)]
    return max(made, default="") or (signed[-1] if signed else "") or (dated_head[0] if dated_head else "")


def _dates_alone(line: str) -> Iterator[str]:
    """The day on a line that holds nothing else, or only the document's number beside it."""
    rest = _NUMBER.sub("", line).strip() if _own_number(line) else line
    if _DATE_LINE.match(rest.translate(_FULL_WIDTH)):
        yield from _dates(rest)


def _made_on(line: str) -> Iterator[str]:
    """Dates in a line such as “2009年…第一次修正 2018年…第二次修正”, the coming into force left out."""
    for part in re.split(r"(?<=[正订过布行准发])[\s，,；;。]+(?=\S)", line):
        if _MADE.search(part) and not re.search(r"施行$|实施$", part):
            yield from (day for day in _dates(part) if len(day) == 10)


def _effective(title: str, head: list[str], paras: list[str], published: str) -> str:
    for para in (title, *head):
        if len(para) <= 120 and (found := _IN_FORCE.search(para.rstrip("）)。"))):
            return iso_date(found["when"])
    candidates = [(para, found) for para in reversed(paras) for found in _FROM.finditer(para)]
    own = [found for para, found in candidates if _OWN.search(para[: found.start()][-25:])]
    plain = [
        found for para, found in candidates[:1] if para in paras[-6:] and "《" not in para[: found.start()]
    ]
    for found in own or plain:
        return iso_date(found["when"]) or (published if _made_once(head) else "")
    return ""


def _made_once(head: list[str]) -> bool:
    """Whether “from the day of publication” can mean the date at hand: an amended text has several."""
    return not any(re.search(r"修正|修订", line) for line in head)


_UNTIL = re.compile(
    rf"(?:有效期(?:限)?\s*(?:截)?至|有效期(?:限)?到|施行至|执行至|实施至|试行至|有效至)\s*(?P<when>{_DATE})"
)
_LASTS = re.compile(
    r"(?:有效期(?:限)?|试行期(?:限)?|试行)\s*(?:为|是)?\s*(?P<n>\d{1,2}|[一二两三四五六七八九十]{1,2})\s*年"
)


_ABOUT_VALIDITY = re.compile(r"(?:第\S{1,6}条|[一二三四五六七八九十\d]{1,3}[、.．]|[\s　])*有效期")


def _expires(paras: list[str], effective: str) -> str:
    """The last day: “有效期至…”, or so many years from taking effect; of the document, not of a card it speaks of."""
    for sentence in (sentence for para in reversed(paras) for sentence in para.split("。")):
        if _about_itself(sentence) and (found := _UNTIL.search(sentence)):
            return iso_date(found["when"])
    sentences = [sentence for para in paras[-6:] + paras[:2] for sentence in para.split("。")]
    for sentence in sentences:
        if _about_itself(sentence) and (found := _LASTS.search(sentence)) and len(effective) == 10:
            return _years_later(effective, chinese_number(found["n"]))
    return ""


def _about_itself(sentence: str) -> bool:
    return bool(_OWN.search(sentence) or _FROM.search(sentence) or _ABOUT_VALIDITY.match(sentence))


def _years_later(day: str, years: int) -> str:
    start = date.fromisoformat(day)
    try:
        end = start.replace(year=start.year + years)
    except ValueError:
        end = start.replace(year=start.year + years, day=28)
    return date.fromordinal(end.toordinal() - 1).isoformat()


# ── who, where, what kind ─────────────────────────────────────────────────────────────

_BODIES = (
    "总工会|工会委员会|工会联合会|人民代表大会常务委员会|人民代表大会|人民政府办公厅|人民政府办公室|人民政府|"
    "国务院办公厅|国务院|最高人民法院|最高人民检察院|委员会办公室|委员会|办公厅|办公室|保障厅|保障局|保障部|"
    "组织部|宣传部|统战部|财政厅|财政局|财政部|应急管理厅|税务总局|税务局|统计局|人民法院|产业工会|工会"
)
_BODY = rf"[\u4e00-\u9fff]{{0,20}}?(?:{_BODIES})(?:办公室|办公厅)?"
_TITLE_ISSUER = re.compile(rf"^(?P<who>{_BODY}(?:[\s、]+{_BODY})*)(?:等.{{1,8}}部门)?\s*关于")
_SIGNATURE = re.compile(rf"^[\u4e00-\u9fff（）()\s]{{0,24}}(?:{_BODIES}|局|厅|公司)(?:（盖章）)?$")
_ISSUER_FIELD = re.compile(
    r"(?:发文机关|发文单位|发文机构|发布机关|发布机构|制定机关|成文机关)\s*[:：]\s*(?P<who>[\u4e00-\u9fff、]{3,40})"
)
_MAKER = re.compile(
    r"(?P<who>全国人民代表大会常务委员会|全国人民代表大会|[\u4e00-\u9fff]{2,8}(?:省|市|自治区)"
    r"(?:第[\u4e00-\u9fff]{1,4}届)?人民代表大会(?:常务委员会)?|最高人民法院|中华全国总工会|国务院)"
)


def _issuer(title: str, head: list[str], foot: list[str]) -> str:
    """Who issued it, in full: “某市总工会办公室” is not “某市总工会”; several are joined by “、”."""
    if found := _TITLE_ISSUER.match(title):
        return "、".join(re.split(r"[\s、]+", found["who"]))
    if signed := _signed(foot):
        return "、".join(signed)
    for line in head:
        if found := _ISSUER_FIELD.search(line):
            return found["who"]
    for line in reversed(head):
        if len(line) <= 200 and "。" not in line and _MADE.search(line):
            line = re.sub(r"第[\u4e00-\u9fff]{1,4}届(?=(?:全国)?人民代表大会)", "", line)
            if found := _MAKER.search(line):
                return found["who"]
    return ""


def _signed(foot: list[str]) -> list[str]:
    """The bodies that sign above the date, each once."""
    bodies: list[str] = []
    for line, after in reversed(list(pairwise(foot))):
        below = bodies or _DATE_LINE.match(after.translate(_FULL_WIDTH))
        if below and _SIGNATURE.match("".join(line.split())):
            parts = line.replace("（盖章）", "").split()
            each = (
                parts if all(len(part) > 3 and _SIGNATURE.match(part) for part in parts) else ["".join(parts)]
            )
            bodies = [*each, *bodies]
        elif bodies:
            break
    return list(dict.fromkeys(bodies))


_PLACE = re.compile(
    r"^(?:中共|中国共产党)?(?P<where>[\u4e00-\u9fff]{2,8}?(?:自治区|自治州|省|市|州|县|区|旗))"
)
_NO_PLACE = re.compile(
    r"(?:城市|超市|门市|股市|地区|社区|园区|校区|小区|辖区|景区|矿区|厂区|市区|街区|各.*|全.*|本.*)$"
)
_NATIONAL = re.compile(
    r"^(?:中华人民共和国|中华全国|全国|国务院|中共中央|最高人民|人力资源(?:和)?社会保障部|财政部|中国工会)"
)


def _region(title: str, issuer: str) -> str:
    """The place whose rule it is: the province, city or county that title or issuer begin with."""
    for text in (title, issuer):
        if _NATIONAL.match(text):
            return "全国"
        found = _PLACE.match(text)
        if found and not _NO_PLACE.search(found["where"]):
            return found["where"]
    return ""


_SUFFIX = r"(?:\s*[（(〔\[【][^）)〕\]】]*[）)〕\]】])*\s*$"
_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("问答", re.compile(r"问答|解答|答记者问|问题汇编|百问")),
    (
        "讲话",
        re.compile(
            rf"(?:讲话|致辞|致词|发言)(?:提纲|稿|摘要|要点)?{_SUFFIX}|^在.{{4,40}}上的(?:讲话|发言|致辞)"
        ),
    ),
    ("通知", re.compile(rf"(?:通知|通报|公报|公告|通告|决定|函|批复|意见|纪要|倡议书|命令){_SUFFIX}")),
    ("办法", re.compile(rf"(?:办法|细则|规则|制度|章程|规程|方案|标准|准则|守则|公约|指引|规范){_SUFFIX}")),
    ("法规", re.compile(rf"(?:(?<![办方看做想说书立执违合守普])法|法典|条例|规定|解释|公约){_SUFFIX}")),
    (
        "调研",
        re.compile(
            rf"调研|调查|(?:思考|探析|研究|对策|浅谈|刍议|探讨|启示){_SUFFIX}|实践(?:和|与)思考|^浅谈|^试论"
        ),
    ),
)
_LAWMAKER = re.compile(r"人民代表大会|国务院|主席令|政府令|最高人民法院|最高人民检察院")
_NEWS = re.compile(
    r"本报讯|本报记者|新华社|通讯员|记者\s|电\s*（|报道|来源\s*[:：]|[\u4e00-\u9fff]\s*摄$|图\s*/\s*文"
)


def _kind(title: str, label: str, head: list[str], paras: list[str]) -> Kind:
    by_title = next((kind for kind, pattern in _KINDS if pattern.search(title)), None)
    lawlike = any(len(line) <= 200 and _LAWMAKER.search(line) and _MADE.search(line) for line in head)
    if by_title == "办法" and (lawlike or title.startswith("中华人民共和国")):
        return "法规"
    if by_title == "通知" and lawlike and re.search(r"批复|决定", title) and "最高人民法院" in title:
        return "法规"
    if (
        by_title == "法规"
        and re.search(rf"规定{_SUFFIX}", title)
        and not lawlike
        and re.search("工会|公司|单位", title)
    ):
        return "办法"
    if by_title:
        return by_title
    if sum(bool(re.match(r"(?:\d+[.、．]\s*)?问\s*[:：]", para)) for para in paras) >= 2:
        return "问答"
    if re.search(r"调研|思考|论坛|理论", label):
        return "调研"
    return "新闻" if any(_NEWS.search(para) for para in (*head[:3], *paras[-1:])) else "其他"


# ── in force or not ───────────────────────────────────────────────────────────────────

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
    rf"{_NUMBER.pattern}\s*(?:文件|文|通知)?(?:{_FROM_THEN}{_AT_ONCE}+{_VERB}|{_FROM_THEN}{_VERB}(?=[。；]|$))"
)


def _status(title: str, name: str, effective: str, expires: str, today: str) -> Status:
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


def _supersedes(paras: list[str]) -> tuple[str, ...]:
    """Titles and numbers of what the text repeals; a law it merely names is left alone."""
    found: list[str] = []
    for para in paras:
        for repeal in _REPLACES.finditer(para):
            for document in _REPLACED.finditer(repeal["what"] or repeal["named"]):
                found.append(document["title"])
                if document["number"] and (number := _NUMBER.search(document["number"])):
                    found.append(_normal_number(number))
        found += [_normal_number(number) for number in _REPLACES_NUMBER.finditer(para)]
    return tuple(dict.fromkeys(found))
