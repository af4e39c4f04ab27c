"""Repairs within a line: characters that stand for others, spaces that typesetting left."""

import re
import unicodedata

from ingest.description.names import has_surname

_NOISE = re.compile(r"[\ufeff\u200b-\u200f\u2028-\u202e\u2060\ufffd\x00-\x08\x0b-\x1f\x7f-\x9f\ue000-\uf8ff]")


def clean_characters(text: str) -> str:
    """Without byte-order marks, control and replacement characters; odd spaces become plain ones."""
    text = _NOISE.sub("", text.replace("\t", " "))
    return re.sub(r"[\u00a0\u2002-\u200a\u202f\u205f]", " ", text).strip(" \n\r\u3000")


#: CJK Radicals Supplement (U+2E80–2EF3) and the characters that they are printed for
#: (Unicode, EquivalentUnifiedIdeograph); NFKC knows the Kangxi radicals but not these.
_RADICALS = "⺁⺅⺆⺈⺉⺊⺌⺍⺎⺏⺐⺒⺓⺔⺖⺗⺘⺙⺛⺜⺝⺞⺟⺠⺡⺢⺣⺤⺥⺦⺧⺨⺩⺪⺫⺬⺭⺮⺯⺰⺱⺲⺳⺶⺷⺹⺺⺻⺼⺽⺾⺿⻀⻁⻂⻃⻄⻅⻆⻇⻈⻉⻊⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻕⻖⻗⻘⻙⻚⻛⻜⻝⻟⻠⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳"
_PRINTED = "厂亻冂刀刂卜小小兀尣尢巳幺彑忄㣺扌攵旡日月歺母民氵氺灬爫爫丬牛犭王疋目示礻竹糹纟罓罒㓁羊羊耂肀聿月臼艹艹艹虎衤覀西见角角讠贝足车辶辶辶阝钅長镸长门阜阝雨青韦页风飞食飠饣首马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟"
_WHOLE = dict(zip(map(ord, _RADICALS), _PRINTED, strict=True)) | {
    code: found
    for block in (range(0x2F00, 0x2FD6), range(0xF900, 0xFB07), range(0x2F800, 0x2FA1E))
    for code in block
    if (found := unicodedata.normalize("NFKC", chr(code))) != chr(code)
}


def whole_characters(text: str) -> str:
    """``⺠主`` → ``民主``: radicals, compatibility forms and ligatures that browsers print for characters."""
    return text.translate(_WHOLE)


_WIDE = {0xFF10 + n: str(n) for n in range(10)}
_NUMBER = re.compile(r"[0-9０-９]+(?:[.．][0-9０-９]+|(?:，[０-９]{3})+(?![0-9０-９]))*[%％]?")


def narrow_numbers(text: str) -> str:
    """``８５．６％`` → ``85.6%``: numbers with full-width digits; full-width letters and marks stay."""
    return _NUMBER.sub(_narrow, text)


def _narrow(found: re.Match[str]) -> str:
    number = found[0]
    if not re.search("[０-９]", number):
        return number
    return number.translate(_WIDE).replace("．", ".").replace("，", ",").replace("％", "%")


def drop_emphasis(text: str) -> str:
    """Without the asterisks of Markdown emphasis that a plain-text file carries."""
    return re.sub(r"\*\*([^*\n]+)\*\*", r"\1", text)


# ---- spaces ----------------------------------------------------------------------------------

#: Characters that stand alone on forms and in tables: counted, ticked, filled in.
COUNTING = frozenset("一二三四五六七八九十甲乙丙丁日是否有无男女")


_SPACED_NUMBER = re.compile(
    r"^第\s*((?:[〇零一二三四五六七八九十百\d]\s+)*[〇零一二三四五六七八九十百\d])\s*([编章节条])(?=\s)"
)


def close_spaced(text: str) -> str:
    """``开 栏 语`` → ``开栏语``: a title, or the number of a 条, whose characters were set apart."""
    text = _SPACED_NUMBER.sub(lambda found: "第" + re.sub(r"\s", "", found[1]) + found[2], text)
    tokens = re.split("[ \u3000]", text)
    alone = 2 <= len(tokens) <= 40 and all(re.fullmatch(r"[\u3400-\u9fff“”（）《》]", t) for t in tokens)
    return "".join(tokens) if alone and not set(tokens) <= COUNTING and not _names(tokens) else text


def _names(tokens: list[str]) -> bool:
    """Whether it is a list of names of two characters, each set apart: 张 三 李 四."""
    pairs = [a + b for a, b in zip(tokens[::2], tokens[1::2], strict=False)]
    return len(tokens) % 2 == 0 and len(pairs) >= 2 and all(map(has_surname, pairs))


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
