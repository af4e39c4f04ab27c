"""Which documents hold on a day, told from their dates and from what replaces or changes them.

Nothing of this is stored: what was added or removed last counts at the next question,
whatever the order in which documents came, and a day's turn is felt by the first question after
it. What people confirmed or denied of two documents (``links``) goes before what their texts say.
"""

import functools
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Protocol

from corpus.types import Article, Kind, Link, LinkKind, Status
from corpus.words import fold

#: Of these kinds the later version of a title takes the place of the earlier one.
VERSIONED: frozenset[Kind] = frozenset({"法规", "办法"})
#: Shorter titles ("通知") are too common to name one document.
TITLE_CHARS = 4
#: More documents than this under one title are a series (a law cut into its clauses), not versions.
VERSIONS_MOST = 12
#: Standings kept in memory.
REMEMBERED = 20_000
_VERSION = re.compile(
    r"[（(](?:示例|试行|暂行|草案|征求意见稿|\d{4}年?(?:第[一二三四五]次)?(?:修订|修正|修改|版)?|(?:修订|修正|修改)(?:版|稿|本)?)[）)]|(?:试行|暂行)(?=办法|规定|条例|细则)"
)


#: "关于修改《…》的决定": what changes or repeals a document says so in its title.
_CHANGING = re.compile(r"(修改|修订|修正|废止)[^《》]{0,6}《([^》]+)》")
#: "关于修改部分法规的决定", "关于修改《…》等五件法规的决定": the text says which.
_CHANGING_SEVERAL = re.compile(r"关于(?=.*(?:修改|修订|修正|废止)).*(?:部分|等[\w]{0,12}[件部个项]).*决定")
_ORDINAL = r"(?:[一二三四五六七八九十百]+、|\d{1,3}\s*[.．、]|[（(][一二三四五六七八九十百\d]{1,4}[）)])"
_CHANGED_THERE = re.compile(
    rf"^\s*{_ORDINAL}\s*(?:(?P<verb>修改|修订|修正|废止)|对|将)\s*《(?P<name>[^》]+)》(?P<rest>[^。；\n]{{0,40}})",
    re.MULTILINE,
)


def changes(title: str, text: str) -> list[tuple[str, str]]:
    """``(修改 or 废止, title)`` of each document that a decision changes or repeals, by its title and text."""
    found = _CHANGING.findall(title)
    if _CHANGING_SEVERAL.search(title):
        for there in _CHANGED_THERE.finditer(text):
            verb = there["verb"] or ("废止" if re.search("废止", there["rest"]) else "修改")
            found.append((verb, there["name"]))
    return list(dict.fromkeys(found))


@functools.lru_cache(2**16)
def stem(title: str) -> str:
    """A title as all its versions share it: folded, without 中华人民共和国 and the version."""
    return re.sub("^中华人民共和国", "", fold(_VERSION.sub("", title)))


def names(article: Article) -> frozenset[str]:
    """By what documents bear on each other: one stands as it would without another with which it shares none.

    Reprints and links aside, which join documents by their ids.
    """
    named = (article.title, *article.supersedes, *(name for _, name in changes(article.title, article.text)))
    found = {fold(article.number), *map(fold, named), *map(stem, named)}
    return frozenset(found - {""})


@dataclass(frozen=True, slots=True)
class Standing:
    """效力: how a document stands on a day. ``by`` is what replaced or changed it (or will), if that is known.

    ``whole``: a later version of the whole text has taken its place.
    """

    status: Status
    by: Article | None = None
    whole: bool = False

    @property
    def holds(self) -> bool:
        return not self.whole and self.status not in ("已废止", "尚未施行")


class Linked(Protocol):
    """What a register reads of links, see ``corpus.versions.links``."""

    @property
    def version(self) -> int: ...
    def all(self) -> list[Link]: ...


class Documents(Protocol):
    """What a register reads: a ``Store``, or what was read of one for many look-ups."""

    @property
    def revision(self) -> int: ...
    @property
    def links(self) -> Linked: ...
    def titles(self) -> list[tuple[str, str]]: ...
    def replacements(self) -> list[tuple[str, tuple[str, ...]]]: ...
    def article(self, article_id: str) -> Article | None: ...
    def reprints(self, article_ids: Sequence[str]) -> dict[str, list[Article]]: ...


class Register:
    """Looks documents up in one store; what replaces what is read once a revision."""

    def __init__(self, store: Documents) -> None:
        self._store = store
        self._seen = (-1, -1)
        self._linked: dict[tuple[str, str], LinkKind] = {}
        self._beside: dict[str, list[str]] = {}
        self._replacing: dict[str, list[str]] = {}
        self._changing: dict[str, list[str]] = {}
        self._changed: dict[str, list[tuple[str, str]]] = {}
        self._standings: dict[tuple[str, str], Standing] = {}
        self._versions: dict[str, list[str]] = {}

    def _follow(self) -> None:
        seen = (self._store.revision, self._store.links.version)
        if self._seen == seen:
            return
        replacing: dict[str, list[str]] = defaultdict(list)
        for article_id, names in self._store.replacements():
            for key in dict.fromkeys(key for name in names for key in (fold(name), stem(name))):
                replacing[key].append(article_id)
        versions: dict[str, list[str]] = defaultdict(list)
        changing: dict[str, list[str]] = defaultdict(list)
        self._changed = {}
        for article_id, title in self._store.titles():
            if len(shared := stem(title)) >= TITLE_CHARS:
                versions[shared].append(article_id)
            if _CHANGING.search(title) or _CHANGING_SEVERAL.search(title):
                self._changed[article_id] = changes(title, self._text(article_id, title))
                for _, name in self._changed[article_id]:
                    changing[stem(name)].append(article_id)
        versions = {name: ids for name, ids in versions.items() if len(ids) <= VERSIONS_MOST}
        self._standings = {}
        self._replacing, self._versions, self._changing = dict(replacing), dict(versions), dict(changing)
        self._follow_links()
        self._seen = seen

    def _follow_links(self) -> None:
        """What people said of two documents holds for every copy of them."""
        links = self._store.links.all()
        copies = self._store.reprints([id_ for link in links for id_ in (link.newer, link.older)])
        self._linked, beside = {}, defaultdict(list)
        for link in links:
            ends = [[a.id for a in copies.get(id_, ())] or [id_] for id_ in (link.newer, link.older)]
            for newer, older in product(*ends):
                self._linked.setdefault((newer, older), link.kind)
                if link.kind != "无关":
                    beside[newer].append(older)
                    beside[older].append(newer)
        self._beside = dict(beside)

    def _link(self, newer: Article, older: Article) -> LinkKind | None:
        """What people said of two documents in this order; 无关 also where they said the opposite."""
        said = self._linked.get((newer.id, older.id))
        return said or ("无关" if (older.id, newer.id) in self._linked else None)

    def _text(self, article_id: str, title: str) -> str:
        """The text of a decision on several documents; of one that names its document, nothing."""
        article = self._store.article(article_id) if _CHANGING_SEVERAL.search(title) else None
        return article.text if article else ""

    def family(self, article: Article) -> list[Article]:
        """The other versions of a document: of its title, or replacing it, or replaced by it.

        A reprint is no version, whenever it was printed.
        """
        self._follow()
        return self._family(article)

    def _family(self, article: Article) -> list[Article]:
        ids = dict.fromkeys(self._versions.get(stem(article.title), ()))
        for name in (stem(article.title), fold(article.title), fold(article.number)):
            ids |= dict.fromkeys(self._replacing.get(name, ()) if name else ())
        ids |= dict.fromkeys(self._changing.get(stem(article.title), ()))
        for name in (*(name for _, name in self._changed.get(article.id, ())), *article.supersedes):
            ids |= dict.fromkeys(self._versions.get(stem(name), ()))
        copies = {a.id for a in self._store.reprints([article.id]).get(article.id, ())}
        found = [self._store.article(i) for i in ids if i != article.id and i not in copies]
        told = [a for a in found if a and one_place(a, article) and not self._strangers(a, article)]
        linked = [self._store.article(i) for i in self._beside.get(article.id, ())]
        return list({a.id: a for a in (*told, *linked) if a}.values())

    def _strangers(self, one: Article, other: Article) -> bool:
        """Whether people said that two documents have nothing to do with each other."""
        return "无关" in (self._linked.get((one.id, other.id)), self._linked.get((other.id, one.id)))

    def changing(self, article: Article, day: str) -> list[Article]:
        """Decisions on changing a document that are younger than its text and hold on a day, the latest first."""
        self._follow()
        return self._decisions(article, day)

    def _decisions(self, article: Article, day: str) -> list[Article]:
        found = [self._store.article(i) for i in self._changing.get(stem(article.title), ())]
        younger = [
            a
            for a in found
            if a and a.id != article.id and one_place(a, article) and _made(a) > _made(article)
        ]
        younger = [a for a in younger if self._link(a, article) is None]
        linked = [self._store.article(i) for i in self._beside.get(article.id, ())]
        younger += [a for a in linked if a and self._link(a, article) == "修改"]
        held = [
            a
            for a in younger
            if _first(_begins(a)) <= day and (not a.expires_on or last_day(a.expires_on) >= day)
        ]
        return sorted(held, key=_begins, reverse=True)

    def of(self, article: Article, day: str) -> Standing:
        """How a document stands on a day (ISO); remembered until the store changes."""
        self._follow()
        return self._of(article, day)

    def _of(self, article: Article, day: str) -> Standing:
        key = (article.id, day)
        if key not in self._standings:
            if len(self._standings) > REMEMBERED:
                self._standings.clear()
            self._standings[key] = self._told(article, day)
        return self._standings[key]

    def _told(self, article: Article, day: str) -> Standing:
        if _begins(article) and _first(_begins(article)) > day:
            return Standing("尚未施行")
        family = self._family(article)
        later = [a for a in family if self._takes_the_place(a, article)]
        taken = [a for a in later if _first(turns(a)) <= day]
        by = max(taken or later, key=turns, default=None)
        if any(self._repeals(a, article) for a in taken) or _ran_out(article, day):
            return Standing("已废止", by)
        if taken:
            return Standing("已修改", by, whole=True)
        if changing := self._decisions(article, day):
            return Standing("已修改", changing[0])
        known = later or article.expires_on or any(self._newer_than(article, a) for a in family)
        return Standing(self._said(article, bool(known)), by)

    def _said(self, article: Article, known: bool) -> Status:
        """What a document says of itself, held to what the store knows of its other versions."""
        if article.status == "已废止":
            return "现行" if known else "已废止"
        if article.status == "尚未施行":
            return "现行" if article.effective_on else "尚未施行"
        if article.status == "已修改" and self._changing.get(stem(article.title)):
            return "现行"  # the decisions that changed it do not hold yet
        return "现行" if article.status == "未知" and known else article.status

    def _newer_than(self, article: Article, other: Article) -> bool:
        """Whether a document took another's place, or holds already what a decision changed."""
        decided = any(stem(name) == stem(article.title) for _, name in self._changed.get(other.id, ()))
        decided = decided and self._link(other, article) is None
        return self._takes_the_place(article, other) or (decided and "" < _made(other) <= _made(article))

    def dated(self, article: Article, day: str) -> Article:
        """The document with the status that counts for answering on a day.

        A version of which the whole text was replaced answers no more than one that was repealed.
        """
        return self.all_dated([article], day)[0]

    def all_dated(self, articles: Sequence[Article], day: str) -> list[Article]:
        """As ``dated``, all of one moment."""
        self._follow()
        standings = [self._of(article, day) for article in articles]
        statuses: list[Status] = ["已废止" if s.whole else s.status for s in standings]
        return [
            article if status == article.status else replace(article, status=status)
            for article, status in zip(articles, statuses, strict=True)
        ]

    def listed(self, article: Article, day: str) -> Article:
        """The document with the status that lists and exports show: as the law calls it."""
        status = self.of(article, day).status
        return article if status == article.status else replace(article, status=status)

    def note(self, article: Article, day: str) -> str:
        """A sentence on why a document does not hold on a day, or what will replace it; else ``""``."""
        standing = self.of(article, day)
        by, name = standing.by, f"《{article.title}》"
        if standing.status == "尚未施行":
            return f"{name}尚未施行" + (f"，{_begins(article)}起施行。" if _begins(article) else "。")
        if standing.status == "已废止":
            until = article.expires_on if _ran_out(article, day) else ""
            why = f"（有效至{until}）" if until else ""
            return f"{name}已废止{why}，" + (
                f"由《{by.title}》取代。" if by and _first(turns(by)) <= day else "请留意是否有新规定。"
            )
        if standing.whole and by:
            made = f"（{_made(by)}）" if _made(by) else ""
            return f"{name}的这个版本已被修改，请以修改后的《{by.title}》{made}为准。"
        if standing.status == "已修改":
            return f"{name}已被修改，请留意修改后的条文。"
        if by:
            return f"{name}将由《{by.title}》取代（{turns(by)}起）。"
        return ""

    def _repeals(self, new: Article, old: Article) -> bool:
        """Whether a document says that another is repealed, or people say it of the two."""
        if said := self._link(new, old):
            return said == "废止"
        if any(
            verb == "废止" and stem(name) == stem(old.title) for verb, name in self._changed.get(new.id, ())
        ):
            return True
        named = {fold(name) for name in new.supersedes}
        return fold(old.number) in named or stem(old.title) in {stem(name) for name in new.supersedes}

    def _takes_the_place(self, new: Article, old: Article) -> bool:
        """Whether one document replaces another: it says so, or is a later version of the same title."""
        if said := self._link(new, old):
            return said in ("废止", "替代")
        if turns(new) <= turns(old):
            return False
        if self._repeals(new, old):
            return True
        versions = new.kind in VERSIONED and old.kind in VERSIONED and bool(turns(old))
        return versions and stem(new.title) == stem(old.title)


def one_place(one: Article, other: Article) -> bool:
    """Whether two documents may be of one place: nothing says that they are not."""
    return not (one.region and other.region) or one.region == other.region


def _ran_out(article: Article, day: str) -> bool:
    return bool(article.expires_on) and last_day(article.expires_on) < day


def _begins(article: Article) -> str:
    return article.effective_on or article.published_on


def turns(article: Article) -> str:
    """The day from which a text counts: an amended law keeps the day on which its first version took effect."""
    return max(article.effective_on, article.published_on)


def _made(article: Article) -> str:
    return article.published_on or article.effective_on


def _first(day: str) -> str:
    return day + "-01-01"[len(day) - 4 :] if len(day) in (4, 7) else day


def last_day(day: str) -> str:
    """The last day that "2024", "2024-05" or a whole date may mean."""
    return day + "-12-31"[len(day) - 4 :] if len(day) in (4, 7) else day
