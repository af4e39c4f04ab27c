"""Which documents hold on a day, told from their dates and from what replaces them."""

import re
from collections import defaultdict
from dataclasses import dataclass, replace

from assistant.values import fold
from corpus.store import Store
from corpus.types import Article, Kind, Status

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


def stem(title: str) -> str:
    """A title as all its versions share it: folded, without 中华人民共和国 and the version."""
    return re.sub("^中华人民共和国", "", fold(_VERSION.sub("", title)))


@dataclass(frozen=True, slots=True)
class Standing:
    """效力: how a document stands on a day. ``by`` is what replaced it (or will), if that is known."""

    status: Status
    by: Article | None = None

    @property
    def holds(self) -> bool:
        return self.status not in ("已废止", "尚未施行")


class Register:
    """Looks documents up in one store; what replaces what is read once a revision."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._revision = -1
        self._replacing: dict[str, list[str]] = {}
        self._changing: dict[str, list[str]] = {}
        self._standings: dict[tuple[str, str], Standing] = {}
        self._versions: dict[str, list[str]] = {}

    def _follow(self) -> None:
        if self._revision == self._store.revision:
            return
        revision = self._store.revision
        replacing: dict[str, list[str]] = defaultdict(list)
        for article_id, names in self._store.replacements():
            for name in names:
                replacing[fold(name)].append(article_id)
        versions: dict[str, list[str]] = defaultdict(list)
        changing: dict[str, list[str]] = defaultdict(list)
        for article_id, title in self._store.titles():
            if len(shared := stem(title)) >= TITLE_CHARS:
                versions[shared].append(article_id)
            for _, name in _CHANGING.findall(title):
                changing[stem(name)].append(article_id)
        versions = {name: ids for name, ids in versions.items() if len(ids) <= VERSIONS_MOST}
        self._standings = {}
        self._replacing, self._versions, self._changing = dict(replacing), dict(versions), dict(changing)
        self._revision = revision

    def family(self, article: Article) -> list[Article]:
        """The other versions of a document: of its title, or replacing it, or replaced by it."""
        self._follow()
        ids = dict.fromkeys(self._versions.get(stem(article.title), ()))
        for name in (article.title, article.number):
            ids |= dict.fromkeys(self._replacing.get(fold(name), ()) if name else ())
        ids |= dict.fromkeys(self._changing.get(stem(article.title), ()))
        for _, name in _CHANGING.findall(article.title):
            ids |= dict.fromkeys(self._versions.get(stem(name), ()))
        for name in article.supersedes:
            ids |= dict.fromkeys(self._versions.get(stem(name), ()))
        found = [self._store.article(i) for i in ids if i != article.id]
        return [a for a in found if a and _one_place(a, article)]

    def changing(self, article: Article, day: str) -> list[Article]:
        """Decisions on changing a document that hold on a day, the latest first."""
        self._follow()
        found = [self._store.article(i) for i in self._changing.get(stem(article.title), ())]
        held = [self.dated(a, day) for a in found if a and _one_place(a, article)]
        return sorted((a for a in held if a.status not in ("已废止", "尚未施行")), key=_begins, reverse=True)

    def of(self, article: Article, day: str) -> Standing:
        """How a document stands on a day (ISO); remembered until the store changes."""
        self._follow()
        key = (article.id, day)
        if key not in self._standings:
            if len(self._standings) > REMEMBERED:
                self._standings.clear()
            self._standings[key] = self._told(article, day)
        return self._standings[key]

    def _told(self, article: Article, day: str) -> Standing:
        if _begins(article) and _first(_begins(article)) > day:
            return Standing("尚未施行")
        later = [a for a in self.family(article) if _takes_the_place(a, article)]
        taken = [a for a in later if _first(_begins(a)) <= day]
        by = max(taken or later, key=_begins, default=None)
        if taken or (article.expires_on and last_day(article.expires_on) < day):
            return Standing("已废止", by)
        known = bool(later or article.expires_on)
        if article.status == "已废止":
            return Standing("现行" if known else "已废止", by)
        if article.status == "尚未施行":
            return Standing("现行" if article.effective_on else "尚未施行", by)
        if article.status == "已修改" and self._changing.get(stem(article.title)):
            return Standing("已修改" if self.changing(article, day) else "现行", by)
        return Standing(article.status, by)

    def dated(self, article: Article, day: str) -> Article:
        """The document with the status that it has on a day."""
        status = self.of(article, day).status
        return article if status == article.status else replace(article, status=status)

    def note(self, article: Article, day: str) -> str:
        """A sentence on why a document does not hold on a day, or what will replace it; else ``""``."""
        standing = self.of(article, day)
        by, name = standing.by, f"《{article.title}》"
        if standing.status == "尚未施行":
            return f"{name}尚未施行" + (f"，{_begins(article)}起施行。" if _begins(article) else "。")
        if standing.status == "已废止":
            until = article.expires_on if article.expires_on and last_day(article.expires_on) < day else ""
            why = f"（有效至{until}）" if until else ""
            return f"{name}已废止{why}，" + (
                f"由《{by.title}》取代。" if by and _first(_begins(by)) <= day else "请留意是否有新规定。"
            )
        if standing.status == "已修改":
            return f"{name}已被修改，请留意修改后的条文。"
        if by:
            return f"{name}将由《{by.title}》取代（{_begins(by)}起）。"
        return ""


def _one_place(one: Article, other: Article) -> bool:
    return not (one.region and other.region) or one.region == other.region


def _begins(article: Article) -> str:
    return article.effective_on or article.published_on


def _takes_the_place(new: Article, old: Article) -> bool:
    """Whether one document replaces another: it says so, or is a later version of the same title."""
    if not _begins(new) or _begins(new) <= _begins(old):
        return False
    named = {fold(n) for n in new.supersedes}
    if any(verb == "废止" and stem(name) == stem(old.title) for verb, name in _CHANGING.findall(new.title)):
        return True
    if fold(old.number) in named or stem(old.title) in {stem(n) for n in new.supersedes}:
        return True
    versions = new.kind in VERSIONED and old.kind in VERSIONED and bool(_begins(old))
    return versions and stem(new.title) == stem(old.title)


def _first(day: str) -> str:
    return day + "-01-01"[len(day) - 4 :] if len(day) in (4, 7) else day


def last_day(day: str) -> str:
    """The last day that "2024", "2024-05" or a whole date may mean."""
    return day + "-12-31"[len(day) - 4 :] if len(day) in (4, 7) else day
