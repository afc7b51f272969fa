"""The importance of each setting by fANOVA: the share of the accuracies' variance that it explains by itself.

A forest of regression trees learns the accuracy from the settings; of each setting, the variance of the forest's mean
answer as that setting alone changes is its share (Hutter, Hoos and Leyton-Brown 2014). Computed by Optuna.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inklings.errors import MissingDependencyError
from inklings.extras import importing
from inklings.search.sample import Sample

FORESTS = 8
TREES = 16
PART = 0.8
"""Of the configurations, how many each forest but the first sees."""
_MOST = 400
"""Configurations that a forest sees at most: its time grows with their number, its answer hardly changes any more."""
_LEAST = 10


@dataclass(frozen=True)
class Importance:
    """The share of variance that a setting explains by itself, and the range of that over forests of parts of it."""

    name: str
    share: float
    low: float
    high: float


def why_unavailable() -> str:
    """Return what importances lack: Optuna, if it is not installed or cannot be imported; empty if nothing."""
    try:
        with importing("optuna", "Importance by fANOVA needs Optuna", "'inklings[cluster]'"):
            import optuna.importance  # noqa: F401
    except MissingDependencyError as error:
        return str(error)
    return ""


def find_importances(sample: Sample, seed: int = 0) -> tuple[Importance, ...]:
    """Return the importance of each setting, the largest first; empty without Optuna or with too few configurations."""
    count = len(sample.figures)
    if count < _LEAST or np.ptp(sample.figures) == 0 or why_unavailable():
        return ()
    random = np.random.default_rng([seed, 3])
    most = min(count, _MOST)
    # The first forest sees all of them, 400 at most, and gives the share; the others see parts, and tell how much it
    # varies.
    whole = _shares(sample, random.permutation(count)[:most], 0)
    parts = [_shares(sample, random.permutation(count)[: int(PART * most)], number) for number in range(1, FORESTS)]
    found = [
        Importance(name, share, min(each[name] for each in parts), max(each[name] for each in parts))
        for name, share in whole.items()
    ]
    return tuple(sorted(found, key=lambda each: -each.share))


def _shares(sample: Sample, rows: NDArray[np.int64], seed: int) -> dict[str, float]:
    import optuna
    from optuna.distributions import BaseDistribution, CategoricalDistribution
    from optuna.importance import FanovaImportanceEvaluator
    from optuna.trial import create_trial

    factors = [factor for factor in sample.factors if len(set(factor.places[rows].tolist())) > 1]
    known: dict[str, BaseDistribution] = {
        # By the number of the level, for ranges too: quarters of the tried values, as in the tests for effects.
        factor.name: CategoricalDistribution(tuple(range(len(factor.labels))))
        for factor in factors
    }
    trials = [
        create_trial(
            params={factor.name: int(factor.places[row]) for factor in factors},
            distributions=known,
            value=float(sample.figures[row]),
        )
        for row in rows
    ]
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that parts of Optuna are experimental is no concern of a reader
            study = optuna.create_study()
            study.add_trials(trials)
            evaluator = FanovaImportanceEvaluator(n_trees=TREES, seed=seed)
            shares = evaluator.evaluate(study, params=[factor.name for factor in factors]) if factors else {}
    finally:
        optuna.logging.set_verbosity(verbosity)
    return {factor.name: float(shares.get(factor.name, 0.0)) for factor in sample.factors}
