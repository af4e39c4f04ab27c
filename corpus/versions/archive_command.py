"""``python -m corpus withdraw|restore-source|history|diff``: what each gives, as JSON and as text."""

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

from corpus.errors import UserError
from corpus.store import Store, Writer
from corpus.versions.differences import Difference, Revision, revisions, summary
from corpus.versions.history import Step, content, history

_WHO = "命令行"


class Told(NamedTuple):
    """What a command gives: a value for ``--json``, the same as text, the exit code."""

    value: Any
    text: str
    code: int = 0


def withdraw(given: argparse.Namespace, store: Store) -> Told:
    """Take sources out of every search."""
    return _each(
        given.id, store, lambda writer, id_: writer.withdraw(id_, note=given.note), "withdrawn", "已撤下"
    )


def restore(given: argparse.Namespace, store: Store) -> Told:
    """Put withdrawn sources back, or old versions in place of what is live."""
    return _each(given.id, store, Writer.restore, "restored", "已恢复")


def _each(ids: Sequence[str], store: Store, act: Callable[[Writer, str], bool], key: str, words: str) -> Told:
    with store.writing(who=_WHO) as writer:
        done = {id_: act(writer, id_) for id_ in ids}
    missing = [id_ for id_, did in done.items() if not did]
    text = "\n".join(f"{id_}：{words if did else '没有可以这样做的来源'}" for id_, did in done.items())
    return Told({key: [i for i in done if i not in missing], "missing": missing}, text, int(bool(missing)))


def past(given: argparse.Namespace, store: Store) -> Told:
    """The versions of a source; without an id, the withdrawn sources."""
    if not given.id:
        steps = [s for v in store.archive.withdrawn() for s in history(store, v.source.id)[:1]]
    else:
        steps = history(store, given.id)
    if given.id and not steps:
        raise UserError(f"没有编号 {given.id} 的来源。", "请用 python -m corpus list 查看有哪些编号。")
    text = "\n".join(map(_step, steps)) or "没有已撤下的来源。"
    return Told([{**asdict(step), "source": asdict(step.source)} for step in steps], text)


def _step(step: Step) -> str:
    name = f"{step.id}（来源 {step.source.id}）" if step.id != step.source.id else step.id
    told = [f"{name} {step.state} {step.source.name}，{step.source.received_at[:16]} 收到"]
    if step.until:
        end = "撤下" if step.state == "撤下" else "被替换"
        told.append(f"{step.until[:16]} 由{step.who or '（未记名）'}{end}")
    told += [f"原因：{step.note}"] if step.note else []
    told += [f"与前一版相比：{step.changes}"] if step.changes else []
    return "；".join(told)


def diff(given: argparse.Namespace, store: Store) -> Told:
    """What differs between two sources, articles or versions, clause by clause."""
    contents = []
    for id_ in (given.old, given.new):
        try:
            contents.append(content(store, id_))
        except KeyError:
            raise UserError(
                f"资料库里没有编号 {id_}。", "来源写作 3，文章写作 3/2，旧版写作 v12（见 history）。"
            ) from None
    found = revisions(*contents)
    return Told([as_json(r) for r in found], "\n".join(line for r in found for line in lines(r)))


def as_json(revision: Revision) -> dict[str, Any]:
    """A revision with what changed in it; units that stayed as they were are left out."""
    return {
        "title": revision.title,
        "old": revision.old.id if revision.old else "",
        "new": revision.new.id if revision.new else "",
        "summary": summary(revision.differences),
        "fields": [{"name": n, "old": old, "new": new} for n, old, new in revision.fields],
        "differences": [
            {
                "change": d.words,
                "old_label": d.old.label if d.old else "",
                "new_label": d.new.label if d.new else "",
                "old": d.old.text.strip() if d.old else "",
                "new": d.new.text.strip() if d.new else "",
                "pieces": [p._asdict() for p in d.pieces],
            }
            for d in revision.differences
            if tells(d)
        ],
    }


def tells(difference: Difference) -> bool:
    """Whether there is anything to say of a unit."""
    return difference.kind != "未变" or difference.moved or difference.renumbered


def lines(revision: Revision) -> Iterator[str]:
    """A revision for the screen: 〔-taken out-〕, 〔+put in+〕."""
    yield f"《{revision.title}》 {summary(revision.differences)}"
    for called, old, new in revision.fields:
        yield f"  {called}：{old or '（无）'} → {new or '（无）'}"
    for difference in filter(tells, revision.differences):
        unit = difference.new or difference.old
        label = unit.label if unit else ""
        yield f"  {label}【{difference.words}】" if label else f"  【{difference.words}】"
        if difference.kind != "未变":
            yield f"    {marked(difference)}"


def marked(difference: Difference) -> str:
    """The text of a unit on one line with what was taken out and put in marked."""
    marks = {"同": "{}", "删": "〔-{}-〕", "增": "〔+{}+〕"}
    plain = difference.old is None or difference.new is None
    return (
        "".join((p.text if plain else marks[p.kind].format(p.text)) for p in difference.pieces)
        .strip()
        .replace("\n", "⏎")
    )
