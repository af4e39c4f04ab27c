"""What a question asks for: its kind, its parts, what must be met, and what a follow-up leaves out."""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from assistant import places
from assistant.types import Query, QuestionKind
from assistant.values import UNIT_PATTERN, fold, narrow, unit_of, whole, years
from assistant.word_lists import section
from corpus.words import in_dictionary, names_thing, simplified

#: Words that carry no subject: they are what every question is made of.
EMPTY_WORDS = frozenset(section("words.txt", "空词"))
#: Verbs and nouns that texts put in many ways: their absence says little about the subject.
WEAK_WORDS = frozenset(section("words.txt", "弱词"))
#: Verbs of one character, as people say them, each before the word that texts have: 扣 扣除.
SHORT_VERBS = dict(pair.split(":") for pair in section("words.txt", "单字"))
#: Groups that have rules of their own: a rule for one of them is none for all.
SPECIAL_GROUPS = {
    group: frozenset((group, *said.split(",")))
    for group, _, said in (pair.partition(":") for pair in section("words.txt", "特别人群"))
}
#: Verbs that segmentation leaves on the word beside them ("柳津放", "第一名奖").
GLUED = frozenset(section("words.txt", "粘字"))
#: Last characters of compounds, each before the word that texts have for it: 体检费 is 体检 and 费用.
COMPOUNDING = dict(pair.split(":") for pair in section("words.txt", "尾字"))
#: What can be asked of any subject: a question of these alone has none of its own.
ASPECTS = frozenset(section("words.txt", "问项"))
#: Shares of a word's rarity that WEAK_WORDS keep.
WEAK_SHARE = 0.35
#: And those that no passage knows and that name no thing: 休成, 能干, 办好 are how people talk.
SPOKEN_SHARE = 0.15
#: And a verb of one character that asks: "都要配哪些东西".
ASKED_VERB = 0.5
#: A word's rarity counts at most this much, so that one odd word never decides alone.
RARITY_CAP = 4.0

_CHAT = re.compile(
    r"^(?:你好|您好|嗨|哈喽|hi|hello|在吗|早上好|下午好|晚上好|(?:谢谢|多谢|感谢)(?:你|您|啦|了)?|再见|拜拜|辛苦了|好的)[，,。！!~～\s]*(?:你是谁)?[?？]?$|"
    r"^(?:请问)?你(?:是谁|叫什么|是什么|能做什么|会做什么|会什么|可以做什么|能干什么|能帮我做什么|是干什么的|有什么(?:用|功能|本领))|"
    r"^(?:怎么|如何)(?:使用|用)(?:你|这个系统|本系统)|^介绍(?:一下)?你自己|^(?:讲|说)个笑话|^测试$|"
    r"^(?:请问)?(?:你|您)(?:觉得|认为|喜欢|昨天|今天|几岁|多大|的(?:老板|主人|名字|爸|妈|家|工资)|有没有(?:感情|[^，。]{0,4}会员证))|"
    r"^(?:今天|明天)(?:的)?天气|^现在几点|^(?:请|帮我?)?写(?:一)?(?:首|篇)(?:情?诗|小说|情书)",
    re.IGNORECASE,
)
#: Who somebody is, by post: "担任什么职务", "是什么身份".
POST_ASKED = "(?:什么|何种?)(?:职务|职位|身份(?!证)|头衔)|(?:职务|职位|头衔|身份)(?:是|为)什么"
#: The words in which a post is asked for.
POST_WORDS = frozenset(["职务", "职位", "身份", "头衔", "担任", "任职"])
_NUMERAL = "[一二两三四五六七八九十]"
_KINDS: tuple[tuple[QuestionKind, str], ...] = (
    ("出处", r"(?<![工写创操])作者|谁写的|谁撰写|谁执笔|文号|发文机关|发文单位|哪个(?:部门|单位|机关)(?:印发|发布|发的)|(?:哪天|什么时候|何时|哪一?天|哪一?年|几时)(?:开始|正式|起)?(?:发布|印发|发表|刊登|公布|颁布|通过|起?施行|起?实施|起?执行|生效)|(?:施行|实施|生效|印发|发布)(?:日期|时间)|(?:号(?:文件)?|[》法]|条例|办法|规定|细则|意见|通知)[^，,。]{0,6}?(?:有效(?!期|率)|废止|失效|作废|过期)|现行(?:有效)?的?[^，,。]{0,20}(?:版本|哪)|哪一?个?版本|(?:现在|目前)[^，,。]{0,4}执行[^，,。]{0,24}哪|出自|哪篇|哪个文件|什么文件|刊登在|来源是"),
    ("条款", rf"第[{_NUMERAL[1:-1]}百零\d]+条|哪一?条(?:规定|依据)?[?？]?$|第几条|法律依据|依据(?:是)?(?:什么|哪)"),
    ("比较", r"区别|不一样|有何不同|有什么不同|哪个(?:更|多|少|高|低|大|早|晚)|谁(?:更|多)|相比|异同|差异"),
    ("人物", rf"谁|哪一?位|何人|什么人|哪个人|姓名|叫什么名字|负责人是|{POST_ASKED}"),
    ("地点", r"哪里|哪儿|何处|何地|什么地方|地点|地址|在哪(?![些几一二两三四五六七八九十\d]|个方面)|哪个(?:地方|城市|省|市|县|区)"),
    ("数字", rf"多少|几(?![个项种点条类大步]?(?:方面|点|项|种|条|类|步|举措|内容|措施|要求|任务|问题|原则|部分))[{re.escape('家名人次份件场期元万亿届个位册岁台套年月天%％')}]|几个?(?:小时|星期|分钟|倍|平方米|公里)|百分之|比例|比率|占比|多大|多高|多重|多远|人数|金额|电话|号码|邮箱|数量|总数"),
    ("时间", r"什么时候|何时|哪[一]?天|哪[一]?年|几月|几号|多久|多长时间|(?<!固定)期限|什么时间|哪[一]?月|日期|时间[是为]|的时间[?？]?$|任期|时限|起止|多长|几年"),
    ("定义", r"什么是|怎么回事|怎么个说法|什么说法|是指什么|指的是什么|是什么意思|何谓|含义|内涵|定义|什么叫"),
    ("列举", rf"哪些|哪几|哪{_NUMERAL}+|哪\d+|哪几[块样]|分别|包括什么|几个?(?:方面|点|项|种|条|类|步|举措|内容|措施|要求|任务|问题|原则|部分)|"
             rf"[“\"]?{_NUMERAL}(?:个|项|种|大|点)?[“\"]?[^，,]{{1,12}}[”\"]?(?:是什么|指什么|指的?是|是哪|有什么|具体是)|有什么(?:要求|措施|内容|举措|做法|条件)|什么(?:样的)?(?:情况|情形|条件)下?|不[能得准](?:干|做|从事)什么|(?:都有|各有|[要需应该得]要?[有带备交配写]|[带交准备配]齐?)什么(?!用|时候)|[走履][行]?什么[^，,。？]{0,4}(?:程序|流程|步骤|手续)|有什么(?:权利|义务|责任|职责|待遇|处罚|后果|材料|手续|情形|权益|职权|任务|好处|规定)"),
    ("办法", r"怎样|怎么|如何|怎么办|做法|流程|步骤|做了什么|做了哪|采取|程序|有何举措|做什么"),
    ("概括", r"讲了什么|说了什么|主要内容|概括|总结|归纳|主旨|大意|介绍一下|谈谈"),
    ("是否", r"吗|是否|能不能|可不可以|有没有|可否|能否|是不是|要不要|会不会|应不应|算不算|行不行|该不该|用不用|违不违法"),
    ("定义", r"是什么|指什么"),
)  # fmt: skip
_ASKING = re.compile(
    r"多少|几[^乎]|什么|怎|如何|哪|谁|何时|何人|何处|何地|吗|是否|能否|可否|多久|多长|多大|多高|百分之几|有没有|分别"
)
#: What an answer must look like when a question names its form.
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
#: "几点开门", "到几点": a time of day; "几点要求" counts points.
_CLOCK_ASKED = re.compile(
    r"几点(?:钟|半|开|关|上班|下班|到|起|结束|截止|之?前|以前|[?？。呢]|$)|(?<!有)(?:到|在|从|是)几点(?!要求|意见|建议)"
)
#: "几月发": which month; "几个月" is how long.
_MONTH_ASKED = re.compile(r"几月(?:份)?(?!几)")
_CLOCK = r"(?:\d{1,2}|[一二两三四五六七八九十]{1,3})(?:[点时](?!间|候|期)|[:：]\d{2})"
#: "从几号到几号", "哪天截止": a day; "每天" is none.
_DAY_ASKED = re.compile(r"(?<!文)几[号日](?![楼线门文])|几月|哪一?天")
_DAY = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})[日号](?!内)|[一二三四五六七八九十\d]月|[上中下]旬|月[初底末]|(?:星期|礼拜|周)[一二三四五六日天]|[次当翌即]日|当天|节|\d{4}[-./]\d"
#: "多久发一次": how often.
_OFTEN_ASKED = re.compile(r"(?:多久|多长时间|几(?:年|个?月|天|周))[^，,。]{0,8}?(?:一次|一回)")
_OFTEN = r"[每逐按](?:隔)?(?:\d+|[一二两三四五六七八九十半])?个?(?:年|月|周|星期|季度?|天|日|届|班)|(?:年|月|周|季度?|天|日|届)(?:至少)?[^，。；]{0,6}(?:\d+|[一二两三四])(?:次|回)"
_MOMENTS = ((_OFTEN_ASKED, _OFTEN), (_CLOCK_ASKED, _CLOCK), (_DAY_ASKED, _DAY))
#: A form is asked for when its name stands where the answer will ("电话是多少"), not when it is counted.
_FORM_ASKED = r"(?:号码)?(?:是|为|在)?(?:多少|什么|几|哪|[?？。]|$|呢)"


class Words(Protocol):
    """What understanding needs of a store."""

    def words(self, text: str) -> list[str]: ...

    def word_weights(self, words: Sequence[str]) -> dict[str, float]: ...


@dataclass(frozen=True, slots=True)
class Part:
    """小问: one thing that is asked. ``unit`` is the measure asked for, ``form`` a pattern."""

    text: str
    kind: QuestionKind
    unit: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True)
class Focus:
    """要点: what evidence must meet, read from a query's text.

    ``titles`` are names in 《》, ``phrases`` what stands in quotation marks, ``places``
    as asked, ``count`` how many items a list must have, ``spread`` whether several
    documents are asked for ("各地").
    """

    kind: QuestionKind
    parts: tuple[Part, ...]
    titles: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    years: frozenset[str] = frozenset()
    count: int | None = None
    clauses: tuple[str, ...] = ()
    spread: bool = False
    nationwide: bool = False
    terms: dict[str, float] = field(default_factory=dict)


@lru_cache(maxsize=1)
def synonyms() -> dict[str, frozenset[str]]:
    """Each word with the other words for the same thing, from ``synonyms.txt``."""
    table: dict[str, frozenset[str]] = {}
    for line in Path(__file__).with_name("synonyms.txt").read_text("utf8").splitlines():
        if line and not line.startswith("#"):
            group = frozenset(line.split())
            for word in group:
                table[word] = table.get(word, frozenset()) | group - {word}
    return table


def kind_of(text: str) -> QuestionKind:
    """The kind of one question; ``其他`` where nothing tells."""
    if _CHAT.search(text.strip()):
        return "闲聊"
    bare = re.sub(r"《[^》]*》", "《》", text)
    if _CLOCK_ASKED.search(bare) or _MONTH_ASKED.search(bare):
        return "时间"
    return next((kind for kind, pattern in _KINDS if re.search(pattern, bare)), "其他")


#: Words that begin like a measure word: "多少日常经费" counts no days.
_NOT_UNITS = (
    "(?:日[常子记]|天然|次数|条[件款]|项目|家庭|名[单额]|场[地所]|期限|位置|套餐|种类|类型|级别|分数|字数|部门|"
    "处[理分罚]|户[外口]|间隔|座谈|本地|节[假日目]|对象|台账|成[员果]|周[边转])"
)


def _unit(text: str) -> str:
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


def _part(text: str) -> Part:
    form = next((shape for name, shape in _FORMS if re.search(f"(?:{name}){_FORM_ASKED}", text)), "")
    if re.search(r"(?:多少|几)[^，,。？?]{0,6}(?:电话|热线|邮箱)", text):
        form = ""  # calls are counted, no number is asked for
    kind = kind_of(text)
    if kind == "时间" and (shape := next((s for asked, s in _MOMENTS if asked.search(text)), "")):
        return Part(text, kind, "", shape)
    unit = _unit(text) if kind == "数字" else ""
    if kind == "时间" and re.search(r"多久|多长时间|期限|任期|时限|几年|几天|几个月|多长", text):
        unit = "时长"
    return Part(text, kind, unit, form)


#: Characters of a question's end in which what is counted stands.
_NEAR_END = 80
_BEFORE_NUMBER = re.compile(
    rf"([\u4e00-\u9fff]{{2,12}}?)(?:是|为|有|达到?了?|约|共|一共|总共|分别)*(?:百分之)?"
    rf"多少(?:{UNIT_PATTERN})?[^\u4e00-\u9fff]*$"
)
_AFTER_NUMBER = re.compile(rf"(?:多少|几)(?:{UNIT_PATTERN})?([\u4e00-\u9fff]{{2,16}})")


_AFTER_WHICH = re.compile(
    rf"(?:哪些|哪几|哪{_NUMERAL}+|哪\d+)(?:个|项|种|条|大|件|类)?(?:方面)?的?(?:主要)?([\u4e00-\u9fff]{{2,10}})"
)


def counted(part: Part, terms: Iterable[str]) -> set[str]:
    """The words that name what is counted: before "是多少", after "多少家"; a number stands beside them."""
    if part.kind != "数字":
        return set()
    bare = _unquoted(part)
    found: set[str] = set()
    terms = list(terms)
    if before := _BEFORE_NUMBER.search(bare[-_NEAR_END:]):
        said = before[1]
        while cut := next((w for w in EMPTY_WORDS if len(w) > 1 and said.endswith(w)), ""):
            said = said[: -len(cut)]
        found |= {t for t in terms if said.endswith(t)}
    if after := _AFTER_NUMBER.search(bare):
        named = re.split(r"[以要的才就可能会是在给到把被从向]", after[1])[0]
        found |= {t for t in terms if t in named}
    return found - WEAK_WORDS


def heads(part: Part, terms: Iterable[str]) -> set[str]:
    """The words that name what is asked for: what is counted, what is listed ("哪些问题")."""
    terms = list(terms)
    match = _AFTER_WHICH.search(_unquoted(part))
    listed = {t for t in terms if match and t in match[1]} - WEAK_WORDS
    return counted(part, terms) | listed


def _unquoted(part: Part) -> str:
    return re.sub(r"[“”《》\"]", "", narrow(part.text))


#: "……一样吗，各是几年": of the things that were named before.
_EACH = re.compile("又?(?:各|分别)(?:是|为|有|要)?(?:多少|几|什么|哪)")


def parts_of(text: str) -> tuple[Part, ...]:
    """The questions in a text, one after another; what asks nothing joins its neighbour."""
    pieces: list[str] = []
    lead = ""
    for piece in re.split(r"(?<=[，,；;？?。！!])(?![^“]*”)(?![^《]*》)", text):
        if _ASKING.search(re.sub(r"《[^》]*》|“[^”]*”", "", piece)):
            if pieces and _EACH.match(piece):
                pieces[-1] += piece
            else:
                pieces.append(lead + piece)
            lead = ""
        elif pieces:
            pieces[-1] += piece
        else:
            lead += piece
    parts = tuple(_part(p) for p in pieces if p.strip(" ，,？?。"))
    return parts or (_part(text),)


def _count(text: str) -> int | None:
    which = re.search(rf"哪({_NUMERAL})[个项种条点大类件步]", text)
    match = which or re.search(
        rf"(?:哪|这|的|[“\"]|^|行|有|做|实现|做到|是)({_NUMERAL}+|\d{{1,2}})(?:个|项|种|条|点|大|类|件|步)?"
        r"(?:方面|“|[\u4e00-\u9fff])",
        narrow(text),
    )
    if not match:
        return None
    found = whole(match[1])
    festive = len(match[1]) == 2 and "十" not in match[1] and not match[1].isdigit()  # 五一, 三八
    return found if found and found >= 2 and not festive else None


#: "六个", "两家": how many are asked for, not what about.
_COUNTED = re.compile(
    r"[一二两三四五六七八九十几多]+[个家项种条点类名位次件大倍]|[一几]个?[月年天日份元]|几天假|百分之几"
)
#: Single characters that end a word which dictionaries cut short ("入会|率", "友好|型").
_SUFFIXES = frozenset("率型性制员费站库园馆队组法权会奖证卡点室班式力网")


#: Single characters that narrow the word after them ("女|会员").
_PREFIXES = frozenset("女男")


def _whole(found: list[str], text: str) -> list[str]:
    """The words, with a single closing character joined to the word it ends."""
    joined: list[str] = []
    for word in found:
        if (joined and joined[-1] in _PREFIXES) or (
            word in _SUFFIXES and joined and joined[-1] + word in text
        ):
            joined.append(joined.pop() + word)
        else:
            joined.append(word)
    return joined


#: What is asked with and glues itself to its neighbours: "一天最多干几小时" is no 最多干, no 几小时.
_MEASURING = re.compile(
    rf"(?:最(?:[多少长短]|[高低](?!工资|生活))|至少)|几个?({UNIT_PATTERN})(?![\u4e00-\u9fff]{{0,2}}制)|[是能]?干什么活?的?|用来|多[大高远重](?=[\u4e00-\u9fff])|[由归]?谁来?(?=[付出买赔掏交])|[能要会该用算是应行]不[能要会该用算是应行]|可不可以|有没有|到(?=什么时候|何时|几[点号月]|哪)"
)


def _unit_left(measuring: re.Match[str]) -> str:
    """A blank, with the unit where that is a word of its own: texts name it, too."""
    return f" {measuring[1]} " if len(measuring[1] or "") > 1 else " "


#: No passage holds it: its rarity is that of every word the corpus does not know.
_UNSEEN = "〇未见〇"


#: What verbs carry behind them without meaning more: "报上去", "留下来", "建了".
_CARRIED = re.compile(r"(?<=.)(?:[上下起出过回进]来|[上下出过回进]去|[了着])$")


def _stripped(word: str, known: Callable[[str], bool]) -> list[str]:
    """A word no passage has, without what segmentation glued to it: "对涉" 涉, "第一名奖" 第一名, "体检费" 体检 费用."""
    if len(word) == 2 and (word[0] in EMPTY_WORDS or word[1] in EMPTY_WORDS):
        return [word[1] if word[0] in EMPTY_WORDS else word[0]]
    if len(word) > 2 and word[-1] in COMPOUNDING and known(word[:-1]):
        return [word[:-1], COMPOUNDING[word[-1]]]
    if len(word) > 2 and (word[-1] in GLUED or word[-1] in SHORT_VERBS) and known(word[:-1]):
        return [word[:-1]]
    if len(word) > 2 and (word[0] in GLUED or word[0] in SHORT_VERBS) and known(word[1:]):
        return [word[1:]]
    return [word]


#: What names of several things open with: "三送", "五缺", "六有".
_COUNTING = frozenset("两二三四五六七八九十双")


def _no_word(word: str) -> bool:
    """Whether two characters are no word but what segmentation left of two ("能领", "人要"; "五缺" is a name)."""
    glued = any(c in GLUED for c in word) and word[0] not in _COUNTING
    return len(word) == 2 and glued and not in_dictionary(word) and word not in synonyms()


def _overlapping(word: str, known: Iterable[str], text: str) -> bool:
    """Whether a word only joins the end of a known one with what follows it: 续费 in 手续费."""
    for other in known:
        text = text.replace(other, "\0")
    return word not in text


def _named_whole(text: str, cut: Collection[str]) -> list[str]:
    """Words with synonyms that are cut into several ("加入工会", "年假"), the longest where they overlap."""
    found: list[str] = []
    for word in sorted((w for w in synonyms() if w in text), key=len, reverse=True):
        if word in text and (word in cut or len(word) >= PHRASE_CHARS or all(c in cut for c in word)):
            text = text.replace(word, " ")
            found.append(word)
    return [word for word in found if word not in cut]


#: From this length on a word with synonyms is looked for in a question before it is cut into words.
PHRASE_CHARS = 3


def _terms(text: str, words: Words) -> dict[str, float]:
    """The words that a question's subject is made of, each with its weight (0 to RARITY_CAP)."""
    bare = narrow(text)
    for place in places.asked(bare):
        bare = bare.replace(places.core(place), " ")
    bare = re.sub(r"[^\w\u4e00-\u9fff%.]+", " ", _MEASURING.sub(_unit_left, bare))
    named = _named_whole(bare, set(words.words(bare)))
    rest = bare
    for word in named:
        rest = rest.replace(word, " ")
    found = _content([*named, *_whole(words.words(rest), rest)], named)
    rarity = words.word_weights([*found, _UNSEEN])
    unseen = rarity.get(_UNSEEN, RARITY_CAP)
    strange = {w for w in found if rarity.get(w, unseen) >= unseen and w not in named}

    def known(word: str) -> bool:
        return words.word_weights([word]).get(word, unseen) < unseen

    for word in tuple(strange):  # what texts say in another word is no word that they lack
        others = words.word_weights(sorted(synonyms().get(word, ()))).values()
        if any(r < unseen for r in others):
            rarity[word] = min(others)
            strange.discard(word)
    found = _mended(found, strange, known, rest)
    verbs = {SHORT_VERBS[w] for w in (*words.words(rest), *found) if w in SHORT_VERBS} - set(found)
    found += sorted(v for v in verbs if not any(v[0] in w for w in found))
    found = [w for w in found if len(w) > 1 or w.isdigit()]
    rarity |= words.word_weights([w for w in found if w not in rarity])
    spoken = {w for w in found if w in strange and w not in WEAK_WORDS and not names_thing(w)} | verbs
    asked = {v for v in verbs if _asks_with(v, bare)}
    shares = dict.fromkeys(WEAK_WORDS, WEAK_SHARE) | dict.fromkeys(spoken, SPOKEN_SHARE)
    shares |= dict.fromkeys(asked, ASKED_VERB)
    return {w: min(rarity.get(w, RARITY_CAP), RARITY_CAP) * shares.get(w, 1.0) for w in found}


def _content(words: Iterable[str], named: Collection[str]) -> list[str]:
    """The words that mean something, each once, without what verbs carry behind them."""
    kept = [w if w in synonyms() else _CARRIED.sub("", w) for w in words if w in named or not _no_word(w)]
    kept = [w for w in dict.fromkeys(kept) if w not in EMPTY_WORDS]
    return [w for w in kept if (len(w) > 1 or w.isdigit()) and not _COUNTED.fullmatch(w)]


def _mended(words: list[str], strange: Collection[str], known: Callable[[str], bool], text: str) -> list[str]:
    """The words without those that segmentation made of others, or glued together."""
    plain = [w for w in words if w not in strange]
    words = [w for w in words if w not in strange or not _in_parts(w, plain)]
    words = [w for w in words if not any(w != o and w in o for o in words)]
    held = [w for w in words if w not in strange]
    words = [w for w in words if w not in strange or not _overlapping(w, held, text)]
    return list(dict.fromkeys(o for w in words for o in (_stripped(w, known) if w in strange else [w])))


def _asks_with(verb: str, text: str) -> bool:
    """Whether the one character for a verb stands right before what asks: "都要配哪些东西"."""
    said = "".join(short for short, written in SHORT_VERBS.items() if written == verb)
    return bool(
        re.search(
            rf"[{said}](?:齐|到|给)?(?:哪些|什么|多少|几)|(?:怎么|怎样|如何)[{said}](?![\u4e00-\u9fff])", text
        )
    )


def _in_parts(word: str, known: Sequence[str]) -> bool:
    """Whether known words make up a word that no passage has, one of them what anything can be asked for.

    "申请加入" is 申请 and 加入; "家政服务员" is no 家政 and no 服务员.
    """
    if not any(part in ASPECTS and part in word for part in known):
        return False
    for part in known:
        word = word.replace(part, "") if part in word else word
    return len(word) <= 1


#: "“四字诀”里的“汇”": the second is asked about, the first says where it belongs.
_WITHIN = re.compile("“[^”]{1,12}”(?:当?中|里[面头]?)的?(?=“[^”]{1,12}”)")


def focus(query: Query) -> Focus:
    """What the query's text demands of its evidence."""
    text = _WITHIN.sub("", query.text)
    titles = tuple(t for t in re.findall(r"《([^》]+)》", text))
    phrases = tuple(p for p in re.findall(r"[“\"]([^”\"]+)[”\"]", re.sub(r"《[^》]*》", "", text)) if fold(p))
    bare = re.sub(r"《[^》]*》", "", text)
    return Focus(
        kind=query.kind if text == query.text else kind_of(text),
        parts=parts_of(text),
        titles=titles,
        phrases=phrases,
        places=tuple(places.asked(bare)),
        years=frozenset(years(bare)),
        count=_count(re.sub(r"[“\"][^”\"]*[”\"]", "", bare)) or _count(bare),
        clauses=tuple(re.findall(r"第[零〇一二三四五六七八九十百\d]+条", bare))
        if query.kind == "条款"
        else (),
        spread=bool(re.search(r"各地|各市|各县|哪些(?:地方|城市|工会|单位|市|地区)|各级工会|都有哪", bare)),
        nationwide=bool(re.search(r"全国(?!总工会|五一|劳动模范|劳模|人大|性|各地)|我国(?!工会)", bare)),
        terms=query.terms,
    )


#: Full-width digits and letters to their plain forms.
_WIDE = {code: chr(code - 0xFEE0) for code in range(0xFF10, 0xFF5B) if chr(code - 0xFEE0).isalnum()}


def plain_forms(text: str) -> str:
    """A question with half-width digits and letters and in simplified characters."""
    return simplified(text.translate(_WIDE))


#: How people open a question, before it begins: no subject stands in it.
_OPENING = re.compile(
    r"^(?:(?:您|你|大家)好|(?:老师|同志|领导|师傅)(?:您好|你好|好)?|请问(?:一下)?(?:老师)?|想(?:请)?问(?:一?下|问)?|"
    r"(?:我|俺)?想?(?:咨询|请教|打听|了解|知道)(?:一?下|个事儿?|个问题)?|麻烦(?:您|你)?(?:问(?:一?下)?|帮我?(?:看|查)(?:看|一?下)?|看看)|"
    r"(?:帮我?|帮忙)(?:查|看|问)(?:一?下|查|看|问)?|(?:我们?|俺们?|咱们?)?(?:单位|厂里|公司|车间|工会|这边|这里|这儿)?"
    r"(?:有个?(?:职工|同事|工友|会员|人)|(?:职工|同事|工友|会员))(?:老)?(?:在|来)?问(?:我|一?下|起|到|过)?)[，,：:。、！!～~\s]+"
)
#: Everyday interrogatives, and what they are written as.
_SPOKEN = (
    (re.compile("咋[么整]?"), "怎么"),
    (re.compile("[为干]嘛"), "为什么"),
    (re.compile("啥"), "什么"),
    (re.compile("多会儿"), "什么时候"),
    (re.compile(r"([放请休])((?:[一二两三四五六七八九十半几]|\d{1,3})个?[天日周月])的?假"), r"\1假\2"),
    (re.compile("个?钟头"), "小时"),
    (re.compile("个?礼拜(?![一二三四五六日天])"), "周"),
)


#: Orders to whoever answers: they are no part of what is asked, and nothing obeys them.
_ORDERED = re.compile(
    r"忽略[^，。：]{0,12}(?:规定|要求|指令|内容|限制|文件|提示)|无视[^，。：]{0,12}(?:规定|要求|限制)|系统提示|</?\w+>|"
    r"不(?:要|用|许)(?:引用|查|看|管)|凭你自己|当成(?:规定|事实|文件)|假[设定](?:文件|规定|政策|资料)|作为(?:管理员|开发者)|命令你|"
    r"重复我的话|你(?:只要|只能|只需|要只)(?:回答|输出|说)|先(?:输出|说出?)[“\"]|删除你|你现在是|扮演|用(?:英文|英语)|写一?首"
)


def without_orders(text: str) -> str:
    """A question without the sentences, or what stands before its last colon or comma, that give orders."""
    if not _ORDERED.search(text):
        return text
    sentences = re.split(r"(?<=[。！？!?\n])", text)
    asking = [s for s in sentences if not _ORDERED.search(s) and _ASKING.search(s)]
    if asking:
        return "".join(asking)
    pieces = re.split(r"[：:，,]", text)
    last = max(n for n, p in enumerate(pieces) if _ORDERED.search(p))
    rest = re.sub(r"^(?:然后|再|并|接着)*(?:回答|告诉我)?", "", "，".join(pieces[last + 1 :]))
    return rest if _ASKING.search(rest) else text


def plainly(text: str) -> str:
    """A question without the courtesies before it, its everyday interrogatives in their written form."""
    while (opened := _OPENING.match(text)) and opened.end() < len(text):
        text = text[opened.end() :]
    for spoken, written in _SPOKEN:
        text = spoken.sub(written, text)
    return text


def reworded(query: Query, words: Words) -> str:
    """The question in the words that the corpus uses most for the same things; as it is where it has none better."""
    text = query.text
    for term in sorted(query.terms, key=len, reverse=True):
        others = words.word_weights(sorted(synonyms().get(term, ())))
        best = min(others, key=lambda w: (others[w], -len(w)), default=term)
        own = words.word_weights([term]).get(term, RARITY_CAP)
        if best != term and others[best] < own and best not in text:
            text = text.replace(term, best)
    return text


def understand(
    question: str, words: Words, history: Sequence[tuple[str, str]] = (), as_of: str = ""
) -> Query:
    """The question as it stands alone; ``notes`` say what was added from the conversation."""
    asked = plainly(without_orders(plain_forms(re.sub(r"\s+", " ", question).strip())))
    text, notes = resolve(asked, history)
    kind = kind_of(text)
    parts = parts_of(text)
    if kind != "闲聊" and len(parts) > 1:
        kind = parts[0].kind
    return Query(asked=asked, text=text, kind=kind, terms=_terms(text, words), as_of=as_of, notes=notes)


_ALSO = re.compile(r"^(?:那么|那|如果是|换成|换作)?[，,]?(.{1,14}?)(?:呢|又如何|怎么样|是多少呢)[？?。]*$")
#: Words that point back. 应该, 其他, 尤其 and the like do not; neither does "这" in front of a time.
_PRONOUN = re.compile(
    r"(?<!其)它们?|(?<![尤极与何])其(?![他中余它次实])|(?<![应活本不])该(?=[项办规通文条政制活标补名公单企奖])|"
    r"这(?:个|项|件事|些|一|部|份|种|类|笔|次)|那(?:个|项|件事|部|份|种|类|笔|次)(?!人)|此(?:事|项|类)|上述|前述|(?<![其吉维排])[他她]们?(?!人)"
)
#: A pronoun after this many characters of one's own subject points into the same question.
_OWN_SUBJECT = 5
_POINT = re.compile(rf"第({_NUMERAL}|\d{{1,2}})(?:点|条|项|个)(?!款)")
_YEAR = re.compile(r"\d{4}年?|去年|今年|前年|明年")
_BASIS = re.compile(
    r"(?:请问)?(?:这|上面|以上)?(?:有|的)?(?:法律|政策|文件)?(?:依据|根据|出处)(?:的)?(?:是|在|为|了)?(?:什么|哪一?[条款部个项]|哪里|哪儿|第几条)?(?:法律|法规|规定|文件|条款|条)*[呢吗]?[？?。]*$"
    r"|(?:是)?(?:哪部法律)?(?:的)?(?:第几条|哪一?条)(?:写的|规定的?|说的)?[呢]?[？?。]*$"
    r"|(?:是|出自|见)哪(?:一?[部个份]|些)(?:法律|法规|文件|规定)(?:的)?(?:第几条|哪一?条)?(?:写|规定|说)?的?[？?。]*$"
)
#: "干满二十年的有几天": of what, stood in the question before.
_HEADLESS = re.compile(r"的(?:话)?(?:能|可以)?(?:有|休|给|享受|拿|领|补|发|要|交)?(?:多少|几)")
#: Whom the question before was about, by a measure ("工作八年的人"): the new one names its own.
_MEASURED = re.compile(
    rf"[\u4e00-\u9fff]{{0,8}}(?:\d{{1,12}}|{_NUMERAL}{{1,12}})(?:多|余)?(?:年|个月|天|岁|人|元|次)[^，,的]{{0,6}}的(?:人员|人|老?职工|女职工|员工|会员|劳动者|单位|企业)?"
)
_MORE = re.compile(
    r"^(?:那么?)?[，,]?(?:还|其中|其余|另外|此外|除此之外|除此以外|其次|然后|接着|接下来)|(?<=.)又(?:能|该|要|可以|会|是)?(?:怎|如何|有|多少|几|什么)"
)
#: An own subject has at least this many characters that are neither asking words nor aspects.
_SUBJECT_CHARS = 2
#: Questions up to here may lean on the one before where they find nothing alone.
LEANING_CHARS = 16


def resolve(asked: str, history: Sequence[tuple[str, str]]) -> tuple[str, tuple[str, ...]]:
    """A question that shows a sign of following another, made whole; other questions as they are."""
    before, answer = _before(history)
    if not before or kind_of(asked) == "闲聊":
        return asked, ()
    whole = (
        _clause_of(asked, before)
        or _point(asked, answer)
        or _also(asked, before)
        or _continued(asked, before)
    )
    return (whole, (_as_read(whole),)) if whole else (asked, ())


def leaning(asked: str, history: Sequence[tuple[str, str]]) -> str:
    """The question read as a follow-up though nothing marks it as one; ``""`` where it cannot be.

    Only for a question that finds nothing alone: it is short, names no place, document or
    quotation of its own, and shows no sign (``resolve`` has read those).
    """
    before, _ = _before(history)
    if not before or kind_of(asked) == "闲聊" or resolve(asked, history)[1]:
        return ""
    if len(asked) > LEANING_CHARS or places.asked(asked) or re.search("[《“]", asked):
        return ""
    return f"{_stated(before)}，{asked}"


def asks_itself(asked: str) -> bool:
    """Whether words ask something without a conversation; "那苏州呢？" does not."""
    return bool(_ASKING.search(asked)) and _subject(asked) != ""


def _as_read(whole: str) -> str:
    return f"按上文理解为：{whole}"


def _before(history: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """The last question that was no small talk, made whole, and its answer."""
    for at in range(len(history) - 1, -1, -1):
        question, answer = history[at]
        if kind_of(question) != "闲聊":
            return resolve(question, history[:at])[0], answer
    return "", ""


_CLAUSE_FIRST = re.compile(r"^(?:那么?)?[，,]?第[零〇一二三四五六七八九十百\d]+条(?!意见|建议)")
_LAW_BEFORE = re.compile(
    r"《[^》]+》|[\u4e00-\u9fff]{2,20}?(?:法|条例|办法|规定|细则)(?=第[零〇一二三四五六七八九十百\d]+条)"
)


def _clause_of(asked: str, before: str) -> str:
    """ "第十三条规定了什么？": of the document that the last question named."""
    law = _LAW_BEFORE.search(before)
    if not law or not _CLAUSE_FIRST.match(asked) or not _ASKING.search(asked):
        return ""
    return law[0] + re.sub(r"^(?:那么?)?[，,]?", "", asked)


def _point(asked: str, answer: str) -> str:
    """ "第二点详细说说": the line of the last answer that is meant."""
    match = _POINT.search(asked)
    if not match or re.search("《|法|条例|办法|规定", asked):
        return ""
    number = whole(match[1]) or 0
    lines = [li for li in (re.sub(r"\[\d+\]", "", raw).strip() for raw in answer.split("\n")) if li]
    if not 0 < number <= len(lines):
        return ""
    lines[number - 1] = re.sub(r"^《[^》]*》：", "", lines[number - 1])
    head = re.split(
        "[。；，,：:]", re.sub(rf"^(?:{_NUMERAL}+[是、]|[（(].{{1,3}}[）)]|\d+[.、])", "", lines[number - 1])
    )[0]
    return f"“{head}”具体怎样做？"


def _also(asked: str, before: str) -> str:
    """ "那苏州呢？": the last question with its place, year or subject replaced."""
    match = _ALSO.match(asked)
    if not match or _ASKING.search(match[1]) or _PRONOUN.search(match[1]):
        return ""
    said = match[1].strip("，, ")
    if places.asked(said):
        named = places.asked(before)
        return before.replace(places.trimmed(named[-1]), said) if named else said + before
    if _YEAR.fullmatch(said):
        year = said if not said.isdigit() else f"{said}年"
        return _YEAR.sub(year, before, count=1) if _YEAR.search(before) else year + before
    subject = _subject_like(said, before)
    return before.replace(subject, said) if subject else f"{said}，{before}"


def _subject_like(said: str, before: str) -> str:
    """The run of the last question that the new words stand for: it ends alike, or is quoted."""
    runs = re.findall(r"“[^”]+”|《[^》]+》", before)
    for run in re.split(
        r"[的是有在由对给为和与，,？?。“”《》]|多少|什么|怎[么样]|如何|哪[些里个天年]?|几[个天年家]?|可以|能够?|享受",
        before,
    ):
        runs += [run, run[: run.rfind(said[-1]) + 1]]
    alike = [r for r in runs if len(r) >= 2 and (r[-1] == said[-1] or r[-2:] in said)]
    return max(alike, key=len, default="")


def _continued(asked: str, before: str) -> str:
    """A question that points back or has no subject of its own, put behind the last one's subject."""
    pronoun = _PRONOUN.search(asked)
    if pronoun and len(_subject(asked[: pronoun.start()])) >= _OWN_SUBJECT:
        pronoun = None
    basis = _BASIS.fullmatch(re.sub(r"^(?:那么?|请问)[，,]?", "", asked))
    if not (pronoun or basis or _elliptic(asked)):
        return ""
    bare = asked[: pronoun.start()] + asked[pronoun.end() :] if pronoun else asked
    stated = _stated(before)
    if kind_of(asked) == "出处" and (document := re.search("《[^》]+》", before)):
        stated = document[0]
    if _HEADLESS.search(asked):
        other = _MEASURED.sub("", stated, count=1)
        stated = other if len(other) >= _SUBJECT_CHARS else stated
    return f"{stated}，{bare.lstrip('的，, ')}"


def _elliptic(asked: str) -> bool:
    """Whether a question has no subject of its own ("期限多久？"), or says that it goes on."""
    if places.asked(asked) or re.search("[《“]", asked):
        return False
    short = len(asked) <= LEANING_CHARS
    return len(_subject(asked)) < _SUBJECT_CHARS or (
        short and bool(_MORE.search(asked) or _HEADLESS.search(asked))
    )


@lru_cache(maxsize=1)
def _no_subject() -> re.Pattern[str]:
    words = sorted((w for w in EMPTY_WORDS | ASPECTS if len(w) > 1), key=len, reverse=True)
    return re.compile("|".join([*map(re.escape, words), _ASKING.pattern]))


def _subject(text: str) -> str:
    """What is left of a text without asking words, function words and aspects (期限, 条件 …)."""
    bare = _no_subject().sub(" ", re.sub(r"[^\u4e00-\u9fff\w]", " ", narrow(text)))
    return "".join(r for r in bare.split() if len(r) > 1 and not EMPTY_WORDS.issuperset(r))


def basis_of(text: str) -> str:
    """The question whose legal basis a text asks for ("……，依据哪一条？"); ``""`` where it asks for none."""
    head, comma, tail = re.sub(r"[？?。]+$", "", text).rpartition("，")
    return head if comma and _BASIS.fullmatch(tail) and len(_subject(head)) >= _SUBJECT_CHARS else ""


def _stated(question: str) -> str:
    """A question as the thing it asks about: without its interrogative words."""
    text = re.sub(
        r"(?:怎么|怎样|如何)(?:算|办|做|交|缴|分|定|发|领|用)?(?=[？?。]*$)|[从由在到向](?:哪[里儿]?|谁)来?",
        "",
        question,
    )
    text = re.sub(
        rf"(?:是|有|为|达到?了?|能|可以)?(?:多少(?:{UNIT_PATTERN})?|几(?:{UNIT_PATTERN})|什么时候|什么|哪[些里儿天年个位]|谁|怎么办|怎样|怎么|如何|何时|何地|多久|多长时间)|"
        r"[吗呢？?。]",
        "",
        text,
    )
    return re.sub(r"(?:设在|位于|设于|在)$", "", text.strip("，, 是的有"))
