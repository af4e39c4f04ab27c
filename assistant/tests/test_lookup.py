"""Questions about a document as such are answered from that document's own data, or not at all."""

import pytest

from assistant.pipeline import Assistant
from corpus.store import Store
from corpus.testing import HashingEncoder, make_document

RULES = "第一条　为规范疗养，制定本办法。\n第二条　疗养每年安排一次。\n第三条　本办法自2023年10月1日起施行。"


@pytest.fixture(scope="module")
def answering(tmp_path_factory):
    directory = tmp_path_factory.mktemp("S")
    with Store.open(directory, encoder=HashingEncoder()) as store:
        with store.writing() as writer:
            for number, title, dates in (
                ("1", "青禾市职工疗养管理办法", {"published_on": "2023-09-05", "effective_on": "2023-10-01"}),
                ("2", "白榆市职工疗养管理办法", {}),
            ):
                *held, original = make_document(number, articles=[{"title": title, "text": RULES, **dates}])
                writer.put(*held, original=original)
        yield Assistant(store, today=lambda: "2026-11-21")


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (
            "青禾市职工疗养管理办法哪天开始执行的？",
            "《青禾市职工疗养管理办法》：第三条 本办法自2023年10月1日起施行。",
        ),
        ("《青禾市职工疗养管理办法》何时发布？", "《青禾市职工疗养管理办法》的日期是2023年9月5日。"),
    ],
)
def test_the_day_is_that_of_the_document_named(answering, question, said):
    assert [s.text for s in answering.ask(question).statements] == [said]


@pytest.mark.parametrize(
    "question", ["白榆市职工疗养管理办法何时发布？", "河湾区职工食堂卫生规定哪天开始施行的？"]
)
def test_another_documents_day_is_never_told(answering, question):
    told = "".join(s.text for s in answering.ask(question).statements)
    assert "9月5日" not in told
    assert "《青禾市职工疗养管理办法》" not in told
