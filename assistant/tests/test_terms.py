import pytest

from assistant.question.understand import understand
from assistant.tests.words import Words


def test_unknown_words_that_name_no_thing_weigh_little_and_unknown_things_all_they_can():
    class Knows(Words):
        def words(self, text):
            return text.split()

        def word_weights(self, words):
            return {w: 2.0 for w in words if w in ("年休假", "工资")}

    terms = understand("年休假 休成 高温津贴 购物券", Knows()).terms
    assert terms == {"年休假": 2.0, "休成": 4.0 * 0.15, "高温津贴": 4.0, "购物券": 4.0}


class Blanks(Words):
    """Words between blanks, as they stand, beside three that every text has."""

    def words(self, text):
        return text.split()

    def word_weights(self, words):
        return {w: 1.0 for w in words if w in ("值守", "单位", "小时")}


@pytest.mark.parametrize(
    ("question", "terms"),
    [
        ("值守最多几小时", {"值守": 1.0, "小时": 1.0}),
        ("值守最多几天", {"值守": 1.0}),
        ("单位 扣 工钱", {"单位": 0.35, "扣除": 0.6, "工钱": 4.0}),
        ("最低工资", {"最低工资": 4.0}),
        ("值守 能领", {"值守": 1.0}),
        ("五缺 值守", {"五缺": 0.6, "值守": 1.0}),
    ],
)
def test_what_is_asked_with_is_no_word_to_look_for_and_a_short_verb_stands_for_a_long_one(question, terms):
    assert understand(question, Blanks()).terms == pytest.approx(terms)
