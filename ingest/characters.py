"""Repairs within a line: characters that stand for others, spaces that typesetting left."""

import re

from ingest.names import has_surname

_NOISE = re.compile(r"[\ufeff\u200b-\u200f\u2028-\u202e\u2060\ufffd\x00-\x08\x0b-\x1f\x7f-\x9f\ue000-\uf8ff]")


def clean_characters(text: str) -> str:
    """Without byte-order marks, control and replacement characters; odd spaces become plain ones."""
    text = _NOISE.sub("", text.replace("\t", " "))
    return re.sub(r"[\u00a0\u2002-\u200a\u202f\u205f]", " ", text).strip(" \n\r\u3000")


def drop_emphasis(text: str) -> str:
    """Without the asterisks of Markdown emphasis that a plain-text file carries."""
    return re.sub(r"\*\*([^*\n]+)\*\*", r"\1", text)


# ---- spaces ----------------------------------------------------------------------------------

#: Characters that stand alone on forms and in tables: counted, ticked, filled in.
COUNTING = frozenset("一二三四五六七八九十甲乙丙丁日是否有无男女")


def close_spaced(text: str) -> str:
    """``开 栏 语`` → ``开栏语``: a title whose characters were set apart."""
    tokens = text.split(" ")
    alone = 2 <= len(tokens) <= 12 and all(re.fullmatch(r"[\u3400-\u9fff“”（）]", t) for t in tokens)
    return "".join(tokens) if alone and not set(tokens) <= COUNTING else text


_C = r"[\u3400-\u9fff]"
_UNITS = "年月日时分秒个项次名人家元万亿条款级户场期份件批所站处岁周米吨余多%％"


def close_spaces(text: str) -> str:
    """Spaces that typesetting left beside digits and within sentences are closed; lists of names keep theirs."""
    if not re.search(r"[。，；]", text):
        return text
    text = re.sub(rf"(?<={_C}) +(?=\d[\d.,]* ?[{_UNITS}])", "", text)
    text = re.sub(rf"(?<=\d) +(?=[{_UNITS}])", "", text)
    text = re.sub(r"(?<=[，。；、：！？”）]) +(?=[\u3400-\u9fff“])", "", text)
    return re.sub(rf"({_C}*) +({_C}*)", _close, text)


def _close(found: re.Match[str]) -> str:
    """Closed where a word beside it is too long for a list of names and it stands in no quotation."""
    left, right = found[1], found[2]
    before = found.string[: found.start()]
    listed = len(right) <= 3 and has_surname(right)
    quoted = listed or before.count("“") > before.count("”") or before.count("《") > before.count("》")
    if (
        quoted
        or not left
        or not right
        or max(len(left), len(right)) < 5
        or re.search(r"(?:记者|通讯员)$", left)
        or re.fullmatch(r"第[〇零一二三四五六七八九十百千]+[编章节条]", left)
    ):
        return found[0]
    return left + right
