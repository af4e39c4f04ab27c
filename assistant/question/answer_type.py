"""What an answer must look like: the unit it counts in, the form it has."""

import re

from assistant.question.kind import CLOCK_ASKED
from assistant.values import UNIT_PATTERN, narrow, unit_of

#: What a question names as the form of its answer, and how that looks.
_FORMS: tuple[tuple[str, str], ...] = (
    (
        r"电话|热线|手机号|联系方式",
        r"(?<!\d)(?:0\d{2,3}[-—]?\d{7,8}|1\d{10}|\d{7,8}|123\d\d|400[-\d]{7,9})(?!\d)",
    ),
    (r"温度|气温|高温", r"\d(?:\.\d)?(?:℃|°C|摄氏度|度)"),
    (r"邮箱|邮件地址", r"[\w.]+@[\w.]+"),
    (r"网址|网站地址", r"(?:https?:|www\.)\S+"),
    (r"邮编|邮政编码", r"(?<!\d)\d{6}(?!\d)"),
    (r"地址", r"(?:路|街|巷|大道|弄)[^，。]{0,6}\d*号|[\u4e00-\u9fff]{2,}(?:路|街|巷|大厦)|地址"),
)
_CLOCK = r"(?:\d{1,2}|[一二两三四五六七八九十]{1,3})(?:[点时](?!间|候|期)|[:：]\d{2})"
#: "从几号到几号", "哪天截止": a day; "每天" is none.
_DAY_ASKED = re.compile(r"(?<!文)几[号日](?![楼线门文])|几月|哪一?天")
_DAY = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})[日号](?!内)|[一二三四五六七八九十\d]月|[上中下]旬|月[初底末]|(?:星期|礼拜|周)[一二三四五六日天]|[次当翌即]日|之日|当天|节|\d{4}[-./]\d"
#: "多久发一次": how often.
_OFTEN_ASKED = re.compile(r"(?:多久|多长时间|几(?:年|个?月|天|周))[^，,。]{0,8}?(?:一次|一回)")
_OFTEN = r"[每逐按](?:隔)?(?:\d+|[一二两三四五六七八九十半])?个?(?:年|月|周|星期|季度?|天|日|届|班)|(?:年|月|周|季度?|天|日|届)(?:至少)?[^，。；]{0,6}(?:\d+|[一二两三四])(?:次|回)"
_MOMENTS = ((_OFTEN_ASKED, _OFTEN), (CLOCK_ASKED, _CLOCK), (_DAY_ASKED, _DAY))
#: A form is asked for when its name stands where the answer will ("电话是多少"), not when it is counted.
_FORM_ASKED = r"(?:号码)?(?:是|为|在)?(?:多少|什么|几|哪|[?？。]|$|呢)"
#: Words that begin like a measure word: "多少日常经费" counts no days.
_NOT_UNITS = (
    "(?:日[常子记]|天然|次数|条[件款]|项目|家庭|名[单额]|场[地所]|期限|位置|套餐|种类|类型|级别|分数|字数|部门|"
    "处[理分罚]|户[外口]|间隔|座谈|本地|节[假日目]|对象|台账|成[员果]|周[边转])"
)


def form(text: str) -> str:
    """The pattern of what a question names the form of ("电话是多少"); ``""`` where it names none."""
    if re.search(r"(?:多少|几)[^，,。？?]{0,6}(?:电话|热线|邮箱)", text):
        return ""  # calls are counted, no number is asked for
    return next((shape for name, shape in _FORMS if re.search(f"(?:{name}){_FORM_ASKED}", text)), "")


def moment(text: str) -> str:
    """The pattern of a time of day, a day or a recurrence, where a question for a time asks for one."""
    return next((shape for asked, shape in _MOMENTS if asked.search(text)), "")


def duration(text: str) -> bool:
    """Whether a question for a time asks how long."""
    return bool(re.search(r"多久|多长时间|期限|任期|时限|几年|几天|几个月|多长", text))


def unit(text: str) -> str:
    """The measure that a number is asked for in ("多少家" 家); ``""`` where none is named."""
    if re.search(r"百分之(?:多少|几)|比例|比率|占比|率[^，,。]{0,6}多少|多少[%％]|[%％]", text):
        return "%"
    if re.search(r"多少钱|金额|多少资金|多少经费|多少费用|起征点|多少工资", text):
        return "元"
    if re.search("多大年纪|多大岁数|多大年龄|年龄[^，。]{0,4}多[大少]", text):
        return "岁"
    if re.search(r"多大面积|面积.{0,4}多[大少]", text):
        return "平方米"
    match = re.search(rf"(?:多少|几)(?!{_NOT_UNITS})({UNIT_PATTERN})", narrow(text))
    if not match and re.search(r"多少[\u4e00-\u9fff]{0,6}(?:资金|经费|费用)[^\u4e00-\u9fff]*$", text):
        return "元"
    return unit_of(match[1]) if match else ""
