"""What a source held from when to when, and what two of its versions differ in."""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from corpus.store import Store
from corpus.types import Article, Source
from corpus.versions.differences import Revision, revisions, summary


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """一个版本: what a source held. ``id`` is the source's ("3") while it is live, else "v12".

    It was received when and by whom ``source`` says; ``until`` (``""`` while it is live) is when it
    was replaced or withdrawn, by ``who``, and ``note`` why. ``changes`` says in a few words what
    it changed of the one before, ``""`` for the first.
    """

    id: str
    state: Literal["现用", "旧版", "撤下"]
    source: Source
    titles: tuple[str, ...]
    until: str = ""
    who: str = ""
    note: str = ""
    changes: str = ""


def history(store: Store, source_id: str) -> list[Step]:
    """The versions of a source, the latest first; empty for a source that never was."""
    steps = []
    source = store.source(source_id)
    if source is not None:
        titles = tuple(a.title for a in store.articles(source_id))
        steps.append(Step(id=source_id, state="现用", source=source, titles=titles))
    steps += [
        Step(id=v.id, state=v.state, source=v.source, titles=v.titles, until=v.at, who=v.who, note=v.note)
        for v in store.archive.history(source_id)
    ]
    contents = [content(store, step.id) for step in steps]
    told = [in_words(revisions(old, new)) for new, old in pairwise(contents)]
    return [replace(step, changes=words) for step, words in zip(steps, [*told, ""], strict=False)]


def content(store: Store, id_: str) -> list[Article]:
    """The articles of a source ("3"), of one article ("3/2"), or of a version ("v12", "v12/2").

    Raises ``KeyError`` for what is not held.
    """
    whole, _, ordinal = id_.partition("/")
    articles = store.archive.content(whole)[0] if whole.startswith("v") else store.articles(whole)
    if not whole.startswith("v") and store.source(whole) is None:
        articles = store.archive.content(whole)[0]  # withdrawn
    found = [a for a in articles if not ordinal or str(a.ordinal) == ordinal]
    if ordinal and not found:
        raise KeyError(id_)
    return found


def in_words(found: list[Revision]) -> str:
    """What differs between two versions, in a sentence for a list; "内容没有变化" where nothing does."""
    told = []
    for revision in found:
        if revision.old is None or revision.new is None:
            told.append(f"{'新增' if revision.new else '删去'}《{revision.title}》")
            continue
        fields = "、".join(called for called, _, _ in revision.fields)
        text = summary(revision.differences)
        words = "；".join(
            [*([f"更正{fields}"] if fields else []), *([] if text == "内容没有变化" else [text])]
        )
        if words:
            told.append(f"《{revision.title}》{words}" if len(found) > 1 else words)
    return "；".join(told) or "内容没有变化"
