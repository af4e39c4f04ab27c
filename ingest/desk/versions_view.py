"""The tab 版本与撤下 as HTML: finding a document, its versions and links, what waits, what is withdrawn.

Values in, HTML out; what stands in documents and names is escaped. Buttons carry ``data-do``, which
``versions.js`` sends to the ``do_`` method of that name in ``versions_events.py``.
"""

from collections.abc import Mapping, Sequence
from html import escape

from corpus.types import Article, Failure, Link, LinkKind, Version
from corpus.versions.effects import RestingCase
from corpus.versions.history import Step
from corpus.versions.proposals import Proposal, newer_first

#: What must be typed before anything is deleted for good.
CONFIRMATION = "彻底删除"
_KINDS: dict[LinkKind, str] = {
    "替代": "替代：新的全文取代旧的",
    "废止": "废止：旧的不再有效",
    "修改": "修改：新的只改了旧的一部分",
}
_VIEWS = {"find": "文件与版本", "waiting": "待确认的关联", "withdrawn": "已撤下", "failed": "未能加入"}
_BADGES = {
    "现行": "good",
    "现用": "good",
    "已修改": "warn",
    "旧版": "soft",
    "尚未施行": "warn",
    "未知": "soft",
}


def frame(view: str, counts: Mapping[str, int], body: str) -> str:
    """A view below the row of buttons that lead to all of them."""
    buttons = []
    for name, words in _VIEWS.items():
        here = ' aria-current="true"' if name == view else ""
        number = f"（{counts[name]}）" if counts.get(name) else ""
        buttons.append(f'<button type="button" data-do="{name}"{here}>{words}{number}</button>')
    return f'<nav class="views" aria-label="版本与撤下">{"".join(buttons)}</nav>{body}'


def badge(status: str) -> str:
    """A word in the colour of what it means."""
    return f'<span class="badge {_BADGES.get(status, "bad")}">{escape(status)}</span>'


def named(title: str) -> str:
    """《title》, escaped."""
    return f"《{escape(title or '未命名')}》"


def notice(text: str, *, well: bool = False) -> str:
    """A sentence on what was done, or why not."""
    return f'<p class="said {"well" if well else ""}" role="status">{escape(text)}</p>'


# -- finding -------------------------------------------------------------------------------


def finding(query: str, found: Sequence[tuple[Article, str]], more: bool) -> str:
    """The search box and what it found; each article with its file's name."""
    rows = "".join(
        f'<li><button type="button" class="pick" data-do="open" data-id="{a.id}">{badge(a.status)}'
        f"<b>{named(a.title)}</b><small>{_facts(a, name)}</small></button></li>"
        for a, name in found
    )
    hint = "按标题、文号或文件名查找，点开看它的各个版本、差异和关联。" if not query else ""
    none = "" if found else '<p class="page-hint">没有找到符合的文件。</p>'
    rest = '<p class="page-hint">只列出前面的，请把查找的字写得更全。</p>' if more else ""
    return (
        '<h2 class="page-title" tabindex="-1">文件与版本</h2>'
        f'<p class="page-hint">{hint}</p>{_search("find", query)}<ul class="picks">{rows}</ul>{none}{rest}'
    )


def _search(do: str, query: str, **data: str) -> str:
    carried = "".join(f' data-{k}="{escape(v)}"' for k, v in data.items())
    return (
        f'<form class="search" data-do="{do}"{carried} role="search"><input name="query" type="search" '
        f'value="{escape(query)}" placeholder="标题、文号或文件名" aria-label="查找文件" maxlength="200">'
        "<button>查找</button></form>"
    )


def _facts(article: Article, name: str) -> str:
    day = article.published_on or article.effective_on
    return " · ".join(escape(part) for part in (article.issuer, article.number, day, name) if part)


# -- one document ----------------------------------------------------------------------------


def document(
    article: Article, name: str, note: str, *, steps: str, links: str, withdraw: str, siblings: str
) -> str:
    """A document: how it stands and why, its versions, its links, the way out."""
    dates = [("发布", article.published_on), ("施行", article.effective_on), ("失效", article.expires_on)]
    days = "".join(f"<dt>{word}</dt><dd>{escape(day)}</dd>" for word, day in dates if day)
    known = [("发文机关", article.issuer), ("文号", article.number), ("文件", name)]
    facts = "".join(f"<dt>{word}</dt><dd>{escape(value)}</dd>" for word, value in known if value)
    why = f'<p class="why">{escape(note)}</p>' if note else ""
    return (
        '<p><button type="button" class="back" data-do="find">‹ 返回查找</button></p>'
        f'<h2 class="page-title" tabindex="-1">{named(article.title)}{badge(article.status)}</h2>{why}'
        f'<dl class="facts">{facts}{days}</dl>{siblings}{steps}{links}{withdraw}'
    )


def siblings(articles: Sequence[Article], here: str) -> str:
    """The other articles of the same file, to go to."""
    others = "".join(
        f'<button type="button" class="link" data-do="open" data-id="{a.id}">{named(a.title)}</button>'
        for a in articles
        if a.id != here
    )
    return (
        f'<details class="siblings"><summary>同一文件里的其他文章</summary>{others}</details>'
        if others
        else ""
    )


def versions(steps: Sequence[Step], back: str) -> str:
    """What the file held from when to when, with the way to the differences."""
    rows = []
    for n, step in enumerate(steps):
        before = steps[n + 1].id if n + 1 < len(steps) else ""
        rows.append(_version(step, before, back))
    hint = (
        ""
        if len(steps) > 1
        else '<p class="page-hint">这份文件还没有旧版。重新发布或更正之后，原来的样子会留在这里。</p>'
    )
    return f'<h3>版本</h3>{hint}<ol class="versions">{"".join(rows)}</ol>'


def _version(step: Step, before: str, back: str) -> str:
    by = f"，{escape(step.source.received_by)}" if step.source.received_by else ""
    told = [f"{_when(step.source.received_at)} 收到{by}"]
    if step.until:
        end = "撤下" if step.state == "撤下" else "被替换"
        told.append(f"{_when(step.until)} {end}" + (f"（{escape(step.who)}）" if step.who else ""))
    told += [f"原因：{escape(step.note)}"] if step.note else []
    changes = f"<p>与前一版相比：{escape(step.changes)}</p>" if step.changes else ""
    acts = _button("看差异", "compare", old=before, new=step.id, back=back) if before else ""
    if step.state == "旧版":
        acts += _button("恢复成这个版本", "restore", sure="再点一次，恢复成这个版本", id=step.id, back=back)
        acts += _button("删除这个旧版", "remove", sure="再点一次，删除后找不回来", id=step.id, back=back)
    return (
        f"<li>{badge(step.state)}<b>{escape(step.source.name)}</b><small>{'；'.join(told)}</small>"
        f'{changes}<p class="acts">{acts}</p></li>'
    )


def _button(words: str, do: str, *, sure: str = "", kind: str = "", **data: str) -> str:
    carried = "".join(f' data-{k}="{escape(v)}"' for k, v in data.items())
    asked = f' data-sure="{escape(sure)}"' if sure else ""
    look = f' class="{kind}"' if kind else ""
    return f'<button type="button" data-do="{do}"{look}{carried}{asked}>{escape(words)}</button>'


def _when(at: str) -> str:
    return escape(at[:16].replace("T", " "))


def links(article: Article, held: Sequence[Link], proposals: Sequence[Proposal], chosen: str) -> str:
    """What is confirmed of a document, what is proposed, and how to add more; ``chosen`` is the form for that."""
    rows = "".join(_link(link, article.id) for link in held)
    said = f'<ul class="links">{rows}</ul>' if rows else '<p class="page-hint">没有确认过的关联。</p>'
    waiting = "".join(proposal(p, article.id) for p in proposals)
    return (
        f"<h3>关联</h3>{said}{waiting}"
        f"<h4>与另一份文件建立关联</h4>{_search('partner', '', id=article.id)}{chosen}"
    )


def _link(link: Link, here: str) -> str:
    newer = link.newer == here
    other, title = (link.older, link.older_title) if newer else (link.newer, link.newer_title)
    words = {"替代": "替代", "废止": "废止", "修改": "修改", "无关": "无关"}[link.kind]
    told = f"本文件{words}了" if newer else f"本文件被{words}："
    told = "已确认与它没有替代关系：" if link.kind == "无关" else told
    who = f"{escape(link.who)} " if link.who else ""
    see = (
        _button("看差异", "compare", old=link.older, new=link.newer, back=here) if link.kind != "无关" else ""
    )
    return (
        f'<li><span>{told}</span><button type="button" class="link" data-do="open" data-id="{escape(other)}">'
        f"{named(title)}</button><small>{who}{_when(link.at)} 确认</small>"
        f'<p class="acts">{see}{_button("解除", "unlink", sure="再点一次解除", link=str(link.id), back=here)}</p></li>'
    )


def proposal(found: Proposal, back: str) -> str:
    """Two documents and why the one may take the other's place, for a person to say."""
    reasons = "".join(f"<li>{escape(reason)}</li>" for reason in found.reasons)
    return (
        '<article class="proposal"><p>'
        f"{_side('新', found.newer)}<br>可能{found.kind}了<br>{_side('旧', found.older)}</p>"
        f'<ul class="reasons">{reasons}</ul>{_deciding(found.newer, found.older, found.kind, back)}</article>'
    )


def _side(word: str, article: Article) -> str:
    day = article.published_on or article.effective_on
    return f"<small>{word}</small>{named(article.title)}<small>{escape(day)}</small>"


def _deciding(newer: Article, older: Article, kind: LinkKind, back: str) -> str:
    kinds = "".join(
        f'<option value="{k}"{" selected" if k == kind else ""}>{words}</option>'
        for k, words in _KINDS.items()
    )
    order = "".join(f'<option value="{a.id}">{escape(_short(a))}</option>' for a in (newer, older))
    see = _button("看差异", "compare", old=older.id, new=newer.id, back=back)
    no = _button("不是，两份没有关系", "stranger", newer=newer.id, older=older.id, back=back)
    return (
        f'<form class="deciding" data-do="link" data-one="{newer.id}" data-other="{older.id}" data-back="{escape(back)}">'
        f'<label>关系<select name="kind">{kinds}</select></label>'
        f'<label>新的一份<select name="newer">{order}</select></label>'
        f'<p class="acts"><button class="primary">确认</button>{see}{no}</p></form>'
    )


def _short(article: Article) -> str:
    day = article.published_on or article.effective_on
    return f"《{article.title[:30] or '未命名'}》{day}（{article.id}）"


def partners(article: Article, query: str, found: Sequence[Article]) -> str:
    """What was found to link a document with."""
    if not found:
        return f'<p class="page-hint">没有找到“{escape(query)}”。</p>'
    return "".join(
        f'<article class="proposal"><p>{_side("本文件", article)}<br>{_side("另一份", other)}</p>'
        f"{_deciding(*newer_first(article, other), '替代', article.id)}</article>"
        for other in found
    )


def withdrawing(source_id: str, name: str, resting: Sequence[RestingCase] | None) -> str:
    """The way out of the corpus, with what rests on the file; None where nobody can tell."""
    return (
        '<h3>撤下</h3><p class="page-hint">撤下之后立即不再用来回答，文件和全部内容保留，随时可以恢复。'
        f"整个文件一起撤下：{escape(name)}。</p>{_resting(resting)}"
        f'<form class="withdraw" data-do="withdraw" data-id="{source_id}"><label>原因（可不填）'
        '<input name="note" maxlength="300"></label>'
        '<button data-sure="再点一次撤下">撤下这份文件</button></form>'
    )


def _resting(cases: Sequence[RestingCase] | None) -> str:
    if not cases:
        return "" if cases is None else '<p class="page-hint">没有考题以它为依据。</p>'
    rows = "".join(
        f"<li>{escape(c.question)}<small>{escape(c.set)} · {escape('、'.join(c.grounds))}</small></li>"
        for c in cases
    )
    return (
        f'<details class="resting" open><summary>有 {len(cases)} 道考题以它为依据，没有它就答不出</summary>'
        f"<ul>{rows}</ul></details>"
    )


# -- lists -------------------------------------------------------------------------------------


def waiting(proposals: Sequence[Proposal], more: bool) -> str:
    """All that is proposed in the corpus."""
    rows = "".join(proposal(p, "") for p in proposals)
    hint = "程序发现这些文件可能有新旧关系。确认之后，旧的会标明已修改或已废止，回答以新的为准；说“没有关系”的不再提出。"
    none = "" if proposals else '<p class="page-hint">没有待确认的关联。</p>'
    rest = '<p class="page-hint">还有更多，确认这些之后再列出。</p>' if more else ""
    return f'<h2 class="page-title" tabindex="-1">待确认的关联</h2><p class="page-hint">{hint}</p>{rows}{none}{rest}'


def withdrawn(versions: Sequence[Version], more: int) -> str:
    """The withdrawn files, each with the way back and the way out for good."""
    rows = "".join(_gone(version) for version in versions)
    none = "" if versions else '<p class="page-hint">没有已撤下的文件。</p>'
    rest = f'<p class="page-hint">只列出最近撤下的，另有 {more} 份可在资料表里查找。</p>' if more else ""
    return (
        '<h2 class="page-title" tabindex="-1">已撤下</h2><p class="page-hint">这些文件不再用来回答。'
        f'恢复后内容与原来相同；彻底删除后连同原件和全部旧版一起消失，找不回来。</p><ul class="gone">{rows}</ul>{none}{rest}'
    )


def _gone(version: Version) -> str:
    titles = "".join(f"<p>{named(title)}</p>" for title in version.titles[:5])
    more = f"<p>等 {len(version.titles)} 篇</p>" if len(version.titles) > 5 else ""
    note = f"；原因：{escape(version.note)}" if version.note else ""
    source = version.source.id
    return (
        f"<li><b>{escape(version.source.name)}</b><small>{_when(version.at)} 由{escape(version.who or '（未记名）')}撤下{note}"
        f'</small>{titles}{more}<div class="acts">{_button("恢复", "restore", kind="primary", id=source)}'
        f"{_button('彻底删除……', 'deleting', id=source)}</div></li>"
    )


def deleting(version: Version, resting: Sequence[RestingCase] | None) -> str:
    """What is asked before a withdrawn file is deleted for good: with what rests on it, and in words."""
    titles = "".join(f"<p>{named(title)}</p>" for title in version.titles[:5])
    return (
        f"<p>{_button('‹ 返回已撤下', 'withdrawn', kind='back')}</p>"
        f'<h2 class="page-title" tabindex="-1">彻底删除 {escape(version.source.name)}</h2>{titles}'
        '<p class="why">全部内容、原件和旧版都会消失，找不回来；确认过的关联也一并解除。'
        f"文件如果还在自动收取的文件夹里，会被再次加入。</p>{_resting(resting)}"
        f'<form class="deleting" data-do="delete" data-id="{version.source.id}">'
        f'<label>确定要删，请输入“{CONFIRMATION}”<input name="words" autocomplete="off" required></label>'
        "<button>彻底删除</button></form>"
    )


def failed(failures: Sequence[Failure]) -> str:
    """The files that could not be added, newest first, each with the reason."""
    rows = "".join(
        f"<li><b>{escape(f.name)}</b><small>{_when(f.at)}</small><p>{escape(f.message)}</p>"
        f'<p class="acts">{_button("不再列出", "forget", id=f.id)}</p></li>'
        for f in reversed(failures)
    )
    none = "" if failures else '<p class="page-hint">没有未能加入的文件。</p>'
    return f'<h2 class="page-title" tabindex="-1">未能加入</h2><ul class="gone">{rows}</ul>{none}'


def compared(body: str, old: str, new: str, back: str) -> str:
    """The differences of two versions, below a way back."""
    way = (
        _button("‹ 返回文件", "open", kind="back", id=back)
        if back
        else _button("‹ 返回待确认的关联", "waiting", kind="back")
    )
    return (
        f'<p>{way}</p><h2 class="page-title" tabindex="-1">差异</h2>'
        f'<p class="page-hint">左边：{escape(old)}；右边：{escape(new)}。</p>{body}'
    )
