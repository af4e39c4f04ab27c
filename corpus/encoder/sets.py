"""Retrieval sets of other kinds, in BEIR form: ``python -m corpus.encoder.sets --data DIR --out DIR``.

What the encoder was not made for, or kept back from it, for ``python -m eval retrieval``:

- ``news``: 5,000 items of 2024 that training never saw; the headline, or the brief, without
  its rarest word → the report under its headline.
- ``sections``: documents of the State Council; a section's heading → the section without it.
- ``clauses``: union and labour laws; a clause's fragment with two words said otherwise → the
  clause.
"""

import argparse
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import jieba

from corpus.encoder import pairs, texts
from corpus.encoder.learning import Recipe

#: A report is searched up to here, as a passage of the product is no longer.
BODY = 600
_HEADING = re.compile(r"^[（(]?[一二三四五六七八九十]{1,3}[）)、.．]\s*(.+)$")
_ARTICLE = re.compile(r"^\**(第[一二三四五六七八九十百零〇]+条)\**[\s　]*(.*)$")
_MARKDOWN = re.compile(r"^(#|<!--)")


@dataclass(frozen=True, slots=True)
class Set:
    """``passages`` are ``(title, text)``; ``questions`` are ``(text, right passages)``."""

    passages: list[tuple[str, str]] = field(default_factory=list)
    questions: list[tuple[str, list[int]]] = field(default_factory=list)

    def write(self, folder: Path) -> None:
        """``corpus.jsonl``, ``queries.jsonl`` and ``qrels/test.tsv``."""
        (folder / "qrels").mkdir(parents=True, exist_ok=True)
        rows = (
            {"_id": f"p{n}", "title": title, "text": text} for n, (title, text) in enumerate(self.passages)
        )
        _lines(folder / "corpus.jsonl", rows)
        asked = ({"_id": f"q{n}", "text": text} for n, (text, _) in enumerate(self.questions))
        _lines(folder / "queries.jsonl", asked)
        judged = [f"q{n}\tp{at}\t1" for n, (_, right) in enumerate(self.questions) for at in right]
        text = "\n".join(["query-id\tcorpus-id\tscore", *judged]) + "\n"
        (folder / "qrels" / "test.tsv").write_text(text, encoding="utf8")


def _lines(path: Path, rows: Iterator[dict[str, str]]) -> None:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text(text, encoding="utf8")


def news(items: Sequence[texts.News]) -> Set:
    """Every second item is asked for by its headline, where no other has the same one."""
    whole = [item for item in items if len(item.body) >= 40]
    headlines = Counter(item.title for item in whole)
    often = Counter(word for item in whole for word in set(words(f"{item.title}{item.body}")))
    made = Set([(item.title, item.body[:BODY]) for item in whole])
    for at, item in enumerate(whole):
        said = item.title if at % 2 and headlines[item.title] == 1 else item.brief[:60]
        rare = sorted(set(words(said)), key=lambda word: (often[word], word))
        # A bare "国内联播快讯" or two words of a headline name no report in particular.
        if len(rare) >= 5:
            made.questions.append((said.replace(rare[0], ""), [at]))
    return made


def sections(documents: Sequence[tuple[str, str]]) -> Set:
    """``documents`` are ``(title, text)``; a section goes from its heading to the next one."""
    made = Set()
    for title, text in documents:
        heading, held = "", list[str]()
        for line in [*text.splitlines(), "一、完"]:
            found = _HEADING.match(line.strip())
            if not found:
                held.append(line)
                continue
            if heading and len("".join(held)) >= 40:
                made.questions.append((heading, [len(made.passages)]))
                made.passages.append((title, "\n".join(held)[:BODY]))
            # A heading says its sentence to the first stop; what follows is the section's text.
            heading, _, rest = found[1].partition("。")
            held = [rest] if rest else []
    # What several documents head alike ("总体要求") asks for no section in particular.
    often = Counter(heading for heading, _ in made.questions)
    return Set(made.passages, [q for q in made.questions if often[q[0]] == 1 and len(q[0]) >= 6])


def clauses(laws: Sequence[tuple[str, str]], otherwise: dict[str, list[str]], draw: random.Random) -> Set:
    """``laws`` are ``(title, Markdown)``; only fragments with two words that can be said
    otherwise are asked."""
    made = Set()
    for title, markdown in laws:
        for number, text in articles(markdown):
            at = len(made.passages)
            made.passages.append((f"{title}{number}", text))
            if said := said_otherwise(text, otherwise, draw):
                made.questions.append((said, [at]))
    return made


def said_otherwise(text: str, otherwise: dict[str, list[str]], draw: random.Random) -> str:
    """A fragment of ``text``, two of its words said otherwise; empty where it has no two such words."""
    said = pairs.fragment(text, draw, shortest=12)
    known = [word for word in dict.fromkeys(jieba.lcut(said)) if word in otherwise]
    if len(known) < 2:
        return ""
    for word in draw.sample(known, 2):
        said = said.replace(word, draw.choice(otherwise[word]))
    return said


def articles(markdown: str) -> Iterator[tuple[str, str]]:
    """``(第十条, its text)`` of a law in Markdown, headings left out."""
    number, held = "", list[str]()
    for line in [*markdown.splitlines(), "第一条"]:
        found = _ARTICLE.match(line)
        if not found and not _MARKDOWN.match(line):
            held.append(line)
        if found:
            text = "\n".join(part for part in held if part.strip())
            if number and len(text) >= 12:
                yield number, text
            number, held = found[1], [found[2]]


def words(text: str) -> list[str]:
    """The words of at least two characters."""
    return [word for word in jieba.lcut(text) if len(word) > 1 and word.isalnum()]


def synonyms(path: Path) -> dict[str, list[str]]:
    """Word → other words for it, out of a file with one group a line."""
    found: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf8").splitlines():
        group = [] if line.startswith("#") else line.split()
        for word in group:
            found.setdefault(word, []).extend(other for other in group if other != word)
    return found


def main(argv: list[str] | None = None) -> int:
    """Writes the three sets below ``--out``."""
    parser = argparse.ArgumentParser(prog="python -m corpus.encoder.sets", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the training data")
    parser.add_argument("--synonyms", type=Path, required=True, help="file with one group of words a line")
    parser.add_argument("--out", type=Path, required=True, help="where to write the sets")
    wanted = parser.parse_args(argv)
    seed = Recipe().seed
    kept = texts.held_out_news(wanted.data, seed=seed)
    council = [
        (row["title"], row["text"]) for row in texts.rows(wanted.data / "state-council-documents.jsonl.xz")
    ]
    laws = [
        (path.stem, path.read_text(encoding="utf8"))
        for path in sorted((wanted.data / "union-law-texts").glob("*.md"))
    ]
    draw = random.Random(seed)  # noqa: S311
    made = {
        "news": news(kept),
        "sections": sections(council),
        "clauses": clauses(laws, synonyms(wanted.synonyms), draw),
    }
    for name, one in made.items():
        one.write(wanted.out / name)
        sys.stdout.write(f"{name}: {len(one.passages)} passages, {len(one.questions)} questions\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
