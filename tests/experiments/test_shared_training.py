from dataclasses import replace

import pytest

from inklings import Dense, Flatten, Network, Recipe, open_dataset
from inklings.experiments import compare_repeatedly
from inklings.experiments import shared_training as module
from inklings.training import Callback, Plan, fit


@pytest.fixture(scope="module")
def digits():
    return open_dataset("digits").split(test=0.2, validation=0.6).train


@pytest.fixture
def small(digits):
    layers = Flatten(), Dense(12, "relu"), Dense(10, "softmax")
    return Plan("small", "", Network(digits.image_shape, layers), Recipe("nesterov", 0.02, epochs=6))


class Rows(Callback):
    seen = ()

    def __init__(self):
        self.rows = []
        Rows.seen = (*Rows.seen, self.rows)

    def on_epoch_end(self, row):
        self.rows.append(row.epoch)


def test_repeats_that_train_side_by_side_score_as_if_they_had_not(small, digits, monkeypatch):
    apart = compare_repeatedly([small], digits, repeats=3)
    together, Rows.seen = [], ()

    def count(*arguments, **options):
        together.append(len(arguments[1]))
        return fit_together(*arguments, **options)

    fit_together = module.fit_together
    monkeypatch.setattr(module, "is_quicker_together", lambda jobs: len(jobs) > 1)
    monkeypatch.setattr(module, "fit_together", count)
    shared = compare_repeatedly([small], digits, repeats=3, watch=lambda plan: [Rows()])
    assert together == [3]
    assert [list(rows) for rows in Rows.seen] == [list(range(7))] * 3
    for one, other in zip(apart.repeats, shared.repeats, strict=True):
        assert one.split.fingerprint == other.split.fingerprint
        losses = [[row.validation_loss for row in each.trained_networks[0].fitted.history] for each in (one, other)]
        assert losses[0] == pytest.approx(losses[1], abs=1e-5)


def test_what_is_not_quicker_together_is_trained_by_itself(small, digits, monkeypatch):
    alone, wide = [], Network(digits.image_shape, (Flatten(), Dense(700, "relu"), Dense(10, "softmax")))

    def count(network, recipe, *arguments, **options):
        alone.append(recipe.seed)
        return fit(network, recipe, *arguments, **options)

    monkeypatch.setattr(module, "fit", count)
    compare_repeatedly([replace(small, network=wide)], digits, repeats=2, seed=4)
    assert alone == [4, 5]
