import numpy as np
import pytest

from inklings.errors import RecipeError
from inklings.search.samplers import make_sampler
from inklings.search.shared_study import Shared
from inklings.search.space import space_from_plain

SPACE = space_from_plain(
    {
        "optimiser": ["adam", "momentum"],
        "momentum": [0.5, 0.9, 0.99],
        "learning_rate": {"low": 1e-4, "high": 1e-1, "log": True},
    }
)


def test_a_grid_has_each_combination_that_differs_in_effect_once():
    space = space_from_plain({"optimiser": ["adam", "momentum"], "momentum": [0.5, 0.9], "batch_size": [25, 50]})
    grid = make_sampler("grid", space, 0)
    found = [tuple(sorted(grid.propose(number).items())) for number in range(grid.count)]
    assert len(set(found)) == len(found) == 2 + 2 * 2


def test_a_grid_over_a_range_without_steps_is_refused():
    with pytest.raises(RecipeError, match="learning_rate is a range without a step"):
        make_sampler("grid", SPACE, 0)


def test_random_draws_depend_on_seed_and_number_alone():
    one, other = make_sampler("random", SPACE, 0), make_sampler("random", SPACE, 0)
    backwards = [other.propose(number) for number in reversed(range(20))]
    assert [one.propose(number) for number in range(20)] == backwards[::-1]
    assert make_sampler("random", SPACE, 1).propose(0) != one.propose(0)


def test_chance_draws_no_combination_twice():
    space = space_from_plain({"network": "mlp", "learning_rate": [0.1, 0.01], "dropout": [True, False]})
    few = make_sampler("random", space, 0)
    found = [tuple(sorted(few.propose(number).items())) for number in range(few.count)]
    assert len(set(found)) == len(found) == 4
    # The rate counts with momentum alone, so that half of the draws would be plain adam with nothing else.
    space = space_from_plain({"optimiser": ["adam", "momentum"], "momentum": {"low": 0.1, "high": 0.9}})
    endless = make_sampler("random", space, 0)
    assert sum(endless.propose(number) == {"optimiser": "adam"} for number in range(20)) == 1


def distance(settings):
    """The cost of a made-up training: the further from 0.01 the learning rate, the worse."""
    return abs(np.log10(settings["learning_rate"]) + 2)


def run_tpe(count, known=()):
    sampler, found = make_sampler("tpe", SPACE, 3), []
    for number in range(count):
        found.append(sampler.propose(number, known[number] if number < len(known) else None))
        sampler.tell(number, [distance(found[-1])], whole=True)
    return found


def test_tpe_comes_closer_than_chance():
    found = run_tpe(40)
    assert np.mean([distance(each) for each in found[20:]]) < 0.5 * np.mean([distance(each) for each in found[:10]])
    assert all(("momentum" in each) == (each["optimiser"] == "momentum") for each in found)


def test_a_study_that_is_continued_goes_on_with_what_it_would_have_proposed():
    whole = run_tpe(25)
    assert run_tpe(25, known=whole[:15]) == whole


def test_tpe_proposes_nothing_twice():
    space = space_from_plain({"network": "mlp", "learning_rate": [0.1, 0.01, 0.001], "dropout": [True, False]})

    def run(known=()):
        sampler, found = make_sampler("tpe", space, 3), []
        for number in range(sampler.count):
            found.append(sampler.propose(number, known[number] if number < len(known) else None))
            sampler.tell(number, [distance(found[-1])], whole=True)
        return found

    whole = run()
    assert len({tuple(each.items()) for each in whole}) == len(whole) == 6
    assert run(known=whole[:3]) == whole


def test_tpe_learns_from_what_failed_and_was_pruned():
    sampler = make_sampler("tpe", SPACE, 0)
    found = []
    for number in range(40):
        found.append(sampler.propose(number))
        failed = found[-1]["optimiser"] == "momentum"
        sampler.tell(number, [] if failed else [distance(found[-1])], whole=not failed)
    assert np.mean([each["optimiser"] == "momentum" for each in found[15:]]) < 0.35


def test_a_storage_for_a_sampler_that_learns_nothing_is_refused():
    with pytest.raises(RecipeError, match="storage has no effect with the sampler random"):
        make_sampler("random", SPACE, 0, Shared("postgresql://nowhere/none", "study", "ab"))
