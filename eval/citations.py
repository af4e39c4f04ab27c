"""What an answer's citations are worth: do they bear out what is said, word for word, and in force?

Every function takes an answer as the contract's JSON gives it.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from assistant import verify
from corpus.versions.standing import last_day
from eval.clauses import same_document

Json = dict[str, Any]
#: Whether passages (premise) bear out a sentence (hypothesis).
Entails = Callable[[Sequence[Json], str], bool]

NOT_HELD = ("已废止", "尚未施行")
_NOT_HELD = re.compile("已废止|尚未施行|已失效")
#: "《办法》：" before a sentence says which document it is from; it is no part of the sentence.
_UNDER = re.compile(r"^《(?P<title>[^》]+)》[：:]")


def verified(passages: Sequence[Json], sentence: str) -> bool:
    """Entailment by the product's verifier: the sentence stands there word for word, or its
    values, names, polarity and content do (``assistant.verify.stated``)."""
    if exactly(passages, sentence):
        return True
    around = "\n".join(_about(p) for p in passages)
    source = "\n".join(p["text"] for p in passages)
    return verify.stated(_without_title(passages, sentence), source, around) == "已核实"


def exactly(passages: Sequence[Json], sentence: str) -> bool:
    """Entailment at its strictest: the sentence stands in the passages character by character,
    white space and the mark at its end aside."""
    words = _squeeze(_without_title(passages, sentence)).rstrip("。；;，,、：:")
    return bool(words) and words in _squeeze("".join(p["text"] for p in passages))


def recall(answer: Json, entails: Entails) -> float:
    """ALCE's citation recall: share of statements that all their citations together bear out;
    without a citation, 0 (Gao et al. 2023, Enabling Large Language Models to Generate Text
    with Citations, §3)."""
    supported = [entails(passages, text) for text, passages in _statements(answer)]
    return sum(supported) / len(supported) if supported else 0.0


def precision(answer: Json, entails: Entails) -> float:
    """ALCE's citation precision: share of citations that are not irrelevant (ibid.).

    A citation counts where its statement is borne out by all its citations and it alone
    bears the statement out, or the others do not without it. A passage cited twice for
    one statement is one citation. Without any citation, 0.
    """
    counted = total = 0
    for text, passages in _statements(answer):
        total += len(passages)
        if not passages or not entails(passages, text):
            continue
        for i, passage in enumerate(passages):
            rest = [*passages[:i], *passages[i + 1 :]]
            counted += entails([passage], text) or not (rest and entails(rest, text))
    return counted / total if total else 0.0


def verbatim(answer: Json) -> bool:
    """Whether every quotation stands in its passage character by character."""
    texts = {e["marker"]: e["text"] for e in answer["evidence"]}
    return all(
        c["quote"] and c["quote"] in texts.get(c["marker"], "")
        for s in answer["statements"]
        for c in s["citations"]
    )


def every_statement_cited(answer: Json) -> bool:
    """Whether every statement carries a citation that the product holds for verified."""
    return all(any(c["verdict"] == "已核实" for c in s["citations"]) for s in answer["statements"])


def in_force_share(answer: Json, as_of: str, named: Sequence[str] = ()) -> float | None:
    """Share of the cited documents that held on a day, 0–1; None where nothing tells.

    ``as_of``: ISO day, month or year (its last day counts), or ``""`` for the day of the
    answer, on which its own ``status`` decides and a document the case itself names
    (``named``: pieces of file names) is never held against it: who asks about an old
    version is right to get it. Left out are documents without status and dates, and those
    that a statement citing them says are not in force.
    """
    warned = {
        c["marker"] for s in answer["statements"] if _NOT_HELD.search(s["text"]) for c in s["citations"]
    }
    cited = {
        e["article_id"]: e for e in answer["evidence"] if e["cited"] and e["marker"] not in warned
    }.values()
    told = [h for e in cited if (h := _held(e, as_of, named)) is not None]
    return sum(told) / len(told) if told else None


def _held(evidence: Json, as_of: str, named: Sequence[str]) -> bool | None:
    status = evidence.get("status", "未知")
    if not as_of:
        wanted = any(piece in evidence["source"] for piece in named)
        return None if status == "未知" or wanted else status not in NOT_HELD
    begins = evidence.get("effective_on") or evidence.get("published_on") or ""
    ends = evidence.get("expires_on") or ""
    day = last_day(as_of)
    if (begins and begins > day) or (ends and last_day(ends) < day):
        return False
    if status == "未知" and not begins:
        return None
    return status not in NOT_HELD


def _statements(answer: Json) -> list[tuple[str, list[Json]]]:
    """Each statement with the passages it cites, each once, in the order of the citations.

    A marker that no evidence bears stands for an empty passage: it bears nothing out.
    """
    evidence = {e["marker"]: e for e in answer["evidence"]}
    nothing = {"text": "", "title": "", "source": ""}
    return [
        (s["text"], [evidence.get(m, nothing) for m in dict.fromkeys(c["marker"] for c in s["citations"])])
        for s in answer["statements"]
    ]


def _without_title(passages: Sequence[Json], sentence: str) -> str:
    under = _UNDER.match(sentence)
    if under and any(same_document(under["title"], p["title"]) for p in passages):
        return sentence[under.end() :]
    return sentence


def _about(passage: Json) -> str:
    """What is known of a passage's document; names may stand there, numbers may not."""
    known = ("title", "source", "issuer", "number", "region")
    return "，".join((*(passage.get(key, "") for key in known), *passage.get("authors", ())))


def _squeeze(text: str) -> str:
    return "".join(text.split())
