"""Small talk: what people say to whoever answers, which no document answers, and what is said to it."""

import re
from typing import Literal

from assistant.question.kind import kind_of

Talk = Literal["", "问候", "致谢", "抱怨", "简单", "还有", "闲话"]

_SOFT = "(?:啊|呀|哦|噢|哈|啦|了|吧|呢|嘛|的|哟|呗|喽)*"
_YOU = "(?:你|您|你们|系统|这系统|机器人)"
_VERY = "(?:真是?|太|好|很|挺|蛮|有点儿?|非常|特别|这么|还)?"
#: What one clause of small talk is, whole; a sentence is small talk where each of its clauses is.
_CLAUSES: tuple[tuple[Talk, str], ...] = (
    ("致谢", rf"(?:(?:好的?|行|嗯+|那)?(?:谢谢|多谢|感谢|谢了|谢啦)(?:{_YOU})?{_SOFT}|辛苦{_YOU}?{_SOFT}|麻烦{_YOU}了)"),
    ("致谢", rf"(?:好的?|行|嗯+|哦+|噢|那)?(?:好的?|行|嗯+|哦+|噢|可以|没事|没问题|好嘞|OK|明白|懂|知道|清楚|晓得|收到|了解|原来如此|原来是这样|这样){_SOFT}"),
    ("致谢", rf"(?:我|这下|现在)?(?:明白|懂|清楚|知道|晓得){_SOFT}|(?:说得|讲得|回答得?|答得|你)?{_VERY}(?:清楚|明白|不错|厉害|有用|全面|详细|棒|方便|周到){_SOFT}"),
    ("致谢", rf"(?:再见|拜拜|回头见|下次再聊|先这样|就这样|没有?(?:别的|其他)?(?:事|问题){_SOFT}){_SOFT}"),
    ("简单", rf"(?:{_YOU}|请)?(?:能不能|能|可不可以|可以|麻烦)?(?:再)?(?:说|讲|回答|写)?(?:得)?(?:再)?(?:简单|通俗|简短|简洁|直白|明白|短|白话)(?:一?点儿?|一?些)(?:说|讲|回答|吗|行吗|好吗)*{_SOFT}"),
    ("简单", rf"(?:请)?(?:说|讲)(?:人话|大白话|重点)(?:行不行|行吗|好吗)?{_SOFT}|(?:换个|用)(?:大白话|通俗|简单)(?:的)?(?:说法|话)?(?:再)?(?:说|讲)?(?:一?遍|一下)?{_SOFT}|一句话(?:说|概括|总结)(?:一下|清楚)?{_SOFT}"),
    ("简单", rf"(?:(?:说|讲)了半天)?(?:我)?(?:没|看不|听不|还是不)(?:看|听)?(?:太)?(?:懂|明白){_SOFT}|(?:这|你说的)?(?:是)?(?:什么|啥)意思{_SOFT}"),
    ("抱怨", rf"(?:{_YOU})?(?:说|讲|回答|答|写)?(?:得|的)?{_VERY}(?:啰嗦|罗嗦|长|乱|复杂|绕|慢|笼统|含糊|差劲?|烂|笨|蠢|没用|离谱){_SOFT}"),
    ("抱怨", rf"(?:{_YOU})?(?:这|这个|这都|连这个?都|怎么|什么都|啥都)*(?:都|也|又)?(?:不知道|不会|不懂|答不(?:上来|出来|了)|回答不了|查不到|找不到){_SOFT}"),
    ("抱怨", rf"(?:那)?要{_YOU}?(?:有)?(?:什么|何|啥)用{_SOFT}|{_YOU}?(?:真)?(?:没(?:什么|啥)?用|不行|不好用|不靠谱){_SOFT}|白问{_SOFT}"),
    ("抱怨", rf"答非所问{_SOFT}|(?:我问的|我要的|我说的)?不是(?:这个|这|问这个)(?:意思)?{_SOFT}|{_YOU}?(?:没|没有)(?:回答|答到)(?:我的?)?(?:问题|点子?上)?{_SOFT}|牛头不对马嘴{_SOFT}"),
    ("还有", r"(?:那)?(?:还有|还有别的|还有其他的?|还有没有(?:别的|其他的?)?|就这些|没别的了?|没有别的了?|只有这些)(?:吗|么|嘛)?(?:了)?(?:吗)?"),
    ("闲话", rf"(?:哎呀?|唉|诶)?(?:我|俺|咱)?(?:们)?(?:今天|今儿|最近|这两天|昨天|天天)?{_VERY}(?:累|困|烦|忙|饿|热|冷|闷|郁闷|无聊|开心|高兴|难受|头疼|倒霉){_SOFT}"),
    ("闲话", rf"(?:哎呀?|唉|诶)?(?:今天|今儿|外面|最近)?(?:的)?天气?{_VERY}(?:好|热|冷|闷|不错|差|晴朗){_SOFT}"),
    ("闲话", r"(?:哎呀?|唉|诶|嗨|哈哈+|呵呵+|嘿嘿+|嘻嘻+|呃+|额+)"),
)  # fmt: skip
_COMPILED = tuple((talk, re.compile(pattern, re.IGNORECASE)) for talk, pattern in _CLAUSES)

_REPLIES: dict[Talk, str] = {
    "问候": (
        "您好，我是工会政策问答助手：您问，我到已入库的文件里找依据，用原文回答，每句话都能点回出处。"
        "请直接提出您的问题。"
    ),
    "致谢": "不客气。还有要查的，接着问就行。",
    "抱怨": (
        "这次没有帮上忙，抱歉。我只引用已入库的文件，不作猜测。您可以点“有问题”告诉我们错在哪里，"
        "也可以换个说法再问：说清是哪份文件、哪一年、哪个地方，会准得多。"
    ),
    "简单": (
        "我只摘引文件原文，不替文件改写，免得走样。您可以只问其中一点，例如“多少钱”“几天”“找谁办”；"
        "点句子后面的编号，可以看到它的上下文。"
    ),
    "还有": "上面列的，就是这次找到的全部依据；相近的段落在“来源”里。要查别的方面，请直接问。",
    "闲话": "您辛苦了。我只会查已入库的文件；有要查的政策，请直接问。",
}


def talk_of(text: str) -> Talk:
    """Which small talk a text is; ``""`` where any clause of it is something else."""
    clauses = [c for c in re.split(r"[\s，,。.！!？?~～、；;…]+", text.strip()) if c]
    found = [_clause(c) for c in clauses]
    if found and all(found):
        return next((t for t in found if t not in ("闲话", "致谢")), found[0])
    return "问候" if kind_of(text) == "闲聊" else ""


def _clause(text: str) -> Talk:
    return next((talk for talk, pattern in _COMPILED if pattern.fullmatch(text)), "")


def reply(talk: Talk) -> str:
    """What is said to small talk, in Chinese."""
    return _REPLIES[talk]


#: What is said when a new matter begins.
_NEW_MATTER = re.compile(
    r"^(?:(?:好的?|行|嗯++|哦++|那|另外|对了|我们?|咱们?|现在|再)[，,、\s]*)*(?:换个?(?:话题|问题|事儿?|别的)|(?:另外|顺便)(?:再|想|请)?问(?:一下|下|您|你)*|(?:再|还想?)(?:请)?问(?:一下|下|您|你)*(?:别的|其他的?|(?:另外)?一?个(?:别的|其他的?|另外的?)(?:问题|事儿?)?)|"
    r"(?:问|说)(?:一?个)?(?:别的|其他的?|另外一件)(?:事儿?|问题)?|不说这个了|不聊这个了)(?:问|说|吧|了|啊|哈)*[，,。:：、\s]+"
)


#: "那试用期工资怎么发": 那 goes on from what was said, and says nothing itself.
_THEN = re.compile("^那(?:么)?[，,]?(?![个年些里边天位次份种类项部家篇条时段只场届笔批件么样儿])(?=.{4})")


def without_talk(text: str) -> tuple[str, bool]:
    """A question without the small talk before and after it, and whether it says that its matter is new."""
    if talk_of(text):
        return text, False
    new = bool(_NEW_MATTER.match(text))
    text = _NEW_MATTER.sub("", text)
    pieces = re.findall(r"[^\s，,。.！!？?~～；;]+[\s，,。.！!？?~～；;]*", text)
    while len(pieces) > 1 and talk_of(pieces[0]) not in ("", "简单", "还有"):
        new = new or bool(_NEW_MATTER.match("".join(pieces[1:])))
        text = _NEW_MATTER.sub("", "".join(pieces[1:]))
        pieces = re.findall(r"[^\s，,。.！!？?~～；;]+[\s，,。.！!？?~～；;]*", text)
    while len(pieces) > 1 and talk_of(pieces[-1]) in ("致谢", "闲话"):
        pieces.pop()
        text = "".join(pieces).rstrip("，,；; ")
    return _THEN.sub("", text), new
