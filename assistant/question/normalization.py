"""A question as texts would write it: plain characters, no courtesies, no orders, written interrogatives."""

import re

from assistant.question.kind import ASKING
from corpus.words import simplified

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
    # "没给我签合同" is 没签合同, as the words for it are listed.
    (
        re.compile("(没有?|不)(?:给|跟|和|与|同)(?:(?:我|俺|咱|他|她|员工|职工|工人)们?)?(?=[签交缴上发办])"),
        r"\1",
    ),
)


def plainly(text: str) -> str:
    """A question without the courtesies before it, its everyday interrogatives in their written form."""
    while (opened := _OPENING.match(text)) and opened.end() < len(text):
        text = text[opened.end() :]
    for spoken, written in _SPOKEN:
        text = spoken.sub(written, text)
    return text


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
    asking = [s for s in sentences if not _ORDERED.search(s) and ASKING.search(s)]
    if asking:
        return "".join(asking)
    pieces = re.split(r"[：:，,]", text)
    last = max(n for n, p in enumerate(pieces) if _ORDERED.search(p))
    rest = re.sub(r"^(?:然后|再|并|接着)*(?:回答|告诉我)?", "", "，".join(pieces[last + 1 :]))
    return rest if ASKING.search(rest) else text
