"""Histories with faults built in, and histories of real trainings."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from inklings import fit, open_dataset, preset
from inklings.evaluation.diagnosis import Facts
from inklings.training import EpochRecord


@pytest.fixture(scope="session")
def build_history():
    """Make rows of losses, epoch 0 first; accuracies follow from them unless given."""

    def build(train, validation=None, *, loss=None, read=None, validation_read=None, rate=0.01, noise=0.0):
        train = np.asarray(train, float)
        validation = train + 0.1 if validation is None else np.asarray(validation, float)
        validation = validation * (1 + noise * np.random.default_rng(0).normal(size=len(train)))
        loss = train if loss is None else np.asarray(loss, float)
        accuracies = [
            np.exp(-losses / 4) if given is None else np.broadcast_to(given, train.shape)
            for losses, given in ((train, read), (validation, validation_read))
        ]
        return tuple(
            EpochRecord(
                epoch=epoch,
                step=55 * epoch,
                seconds=0.5 * epoch,
                loss=float(loss[epoch]) if epoch else None,
                train_loss=float(train[epoch]),
                train_accuracy=float(accuracies[0][epoch]),
                validation_loss=float(validation[epoch]),
                validation_accuracy=float(accuracies[1][epoch]),
                learning_rate=rate if epoch else None,
            )
            for epoch in range(len(train))
        )

    return build


@pytest.fixture(scope="session")
def train_mlp():
    """Train a perceptron on the bundled digits, as the experiments do; gives its facts and its history."""

    @cache
    def train(*, images=None, epochs, rate=0.01, **settings):
        whole = open_dataset("digits").split(seed=0)
        split = replace(whole, train_rows=whole.train_rows[:images])
        plan = preset("mlp", (20, 20, 1), 10, **settings)
        plan = replace(plan, recipe=plan.recipe.with_settings(epochs=epochs, learning_rate=rate))
        fitted = fit(plan.network, plan.recipe, split)
        return Facts.of_plan(plan, data="digits", ending=fitted.stop_reason), fitted.history

    return train
