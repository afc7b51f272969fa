from itertools import islice
from math import inf

import pytest

from inklings.errors import RecipeError
from inklings.search.brackets import brackets, epoch_of_rung


def test_without_pruning_configurations_are_trained_to_the_end():
    found = list(brackets("none", 10, 4))
    assert [list(each.configurations) for each in found] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert {each.rungs for each in found} == {(1.0,)}


def test_halving_goes_on_with_the_best_third():
    (bracket, *_) = brackets("halving", 100, 1)
    assert bracket.size == 9
    assert bracket.rungs == pytest.approx((1 / 9, 1 / 3, 1))
    costs = [(cost, number) for number, cost in enumerate([5, 3, 8, 1, 9, 2, 2, 7, 6])]
    assert bracket.survivors(0, costs) == [3, 5, 6]
    assert bracket.survivors(1, [(2, 3), (1, 5), (4, 6)]) == [5]


def test_of_equal_costs_the_lower_number_goes_on_and_what_failed_never_does():
    (bracket, *_) = brackets("halving", 100, 1)
    assert bracket.survivors(0, [(1, number) for number in range(9)]) == [0, 1, 2]
    assert bracket.survivors(0, [(inf, 0), (inf, 1), (3, 2)]) == [2]


def test_hyperband_has_the_papers_brackets():
    """Table 1 of Li and others (2018), for eta = 3 and a longest bracket of three rungs: 9, 5 and 3 configurations."""
    found = list(islice(brackets("hyperband", None, 1), 4))
    assert [each.size for each in found] == [9, 5, 3, 9]
    assert [len(each.rungs) for each in found] == [3, 2, 1, 3]
    assert found[3].first == 17


@pytest.mark.parametrize(("epochs", "rungs"), [(9, [1, 3, 9]), (20, [3, 7, 20]), (2, [1, 1, 2]), (1, [1, 1, 1])])
def test_rungs_are_at_whole_epochs(epochs, rungs):
    (bracket, *_) = brackets("halving", 9, 1)
    assert [epoch_of_rung(share, epochs) for share in bracket.rungs] == rungs


def test_a_rung_is_never_an_epoch_late_by_rounding():
    (bracket, *_) = brackets("halving", 9, 1)
    for epochs in range(1, 10_000):
        exact = [-(-epochs // 3**power) for power in (2, 1, 0)]
        assert [epoch_of_rung(share, epochs) for share in bracket.rungs] == exact


def test_an_unknown_pruning_is_refused_with_the_nearest():
    with pytest.raises(RecipeError, match="did you mean 'halving'"):
        list(brackets("halfing", 9, 1))
