"""Histories with faults built in, and histories of real trainings."""

from functools import cache
from time import perf_counter

import numpy as np
import optax
import pytest

from inklings import Dense, Dropout, Flatten, Network, open_dataset
from inklings.engines import get_engine
from inklings.engines.randomness import batch_order
from inklings.networks import initial_parameters
from inklings.training.history import Row
from inklings.training.recipe import Recipe


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
            Row(
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
    """Train a perceptron on the bundled digits, as the experiments do; gives the network, the recipe, the history."""

    @cache
    def train(*, units, epochs, dropout=False, rate=0.01, images=None):
        layers = [Flatten(), Dense(units, "relu"), Dense(10, "softmax")]
        if dropout:
            layers = [layers[0], Dropout(0.2), layers[1], Dropout(0.5), layers[2]]
        network, recipe = Network((20, 20, 1), layers), Recipe("nesterov", rate, epochs=epochs)
        return network, recipe, _fit(network, recipe, images)

    return train


def _fit(network, recipe, images):
    parts = open_dataset("digits").split(seed=0)
    seen, held = parts.train.take(np.arange(images or len(parts.train))), parts.validation
    objective = recipe.objective(network, seen.labels)
    optimiser = optax.trace(recipe.momentum, nesterov=True)
    session = get_engine().session(network, objective, optimiser, initial_parameters(network, 0), seed=0)
    begun, step, rows = perf_counter(), 0, []
    for epoch in range(recipe.epochs + 1):
        loss = None
        if epoch:
            order = batch_order(0, epoch, len(seen), recipe.batch_size)
            rates = np.full(len(order), recipe.learning_rate)
            loss = float(session.train(seen.images, seen.labels, order, rates, step, lambda: False).mean())
            step += len(order)
        ours, theirs = (session.evaluate(part.images, part.labels) for part in (seen, held))
        taken = perf_counter() - begun
        measured = ours.loss, ours.accuracy, theirs.loss, theirs.accuracy
        rows.append(Row(epoch, step, taken, loss, *measured, recipe.learning_rate))
    return tuple(rows)
