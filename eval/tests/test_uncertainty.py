import numpy as np
import pytest

from eval.uncertainty import holm, interval, paired_interval, permutation_p


def test_the_interval_of_equal_values_is_a_point_and_of_mixed_ones_holds_the_mean():
    assert interval([1.0] * 20) == (1.0, 1.0)
    low, high = interval([0.0, 1.0] * 50)
    assert (low, high) == (pytest.approx(0.4, abs=0.02), pytest.approx(0.6, abs=0.02))


def test_questions_on_one_document_say_less_than_as_many_on_different_ones():
    values = [1.0] * 50 + [0.0] * 50
    documents = [n // 10 for n in range(100)]  # ten documents, all right or all wrong
    low, high = interval(values, documents)
    alone_low, alone_high = interval(values)
    # ten documents at .5: ± 1.96 · √(.25/10) ≈ .31; a hundred questions: ± .098
    assert (low, high) == (pytest.approx(0.2, abs=0.02), pytest.approx(0.8, abs=0.02))
    assert high - low > 2.5 * (alone_high - alone_low)


def test_documents_of_different_size_are_drawn_with_all_their_questions():
    low, high = interval([1.0] * 9 + [0.0], ["大"] * 9 + ["小"])
    assert (low, high) == (0.0, 1.0)  # drawn twice, either document can stand alone


def test_one_document_alone_has_its_questions_drawn():
    assert interval([0.0, 1.0] * 50, ["同一份"] * 100) == interval([0.0, 1.0] * 50)


def test_a_paired_interval_is_that_of_the_differences():
    change = [-1.0] * 9 + [0.0] * 291
    low, high = paired_interval(change)
    assert (low, high) == (pytest.approx(-0.05, abs=0.005), pytest.approx(-0.0133, abs=0.005))
    assert paired_interval([0.0] * 30) == (0.0, 0.0)
    assert paired_interval([1.0]) == (1.0, 1.0)
    again = paired_interval(change, [n % 60 for n in range(300)])
    assert again[1] < 0


@pytest.mark.parametrize(
    ("change", "p"),
    [
        ([0.0] * 10, 1.0),
        ([-1.0] + [0.0] * 10, 1.0),  # a single change, up or down, is a toss
        ([-1.0] * 9 + [0.0] * 291, 2 / 2**9),  # nine tosses that all fall alike, either way
        ([-1.0] * 4 + [1.0] * 4, 1.0),
        ([-1.0] * 5, 2 / 2**5),
    ],
)
def test_the_permutation_test_is_exact_for_few_changes(change, p):
    assert permutation_p(change) == pytest.approx(p)


def test_many_changes_on_one_document_are_one_toss():
    assert permutation_p([-1.0] * 9 + [0.0] * 10, ["同一份"] * 9 + list(range(10))) == 1.0


def test_with_many_changes_the_test_agrees_with_the_normal_law():
    change = np.array([-1.0] * 70 + [1.0] * 30)  # z = 40/√100 = 4: p ≈ 6e-5
    assert permutation_p(change) < 0.001
    assert permutation_p(np.array([-1.0] * 53 + [1.0] * 47)) > 0.4


def test_holm_makes_each_p_larger_by_the_tests_that_are_left():
    assert holm({"甲": 0.01, "乙": 0.04, "丙": 0.03}) == {
        "甲": pytest.approx(0.03),
        "乙": pytest.approx(0.06),
        "丙": pytest.approx(0.06),
    }
    assert holm({"甲": 0.6, "乙": 0.9}) == {"甲": 1.0, "乙": 1.0}
    assert holm({}) == {}
