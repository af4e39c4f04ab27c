"""Pairs for the best total, and what two texts share."""

import pytest

from ingest.affinity import assign, paired


@pytest.mark.parametrize(
    ("choices", "pairs"),
    [
        ([], {}),
        ([{}], {}),
        ([{7: 0.5}], {0: 7}),
        ([{1: 0.9, 2: 0.8}, {1: 0.7}], {0: 2, 1: 1}),  # the best single pair would leave one alone
        ([{1: 0.9}, {1: 0.2}], {0: 1}),
        ([{1: 1.0, 2: 0.9}, {1: 0.9, 2: 0.2}, {2: 0.1}], {0: 2, 1: 1}),
    ],
)
def test_pairs_are_chosen_for_their_total(choices, pairs):
    assert paired(choices) == pairs


def test_rows_and_columns_that_all_must_pair_swap_while_it_helps():
    assert assign([[0.9, 0.8], [0.8, 0.1]]) == (1.6, {0: 1, 1: 0})
