"""What happens in the tab 版本与撤下: each ``do_`` method is a button or form of ``versions_view.py``."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from typing import Any, NamedTuple

from corpus.errors import UserError
from corpus.store import Store, Writer
from corpus.types import LINK_KINDS, Article, LinkKind
from corpus.versions.differences import revisions
from corpus.versions.effects import Effects, RestingCase
from corpus.versions.history import content, history
from corpus.versions.proposals import Proposals
from corpus.versions.standing import Register
from corpus.words import fold
from ingest.desk import versions_view as view
from ingest.desk.differences_view import revisions_view
from ingest.intake.drafts import Drafts
from ingest.intake.publishing import forget_deleted

#: Rows of a list: nobody reads more.
SHOWN = 50
#: Proposals drawn at once; those decided make room for others.
PROPOSED = 10
_PARTNERS = 5

Values = dict[str, str]


class Reply(NamedTuple):
    """What a click leads to: a sentence, and the view; None leaves it as it is."""

    told: str
    page: str | None = None


class Versions:
    """The handlers of the tab, over one store. ``today`` gives the day on which documents hold."""

    def __init__(
        self,
        store: Store,
        effects: Effects | None = None,
        today: Callable[[], str] = lambda: date.today().isoformat(),
    ) -> None:
        self.store = store
        self._effects = effects
        self._today = today
        self._register = Register(store)
        self._proposals = Proposals(store)

    def act(self, values: dict[str, Any], who: str) -> Reply:
        """What one click or form leads to. Raises ``UserError`` for what cannot be done."""
        given = {k: v for k, v in values.items() if isinstance(k, str) and isinstance(v, str)}
        handler = getattr(self, f"do_{given.pop('do', '')}", None)
        if handler is None:
            raise UserError("这个按钮已经失效。", "请刷新页面再试。")
        return handler(given, who)

    # -- looking --------------------------------------------------------------------------

    def do_find(self, values: Values, who: str) -> Reply:
        """The documents whose title, number or file's name holds what is looked for."""
        query = values.get("query", "").strip()
        found = self._found(query, SHOWN + 1)
        named = [(self._listed(a), self._file(a)) for a in found[:SHOWN]]
        return self._shown("find", view.finding(query, named, len(found) > SHOWN))

    def _found(self, query: str, most: int) -> list[Article]:
        """The live articles found, the last received first; all of them for an empty query."""
        words = [fold(word) for word in query.split()]
        names = {s.id: s.name for s in self.store.sources()}
        numbers = dict(self.store.numbers())
        found = []
        for id_, title in reversed(self.store.titles()):
            held = fold(f"{title} {numbers.get(id_, '')} {names.get(id_.split('/')[0], '')}")
            if all(word in held for word in words) and (article := self.store.article(id_)):
                found.append(article)
            if len(found) == most:
                break
        return found

    def _file(self, article: Article) -> str:
        source = self.store.source(article.source_id)
        return source.name if source else ""

    def _listed(self, article: Article) -> Article:
        return self._register.listed(article, self._today())

    def do_open(self, values: Values, who: str) -> Reply:
        """One document; an id of a source stands for its first article."""
        return self._opened(values.get("id", ""))

    def _opened(self, id_: str, told: str = "", chosen: str = "") -> Reply:
        articles = self.store.articles(id_.split("/")[0])
        article = next((a for a in articles if id_ in (a.id, a.source_id)), None)
        if article is None:
            raise UserError("这份文件已不在使用。", "它可能刚刚撤下或重新发布，请重新查找。")
        name = self._file(article)
        page = view.document(
            self._listed(article),
            name,
            self._register.note(article, self._today()),
            steps=view.versions(history(self.store, article.source_id), article.id),
            links=view.links(article, self.store.links.of([article.id]), self._proposals.of(article), chosen),
            withdraw=view.withdrawing(article.source_id, name, self._resting(article.source_id)),
            siblings=view.siblings(articles, article.id),
        )
        return self._shown("find", page, told)

    def _resting(self, source_id: str) -> Sequence[RestingCase] | None:
        return self._effects.resting([source_id]) if self._effects else None

    def do_compare(self, values: Values, who: str) -> Reply:
        """What differs between two versions of a file, or two articles."""
        contents, names = [], []
        for id_ in (values.get("old", ""), values.get("new", "")):
            try:
                contents.append(content(self.store, id_))
            except KeyError:
                raise UserError("要比较的版本已经不在了。", "请返回后重新选择。") from None
            names.append(self._called(id_, contents[-1]))
        body = revisions_view(revisions(*contents), names[0], names[1])
        return self._shown("find", view.compared(body, names[0], names[1], values.get("back", "")))

    def _called(self, id_: str, articles: Sequence[Article]) -> str:
        """What a side of a comparison is called."""
        version = self.store.archive.version(id_) if id_.startswith("v") else None
        if version is not None:
            return f"{version.at[:10]} 以前的版本"
        if "/" not in id_:
            return "现用版本"
        day = (articles[0].published_on or articles[0].effective_on) if articles else ""
        return f"《{articles[0].title}》{day}" if articles else id_

    def do_waiting(self, values: Values, who: str) -> Reply:
        """All proposals of the corpus."""
        found = self._proposals.waiting()
        return self._shown("waiting", view.waiting(found[:PROPOSED], len(found) > PROPOSED))

    def do_withdrawn(self, values: Values, who: str) -> Reply:
        """The withdrawn files."""
        found = self.store.archive.withdrawn()
        return self._shown("withdrawn", view.withdrawn(found[:SHOWN], max(0, len(found) - SHOWN)))

    def do_failed(self, values: Values, who: str) -> Reply:
        """The files that could not be added."""
        return self._shown("failed", view.failed(self.store.failures()[-SHOWN:]))

    def _shown(self, name: str, body: str, told: str = "") -> Reply:
        counts = {
            "waiting": len(self._proposals.waiting()),
            "withdrawn": self.store.archive.count(),
            "failed": len(self.store.failures()),
        }
        return Reply(view.notice(told, well=True) if told else "", view.frame(name, counts, body))

    # -- links ------------------------------------------------------------------------------

    def do_partner(self, values: Values, who: str) -> Reply:
        """Documents to link one with, by title, number or file's name."""
        id_, query = values.get("id", ""), values.get("query", "").strip()
        article = self.store.article(id_)
        if article is None or not query:
            return self._opened(id_)
        found = [a for a in self._found(query, _PARTNERS + 1) if a.id != id_][:_PARTNERS]
        return self._opened(id_, chosen=view.partners(article, query, found))

    def do_link(self, values: Values, who: str) -> Reply:
        """Confirm that one document amends, repeals or replaces another."""
        one, other, newer = (values.get(name, "") for name in ("one", "other", "newer"))
        kind: LinkKind | None = next((k for k in LINK_KINDS if k == values.get("kind")), None)
        if kind is None or newer not in (one, other):
            raise UserError("没有收到所选的关系。", "请重新选择后再确认。")
        link = self.store.links.confirm(kind, newer=newer, older=other if newer == one else one, who=who)
        return self._decided(
            values, f"已确认：《{link.newer_title}》{kind}了《{link.older_title}》。以后的回答以新的为准。"
        )

    def do_stranger(self, values: Values, who: str) -> Reply:
        """Remember that two documents have nothing to do with each other."""
        newer, older = values.get("newer", ""), values.get("older", "")
        self.store.links.confirm("无关", newer=newer, older=older, who=who)
        return self._decided(values, "已记住：这两份文件没有替代关系，以后不再提出。")

    def do_unlink(self, values: Values, who: str) -> Reply:
        """Forget what was confirmed."""
        number = values.get("link", "")
        gone = number.isdigit() and self.store.links.remove(int(number), who=who)
        return self._decided(values, "已解除。" if gone else "这个关联先前已经解除。")

    def _decided(self, values: Values, told: str) -> Reply:
        back = values.get("back", "")
        reply = self._opened(back) if back else self.do_waiting({}, "")
        return reply._replace(told=view.notice(told, well=True))

    # -- withdrawing and coming back ----------------------------------------------------------

    def do_withdraw(self, values: Values, who: str) -> Reply:
        """Take a file out of every search."""
        note = values.get("note", "").strip()
        done = self._written(who, lambda writer: writer.withdraw(values.get("id", ""), note=note))
        told = "已撤下，从现在起不再用来回答。" if done else "这份文件先前已经撤下。"
        return self.do_withdrawn({}, who)._replace(told=view.notice(told, well=True))

    def do_restore(self, values: Values, who: str) -> Reply:
        """Put a withdrawn file back, or an old version in place of what is live."""
        id_, back = values.get("id", ""), values.get("back", "")
        done = self._written(who, lambda writer: writer.restore(id_))
        told = "已恢复，可以提问了。" if done else "它先前已经恢复，或已彻底删除。"
        reply = self._back(back) or self.do_withdrawn({}, who)
        return reply._replace(told=view.notice(told, well=done))

    def do_remove(self, values: Values, who: str) -> Reply:
        """Delete an old version for good."""
        id_ = values.get("id", "")
        version = self.store.archive.version(id_)
        if version is None or version.state != "旧版":
            raise UserError("这个旧版已经不在了。", "请返回后重新查看。")
        self._written(who, lambda writer: writer.remove(id_))
        reply = self._back(values.get("back", "")) or self.do_find({}, who)
        return reply._replace(told=view.notice("这个旧版已彻底删除。", well=True))

    def do_deleting(self, values: Values, who: str) -> Reply:
        """Ask before a withdrawn file is deleted for good."""
        version = self.store.archive.version(values.get("id", ""))
        if version is None or version.state != "撤下":
            raise UserError("这份文件不在已撤下的文件里。", "请刷新后再看。")
        return self._shown("withdrawn", view.deleting(version, self._resting(version.source.id)))

    def do_delete(self, values: Values, who: str) -> Reply:
        """Delete a withdrawn file for good, once the word for it was typed."""
        id_ = values.get("id", "")
        if values.get("words", "").strip().strip("“”\"'") != view.CONFIRMATION:
            raise UserError("没有删除。", f"确定要删，请在框里输入“{view.CONFIRMATION}”四个字。")
        if self.store.archive.version(id_) is None:
            raise UserError("这份文件不在已撤下的文件里。", "请刷新后再看。")
        self._written(who, lambda writer: writer.remove(id_))
        forget_deleted(self.store, Drafts(self.store.directory))
        told = view.notice("已彻底删除，原件和全部旧版都不再保留。", well=True)
        return self.do_withdrawn({}, who)._replace(told=told)

    def do_forget(self, values: Values, who: str) -> Reply:
        """No longer list a file that could not be added."""
        id_ = values.get("id", "")
        if id_.startswith("f"):
            self._written(who, lambda writer: writer.remove(id_))
        return self.do_failed({}, who)

    def _written(self, who: str, act: Callable[[Writer], bool]) -> bool:
        with self.store.writing(who=who, wait_s=10) as writer:
            return act(writer)

    def _back(self, id_: str) -> Reply | None:
        """The document somebody came from, if it is there; its article may bear another number now."""
        for place in (id_, id_.split("/")[0]):
            with suppress(UserError):
                if place:
                    return self._opened(place)
        return None
