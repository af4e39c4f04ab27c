"""Chinese questions out of Chinese sentences: what is asked stands where its answer stood.

Chinese leaves the question word in the answer's place, so “每人每年不超过300元” becomes “每人每年
不超过多少钱？”. Each function takes one statement and returns what it can ask of it, most often
nothing: a question that reads badly is worse than none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_N = r"\d+(?:,\d{3})*(?:\.\d+)?"
_FEW = r"[二两三四五六七八九十]{1,3}"
_MONEY = r"元"
_COUNTED = (
    "个工作日|平方米|人次|场次|小时|分钟|公斤|公里|批次|学时|课时|工作日|周岁|个百分点|"
    "人|名|位|家|户|个|份|次|件|场|台|期|册|项|种|类|辆|趟|包|株|亩|吨|处|所|间|篇|批|轮|对|条|分|岁|天|倍|周|支|座"
)
_SPAN = "个月|日|年"
#: A quantity and its unit; “2024年” and “3月8日” are dates, “第3条” is a place.
_QUANTITY = re.compile(
    rf"(?<![\d第.:：〔])(?P<percent>{_N}[%％](?:[至到-]{_N}[%％])?)"
    rf"|(?<![\d第.:：〔])(?P<range>{_N}[万亿]?(?:{_MONEY})?(?:以上|[至到～—-]){_N}[万亿]?)"
    rf"(?P<range_unit>{_MONEY}(?:以下)?|个月|{_COUNTED}|{_SPAN})"
    rf"|(?<![\d第.:：〔])(?P<number>{_N}[万亿千百]?)(?P<unit>{_MONEY}|个月|{_COUNTED}|日(?!，)|年(?!\d))"
    rf"|(?P<part>{_FEW}分之[一二三四五六七八九]{{1,3}})"
    rf"|(?<![第之十\d初])(?P<few>{_FEW})(?P<few_unit>个工作日|个月|倍|日|天|年(?!级))(?=内|以|，|$|的|通|前|一|书|满|后)"
)
_DAY = r"(?:\d{4}年)?\d{1,2}月(?:\d{1,2}日|[上中下]旬|底)?"
_YEAR = re.compile(r"(?:19|20)\d{2}年")
_DATE = re.compile(rf"(?P<first>{_DAY}|\d{{4}}年)(?:(?:至|到|—|-)(?P<last>{_DAY}|\d{{1,2}}日))?")
#: What says something of the quantity behind it. Without one the number is part of a name or a condition.
_SAYS = re.compile(
    "不超过|不得超过|不少于|不得少于|不低于|不得低于|最高|最多|最低|至少|最长|达到|达|为|是|占|共|有|给予|补助|奖励|罚款?|处|"
    "发放|发给|安排|组织|建成|新建|新增|累计|培训|覆盖|服务|投入|增加|减少|提高|压缩|发出|追回|受理|评选|设|配备|"
    "每|分|办理|收到|完成|支付|拨|缴|延长|满|回收|召开|走访|享受|提前|之日起|自|至|超过|控制在|参加|收取|按|"
    "凑齐|开展|举办|建立|帮助|惠及|吸引|发展|培育|签订|挽回|获得|奖金|只能|放|再加|加"
)
#: Begins with something that stands before this sentence.
_DANGLING = re.compile(
    r"^(?:其中|其|该|此|上述|以上|前款|前述|他|她|它|这|那|同时|也|还|并|但|而|则|两者|另|如|例如|比如|另外|此外|目前|随后|"
    r"因此|所以|于是|然后|再|又|接下来|下一步|一是|二是|三是|四是|五是|首先|其次|最后|本(?!市|省|县|区|办法|条例|规定|通知|人|单位)|"
    r"我|你|您|会上|去年|今年|近年|近日|日前|昨|明|当|不|和|与|及|或|从而|经过|调整后|要|对|全年|年内|即|属于|未|由此|后|有的|一些|某)"
)
#: Begins a clause whose doer stands elsewhere.
_LEANING = re.compile(rf"{_DANGLING.pattern}|^(?:由|在|为|将|把|向|从|按|经|应当|可以|不得)")
_MARK = re.compile(
    r"^\s*(?:第[一二三四五六七八九十百零\d]+条(?:之[一二三四五六七八九十])?[\s　]+|[（(][一二三四五六七八九十\d]+[）)]\s*|"
    r"[一二三四五六七八九十]+、\s*|\d+[.．、]\s*(?!\d)|[•·●]\s*|答[:：]\s*|要点[:：]\s*)"
)
_CITED = re.compile(r"[（(](?:以上|见)?((?:《[^》]+》第[^）)《]+[、，]?)+)[）)]")
_LEAD = re.compile(r"^[^：，。]{2,10}：(?=.{6,})")
_YES_NO = re.compile(r"(?:不|没|应当?|必须|可以|能|算|会|是|要|有)")
_NOT_ASKED = re.compile(r"示例|虚构|整理。?$|依据\d{4}年|浏览次数|如图|图为")
SHORTEST, LONGEST = 10, 62


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """一句话: a sentence without its mark and citations; ``clauses`` are what it cites."""

    text: str
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """问法: a question without its question mark, what kind it is, and the facts that answer it."""

    text: str
    kind: str
    facts: tuple[str, ...]


def statements(text: str) -> Iterator[Statement]:
    """The sentences of a passage that stand alone, headings and rows of tables left out."""
    condition = False
    for raw in re.sub(r"(?<=[\u4e00-\u9fff”》）)]),", "，", text).splitlines():
        line = _MARK.sub("", _MARK.sub("", raw.strip()))
        if line.endswith(("：", ":")):
            condition = bool(re.search("情形|条件|之一", line))
        elif line == raw.strip():
            condition = False
        if condition or len(line) < SHORTEST or not re.search(r"[。；！”]$|[，,]", line) or _row(line):
            continue
        for number, sentence in enumerate(re.split(r"(?<=[。！？])", line)):
            clauses = tuple(c for group in _CITED.findall(sentence) for c in _clauses(group))
            bare = _CITED.sub("", sentence).split("；")[0].strip().rstrip("。！；")
            bare = _MARK.sub("", bare) if number else _MARK.sub("", _LEAD.sub("", bare))
            if len(bare) >= SHORTEST and not _DANGLING.match(bare) and not _NOT_ASKED.search(bare):
                yield Statement(text=bare, clauses=clauses)


def _clauses(group: str) -> list[str]:
    return [f"{law} {place.strip('、，')}" for law, place in re.findall(r"《([^》]+)》(第[^《、，]+)", group)]


def _row(line: str) -> bool:
    return len(re.findall(r"[^：；]{1,20}：[^；]*；", line + "；")) > 1


def numbers(sentence: str) -> Iterator[Asked]:
    """Asks each quantity that its own clause says something of; what stands before it stays."""
    segments = re.split(r"(?<=，)", sentence)
    for place, segment in enumerate(segments):
        found = [m for m in _QUANTITY.finditer(segment) if not _in_quotes(segment, m.start())]
        dates = {i for d in _DATE.finditer(segment) for i in range(*d.span())}
        found = [m for m in found if m.start() not in dates]
        if len(found) != 1 or not _askable(segment, found[0]):
            continue
        before = "" if _whole(segment[: found[0].start()]) else "".join(segments[:place])
        if len(list(_QUANTITY.finditer(_DATE.sub("", before)))) > 1:
            continue
        asked = before + segment[: found[0].start()] + _word(segment, found[0]) + segment[found[0].end() :]
        asked = asked.rstrip("，").rstrip("：")
        if SHORTEST <= len(asked) <= LONGEST and _balanced(asked) and not asked.endswith("内"):
            yield Asked(text=asked, kind="number", facts=(found[0][0],))


def _whole(before: str) -> bool:
    """Whether what stands before a quantity in its own clause says what it is of."""
    leans = re.match(
        r"可以|应当|不得|不低|不超|并|且|由|给予|按|扣除|每[人名家个户]|其|均|分别|最|自|在|从|需|须|为",
        before,
    )
    return len(before) >= 12 and not leans and not _DANGLING.match(before)


def _askable(segment: str, found: re.Match[str]) -> bool:
    after, before = segment[found.end() :].rstrip("，。"), segment[: found.start()]
    if re.search(r"的$|时$|^[以之]?上的|^以[上下]的|以上(?:的|单|企|人|职|学)", after) or re.search(
        r"[“《（(]", after[:1]
    ):
        return False
    if (
        len(after) > 18
        or re.match(r"\d|从", after)
        or re.search(
            r"(?:近|过去|前|后|这|那|第|另|每|连续|月|上午|下午|左右|和|与|及|、|等|或|或者|[—～-])$", before
        )
    ):
        return False
    if found["unit"] in ("个", "次", "项", "种", "类") and re.match(r"^(?:方面|层面|关键|字)", after):
        return False
    return bool(_SAYS.search(before)) or bool(re.match(r"内|以内|前", after))


def _word(segment: str, found: re.Match[str]) -> str:
    last = not segment[found.end() :].rstrip("，。")
    if found["percent"]:
        return "百分之多少" if last or not segment[found.end() :].startswith("的") else "多大比例"
    if found["part"]:
        return "几分之几"
    unit = found["range_unit"] or found["unit"] or found["few_unit"]
    if unit.startswith("元"):
        money = segment[found.end() :]
        return "多少钱" if last or money.startswith("，") else "多少元"
    if unit in ("个月", "年", "倍", "周"):
        return f"几{unit}"
    return f"多少{'天' if unit == '日' and last else unit}"


def dates(sentence: str) -> Iterator[Asked]:
    """Asks the one date of a sentence where its word says what it does: 于, 自…起, 前, 截至."""
    found = [] if re.search("施行|试行|废止", sentence) else list(_DATE.finditer(sentence))
    if len(found) != 1 or _in_quotes(sentence, found[0].start()) or not re.search(r"月|日", found[0][0]):
        return
    one = found[0]
    before, after = sentence[: one.start()], sentence[one.end() :]
    asked = ""
    if one.start() == 0 and after.startswith("，"):
        first = after[1:].split("，")[0]
        asked = f"{first}是什么时候的事" if 10 <= len(first) <= 34 and not _LEANING.match(first) else ""
    elif re.match(r"(?:之|以)?前", after):
        asked = before + "什么时候之前" + re.sub(r"^(?:之|以)?前", "", after)
    elif re.search(r"(?:自|从)$", before) and after.startswith("起"):
        asked = before + "什么时候" + after
    elif re.search(r"(?:于|执行到|有效期至|截止到|延长到|推迟到)$", before) and not after.startswith("的"):
        asked = re.sub(r"于$", "在", before) + ("从什么时候到什么时候" if one["last"] else "什么时候") + after
        asked = asked.replace("在从", "从")
    asked = _to_clause(asked)
    if (
        "什么时候" in asked
        and not asked.endswith("的")
        and SHORTEST <= len(asked) <= LONGEST
        and _balanced(asked)
    ):
        days = (one["first"], one["last"]) if one["last"] else (one["first"],)
        yield Asked(text=asked, kind="when", facts=days)


def _to_clause(asked: str) -> str:
    """Up to the end of the clause that asks."""
    end = asked.find("，", max(asked.rfind("什么时候"), 0))
    return asked if end < 0 else asked[:end]


def definitions(sentence: str) -> Iterator[Asked]:
    """Asks what a word means where the sentence says so (是指, 所称…包括)."""
    found = re.match(
        r"^(?:本(?:办法|规定|条例|通知|意见)所称)?(?:的)?[“]?(?P<word>[\u4e00-\u9fffA-Za-z]{2,12})[”]?，?"
        r"(?:是指|指的是|(?<!是)指(?=为|因|由|在|经|从|以|家|职|单|劳|解))(?P<means>.{6,})$",
        sentence,
    )
    if found is None or re.search(r"的$|规定|月|年", found["word"]):
        return
    means = re.split(r"[，；（(]", found["means"])[0]
    if 4 <= len(means) <= 40:
        yield Asked(text=f"“{found['word']}”指的是什么", kind="definition", facts=(means,))


_NAMES_ITEMS = re.compile(r"分为|包括|提供|做到|建立|设立|设置|坚持|推行|开设")
_ITEMS_COUNTED = re.compile(
    r"(?P<count>[二两三四五六七八九十]{1,3})(?:类|项|种|个|方面|条)[\u4e00-\u9fff]{0,6}$"
)


def inline_lists(sentence: str) -> Iterator[Asked]:
    """Asks “哪五项” where a sentence names its items and counts them: 分为甲、乙和丙三类."""
    for segment in re.split(r"，", sentence):
        counted = _ITEMS_COUNTED.search(segment, segment.rfind("、") + 1)
        if counted is None:
            continue
        before = segment[: counted.start()]
        heads = (verb.end() for verb in _NAMES_ITEMS.finditer(before))
        head = next((end for end in heads if re.fullmatch(r"[^：:“”]*、[^：:“”]*", before[end:])), 0)
        if not head or _DANGLING.match(before[:head]):
            continue
        items = tuple(i for i in re.split(r"、|和|以及|与", before[head:]) if i)
        if len(items) == _count(counted["count"]) and all(2 <= len(i) <= 14 for i in items):
            yield Asked(text=f"{before[:head]}哪{counted[0]}", kind="list", facts=items)


def _count(word: str) -> int:
    return {w: n for n, w in enumerate("一二三四五六七八九十", 1)}.get(word.replace("两", "二"), 0)


def lists(text: str) -> Iterator[tuple[Asked, tuple[str, ...]]]:
    """Asks for the items below a line that announces them; with the clauses the line cites."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for place, line in enumerate(lines):
        items = []
        for item in lines[place + 1 :]:
            if not re.match(r"[（(][一二三四五六七八九十\d]+[）)]|\d+[.．、]|[•·●]", item):
                break
            items.append(_fact(_MARK.sub("", item)))
        facts = tuple(item for item in items if item)
        if not line.endswith(("：", ":")) or len(items) < 3 or len(facts) < 2:
            continue
        head = _CITED.sub("", _MARK.sub("", line)).rstrip("：:").strip()
        asked = _list_question(head.split("。")[-1])
        if asked and len(asked) <= LONGEST and not _DANGLING.match(asked):
            clauses = tuple(c for group in _CITED.findall(line) for c in _clauses(group))
            yield Asked(text=asked, kind="list", facts=facts), clauses


def _fact(item: str) -> str:
    """What an item must be known by: the word before its colon, or its first few words."""
    named = re.match(r"^([^：，。；（(]{2,12})：", item)
    first = named[1] if named else re.split(r"[，。；（(：]", item)[0]
    return first if 2 <= len(first) <= 18 else ""


def _list_question(head: str) -> str:
    """The question a line announcing a list answers; empty where the line is of another kind."""
    rules = (
        (r"^有(?:下列|以下|下面)情形之一的，(.{2,12})$", r"哪些情形\1"),
        (r"有(?:下列|以下|下面)(?:各项)?情形之一的，", "有哪些情形的，"),
        (r"(?:下列|以下|下面的?)(?:几[项种条个])?(?=[\u4e00-\u9fff])", "哪些"),
        (r"(有|分|守|走|过)([两二三四五六七八九十\d]+)(种|项|条|类|个|步|道)(\S{0,8})$", r"\1哪\2\3\4"),
        (r"(主要有|包括|分为|有)$", r"\1哪些"),
        (r"如下$", "有哪些"),
    )
    for pattern, words in rules if not re.search("现将|现就|通知如下", head) else ():
        asked, changed = re.subn(pattern, words, head, count=1)
        if changed and len(asked) >= 8:
            return asked.split("，按")[0] if "哪" in asked.split("，按")[0] else asked
    return ""


def rows(text: str) -> Iterator[Asked]:
    """Asks one cell of a table's row (“地区：云东区；名额（人）：950”), the first column naming the row."""
    for line in text.splitlines():
        cells = [c.split("：", 1) for c in line.strip().split("；") if "：" in c]
        if (
            len(cells) < 2
            or not _row(line)
            or len(cells[0][1]) > 12
            or cells[0][1] in ("合计", "全市", "总计")
        ):
            continue
        for name, value in cells[1:2] if len(cells) > 4 else cells[1:]:
            found = re.fullmatch(r"(.{2,12}?)[（(](.{1,3})[）)]", name)
            if found and re.fullmatch(_N, value):
                yield Asked(text=f"{cells[0][1]}的{found[1]}是多少{found[2]}", kind="number", facts=(value,))


def _answered_shortly(asked: str, short: str) -> bool:
    """Whether the first words of an answer are the answer: a name for 谁, 能 or 不算 for 吗."""
    if "谁" in asked:
        return 1 < len(short) <= 16
    yes_no = re.search(r"吗？?$|算不算|能不能|可不可以", asked)
    return bool(yes_no and len(short) <= 8 and _YES_NO.match(short))


def questions_answered(text: str) -> Iterator[Asked]:
    """The questions that a text puts and answers itself (问…答…), by the values in the answer."""
    for asked, answer in re.findall(r"(?:问[:：]|\d+[.．]\s*)([^\n]{6,40}？)\n答[:：]([^\n]+)", text):
        first = re.sub(r"^(?:就是|是指|是)", "", _CITED.sub("", re.split(r"(?<=。)", answer)[0]))
        values = [m[0] for m in _QUANTITY.finditer(first)]
        short = re.split(r"[，。；（(]", first)[0]
        facts: tuple[str, ...] = ()
        if re.search("多少|几|多久|多长|多大", asked):
            facts = (values[0],) if len(values) == 1 else ()
        elif _answered_shortly(asked, short):
            facts = (short,)
        if facts:
            yield Asked(
                text=asked.rstrip("？"), kind="number" if facts[0] in values else "yesno", facts=facts
            )


def _in_quotes(text: str, place: int) -> bool:
    return text.count("“", 0, place) > text.count("”", 0, place) or text.count("《", 0, place) > text.count(
        "》", 0, place
    )


def _balanced(text: str) -> bool:
    return all(text.count(a) == text.count(b) for a, b in ("“”", "《》", "（）", "()", "‘’"))
