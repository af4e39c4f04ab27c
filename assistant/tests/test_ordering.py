import pytest

from assistant.evidence.ordering import as_found
from assistant.question.parts import parts_of


@pytest.mark.parametrize(
    ("question", "below", "worth"),
    [
        ("试用期可以不签合同吗？", 0.0, 0.0),
        ("试用期可以不签合同吗？", -2.0, -0.1),
        ("试用期可以不签合同吗？", -40.0, -0.125),  # so deep, scores tell finds no longer apart
        ("试用期可以不签合同吗？", None, 0.0),  # retrieval did not score it
        ("试用期最长多少个月？", -2.0, 0.0),  # numbers have rules of their own
    ],
)
def test_asked_whether_what_retrieval_scored_lower_goes_behind(question, below, worth):
    assert as_found(parts_of(question)[0], below) == pytest.approx(worth)
