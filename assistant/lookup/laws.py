"""The laws whose clauses are asked for, and whether a title or a citation means one of them."""

import re
from collections.abc import Sequence

from assistant.lookup.clauses import CLAUSE
from assistant.question.focus import Focus
from assistant.values import whole
from corpus.types import Article
from corpus.versions.standing import stem

#: Laws are named by the end of their title from this length on ("调解仲裁法"); 劳动法 is no 合同 law's end.
LAW_CHARS = 5
#: A law named without 《》 in front of the clause ("工会法第四十三条").
_BARE_NAME = re.compile(
    r"([\u4e00-\u9fff]{2,30}?(?:法|条例|办法|规定|细则|决定|章程|意见))(?:的)?第[零〇一二三四五六七八九十百几\d]+条"
)
_BEFORE_LAW = re.compile(
    r"^.*(?:请问|根据|依据|按照|依照|关于|规定在|写在|[在是])(?=[\u4e00-\u9fff]{3})|^.*的(?=[\u4e00-\u9fff]{2,}法$)"
)
#: A title in 《》 and the clauses named right behind it.
CITED = re.compile(r"《([^》]+)》((?:第[零〇一二三四五六七八九十百\d]+条[^《]{0,12}?[、和及至，]?)+)")


def law_names(question: str, focus: Focus) -> tuple[str, ...]:
    """The documents whose clauses are asked for, in 《》 or without."""
    return focus.titles or tuple(_BEFORE_LAW.sub("", m[1]) for m in _BARE_NAME.finditer(question))


def exactly(names: Sequence[str], articles: Sequence[Article]) -> list[Article]:
    """Of documents that are titled nearly as asked those that are the law meant, in any version."""
    found = [a for a in articles if any(same_law(n, a.title) for n in names)]
    return found or [a for a in articles[:1] if any(_short_for(n, a.title) for n in names)]


def same_law(asked: str, title: str) -> bool:
    one, other = stem(asked), stem(title)
    long = min(len(one), len(other)) >= LAW_CHARS
    return one == other or (long and (one.endswith(other) or other.endswith(one)))


def cites(text: str, law: str, clause: int) -> bool:
    """Whether a text names a clause of a law: the number right behind that title, not another's."""
    return any(
        same_law(law, m[1]) and clause in {whole(c[1]) for c in CLAUSE.finditer(m[2])}
        for m in CITED.finditer(text)
    )


def _short_for(name: str, title: str) -> bool:
    """Whether a name leaves out parts of a title and adds none ("困难职工办法"); it ends as the title does."""
    long, rest = stem(title), iter(stem(title))
    return len(name) >= LAW_CHARS and name[-2:] == long[-2:] and all(char in rest for char in stem(name))
