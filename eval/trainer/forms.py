"""What a trainer typed into the form of a question, as a case; and which article a title means."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from corpus.errors import UserError
from corpus.store import Store
from corpus.types import Article
from eval.dataset import DIFFICULTIES, Case
from eval.sheets import TYPES

#: Articles named in a message when a title means several.
_NAMED = 4


def case_from(values: Mapping[str, Any], store: Store, base: Case | None = None) -> Case:
    """The case a filled-in form means; what the form does not show stays as ``base`` has it.

    Raises UserError for what is missing, for a title no article has, and for a date that is none.
    """
    base = base or Case(id="new", question="")
    question = text_of(values, "question")
    if not question:
        raise UserError("还没有写问题。", "请照群众会怎么问，写一句完整的问题。")
    answerable = text_of(values, "answerable") != "0"
    kind = text_of(values, "type")
    kind = kind if kind in TYPES else base.type
    case = replace(
        base,
        question=question,
        answerable=answerable,
        type=kind,
        # A category that people chose themselves stays; one that only repeats the kind follows it.
        category=kind if base.category == base.type else base.category,
        must_not=tuple(_lines(values, "must_not")),
        difficulty=_one_of(text_of(values, "difficulty"), DIFFICULTIES),
        as_of=_day(text_of(values, "as_of")),
    )
    if not answerable:
        return replace(case, must=(), clauses=(), source=(), article="", outcome="")
    facts, clauses = facts_of(values), tuple(_lines(values, "clauses"))
    title = text_of(values, "article")
    source, article = (base.source, base.article) if title == base.article else _place(title, store)
    if not (facts or clauses or source or article or base.outcome):
        raise UserError(
            "还没有写回答里必须有什么。", "请至少写一个数字、名称或说法，或者指定依据的文章，否则没法判对错。"
        )
    return replace(case, must=facts, clauses=clauses, source=source, article=article)


def text_of(values: Mapping[str, Any], name: str) -> str:
    """One field, stripped; empty where the browser sent none or something else."""
    value = values.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def list_of(values: Mapping[str, Any], name: str) -> list[str]:
    """A field that may be ticked several times."""
    value = values.get(name, [])
    return [value] if isinstance(value, str) and value else [v for v in value if isinstance(v, str)]


def number_of(values: Mapping[str, Any], name: str) -> int:
    """A number that the page itself put into a button; 0 for anything else."""
    digits = text_of(values, name)
    return int(digits) if re.fullmatch(r"[0-9]{1,9}", digits) else 0


def facts_of(values: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    """The facts: a line each, alternatives parted by “|”."""
    groups = (
        tuple(filter(None, (part.strip() for part in re.split(r"[|｜]", line))))
        for line in _lines(values, "must")
    )
    return tuple(group for group in groups if group)


def article_named(title: str, store: Store) -> Article:
    """The article with this title, or the only one whose title holds it. Raises UserError otherwise."""
    found = _articles_named(title, store)
    if not found:
        raise UserError(
            f"资料库里没有标题含有“{title}”的文章。", "请从下拉的标题里选，或到“资料库”页看看它叫什么。"
        )
    if len({a.title for a in found}) > 1:
        named = "、".join(f"《{a.title}》" for a in found[:_NAMED])
        raise UserError(f"标题含有“{title}”的文章不止一篇：{named}……", "请把标题写得更完整。")
    return found[0]


def _articles_named(title: str, store: Store) -> list[Article]:
    wanted = _squeezed(title)
    ids = [(article_id, _squeezed(held)) for article_id, held in store.titles()]
    chosen = [i for i, held in ids if held == wanted] or [i for i, held in ids if wanted and wanted in held]
    return [article for i in chosen[: _NAMED + 1] if (article := store.article(i))]


def _place(title: str, store: Store) -> tuple[tuple[str, ...], str]:
    """Names of the files with that article, and its title; nothing for an empty title."""
    if not title:
        return (), ""
    named = article_named(title, store)
    same = [a for a in _articles_named(named.title, store) if a.title == named.title]
    sources = [store.source(a.source_id) for a in same]
    return tuple(dict.fromkeys(s.name for s in sources if s)), named.title


def _squeezed(text: str) -> str:
    return "".join(text.split()).strip("《》")


def _lines(values: Mapping[str, Any], name: str) -> list[str]:
    return [line.strip() for line in text_of(values, name).splitlines() if line.strip()]


def _one_of(value: str, allowed: Sequence[str]) -> str:
    return value if value in allowed else ""


def _day(text: str) -> str:
    if text:
        try:
            date.fromisoformat(text)
        except ValueError as error:
            raise UserError(f"“{text}”不是一个日期。", "请写成 2024-05-01 这样。") from error
    return text
