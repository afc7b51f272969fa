from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

from inklings import Dense, Flatten, Network, Opponent, Plan, Recipe, RecipeError, compare, open_dataset
from inklings.experiments import Spread, measure_variation
from inklings.training import Callback


@pytest.fixture(scope="module")
def digits():
    return open_dataset("digits").take(np.arange(0, 5000, 5))


@pytest.fixture(scope="module")
def contenders(digits):
    hidden = Network(digits.image_shape, (Flatten(), Dense(8, "relu"), Dense(10, "softmax")))
    neighbours = Opponent("neighbours", KNeighborsClassifier(3))
    steps = Plan("steps", "", hidden, Recipe("nesterov", 0.02, steps=20))
    return [steps, Plan("full", "", hidden, Recipe("lbfgs", epochs=3)), neighbours]


class Note(Callback):
    def __init__(self, seen, plan):
        self.seen, self.plan = seen, plan

    def on_end(self):
        self.seen.append((self.plan.name, self.plan.recipe.seed_of_order, self.plan.recipe.seed))


@pytest.fixture(scope="module")
def measured(digits, contenders):
    seen = []
    found = measure_variation(
        contenders, digits, repeats=3, seed=7, engine="numpy", watch=lambda plan: [Note(seen, plan)]
    )
    return found, seen


def test_each_source_is_varied_alone_and_then_all_together(measured):
    _, seen = measured
    of_steps = [seeds for name, *seeds in seen if name == "steps"]
    # The first one for all; other splits; other orders; other weights; everything.
    assert of_steps == [[7, 7], [7, 7], [7, 7], [8, 7], [9, 7], [7, 8], [7, 9], [8, 8], [9, 9]]


def test_what_does_not_matter_to_a_contender_is_not_trained_and_does_not_move_it(measured):
    found, seen = measured
    weights = [seed for name, _, seed in seen if name == "full"]
    assert weights == [7, 7, 7, 8, 9, 8, 9]  # other splits, other weights, both: it has no order
    assert found.of("full")["order"].standard_deviation == 0
    still = [name for name, spread in found.of("neighbours").items() if spread.standard_deviation == 0]
    assert still == ["order", "init"]
    assert [name for name, spread in found.of("neighbours").items() if not spread.reached] == ["order", "init"]
    assert [name for name, spread in found.of("full").items() if not spread.reached] == ["order"]
    assert all(spread.standard_deviation > 0 for spread in found.of("steps").values())


def test_all_together_are_what_a_comparison_of_those_seeds_finds(measured, digits, contenders):
    found, _ = measured
    for title in ("steps", "full", "neighbours"):
        spread = found.of(title)["all"]
        alone = [compare(contenders, digits, seed=seed, engine="numpy").results for seed in (7, 8)]
        expected = [next(result.test for result in results if result.title == title) for results in alone]
        assert list(spread.accuracies[:2]) == expected


def test_the_interval_of_a_standard_deviation_holds_the_true_one_as_often_as_it_says():
    random = np.random.default_rng(0)
    held = 0
    for _ in range(2000):
        spread = Spread("any", "all", tuple(random.normal(0.9, 0.01, 5)), 1000)
        low, high = spread.interval()
        held += low <= 0.01 <= high
    assert held / 2000 == pytest.approx(0.95, abs=0.015)  # three standard errors


def test_spreads_are_those_of_numpy_and_scipy():
    spread = Spread("any", "all", (0.9, 0.91, 0.935), 1000)
    assert spread.standard_deviation == pytest.approx(np.std(spread.accuracies, ddof=1))
    variances = np.array(spread.interval()) ** 2
    expected = 2 * np.var(spread.accuracies, ddof=1) / stats.chi2.ppf([0.975, 0.025], 2)
    assert variances == pytest.approx(expected)
    assert spread.binomial == pytest.approx(stats.binom.std(1000, spread.mean) / 1000)


def test_an_interruption_keeps_the_contenders_that_are_complete(digits, contenders):
    class Stop(Callback):
        left = 4

        def on_end(self):
            Stop.left -= 1

        def should_stop(self):
            return Stop.left <= 0

    found = measure_variation(contenders[::-1], digits, repeats=2, engine="numpy", watch=lambda plan: [Stop()])
    assert found.interrupted
    assert {spread.title for spread in found.spreads} == {"full"}
    with pytest.raises(KeyboardInterrupt, match="before a network was trained with everything varied"):
        measure_variation(contenders, digits, repeats=2, engine="numpy", watch=lambda plan: [Stop()])


def test_where_the_source_divides_its_images_another_split_is_none(digits):
    few, rows = digits.take(np.arange(300)), np.arange(300)
    given = replace(few, given_test=rows[:60], given_validation=rows[60:120])
    found = measure_variation([Opponent("neighbours", KNeighborsClassifier(3))], given, repeats=3)
    assert not any(spread.reached for spread in found.spreads)


def test_one_training_has_no_spread(digits):
    with pytest.raises(RecipeError, match="repeats is 1, expected at least 2"):
        measure_variation(["softmax"], digits, repeats=1, watch=lambda plan: pytest.fail("trained"))


def test_a_random_state_that_changes_nothing_did_not_vary_here_which_is_not_never(digits):
    """A support vector machine has one, and uses it for probabilities alone."""
    found = measure_variation([Opponent("machine", SVC())], digits.take(np.arange(200)), repeats=2)
    spreads = found.of("machine")
    assert spreads["init"].standard_deviation == spreads["order"].standard_deviation == 0
    assert (spreads["init"].reached, spreads["order"].reached) == (True, False)
