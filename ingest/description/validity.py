"""When a document was issued, when it takes effect, until when it holds."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

from ingest import file_names
from ingest.description.bodies import is_signature
from ingest.description.dates import ANY_DATE, DATE, FULL_WIDTH, SHORT_DATE, dates, is_date_line, iso_date
from ingest.description.document_number import DOCUMENT_NUMBER, own_number
from ingest.description.numerals import chinese_number

_FOOT = 4  # paragraphs at the end where a document signs itself

MADE = re.compile(r"令\s*第|通过|公布|发布|印发|修正|修订|批准|成文日期|发布日期|发布时间|印发日期")
_FILE_DATE = re.compile(r"[（(\[_-]?((?:19|20)\d{2}-\d{1,2}-\d{1,2})[）)\]]?")
_FROM = re.compile(
    rf"(?:自|从|于)\s*(?P<when>{DATE}|(?:公布|发布|印发|颁布|下发)\s*之日)\s*起\s*(?:正式|开始)?(?:施行|实施|执行|生效|试行)"
)
_STAMP = re.compile(
    rf"(?:[•·]\s*)?(?:(?P<said>(?:发布|发表|更新)?(?:时间|日期)\s*[:：]\s*)|)(?P<when>{DATE}|{SHORT_DATE})"
    r"(?(said)(?:\s|$|\d{1,2}[:：]\d{2})|\s*\d{1,2}[:：]\d{2}(?:[:：]\d{2})?(?=\s|$|来源))"
)
_IN_FORCE = re.compile(rf"(?P<when>{DATE})\s*(?:起)?\s*(?:施行|实施|生效|试行)$")
_OWN = re.compile(
    r"本(?:法|条例|办法|规定|细则|规则|通知|意见|章程|制度|方案|决定|解释|公约|标准|指南|规程|准则)"
)


def published(head: Sequence[str], paras: Sequence[str], *, dated: str, name: str, own: str) -> str:
    """The byline's date; else the file's; else when the head says it was made; else the signature's.

    ``own`` is the document's 文号: where its year is the signature's, a file's name with
    another year tells when the file was made.
    """
    if day := iso_date(dated):
        return day
    signed = _signed_on(paras)
    found = _FILE_DATE.search(name)
    if day := iso_date(found[1]) if found else file_names.named(name).day:
        return signed if signed and f"〔{signed[:4]}〕" in own and day[:4] != signed[:4] else day
    made = [day for line in history(head) for day in _made_on(line)]
    alone = [day for line in head for day in _dates_alone(line)]
    if made:
        return max([*made, *alone])
    return signed or next(iter(alone), "") or _stamped(head)


def _stamped(head: Sequence[str]) -> str:
    """The day in the line under a web page's title: “2024-03-01 09:30 来源：…”, “时间：2024年3月1日”."""
    found = (_STAMP.match(line.translate(FULL_WIDTH)) for line in head[:4] if len(line) <= 80)
    return next((day for stamp in found if stamp and len(day := iso_date(stamp["when"])) == 10), "")


def history(head: Sequence[str]) -> list[str]:
    """The lines under a title that say when it was passed, amended, made known.

    A law's history is no sentence; a line that ends in a full stop speaks of another document.
    """
    return [line for line in head if len(line) <= 300 and "。" not in line and MADE.search(line)]


def _signed_on(paras: Sequence[str]) -> str:
    """The date below the first signature, annexes may follow; else a date alone among the last lines."""
    for above, line in pairwise(paras):
        if is_date_line(line) and is_signature(above) and len(day := iso_date(line)) == 10:
            return day
    return next((day for line in reversed(paras[-_FOOT:]) if is_date_line(line) for day in dates(line)), "")


def _dates_alone(line: str) -> Iterator[str]:
    """The day on a line that holds nothing else, or only the document's number beside it."""
    rest = DOCUMENT_NUMBER.sub("", line).strip() if own_number(line) else line
    if is_date_line(rest):
        yield from dates(rest)


def _made_on(line: str) -> Iterator[str]:
    """Dates in a line such as “2009年…第一次修正 2018年…第二次修正”, the coming into force left out."""
    for part in re.split(r"(?<=[正订过布行准发])[\s，,；;。]+(?=\S)", line):
        if MADE.search(part) and not re.search(r"施行$|实施$", part):
            yield from (day for day in dates(part) if len(day) == 10)


def effective(title: str, head: Sequence[str], paras: Sequence[str], issued: str) -> str:
    """The day on which it takes effect: under the title, or “自…起施行” of the document itself.

    “自公布之日起” is the day on which the head says it was made known, else that of issue.
    """
    for para in (title, *head):
        if len(para) <= 120 and (found := _IN_FORCE.search(para.rstrip("）)。"))):
            return iso_date(found["when"])
    candidates = [(para, found) for para in reversed(paras) for found in _FROM.finditer(para)]
    own = [found for para, found in candidates if _OWN.search(para[: found.start()][-25:])]
    plain = [
        found for para, found in candidates[:1] if para in paras[-6:] and "《" not in para[: found.start()]
    ]
    for found in own or plain:
        return iso_date(found["when"]) or _made_known(history(head), issued)
    return ""


def _made_known(lines: Sequence[str], issued: str) -> str:
    """The day of publication: of an amended text it is the first one's, where the lines give that."""
    amended = any(re.search(r"修正|修订", line) for line in lines)
    public = [
        day for line in lines if (day := iso_date(line)) and re.search("公布|发布|颁布", _until_next(line))
    ]
    if public or not amended:
        return public[0] if public else issued
    # A national law is made known on the day on which it is passed; a local one waits for approval.
    first = lines[0]
    return iso_date(first) if "全国人民代表大会" in _until_next(first) and len(iso_date(first)) == 10 else ""


def _until_next(line: str) -> str:
    """A line up to its second date."""
    found = list(ANY_DATE.finditer(line))
    return line[: found[1].start()] if len(found) > 1 else line


_UNTIL = re.compile(
    rf"(?:有效期(?:限)?\s*(?:截)?至|有效期(?:限)?到|施行至|执行至|实施至|试行至|有效至)\s*(?P<when>{DATE})"
)
_LASTS = re.compile(
    r"(?:有效期(?:限)?|试行期(?:限)?|试行)\s*(?:为|是)?\s*(?P<n>\d{1,2}|[一二两三四五六七八九十]{1,2})\s*年"
)


_ABOUT_VALIDITY = re.compile(r"(?:第[^\s条]{1,6}条|[一二三四五六七八九十\d]{1,3}[、.．]|[\s　])*有效期")


def expires(paras: Sequence[str], begins: str) -> str:
    """The last day: “有效期至…”, or so many years from taking effect; of the document, not of a card it speaks of."""
    for sentence in (sentence for para in reversed(paras) for sentence in para.split("。")):
        if _about_itself(sentence) and (found := _UNTIL.search(sentence)):
            return iso_date(found["when"])
    sentences = [sentence for para in (*paras[-6:], *paras[:2]) for sentence in para.split("。")]
    for sentence in sentences:
        if _about_itself(sentence) and (found := _LASTS.search(sentence)) and len(begins) == 10:
            return _years_later(begins, chinese_number(found["n"]))
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
