"""What others report of trainings that were continued: each difficulty rebuilt here, in a few steps."""

import numpy as np
import pytest

from inklings import Augmentation, Dense, Dropout, Flatten, Network, Recipe, Schedule, fit, open_dataset
from inklings.engines.randomness import augmentation_random, batch_order
from inklings.training import Callback, StopReason
from inklings.training.checkpoint_file import before_of, find_checkpoint

NETWORK = Network((20, 20, 1), (Flatten(), Dropout(0.2), Dense(12, "relu"), Dense(10, "softmax")))
ADAM = Recipe("adam", 0.01, batch_size=25, epochs=5, schedule=Schedule("cosine"), augmentation=Augmentation(shift=1))


class StopAfter(Callback):
    """Asks to stop after an epoch, or so many questions later, which is within the next."""

    def __init__(self, epoch, questions=0):
        self.epoch, self.left, self.begun = epoch, questions, False

    def on_epoch_end(self, row):
        self.begun = row.epoch >= self.epoch

    def should_stop(self):
        self.left -= self.begun
        return self.left < 0


@pytest.fixture(scope="module")
def split():
    return open_dataset("digits").split(train=200)


@pytest.fixture(scope="module")
def whole(split):
    return fit(NETWORK, ADAM, split, engine="numpy")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "checkpoint.safetensors"


def stop(split, path, epoch, questions=0, recipe=ADAM):
    stopped = fit(NETWORK, recipe, split, engine="numpy", callbacks=[StopAfter(epoch, questions)], checkpoints=path)
    assert stopped.stop_reason is StopReason.INTERRUPTED
    return find_checkpoint(path).checkpoint


def go_on(split, checkpoint, recipe=ADAM):
    return fit(NETWORK, recipe, split, engine="numpy", resume=checkpoint)


def column(fitted, name):
    return [getattr(record, name) for record in fitted.history]


def check_same_weights(one, other):
    for name, value in one.parameters.items():
        np.testing.assert_array_equal(other.parameters[name], value)


def test_1_the_order_of_the_first_epoch_is_not_repeated(split, whole, path):
    assert not np.array_equal(batch_order(0, 1, 200, 25), batch_order(0, 3, 200, 25))
    assert column(go_on(split, stop(split, path, 2)), "loss") == column(whole, "loss")


def test_2_batches_within_an_epoch_come_from_that_epochs_order(split, whole, path):
    checkpoint = stop(split, path, 2, questions=2)
    assert 0 < len(checkpoint.losses) < 8
    resumed = go_on(split, checkpoint)
    assert column(resumed, "loss") == column(whole, "loss")
    check_same_weights(resumed, whole)


def test_3_random_changes_and_dropout_come_from_their_own_streams(split, whole, path):
    first, third = (augmentation_random(0, epoch).random() for epoch in (1, 3))
    assert first != third
    np.random.default_rng(99).random(1000)  # whatever else drew numbers in the new process
    np.random.seed(5)
    check_same_weights(go_on(split, stop(split, path, 1, questions=1)), whole)


@pytest.mark.parametrize("schedule", ["linear", "cosine", "exponential"])
def test_4_and_5_the_learning_rate_neither_lags_nor_jumps(split, path, schedule):
    recipe = ADAM.with_settings(schedule=Schedule(schedule, final=0.01))
    rates = column(fit(NETWORK, recipe, split, engine="numpy"), "learning_rate")
    resumed = go_on(split, stop(split, path, 2, questions=1, recipe=recipe), recipe)
    assert column(resumed, "learning_rate") == rates
    assert rates[1:] == sorted(rates[1:], reverse=True)


def test_6_steps_are_counted_on(split, whole, path):
    assert column(go_on(split, stop(split, path, 3)), "step") == column(whole, "step") == [0, 8, 16, 24, 32, 40]


def test_7_adams_count_of_steps_is_kept(split, whole, path):
    checkpoint = stop(split, path, 2)
    assert int(checkpoint.state["count"]) == checkpoint.step == 16
    assert int(go_on(split, checkpoint).state["count"]) == int(whole.state["count"]) == 40


def test_8_the_best_epoch_and_the_patience_so_far_are_remembered(split, path):
    recipe = Recipe("momentum", 0.3, batch_size=25, epochs=60, early_stopping=4)
    whole = fit(NETWORK, recipe, split, engine="numpy")
    last = whole.history[-1].epoch
    assert whole.stop_reason is StopReason.EARLY
    resumed = go_on(split, stop(split, path, last - 2, recipe=recipe), recipe)  # half-way through its patience
    assert (resumed.stop_reason, resumed.best_epoch) == (whole.stop_reason, whole.best_epoch)
    assert resumed.history[-1].epoch == last
    check_same_weights(resumed, whole)


def test_9_a_checkpoint_that_was_cut_off_leaves_the_one_before(split, whole, path):
    stop(split, path, 1), stop(split, path, 3)
    path.write_bytes(path.read_bytes()[:1000])
    found = find_checkpoint(path)
    assert found.problems
    # 8, the end of the first epoch; or later on a slow machine, where a second had passed before the third epoch ended.
    assert found.checkpoint.step == find_checkpoint(before_of(path)).checkpoint.step
    assert 8 <= found.checkpoint.step < 24
    check_same_weights(go_on(split, found.checkpoint), whole)


def test_10_no_epoch_is_counted_twice_or_left_out(split, path):
    checkpoint = stop(split, path, 1)
    for epoch in (2, 4):
        again = [StopAfter(epoch, 1)]
        fit(NETWORK, ADAM, split, engine="numpy", resume=checkpoint, callbacks=again, checkpoints=path)
        checkpoint = find_checkpoint(path).checkpoint
    assert column(go_on(split, checkpoint), "epoch") == [0, 1, 2, 3, 4, 5]
