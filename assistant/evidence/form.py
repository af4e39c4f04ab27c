"""Which segments are no answer by their form: questions, lead-ins, headings, bare clauses, money the other way."""

import re

from assistant.evidence.basis import CITED, beside
from assistant.evidence.context import ASKS, Context, is_byline
from assistant.evidence.needed import FACTS, OWN_CLAUSE, asks_clause, unit_asked
from assistant.question.parts import Part
from assistant.structure import sentence_spans
from assistant.values import fold

#: Money that is paid in and money that is paid out: a question for one is not answered by the other.
_PAYS = re.compile("交|缴|收|费|自付|自理|出资|承担|价(?!值)")
_GETS = re.compile("补|奖|发|领|给|慰问|赔|资助|报销|价值|支付|配送")
_PAYS_ASKED = re.compile(
    "(?:[要需该]?[交缴收掏]|收费|收取|花|自费|自付)(?:纳|费)?(?:是|为|[要得]?)(?:多少|几)(?:钱|元|块|费)?"
)


def other_way(part: Part, said: str) -> str:
    """Why the money of a segment goes the other way than that which is asked for; ``""`` where it does not."""
    if unit_asked(part) != "元" or not _PAYS_ASKED.search(part.text):
        return ""
    return "说的是发放的钱，不是要交的钱" if _GETS.search(said) and not _PAYS.search(said) else ""


#: "哪些情况不能辞退": what may not be is told by what forbids it.
_BARRED = "不能|不得|不可以?|不许|不准|不让|不应|禁止|严禁|不予|不享受?|不算|不计|不适用|不属于"
_BARRED_ASKED = re.compile(
    rf"(?:哪些|什么|哪几)[^，。？]{{0,12}}(?:{_BARRED})|(?:{_BARRED})[^，。？]{{0,8}}(?:哪些|什么|哪几)"
)


def _allows(part: Part, at: Context, index: int) -> bool:
    """Whether asked for what may not be, a segment, or what announces it as a case, bars nothing."""
    if part.kind != "列举" or not _BARRED_ASKED.search(part.text):
        return False
    segment = at.view.segments[index]
    numbered = (li for li in at.view.lists if li.style == "序数")
    inside = (li for li in numbered if any(i.start <= segment.start < i.end for i in li.items))
    lead = next((at.view.of(li.lead) for li in inside), "")
    return not re.search(_BARRED, lead if _OF_CASES.search(lead) else at.view.of(segment))


#: What announces cases ("有下列情形之一的，……") says for all of them what may be and what not.
_OF_CASES = re.compile("下列|以下|如下|之一")


#: "相关条文" and the like: lines made of nothing but names of laws and clauses.
_ONLY_CITED = re.compile(
    r"(?:(?:上表|以上|表中各项)(?:均?[见据]|依据))?(?:[•·\-*\s、，和及。；至]|《[^》]+》|第[零〇一二三四五六七八九十百\d]+条(?:第.款)?|[（(][^（）()]*(?:施行|实施|修[订正改])[）)])+"
)
#: "本篇依据……整理": what a text was made from.
_MADE_FROM = re.compile(r"^本(?:篇|文|资料|手册|问答|指南)(?:内容)?(?:[依根]据|只整理|摘编自)[^。]*")
LEADS_IN = re.compile(
    r"(?:如下|下列|(?<![\d一二三四五六七八九十百千万亿元倍岁人名日天月年时%])以下)[^，。；：]{0,6}[。：:]$|(?:现将|现就)[^。]*(?:通知|公布|公告|报告)如下"
)
_ONLY_HEADED = ("定义", "其他", "是否", "条款", "比较", "数字", "时间", "人物", "地点")


def unfit(part: Part, at: Context, index: int) -> str:
    """Why a segment is no answer by its form: a question, a lead-in, a heading, a bare list of clauses."""
    segment = at.view.segments[index]
    said = at.view.of(segment)
    if said[-1:] in "？?":
        return "这是提问，不是回答"
    if part.kind not in ("人物", "出处") and is_byline(at, segment.line):
        return "这是署名，不是回答"
    if "名单" in part.text and said.count("、") < LISTED and "名单" not in said:
        return "没有列出名单"
    if _allows(part, at, index):
        return "没有说不可以"
    if reason := _about_itself(part, at, said):
        return reason
    if part.kind in _ONLY_HEADED and LEADS_IN.search(said) and not holds_clause(part, at, index):
        return "只是引出下文的话"
    heads_text = any(segment.line in p for p in at.view.path[segment.line + 1 : segment.line + 2])
    headed = at.view.lines[segment.line].depth and said[-1:] not in "。；;" and heads_text
    if headed and (
        part.kind in ("定义", "其他", "是否", "条款", "比较") or (part.kind in FACTS and ASKS.search(said))
    ):
        return "这是标题，不是回答"
    if asks_clause(part) and not holds_clause(part, at, index):
        return "没有写明是哪一条"
    return ""


def _about_itself(part: Part, at: Context, said: str) -> str:
    """Why a segment says nothing but what its text rests on, was made from, or who signs it."""
    if _ONLY_CITED.fullmatch(said):
        return "只列出条文"
    if part.kind not in FACTS and part.kind not in ("条款", "出处") and _MADE_FROM.search(said):
        return "只是说明依据什么编写"
    if part.kind not in FACTS and part.kind != "出处" and _is_formal(at, said):
        return "只是文号或落款"
    return ""


#: A list of names names at least so many more than one.
LISTED = 2


def _is_formal(at: Context, said: str) -> bool:
    """Whether a segment holds nothing but the document's number, its office or a day."""
    bare = fold(said).rstrip("。")
    names = {fold(n) for n in (at.article.number, at.article.issuer) if n}
    return bare in names or bool(_FORMAL.fullmatch(bare))


_FORMAL = re.compile(
    r"[\u4e00-\u9fff]{1,12}[〔\[(]\d{4}[〕\])]第?\d+号|(?:\d{4}年)?\d{1,2}月(?:\d{1,2}日)?|[\u4e00-\u9fff]{2,20}(?:总工会|委员会|办公室)"
)
#: A law that a question for its clause names without 《》.
#: "依据是工会法": the words before a law's name.
_BEFORE_LAW = re.compile("^.*(?:是|按照?|根据|依据|在|见)")
_LAW_ASKED = re.compile(r"([\u4e00-\u9fff]{2,20}?(?:法|条例|办法|规定|章程))(?:的|里|中)?(?:第几|哪一?)条")


def holds_clause(part: Part, at: Context, index: int) -> bool:
    """Whether a clause is cited from a segment on in its line, or the line is a law's clause itself."""
    if not asks_clause(part):
        return False
    return clause_end(part, at, index) is not None or _named_beside(part, at, index)


def _named_beside(part: Part, at: Context, index: int) -> bool:
    """Whether the line beside a row or an item names the clause of a law that is asked for."""
    basis = beside(at, at.view.segments[index])
    said = fold(at.view.of(basis)) if basis else ""
    laws = _laws_asked(part)
    return bool(said) and (not laws or any(f"{name}第" in said for name in laws))


def _laws_asked(part: Part) -> list[str]:
    """The laws, folded, that a question for a clause names, in 《》 or without."""
    laws = [fold(m) for m in re.findall("《([^》]+)》", part.text)]
    asked = _LAW_ASKED.search(part.text)
    return [*laws, _BEFORE_LAW.sub("", asked[1])[-4:]] if asked else laws


def clause_end(part: Part, at: Context, index: int) -> int | None:
    """Where the sentence ends that names the clause a segment rests on; None where none does."""
    segment = at.view.segments[index]
    line = at.view.lines[segment.line]
    sentence = at.view.sentences[segment.sentence]
    laws = _laws_asked(part)
    own = OWN_CLAUSE.match(at.view.of(line))
    if own and (not laws or any(name in at.title for name in laws)):
        return sentence.end
    for later in sentence_spans(at.view.text, sentence.start, line.end)[:3]:
        cited = [fold(m) for m in CITED.findall(at.view.of(later))]
        if any(not laws or any(f"{name}第" in c for name in laws) for c in cited):
            return later.end
    return None
