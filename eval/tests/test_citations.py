"""Citations scored on paper: every expected figure is worked out beside its case."""

from typing import Any

import pytest

from eval import citations
from eval.citations import exactly, in_force_share, precision, recall, verified
from eval.clauses import cited_share, same_document

HALL = "职工服务中心设在云河市柳津路18号，周一至周五开放。"
FEES = "基层工会经费的支出应当经工会委员会集体研究决定。\n单项支出超过5000元的，须附会议纪要（《工会会计制度》第二十二条）。"
RULE = "第八条 会员生日慰问品每人每年不超过300元。慰问品不得折成现金发放。"


def passage(marker: int, text: str, **more: Any) -> dict[str, Any]:
    known = {"title": "", "source": "", "label": "", "article_id": f"{marker}/1", "cited": True}
    return {"marker": marker, "text": text, **known, **more}


def said(*statements: tuple[str, list[int]], evidence: list[dict[str, Any]]) -> dict[str, Any]:
    """An answer of statements, each with the markers it cites; every citation quotes its whole passage."""
    texts = {e["marker"]: e["text"] for e in evidence}
    rows = [
        {
            "text": text,
            "citations": [{"marker": m, "quote": texts.get(m, ""), "verdict": "已核实"} for m in markers],
        }
        for text, markers in statements
    ]
    return {"outcome": "answered", "statements": rows, "evidence": evidence}


EVIDENCE = [passage(1, HALL), passage(2, FEES), passage(3, RULE)]
WHERE, WHEN = "职工服务中心设在云河市柳津路18号", "职工服务中心周一至周五开放。"
LIMIT = "会员生日慰问品每人每年不超过300元。"


@pytest.mark.parametrize(
    ("statements", "recall_wanted", "precision_wanted"),
    [
        ([(WHERE, [1])], 1, 1),
        ([(WHERE, [])], 0, 0),  # no citation: not recalled, and none to be precise
        ([(WHERE, [2])], 0, 0),  # the wrong passage
        ([(WHERE, [9])], 0, 0),  # a marker that no evidence bears
        ([(WHERE, [1]), (LIMIT, [3])], 1, 1),
        ([(WHERE, [1]), (LIMIT, [1])], 1 / 2, 1 / 2),  # the second has the wrong one
        ([(WHERE, [1]), (LIMIT, [])], 1 / 2, 1),  # one citation in all, and it is right
        ([(WHERE, [1, 2])], 1, 1 / 2),  # the second bears nothing out, and nothing falls without it
        ([(WHERE, [1, 1])], 1, 1),  # cited twice is cited once
        ([(WHERE, [1, 2]), (LIMIT, [3])], 1, 2 / 3),
        ([("会员生日慰问品每人每年不超过500元。", [3])], 0, 0),  # the number is another
        ([("慰问品可以折成现金发放。", [3])], 0, 0),  # the sense is turned round
    ],
)
def test_citation_recall_and_precision_are_those_of_alce(statements, recall_wanted, precision_wanted):
    answer = said(*statements, evidence=EVIDENCE)
    assert recall(answer, verified) == pytest.approx(recall_wanted)
    assert precision(answer, verified) == pytest.approx(precision_wanted)


def test_citations_that_only_together_bear_a_sentence_out_are_all_needed():
    both = said(("柳津路18号的中心开放，慰问品不超过300元。", [1, 3]), evidence=EVIDENCE)

    def together(passages, text):
        return {p["marker"] for p in passages} >= {1, 3}

    assert (recall(both, together), precision(both, together)) == (1.0, 1.0)
    loose = said(("柳津路18号的中心开放，慰问品不超过300元。", [1, 2, 3]), evidence=EVIDENCE)
    assert (recall(loose, together), precision(loose, together)) == (1.0, pytest.approx(2 / 3))


@pytest.mark.parametrize(
    ("sentence", "word_for_word", "borne_out"),
    [
        (LIMIT, True, True),
        ("会员生日慰问品 每人每年不超过300元", True, True),  # white space and the mark at the end aside
        ("每人每年生日慰问品不超过300元。", False, True),  # other words, same content
        ("《经费办法》：会员生日慰问品每人每年不超过300元。", True, True),  # the title says where it stands
        ("《别的办法》：会员生日慰问品每人每年不超过300元。", False, False),
        ("", False, False),
    ],
)
def test_word_for_word_is_stricter_than_the_verifier(sentence, word_for_word, borne_out):
    passages = [
        passage(3, RULE, title="云河市工会经费办法" if "别的" in sentence else "经费办法（2024修订）")
    ]
    assert exactly(passages, sentence) is word_for_word
    assert verified(passages, sentence) is borne_out


def test_a_sentence_cut_by_two_passages_stands_in_both_together():
    halves = [passage(1, "驿站应当提供饮水、"), passage(2, "休息和充电服务。")]
    assert exactly(halves, "驿站应当提供饮水、休息和充电服务。") is True
    assert exactly(halves[::-1], "驿站应当提供饮水、休息和充电服务。") is False


def test_a_quotation_counts_only_where_it_stands_in_its_own_passage():
    answer = said((WHERE, [1]), evidence=EVIDENCE)
    assert citations.verbatim(answer) is True
    answer["statements"][0]["citations"][0]["marker"] = 2
    assert citations.verbatim(answer) is False


# --- the right clause ---

LAW = {"title": "云河市工会工作条例（2023年修订）", "source": "云河-工会工作条例.md"}


def at(label: str, **more: Any) -> dict[str, Any]:
    return said(("句。", [1]), evidence=[passage(1, "句。", label=label, **LAW | more)])


@pytest.mark.parametrize(
    ("wanted", "label", "counts"),
    [
        ("云河市工会工作条例 第四十三条", "第四十三条", True),
        ("《云河市工会工作条例》第43条", "第二章 › 第四十三条", True),
        ("云河市工会工作条例 第四十三条第二款", "第四十三条第二款", True),
        ("云河市工会工作条例 第四十三条第二款", "第四十三条第二款第（一）至（三）项", True),
        ("云河市工会工作条例 第四十三条第二款", "第四十三条第一款至第三款", True),
        ("云河市工会工作条例 第四十三条第二款", "第四十三条", True),  # the uncut 条 holds its 款
        ("云河市工会工作条例 第四十三条", "第四十三条第二款", True),  # a part of what is wanted
        ("云河市工会工作条例 第四十三条第二款第三项", "第四十三条第二款第（二）至（四）项", True),
        ("云河市工会工作条例 第四十三条第二款第五项", "第四十三条第二款第（二）至（四）项", False),
        ("云河市工会工作条例 第四十三条第二款", "第四十三条第一款", False),
        ("云河市工会工作条例 第四十三条第二款", "第四十三条第三款至第四款", False),
        ("云河市工会工作条例 第四十三条", "第四十三条之一", False),
        ("云河市工会工作条例 第三条", "第四十三条", False),
        ("云河市工会经费条例 第四十三条", "第四十三条", False),
        ("云河市工会工作条例 第四十三条", "", False),
        ("云河市工会工作条例 二、开放时间", "一、总则 › 二、开放时间", True),
        ("云河市工会工作条例 三、附则", "一、总则 › 二、开放时间", False),
        ("云河市工会工作条例", "", True),  # the document alone is wanted
        ("云河市工会工作条例 第二条／云河市工会工作条例 第四十三条", "第四十三条", True),
    ],
)
def test_a_cited_passage_is_the_wanted_clause_a_part_of_it_or_holds_it(wanted, label, counts):
    assert cited_share([wanted], at(label)) == float(counts)


def test_all_wanted_clauses_are_wanted_and_a_passage_that_is_not_cited_is_none():
    wanted = ["云河市工会工作条例 第一条", "云河市工会工作条例 第二条"]
    assert cited_share(wanted, at("第一条")) == 0.5
    assert cited_share(wanted, at("第一条", cited=False)) == 0.0


def test_a_quoted_line_that_names_the_clause_it_rests_on_counts_and_its_neighbour_does_not():
    line = FEES.partition("\n")[2]
    answer = said(("须附会议纪要。", [1]), evidence=[passage(1, FEES)])
    answer["statements"][0]["citations"][0]["quote"] = line[:10]
    assert cited_share(["工会会计制度 第二十二条"], answer) == 1.0
    assert cited_share(["工会会计制度 第二十三条"], answer) == 0.0
    assert cited_share(["工会法 第二十二条"], answer) == 0.0
    answer["statements"][0]["citations"][0]["quote"] = FEES[:10]  # the line above names no clause
    assert cited_share(["工会会计制度 第二十二条"], answer) == 0.0


@pytest.mark.parametrize(
    ("name", "title", "same"),
    [
        ("工会法", "中华人民共和国工会法（2021年修正）", True),
        ("经费管理办法", "云河市总工会关于印发《经费管理办法》的通知", True),
        ("劳动合同法", "劳动合同法实施条例", False),
        ("经费管理办法", "关于修改《经费管理办法》的决定", False),
        ("工会法", "云河市实施《中华人民共和国工会法》办法", False),
        ("关于修改《经费管理办法》的决定", "关于修改《经费管理办法》的决定", True),
    ],
)
def test_a_document_is_known_by_its_name_and_not_by_another_that_holds_it(name, title, same):
    assert same_document(name, title) is same


# --- in force ---

OLD = {"status": "已废止", "effective_on": "2019-01-01", "expires_on": "2022-12-31", "source": "旧办法.md"}
NEW = {"status": "现行", "effective_on": "2023-01-01", "source": "新办法.md"}


@pytest.mark.parametrize(
    ("documents", "as_of", "share"),
    [
        ([NEW], "", 1.0),
        ([OLD], "", 0.0),
        ([OLD, NEW], "", 0.5),
        ([NEW], "2022-06-30", 0.0),  # not yet in force
        ([NEW], "2023", 1.0),  # the last day of the year counts
        ([OLD | {"status": "现行"}], "2022-06", 1.0),  # as the store tells it of that day
        ([OLD | {"status": "现行"}], "2023-06", 0.0),  # its own last day has passed
        ([{"status": "未知"}], "", None),
        ([{"status": "未知"}], "2023", None),
        ([{"status": "未知"}, NEW], "2023", 1.0),
        ([{"status": "未知", "published_on": "2024-05"}], "2023", 0.0),  # published after the day
        ([], "", None),
    ],
)
def test_what_was_in_force_is_told_by_dates_and_status(documents, as_of, share):
    evidence = [passage(n, "句。", **given) for n, given in enumerate(documents, 1)]
    assert in_force_share(said(evidence=evidence), as_of) == share


def test_an_old_version_that_the_case_itself_names_is_not_held_against_the_answer():
    answer = said(evidence=[passage(1, "句。", **OLD)])
    assert in_force_share(answer, "", ["旧办法"]) is None
    assert in_force_share(answer, "2024-01-01", ["旧办法"]) == 0.0
    assert in_force_share(answer, "", ["新办法"]) == 0.0


def test_a_document_that_the_answer_says_is_repealed_is_not_cited_as_in_force():
    rows = [passage(1, "句。", **OLD)]
    assert in_force_share(said(("《旧办法》已废止。", [1]), evidence=rows), "") is None
    assert in_force_share(said(("慰问品不超过200元。", [1]), evidence=rows), "") == 0.0


def test_two_passages_of_one_document_are_one_document():
    rows = [passage(1, "甲。", **NEW), passage(2, "乙。", article_id="1/1", **NEW), passage(3, "丙。", **OLD)]
    assert in_force_share(said(evidence=rows), "") == 0.5
