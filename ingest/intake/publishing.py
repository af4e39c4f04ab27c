"""Drafts into the store: one transaction each, and a draft goes only when the store has it.

Publishing twice does nothing the second time, so a program that was killed in between loses nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import NamedTuple

from corpus.errors import UserError
from corpus.store import Store, Writer, received_now
from corpus.types import Article, Source
from corpus.versions.changes import changes
from corpus.versions.standing import stem
from ingest.intake.correcting import numbered, parts_of
from ingest.intake.drafts import Draft, Drafts

#: What a person may decide of a draft whose file or document is live: apart, in its place, a version of it.
APART, INSTEAD, VERSION = "另存", "替换", "新版本"
#: Seconds to wait for another writer before the person is told.
PATIENCE_S = 8.0
_UNDECIDED = UserError(
    "资料库里已有同名的文件，内容不同。", "请打开预览，先选定替换它、作为它的新版本，还是另存一份。"
)
_STOPPING = "程序正在停止，这一份没有发布。请等它重新启动后再发布。"
_WITHDRAWN = UserError("这份文件先前已被撤下，没有发布。", "请打开预览，选定重新启用，还是另存一份。")


class Outcome(NamedTuple):
    """结果: what became of a draft: live as ``source_id``, or (``source_id`` is ``""``) why not."""

    draft_id: str
    name: str
    source_id: str
    message: str = ""
    articles: int = 0


def publish(
    store: Store, drafts: Drafts, ids: Sequence[str], *, who: str, wait_s: float = PATIENCE_S
) -> Iterator[Outcome]:
    """Make drafts live; an outcome each. Raises ``UserError`` where another writer is at work: nothing is lost."""
    try:
        with store.writing(wait_s=wait_s, who=who) as writer:
            for id_ in ids:
                stopping = store.stopping.is_set()
                yield Outcome(id_, "", "", _STOPPING) if stopping else _one(store, writer, drafts, id_, who)
    except UserError as error:
        raise UserError(error.message, f"{error.hint}草稿都还在，没有丢失。") from error


def open_live(store: Store, drafts: Drafts, source_id: str, *, who: str) -> Draft:
    """A draft of what is live, to correct it; the one that is open already where there is one.

    Raises ``UserError`` where there is no such source.
    """
    held = next((draft for draft in drafts.all() if draft.corrects == source_id), None)
    if held is not None:
        return held
    source = store.source(source_id)
    if source is None:
        raise UserError("这份资料已不在库中。", "它可能已被撤下或删除，请刷新列表。")
    articles = store.articles(source_id)
    parts = parts_of(articles, [p for article in articles for p in store.passages(article.id)])
    return drafts.create(
        store.original(source_id),
        name=source.name,
        origin=source.origin,
        by=who,
        corrects=source_id,
        stamp=_stamp(articles),
        state="ready",
        source=source,
        parts=parts,
    )


def forget_deleted(store: Store, drafts: Drafts) -> None:
    """Remove the drafts that were opened from what has been deleted for good since: they hold its text."""
    for draft in drafts.all():
        gone = draft.corrects and store.source(draft.corrects) is None
        if gone and store.archive.version(draft.corrects) is None:
            drafts.remove(draft.id)


def decide(store: Store, drafts: Drafts, draft_id: str, version: int, place: str) -> Draft:
    """Keep what is to become of a draft beside what is live: ``"另存"``, ``"替换 3"``, ``"新版本 3"``, ``""``."""
    what, _, source_id = place.partition(" ")
    known = (
        (what in ("", APART) and not source_id)
        or (what in (INSTEAD, VERSION) and store.source(source_id))
        or (what == INSTEAD and store.archive.version(source_id))
    )
    if not known:
        raise UserError("所选的资料已不在库中。", "请重新选择。")
    with drafts.changing(draft_id) as draft:
        return drafts.save(replace(draft, place=place, version=version))


def _one(store: Store, writer: Writer, drafts: Drafts, draft_id: str, who: str) -> Outcome:
    name = ""
    try:
        with drafts.changing(draft_id) as draft:
            name = draft.name
            if draft.state != "ready" or draft.source is None:
                raise UserError("这份文件还没有读好。", "请等它读完，或重试、移除。")
            source = _put(store, writer, draft, drafts.original(draft_id), who)
            drafts.remove(draft_id)
    except UserError as error:
        return Outcome(draft_id, name, "", str(error))
    return Outcome(draft_id, name, source.id, articles=len(draft.parts))


def _put(store: Store, writer: Writer, draft: Draft, original: bytes, who: str) -> Source:
    """Make a draft live, in one transaction with its audit lines and links."""
    assert draft.source is not None
    id_, origin, live = _where(store, writer, draft)
    source = replace(draft.source, id=id_, name=draft.name, origin=origin, received_by=who)
    at = draft.source.received_at if draft.corrects else received_now()
    source = replace(source, received_at=at, received_by=draft.source.received_by or who)
    articles, passages = numbered(draft.parts, id_)
    if live and live.sha256 == source.sha256 and store.articles(id_) == articles:
        return live  # it was published before; only the draft is left
    with writer.together():
        writer.put(source, articles, passages, original)
        if draft.steps and not draft.corrects:
            was, is_now = changes((source, numbered(draft.first(), id_)[0]), (source, articles))
            store.log(who=who, action="更正", detail=f"{id_} {source.name}", before=was, after=is_now)
        what, _, older = draft.place.partition(" ")
        if what == VERSION:
            _link(store, articles, store.articles(older), who)
    return source


def _where(store: Store, writer: Writer, draft: Draft) -> tuple[str, str, Source | None]:
    """The source id and origin to publish a draft under, and what is live there. Raises ``UserError``."""
    what, _, other = draft.place.partition(" ")
    if draft.corrects or what == INSTEAD:
        live = store.source(draft.corrects or other)
        withdrawn = store.archive.version(other) if live is None and not draft.corrects else None
        if withdrawn:
            return other, withdrawn.source.origin, None
        if live is None:
            raise UserError("原来的资料已不在库中。", "它可能已被撤下或删除；请重新选择，或移除这份草稿。")
        if draft.corrects:
            _check_stamp(store, draft)
        return live.id, live.origin, live
    if what in (APART, VERSION):
        origin = f"{draft.origin}#{draft.id}"
        live = next((source for source in store.sources() if source.origin == origin), None)
        # The name of the file would find the other one.
        id_ = live.id if live else writer.known(origin=origin, name=origin, sha256=draft.sha256)[0]
        return id_, origin, live
    id_, state = writer.known(origin=draft.origin, name=draft.name, sha256=draft.sha256)
    if state == "withdrawn":
        raise _WITHDRAWN
    if state == "changed" and not draft.direct:
        raise _UNDECIDED
    return id_, draft.origin, store.source(id_)


def _check_stamp(store: Store, draft: Draft) -> None:
    """Raises ``UserError`` where somebody else changed what is live since the draft was opened."""
    held = store.articles(draft.corrects)
    if _stamp(held) != draft.stamp and held != numbered(draft.parts, draft.corrects)[0]:
        raise UserError(
            "这份资料在您更正期间被别人更新过，没有发布，以免覆盖。", "请移除这份草稿，重新打开资料再更正。"
        )


def _stamp(articles: Sequence[Article]) -> str:
    return sha256(repr(articles).encode("utf-8", "surrogatepass")).hexdigest()


def _link(store: Store, newer: Sequence[Article], older: Sequence[Article], who: str) -> None:
    """Record that articles take the place of those of an earlier version: of the same title, or the only one."""
    alone = len(newer) == len(older) == 1
    for article in newer:
        same = [old for old in older if alone or (article.title and stem(old.title) == stem(article.title))]
        if same:
            store.links.confirm("替代", newer=article.id, older=same[0].id, who=who)
