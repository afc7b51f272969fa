"""Effects of settings, against accuracies whose effects are known because they were planted."""

import numpy as np
import pytest

from inklings.search.effects import find_effects, find_interactions
from inklings.search.importance import find_importances
from inklings.search.outlook import best_of_any, best_so_far, front
from inklings.search.sample import UNUSED, Factor, Sample, pooled_spread


def planted(figure, names=("a", "b", "c"), levels=4, copies=3, repeats=2, noise=0.01, seed=0):
    """Every combination of levels, some times over; ``figure`` is of the levels from 0 to 1, noise that of repeats."""
    grid = np.stack(np.meshgrid(*[np.arange(levels)] * len(names), indexing="ij"), -1).reshape(-1, len(names))
    places = np.repeat(grid, copies, axis=0)
    random = np.random.default_rng(seed)
    x = places / (levels - 1)
    trained = figure(*x.T)[:, None] + random.normal(0, noise, (len(places), repeats))
    labels = tuple(f"level {number}" for number in range(levels))
    factors = tuple(Factor(name, labels, places[:, number]) for number, name in enumerate(names))
    counts = np.full(len(places), repeats)
    spread = pooled_spread(list(trained)) if repeats > 1 else float("nan")
    return Sample(factors, trained.mean(1), counts, spread, np.arange(len(places)))


def test_shares_of_variance_are_those_that_were_planted():
    # In equal steps from 0 to 1, the variance of 3 a + b is nine tenths a's.
    sample = planted(lambda a, b, c: 0.5 + 0.06 * a + 0.02 * b, noise=0.002)
    effects = {each.name: each for each in find_effects(sample, permutations=199)}
    assert effects["a"].share == pytest.approx(0.9, abs=0.03)
    assert effects["b"].share == pytest.approx(0.1, abs=0.03)
    assert effects["c"].share == pytest.approx(0, abs=0.01)
    assert effects["a"].difference == pytest.approx(0.06, abs=0.002)
    assert (effects["a"].best.label, effects["a"].worst.label) == ("level 3", "level 0")
    assert [each.is_sure for each in effects.values()] == [True, True, False]


def test_intervals_of_means_hold_the_planted_means():
    held = []
    for seed in range(20):
        sample = planted(lambda a, b, c: 0.5 + 0.06 * a, copies=1, noise=0.02, seed=seed)
        (effect,) = [each for each in find_effects(sample, permutations=19) if each.name == "a"]
        held += [level.low <= 0.5 + 0.02 * number <= level.high for number, level in enumerate(effect.levels)]
    assert 0.88 <= np.mean(held) <= 1  # 95 % of 80


def test_where_nothing_matters_nothing_is_claimed():
    claimed = 0
    for seed in range(20):
        sample = planted(lambda a, b, c: 0.5 + 0 * a, copies=1, seed=seed)
        claimed += any(each.is_sure for each in find_effects(sample, permutations=99, seed=seed))
        claimed += any(each.is_sure for each in find_interactions(sample, permutations=99, seed=seed))
    assert claimed <= 5  # two families of tests at 5 %, 20 times: 2 are expected


def test_an_effect_within_the_noise_of_repeats_is_not_claimed():
    # Repeats differ far more than configurations do: as if the seeds had been the same by chance.
    sample = planted(lambda a, b, c: 0.5 + 0.01 * a, noise=0.001)
    noisy = Sample(sample.factors, sample.figures, sample.repeats, 0.2, sample.numbers)
    (effect,) = [each for each in find_effects(noisy, permutations=199) if each.name == "a"]
    assert effect.p_value <= 0.05
    assert effect.noise > effect.difference
    assert not effect.is_sure


def test_an_interaction_is_found_where_it_was_planted_and_nowhere_else():
    sample = planted(lambda a, b, c: 0.5 + 0.05 * (a > 0.5) * (b > 0.5) + 0.02 * c, noise=0.004)
    first, *others = find_interactions(sample, permutations=199)
    assert set(first.names) == {"a", "b"}
    assert first.is_sure
    assert not any(each.is_sure for each in others)
    assert first.means[3, 3] - first.means[0, 0] == pytest.approx(0.05, abs=0.005)
    assert first.counts.sum() == len(sample.figures)


def test_too_few_configurations_give_no_verdict():
    sample = planted(lambda a, b, c: 0.5 + a)
    few = Sample(
        tuple(Factor(each.name, each.labels, each.places[::20]) for each in sample.factors),
        sample.figures[::20],
        sample.repeats[::20],
        sample.repeat_spread,
        sample.numbers[::20],
    )
    assert len(few.figures) == 10
    assert find_effects(few) == ()


def test_fanova_ranks_settings_as_they_were_planted():
    pytest.importorskip("optuna")
    found = find_importances(planted(lambda a, b, c: 0.5 + 0.06 * a + 0.02 * b, copies=1, noise=0.002))
    assert [each.name for each in found] == ["a", "b", "c"]
    # Forests give less than its tenth to what matters little.
    assert found[0].share == pytest.approx(0.9, abs=0.08)
    assert 0.02 < found[1].share < 0.15
    assert found[2].share < 0.02
    assert all(each.low <= each.high for each in found)


def test_the_best_of_any_k_is_that_of_all_draws():
    figures = np.random.default_rng(1).random(9)
    expected, low, high = best_of_any(figures)
    random = np.random.default_rng(2)
    drawn = np.array([random.permutation(figures) for _ in range(20_000)])
    courses = np.maximum.accumulate(drawn, axis=1)
    np.testing.assert_allclose(expected, courses.mean(0), atol=0.005)
    assert expected[-1] == low[-1] == high[-1] == figures.max()
    inside = ((courses >= low) & (courses <= high)).mean(0)
    assert (inside >= 0.79).all()


@pytest.mark.parametrize(("slope", "enough"), [(0.0, True), (0.3, False)])
def test_more_trials_are_advised_where_the_last_half_still_gained(slope, enough):
    figures = 0.5 + slope * np.linspace(0, 1, 20) ** 6
    sample = Sample((), figures, np.full(20, 2), 0.02, np.arange(20))
    assert best_so_far(sample).was_enough is enough


def test_the_front_is_what_no_other_beats_at_its_cost():
    costs, figures = np.array([3.0, 1, 2, 2, 5, 4]), np.array([0.7, 0.5, 0.6, 0.65, 0.9, 0.6])
    assert front(costs, figures).tolist() == [1, 3, 0, 4]


def test_a_setting_that_another_switches_off_hides_nothing_of_either():
    # Momentum exists beside one optimiser alone; both have an effect of their own.
    random = np.random.default_rng(3)
    optimiser, momentum = random.integers(0, 2, 80), random.integers(0, 2, 80)
    figures = 0.5 + 0.04 * optimiser + 0.02 * optimiser * momentum + random.normal(0, 0.003, 80)
    factors = (
        Factor("optimiser", ("adam", "momentum"), optimiser),
        Factor("momentum", ("0.5", "0.9", UNUSED), np.where(optimiser == 1, momentum, 2)),
    )
    sample = Sample(factors, figures, np.full(80, 1), float("nan"), np.arange(80))
    effects = {each.name: each for each in find_effects(sample, permutations=199)}
    assert effects["optimiser"].difference == pytest.approx(0.05, abs=0.004)
    assert effects["momentum"].difference == pytest.approx(0.02, abs=0.004)
    assert [level.label for level in effects["momentum"].levels] == ["0.5", "0.9"]
    assert all(each.is_sure for each in effects.values())
    assert find_interactions(sample, permutations=19) == ()
