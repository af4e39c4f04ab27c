"""What became different about a source, in words for the audit log.

The log is never shortened, and what is deleted for good must not live on in it: of a text only its
length and a fingerprint are told. Titles, numbers and dates are told where somebody changed them;
they stay, and so does the name of the file, or nobody could say afterwards what it was.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256

from corpus.types import ARTICLE_FIELDS, Article, Source

_FIELDS = {**ARTICLE_FIELDS, "supersedes": "替代", "recipients": "主送", "pages": "页"}
#: A newspaper has many articles; what differs beyond so many places is counted, not told.
_TOLD = 60


def told(source: Source, articles: Sequence[Article]) -> str:
    """What a source holds, in one sentence without any of its words."""
    return f"{len(articles)} 篇；原件 {source.sha256[:12]}"


def changes(
    before: tuple[Source, Sequence[Article]], after: tuple[Source, Sequence[Article]]
) -> tuple[str, str]:
    """What was before and what is after, where they differ; ``("", "")`` where nothing does."""
    old, new = _facts(*before), _facts(*after)
    differ = [name for name in dict.fromkeys([*old, *new]) if old.get(name) != new.get(name)]
    return _listed(old, differ), _listed(new, differ)


def _facts(source: Source, articles: Sequence[Article]) -> dict[str, str]:
    facts = {"文件名": source.name, "原件": source.sha256[:12], "篇数": str(len(articles))}
    for article in articles:
        which = f"第 {article.ordinal} 篇" if len(articles) > 1 else ""
        for field, name in _FIELDS.items():
            value = getattr(article, field)
            facts[which + name] = "、".join(map(str, value)) if isinstance(value, tuple) else value
        text = article.text.encode("utf-8", "surrogatepass")
        facts[f"{which}正文"] = f"{len(article.text)} 字（{sha256(text).hexdigest()[:12]}）"
    return facts


def _listed(facts: Mapping[str, str], names: Sequence[str]) -> str:
    all_of_it = [f"{name}：{facts[name] or '（空）'}" for name in names if name in facts]
    more = [f"另有 {len(all_of_it) - _TOLD} 处"] if len(all_of_it) > _TOLD else []
    return "；".join(all_of_it[:_TOLD] + more)
