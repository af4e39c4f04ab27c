from assistant import places
from assistant.question.focus import focus
from assistant.question.understand import understand
from assistant.tests.words import Words


def test_focus_names_what_must_be_met():
    found = focus(understand("云河市2031年“四送”活动的三个重点是什么？", Words()))
    assert (found.places, found.phrases, found.years, found.count) == (
        ("云河市",),
        ("四送",),
        frozenset({"2031"}),
        3,
    )


def test_a_year_before_a_place_is_none_of_its_name():
    assert focus(understand("2031年云河市补助多少元？", Words())).places == ("云河市",)


def test_what_merely_ends_like_a_place_is_none():
    assert places.asked("云河市给每个镇工会拨多少经费？") == ["云河市"]
    assert places.asked("党委每年给镇总工会多少经费？") == []
