import pytest

from assistant.question.heads import heads
from assistant.question.parts import parts_of


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("托管班每班不超过多少人？", {"每班"}),
        ("建了多少家驿站？", {"驿站"}),
        ("有哪些困难职工？", {"职工"}),
        ("托管班每班由谁照看？", set()),
    ],
)
def test_what_is_counted_or_listed_is_named_beside_what_asks(question, found):
    assert heads(parts_of(question)[0], ["托管", "每班", "驿站", "职工"]) == found
