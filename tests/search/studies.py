"""Small studies that several tests run, and what two of them must have in common."""

import numpy as np

from inklings import open_dataset
from inklings.search import run_search

SPACE = {
    "network": "mlp",
    "hidden_units": [5, 10],
    "learning_rate": {"low": 3e-3, "high": 1e-1, "log": True},
    "epochs": 3,
}


def some_digits():
    return open_dataset("digits").take(np.arange(0, 5000, 10))


def search(out, *, space=SPACE, trials=12, sampler="random", workers=1, **settings):
    where = {} if "cluster" in settings else {"workers": workers}
    return run_search(space, some_digits(), out=out, trials=trials, sampler=sampler, choose=1, **where, **settings)


def results(study):
    """All of a study's trials that does not depend on clocks and places."""
    keep = ("number", "configuration", "repeat", "settings", "seed", "state", "reason", "rung", "epoch", "epochs")
    curves = ("validation_loss", "validation_accuracy", "train_loss", "train_accuracy")
    return [{name: getattr(trial, name) for name in (*keep, *curves)} for trial in study.trials]
