import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from inklings import Dense, Flatten, Network, Recipe, RecipeError, fit, from_arrays, open_dataset
from inklings.engines import native
from inklings.evaluation.discordance import TestedImages
from inklings.evaluation.paired import compare_pairs
from inklings.experiments import RunStore, compare_repeatedly
from inklings.training import Callback, Plan


@pytest.fixture(scope="module")
def digits():
    split = open_dataset("digits").split(test=0.2, validation=0.6)
    return split.train


@pytest.fixture(scope="module")
def repeated(digits):
    return compare_repeatedly(["softmax", "naive"], digits, repeats=3, quick=True, engine="numpy")


def test_every_repeat_has_a_split_of_its_own_and_all_networks_share_it(repeated):
    prints = {repeat.split.fingerprint for repeat in repeated.repeats}
    assert len(prints) == 3
    assert [[each.plan.recipe.seed for each in repeat.trained_networks] for repeat in repeated.repeats] == [
        [0, 0],
        [1, 1],
        [2, 2],
    ]


def test_a_row_is_the_mean_of_the_repeats(repeated):
    row = next(result for result in repeated.results if result.title == "softmax")
    assert row.test == pytest.approx(np.mean([result.test for result in repeated.results_of("softmax")]))
    assert row.interval.low <= row.test <= row.interval.high
    assert [result.title for result in repeated.results] == ["softmax", "naive (random weights)", "naive"]


def test_the_pairs_test_knows_the_scores_and_which_images_each_network_read(repeated):
    (pair,) = repeated.pairs
    scores = {title: [result.test for result in repeated.results_of(title)] for title in ("softmax", "naive")}
    trained = list(zip(*(repeat.trained_networks for repeat in repeated.repeats), strict=True))
    correct = {each[0].title: [one.answers == one.split.test.labels for one in each] for each in trained}
    tested = TestedImages([repeat.split.test_rows for repeat in repeated.repeats], correct)
    split = repeated.repeats[0].split
    (expected,) = compare_pairs(scores, train_size=len(split.train), test_size=len(split.test), tested=tested)
    assert pair == expected
    assert pair.trained.only_first == repeated.flips_between(pair.first, pair.second).total_first
    assert pair.test.difference == pytest.approx(np.mean(np.subtract(scores[pair.first], scores[pair.second])))


def test_mcnemars_test_counts_in_every_repeat_the_images_that_one_network_alone_reads(repeated):
    tests = repeated.mcnemar["softmax", "naive"]
    for repeat, test in zip(repeated.repeats, tests, strict=True):
        one, other = repeat.trained_networks
        assert test.only_first == int((one.correct & ~other.correct).sum())
        assert test.only_second == int((other.correct & ~one.correct).sum())
    assert len({test.only_first for test in tests}) > 1


def test_flips_say_of_each_image_how_often_one_network_alone_read_it(repeated):
    flips = repeated.flips["softmax", "naive"]
    expected = {}
    for repeat in repeated.repeats:
        one, other = repeat.trained_networks
        for row, right, other_right in zip(repeat.split.test_rows.tolist(), one.correct, other.correct, strict=True):
            counts = expected.setdefault(row, [0, 0, 0])
            counts[0] += right and not other_right
            counts[1] += other_right and not right
            counts[2] += 1
    flipped = sorted(row for row, counts in expected.items() if counts[0] or counts[1])
    assert flips.rows.tolist() == flipped
    found = np.stack([flips.only_first, flips.only_second, flips.tested], 1)
    assert found.tolist() == [expected[row] for row in flipped]
    assert flips.total_first == flips.only_first.sum() == sum(test.only_first for test in flips.tests)


def test_the_images_that_speak_most_for_one_come_first(repeated):
    flips = repeated.flips["softmax", "naive"]
    lead = dict(zip(flips.rows.tolist(), (flips.only_first - flips.only_second).tolist(), strict=True))
    leads = [lead[row] for row in flips.rows_for_first.tolist()]
    assert leads == sorted(leads, reverse=True)
    assert leads[-1] > 0
    assert set(flips.rows_for_first) | set(flips.rows_for_second) == {row for row, by in lead.items() if by}


def test_flips_are_found_whichever_network_is_named_first(repeated):
    ahead, behind = repeated.flips_between("softmax", "naive"), repeated.flips_between("naive", "softmax")
    assert (behind.first, behind.total_first, behind.total_second) == ("naive", ahead.total_second, ahead.total_first)
    assert behind.rows_for_first.tolist() == ahead.rows_for_second.tolist()
    assert [test.p_value for test in behind.tests] == [test.p_value for test in ahead.tests]


def test_one_repeat_is_no_repeat(digits):
    with pytest.raises(RecipeError, match="repeats is 1, expected at least 2"):
        compare_repeatedly(["softmax"], digits, repeats=1)


def test_an_interruption_before_two_whole_repeats_leaves_nothing_to_compare(digits):
    class Stop(Callback):
        def should_stop(self):
            return True

    with pytest.raises(KeyboardInterrupt, match="interrupted after 0 whole repeats"):
        compare_repeatedly(["softmax"], digits, repeats=3, quick=True, watch=lambda plan: [Stop()])


class StopAfter(Callback):
    """Asks to stop once so many trainings are over."""

    def __init__(self, trainings):
        self.left = trainings

    def on_end(self):
        self.left -= 1

    def should_stop(self):
        return self.left <= 0


def test_an_interruption_keeps_the_networks_that_have_all_their_repeats(digits):
    stop = StopAfter(4)  # in the second of the second network's three
    compared = compare_repeatedly(
        ["softmax", "naive"], digits, repeats=3, quick=True, engine="numpy", watch=lambda plan: [stop]
    )
    assert compared.interrupted
    assert compared.titles == ("softmax",)
    assert len(compared.repeats) == 3


def test_an_interruption_of_the_first_network_keeps_the_repeats_that_it_has(digits, tmp_path):
    settings = {"repeats": 4, "quick": True, "engine": "numpy", "store": RunStore(tmp_path)}
    stop = StopAfter(2)
    compared = compare_repeatedly(["softmax", "naive"], digits, watch=lambda plan: [stop], **settings)
    assert compared.interrupted
    assert (compared.titles, len(compared.repeats)) == (("softmax",), 2)
    trained = []
    onward = compare_repeatedly(
        ["softmax"], digits, continued=True, watch=lambda plan: trained.append(plan.recipe.seed) or (), **settings
    )
    assert trained == [2, 3]
    assert not onward.interrupted
    assert onward.results_of("softmax")[:2] == compared.results_of("softmax")


@pytest.fixture
def small(digits):
    layers = Flatten(), Dense(12, "relu"), Dense(10, "softmax")
    return Plan("small", "", Network(digits.image_shape, layers), Recipe("nesterov", 0.02, epochs=3))


class Rows(Callback):
    """Keeps a training's epochs, and how many runs the store had begun at the first of them."""

    def __init__(self, store):
        self.epochs, self.store = [], store

    def on_epoch_end(self, row):
        self.epochs.append(row.epoch)
        self.begun = len(self.store.runs())


def watch_runs(plan, digits, folder, **settings):
    store, seen = RunStore(folder), []

    def watch(plan):
        seen.append(Rows(store))
        return [seen[-1]]

    return compare_repeatedly([plan], digits, store=store, watch=watch, **settings), seen


@pytest.mark.skipif(not native.is_available(), reason="needs the native engine")
def test_repeats_of_a_small_network_train_side_by_side_and_score_as_if_they_had_not(small, digits, tmp_path):
    compared, seen = watch_runs(small, digits, tmp_path, repeats=3)
    assert seen[0].begun == 3
    assert [rows.epochs for rows in seen] == [[0, 1, 2, 3]] * 3
    for seed, repeat in enumerate(compared.repeats):
        assert repeat.split.fingerprint == digits.split(seed=seed).fingerprint
        alone = fit(small.network, small.recipe.with_settings(seed=seed), repeat.split)
        losses = [row.validation_loss for row in repeat.trained_networks[0].fitted.history]
        assert losses == pytest.approx([row.validation_loss for row in alone.history], abs=1e-5)
    for run, rows in zip(RunStore(tmp_path).runs(), seen, strict=True):
        assert [row.epoch for row in run.history] == rows.epochs
        assert run.stop_reason == "finished"


@pytest.mark.skipif(not native.is_available(), reason="needs the native engine")
def test_each_of_several_trainings_side_by_side_is_watched_with_its_parameters_and_may_be_stopped(small, digits):
    class AfterOne(Callback):
        epochs = 0

        def on_parameters(self, record, parameters):
            self.epochs += bool(parameters) and record.epoch > 0

        def should_stop(self):
            return self.epochs == 1

    watching, seen = [], []

    def watch(plan):
        watching.append(AfterOne())
        return [watching[-1], lambda record: seen.append(record.epoch)]

    with pytest.raises(KeyboardInterrupt):
        compare_repeatedly([small], digits, repeats=2, watch=watch)
    assert [each.epochs for each in watching] == [1, 1]
    assert sorted(seen) == [0, 0, 1, 1]


def test_repeats_of_a_wide_network_train_one_after_the_other(small, digits, tmp_path):
    wide = Network(digits.image_shape, (Flatten(), Dense(700, "relu"), Dense(10, "softmax")))
    plan = replace(small, network=wide).with_recipe(epochs=1)
    _, seen = watch_runs(plan, digits, tmp_path, repeats=2, seed=4)
    assert [rows.begun for rows in seen] == [1, 2]


def test_what_goes_wrong_in_every_repeat_is_said_once(small, digits):
    wild = replace(small.with_recipe(learning_rate=1e30), name="wild")
    (problem,) = compare_repeatedly([wild], digits, repeats=3, engine="numpy").problems
    assert problem.startswith("wild: the loss is NaN in epoch 1")
    assert problem.endswith(" (in 3 of 3 repeats)")


def test_repeats_keep_no_copies_of_the_images():
    images = np.random.default_rng(0).random((4000, 20, 20, 1), np.float32)  # 6.4 MB
    data = from_arrays(images, np.arange(4000) % 10)
    network = Network((20, 20, 1), (Flatten(), Dense(10, "softmax")))
    plan = Plan("small", "", network, Recipe("sgd", 0.01, steps=2))
    compare_repeatedly([plan], data, repeats=2, engine="numpy")  # loads what it needs, which is kept too
    tracemalloc.start()
    compared = compare_repeatedly([plan], data, repeats=6, engine="numpy")
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(compared.repeats) == 6
    assert kept < 4e6
