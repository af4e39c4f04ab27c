"""Question sets and results in the forms of other tools: BEIR, TREC runs and qrels, ragas.

A document is an article of the store, its id the article's. Ids in TREC files hold no white
space: it becomes “_”.
"""

import csv
import json
import lzma
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from corpus.errors import UserError
from corpus.store import Store
from eval.clauses import Clause, alternatives, same_document
from eval.dataset import SUFFIXES, Case, save, stream
from eval.metrics import CaseResult, squeeze
from eval.runner import RESULTS, read

#: Grades of the documents judged for each query, > 0 where relevant.
Judgements = Mapping[str, Mapping[str, int]]
_NOT_HELD = "资料库里没有依据，应当拒答。"


# --- BEIR (Thakur et al. 2021): corpus.jsonl, queries.jsonl, qrels/*.tsv ---


def beir_file(folder: Path, name: str) -> Path:
    """A file of a BEIR folder, or its ``.xz``. Raises UserError where there is neither."""
    for path in (folder / name, folder / f"{name}.xz"):
        if path.is_file():
            return path
    raise UserError(
        f"{folder} 里没有 {name}。", "请给出 BEIR 格式的文件夹（corpus.jsonl、queries.jsonl、qrels/）。"
    )


def beir_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a JSONL file, compressed or not. Raises UserError naming a line that is none."""
    with _open(path) as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                try:
                    row = json.loads(line)
                except json.JSONDecodeError:
                    row = None
                if not isinstance(row, dict) or "_id" not in row:
                    raise UserError(
                        f"{path.name} 第 {number} 行：不是带“_id”的 JSON 对象。", "请检查这一行。"
                    )
                yield row


def _open(path: Path) -> TextIO:
    return lzma.open(path, "rt", encoding="utf-8") if path.suffix == ".xz" else path.open(encoding="utf-8")


def beir_qrels(folder: Path) -> dict[str, dict[str, int]]:
    """Grades of the relevant documents of each query that has one."""
    files = sorted((folder / "qrels").glob("*.tsv"))
    if not files:
        raise UserError(f"{folder} 里没有 qrels/*.tsv。", "请放入判定文件：query-id、corpus-id、score 三列。")
    qrels: dict[str, dict[str, int]] = {}
    for path in files:
        for query, documents in read_qrels(path).items():
            relevant = {document: grade for document, grade in documents.items() if grade > 0}
            if relevant:
                qrels.setdefault(query, {}).update(relevant)
    return qrels


def from_beir(folder: Path) -> Iterator[Case]:
    """The judged queries as cases; each relevant document's title is a clause to be cited.

    A document without a title is named by its id.
    """
    qrels = beir_qrels(folder)
    judged = {document for documents in qrels.values() for document in documents}
    titles = {
        str(row["_id"]): _title(row) for row in beir_rows(beir_file(folder, "corpus.jsonl"))
        if str(row["_id"]) in judged
    }  # fmt: skip
    for row in beir_rows(beir_file(folder, "queries.jsonl")):
        if (query := str(row["_id"])) in qrels:
            clauses = dict.fromkeys(titles.get(document, document) for document in qrels[query])
            yield Case(id=query, question=row["text"], clauses=tuple(clauses))


def _title(row: Mapping[str, Any]) -> str:
    """“刑法第一条” as clauses are written: “刑法 第一条”."""
    title = str(row.get("title") or row["_id"]).strip()
    return re.sub(r"\s*(?=第[零〇一二三四五六七八九十百千\d]+条)", " ", title, count=1).strip()


def to_beir(cases: Iterable[Case], store: Store, folder: Path) -> int:
    """Write a BEIR folder: the store's articles, and the cases whose gold article it holds.

    Returns how many cases those are. Raises UserError where there is none.
    """
    named = _named(store)
    (folder / "qrels").mkdir(parents=True, exist_ok=True)
    with (folder / "corpus.jsonl").open("w", encoding="utf-8") as file:
        for source in store.sources():
            for a in store.articles(source.id):
                file.write(_line({"_id": a.id, "title": a.title, "text": a.text}))
    qrels: dict[str, dict[str, int]] = {}
    with (folder / "queries.jsonl").open("w", encoding="utf-8") as file:
        for case in cases:
            if gold := _gold(case, named):
                qrels[case.id] = dict.fromkeys(gold, 1)
                file.write(_line({"_id": case.id, "text": case.question}))
    _some(qrels)
    write_qrels(qrels, folder / "qrels" / "test.tsv")
    return len(qrels)


def qrels_of(cases: Iterable[Case], store: Store) -> dict[str, dict[str, int]]:
    """The store's articles that each case names as its gold; cases that name none are left out."""
    named = _named(store)
    found = {case.id: dict.fromkeys(_gold(case, named), 1) for case in cases}
    return _some({query: documents for query, documents in found.items() if documents})


def _named(store: Store) -> list[tuple[str, str, str]]:
    """``(article id, source name, title)`` of every article."""
    names = {source.id: source.name for source in store.sources()}
    return [(a.id, names[a.source_id], a.title) for s in names for a in store.articles(s)]


def _gold(case: Case, named: Sequence[tuple[str, str, str]]) -> list[str]:
    """Articles of the files and the title that the case names; without those, of its clauses."""
    if not case.answerable:
        return []
    if case.source or case.article:
        return [
            id_
            for id_, source, title in named
            if (not case.source or any(piece in source for piece in case.source))
            and squeeze(case.article) in squeeze(title)
        ]
    documents = {Clause.parse(one).document for entry in case.clauses for one in alternatives(entry)}
    return [
        id_
        for id_, source, title in named
        if any(same_document(d, name) for d in documents for name in (title, Path(source).stem) if name)
    ]


def _some(qrels: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    if not qrels:
        raise UserError(
            "没有一道题的出处在这个文档库里。", "请检查 --store，以及题目的“出处文件”“文章题目”“条款”。"
        )
    return qrels


# --- TREC: a run is “query Q0 document rank score tag”, qrels are “query 0 document grade” ---


def read_run(path: Path) -> dict[str, list[str]]:
    """Each query's documents, best first: by score, and as they stand where scores are equal."""
    found: dict[str, list[tuple[float, str]]] = {}
    for number, fields in _fields(path):
        if len(fields) != 6 or not _is_number(fields[4]):
            raise UserError(
                f"{path.name} 第 {number} 行：不是 TREC 的检索结果。",
                "应是六列：题号 Q0 文档号 名次 分数 名称。",
            )
        found.setdefault(fields[0], []).append((-float(fields[4]), fields[2]))
    return {query: [d for _, d in sorted(documents, key=lambda pair: pair[0])] for query, documents in found.items()}  # fmt: skip


def write_run(runs: Mapping[str, Sequence[tuple[str, float]]], path: Path, tag: str) -> None:
    """Write each query's ``(document, score)`` pairs, best first."""
    with path.open("w", encoding="utf-8") as file:
        for query, ranked in runs.items():
            for rank, (document, value) in enumerate(ranked, 1):
                file.write(f"{_bare(query)} Q0 {_bare(document)} {rank} {value:.6f} {_bare(tag)}\n")


def run_of(results: Iterable[CaseResult]) -> dict[str, list[tuple[str, float]]]:
    """The articles of each answer's evidence in its order, the score 1 / rank."""
    runs = {}
    for result in results:
        articles = dict.fromkeys(e["article_id"] for e in result.answer.get("evidence", ()))
        runs[result.case.id] = [(article, 1 / rank) for rank, article in enumerate(articles, 1)]
    return runs


def read_qrels(path: Path) -> dict[str, dict[str, int]]:
    """Judgements in TREC's form (four columns) or BEIR's (three, a heading line)."""
    qrels: dict[str, dict[str, int]] = {}
    for number, fields in _fields(path):
        if number == 1 and fields[-1] == "score":
            continue
        if len(fields) not in (3, 4) or not _is_number(fields[-1]):
            raise UserError(
                f"{path.name} 第 {number} 行：不是检索判定。",
                "应是四列（题号 0 文档号 等级）或三列（题号 文档号 等级）。",
            )
        grade = float(fields[-1])
        qrels.setdefault(fields[0], {})[fields[-2]] = max(1, round(grade)) if grade > 0 else 0
    return qrels


def write_qrels(qrels: Judgements, path: Path) -> None:
    """Write judgements: BEIR's form for ``.tsv``, else TREC's."""
    beir = path.suffix.lower() == ".tsv"
    with path.open("w", encoding="utf-8", newline="") as file:
        if beir:
            file.write("query-id\tcorpus-id\tscore\n")
        for query, documents in qrels.items():
            for document, grade in documents.items():
                file.write(
                    f"{query}\t{document}\t{grade}\n"
                    if beir
                    else f"{_bare(query)} 0 {_bare(document)} {grade}\n"
                )


def _fields(path: Path) -> Iterator[tuple[int, list[str]]]:
    """``(row number, fields)``; parted by tabs where the file has any, else by white space."""
    if not path.is_file():
        raise UserError(f"找不到文件 {path}。", "请检查路径。")
    with path.open(encoding="utf-8-sig", newline="") as file:
        tabs = "\t" in file.readline()
        file.seek(0)
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if tabs else map(str.split, file)
        for number, fields in enumerate(rows, 1):
            if fields:
                yield number, fields


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", text.strip()))


def _bare(text: str) -> str:
    return re.sub(r"\s", "_", text)


# --- ragas: a line of its SingleTurnSample ---


def ragas(results: Iterable[CaseResult]) -> Iterator[dict[str, Any]]:
    """``user_input, response, retrieved_contexts, retrieved_context_ids, reference`` of each result.

    A follow-up is given as the assistant understood it; the reference is the facts' first
    wordings. A crash has an empty response.
    """
    for result in results:
        case, answer = result.case, result.answer
        evidence = answer.get("evidence", ())
        yield {
            "user_input": (answer.get("understood") if case.history else "") or case.question,
            "response": "\n".join(s["text"] for s in answer.get("statements", ())),
            "retrieved_contexts": [e["text"] for e in evidence],
            "retrieved_context_ids": [e["passage_id"] for e in evidence],
            "reference": "；".join(fact[0] for fact in case.must) if case.answerable else _NOT_HELD,
        }


def write_ragas(results: Iterable[CaseResult], path: Path) -> None:
    """Write JSONL that ``ragas.EvaluationDataset.from_jsonl`` reads."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(map(_line, ragas(results)))


def _line(row: Mapping[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"


# --- from one form into another ---

FORMS = {
    "questions": "题集（.jsonl、.csv、.xlsx）",
    "beir": "BEIR 文件夹",
    "qrels": "检索判定（.tsv 是 BEIR 的，别的是 TREC 的）",
    "trec": "TREC 检索结果（由测评结果文件夹）",
    "ragas": "ragas 的数据集（由测评结果文件夹）",
}
_FORM_OF = {"": "beir", ".tsv": "qrels", ".qrels": "qrels", ".trec": "trec", ".run": "trec"}


def convert(given: Path, target: Path, *, form: str = "", store: Store | None = None) -> None:
    """Write what ``given`` holds (questions, a BEIR folder, qrels, a run folder) in another form.

    ``form`` is a key of FORMS; without one the target's suffix says it. Raises UserError where
    there is no way from the one to the other, or where it needs a ``store``.
    """
    form = form or ("questions" if target.suffix in SUFFIXES else _FORM_OF.get(target.suffix.lower(), ""))
    target.parent.mkdir(parents=True, exist_ok=True)
    if form == "questions":
        save(_cases(given), target)
    elif form == "beir":
        to_beir(_cases(given), _needed(store), target)
    elif form == "qrels":
        write_qrels(_judgements(given, store), target)
    elif form == "trec":
        write_run(run_of(_results(given)), target, given.name)
    elif form == "ragas":
        write_ragas(_results(given), target)
    else:
        raise UserError(f"不知道要把 {given.name} 转成什么。", f"请用 --to 写明：{'、'.join(FORMS)}。")


def _cases(given: Path) -> Iterable[Case]:
    if (given / RESULTS).is_file():
        return (result.case for result in read(given))
    return from_beir(given) if given.is_dir() else stream(given)


def _judgements(given: Path, store: Store | None) -> Judgements:
    if given.is_dir() and not (given / RESULTS).is_file():
        return beir_qrels(given)
    if given.is_file() and given.suffix.lower() not in SUFFIXES:
        return read_qrels(given)
    return qrels_of(_cases(given), _needed(store))


def _results(given: Path) -> Iterable[CaseResult]:
    if not (given / RESULTS).is_file():
        raise UserError(f"{given} 不是测评结果文件夹。", "请先用 python -m eval run 跑一次，再转换它的结果。")
    return read(given)


def _needed(store: Store | None) -> Store:
    if store is None:
        raise UserError("题目的出处要到文档库里去对。", "请用 --store 写明文档库的文件夹。")
    return store
