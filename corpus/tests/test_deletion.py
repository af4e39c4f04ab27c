"""What was deleted or withdrawn answers no more, in any process, from the moment of the commit."""

from dataclasses import replace

from corpus.store import Store
from corpus.testing import make_store
from corpus.tests.measure_deletion import document, measure, readable
from corpus.types import ReviewEvidence


def test_other_processes_cite_nothing_that_was_deleted_a_moment_ago_or_by_one_that_was_killed(tmp_path):
    found = measure(tmp_path / "store", documents=2, kills=1, askers=1)
    assert found["answered before"] == 2
    assert found["deleted"] == {
        "questions": 20,
        "asked within 1 s": found["deleted"]["asked within 1 s"],
        "cited": 0,
        "shown": 0,
    }
    assert found["deleted"]["asked within 1 s"] >= 2
    assert found["killed"]["cited though gone"] == 0
    assert (found["problems"], found["readable"]) == ([], [])


def test_what_is_held_can_be_read_in_the_files(tmp_path):
    with Store.open(tmp_path / "store") as store:
        with store.writing() as writer:
            writer.put(*document(1))
            writer.put(*document(2))
        assert {told.split(" in ")[1] for told in readable(store, [1])} >= {"catalogue.sqlite", "the index"}
        with store.writing() as writer:
            writer.withdraw("1")
        assert readable(store, [1]) != []
        with store.writing() as writer:
            writer.remove("1")
        assert readable(store, [1]) == []
        assert readable(store, [2]) != []


def test_answers_that_quote_what_is_deleted_for_good_are_not_kept(tmp_path):
    quoted = ReviewEvidence(
        passage_id="1/1/2", article_id="1/1", title="办法", label="", text="原文。", grade="支持", cited=True
    )
    beside = replace(quoted, cited=False)
    with make_store(tmp_path, ["第一份。\n原文。", "第二份。"]) as store:
        for name, evidence in (("引用", quoted), ("没引用", beside)):
            store.add_review(
                reason="扣下",
                question=name,
                answer=f"{name}的回答",
                withheld=["扣下的原文。"],
                evidence=[evidence],
            )
        for ids in (["1/1/2"], ["11/1/1"], []):
            store.add_feedback(question="问", answer="答：原文。", rating="up", evidence=ids)
        with store.writing() as writer:
            writer.withdraw("1")
        assert {item.answer for item in store.reviews()} == {"引用的回答", "没引用的回答"}
        with store.writing() as writer:
            writer.remove("1")
        gone = "（引用的文件已彻底删除，回答不再保留。）"
        assert {(i.question, i.answer, i.withheld, i.evidence) for i in store.reviews()} == {
            ("引用", gone, (), ()),
            ("没引用", "没引用的回答", (), ()),
        }
        assert [f["answer"] for f in store.feedback()] == [gone, "答：原文。", "答：原文。"]
        assert store.verify() == []
