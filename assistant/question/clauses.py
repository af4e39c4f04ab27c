"""Clauses (条) that a question names, and questions for the clause on which something rests."""

import re

from assistant.question.subject import SUBJECT_CHARS, subject_of

#: A clause by its number: a pattern.
CLAUSE = r"第[零〇一二三四五六七八九十百\d]+条"
#: What asks for the legal basis of something named before.
BASIS = re.compile(
    r"(?:请问)?(?:这|上面|以上)?(?:有|的)?(?:法律|政策|文件)?(?:依据|根据|出处)(?:的)?(?:是|在|为|了)?(?:什么|哪一?[条款部个项]|哪里|哪儿|第几条)?(?:法律|法规|规定|文件|条款|条)*[呢吗]?[？?。]*$"
    r"|(?:是)?(?:哪部法律)?(?:的)?(?:第几条|哪一?条)(?:写的|规定的?|说的)?[呢]?[？?。]*$"
    r"|(?:是|出自|见)哪(?:一?[部个份]|些)(?:法律|法规|文件|规定)(?:的)?(?:第几条|哪一?条)?(?:写|规定|说)?的?[？?。]*$"
)


def basis_of(text: str) -> str:
    """The question whose legal basis a text asks for ("……，依据哪一条？"); ``""`` where it asks for none."""
    head, comma, tail = re.sub(r"[？?。]+$", "", text).rpartition("，")
    return head if comma and BASIS.fullmatch(tail) and len(subject_of(head)) >= SUBJECT_CHARS else ""
