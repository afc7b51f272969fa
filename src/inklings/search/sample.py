"""What a study's effects are read from: an accuracy and a level of each setting for every configuration."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import nan, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.search.dimensions import Range
from inklings.search.study import Study
from inklings.search.trial import State, Trial

PARTS = 4
"""Levels that the tried values of a range are put into, each with as many configurations."""
UNUSED = "not used"
_ABSENT = object()
"""In place of a setting that had no effect; None is a value, as of early stopping."""


@dataclass(frozen=True, eq=False)
class Factor:
    """A setting as levels.

    Attributes
    ----------
    name : str
    labels : tuple of str
        Of its levels, in their order; the last is ``UNUSED`` if it had no effect in some configurations.
    places : array of int64, (configurations,)
        Which level each has.
    """

    name: str
    labels: tuple[str, ...]
    places: NDArray[np.int64]

    @property
    def levels(self) -> tuple[str, ...]:
        """The labels of its values alone."""
        return self.labels[:-1] if self.labels[-1:] == (UNUSED,) else self.labels


@dataclass(frozen=True, eq=False)
class Sample:
    """The configurations of a study that can be compared.

    Attributes
    ----------
    factors : tuple of Factor
        One per setting that was searched.
    figures : array, (configurations,)
        Each one's mean validation accuracy over its repeats.
    repeats : array of int64, (configurations,)
        How often each was trained.
    repeat_spread : float
        The standard deviation of accuracies between repeats of one configuration; NaN without repeats.
    numbers : array of int64, (configurations,)
        The configurations' own.
    epoch : int or None
        The epoch that all accuracies are of, where some trials were stopped early; None if each is of its own end.
    """

    factors: tuple[Factor, ...]
    figures: NDArray[np.float64]
    repeats: NDArray[np.int64]
    repeat_spread: float
    numbers: NDArray[np.int64]
    epoch: int | None = None

    @property
    def after(self) -> str:
        """Where its accuracies stand, in words; empty if at the end."""
        return "" if self.epoch is None else f" after epoch {self.epoch}"


def sample_of(study: Study) -> Sample:
    """Return what can be compared of a study.

    Trials that failed have no accuracy and are left out. Where some were pruned, all are compared after as many epochs
    as every one of them had: those that went on are not worse for having been trained less, nor better for more.
    """
    ended = [trial for trial in study.trials if trial.state in (State.FINISHED, State.PRUNED)]
    usable = [trial for trial in ended if trial.validation_accuracy]
    pruned = any(trial.state is State.PRUNED for trial in usable)
    # Where some were pruned, all are compared after as many epochs as the shortest had: at their ends, those that were
    # stopped would look worse for that alone.
    epoch = min((len(trial.validation_accuracy) - 1 for trial in usable), default=0) if pruned else None
    by_configuration: dict[int, list[Trial]] = {}
    for trial in usable:
        by_configuration.setdefault(trial.configuration, []).append(trial)
    groups = [np.array([_figure(trial, epoch) for trial in trials]) for _, trials in sorted(by_configuration.items())]
    settings = [trials[0].settings for _, trials in sorted(by_configuration.items())]
    factors = tuple(
        _factor(name, [each.get(name, _ABSENT) for each in settings], is_range=isinstance(dimension, Range))
        for name, dimension in study.space.dimensions.items()
    )
    return Sample(
        factors,
        np.array([group.mean() for group in groups]),
        np.array([len(group) for group in groups], np.int64),
        pooled_spread(groups),
        np.array(sorted(by_configuration), np.int64),
        epoch,
    )


def pooled_spread(groups: Sequence[NDArray[np.float64]]) -> float:
    """Return the standard deviation within groups, common to all; NaN if none has two members."""
    free = sum(len(group) - 1 for group in groups)
    squares = sum(float(((group - group.mean()) ** 2).sum()) for group in groups)
    return sqrt(squares / free) if free else nan


def _figure(trial: Trial, epoch: int | None) -> float:
    return trial.figure("accuracy") if epoch is None else trial.validation_accuracy[epoch]


def _factor(name: str, values: Sequence[Any], *, is_range: bool) -> Factor:
    """Return a setting as levels; a range with few different values has those for levels."""
    used = [value for value in values if value is not _ABSENT]
    distinct = sorted(set(used), key=_order)
    if not is_range or len(distinct) <= PARTS + 2:
        labels = _distinguish(lambda digits: [describe_value(value, digits) for value in distinct])
        places = [len(distinct) if value is _ABSENT else distinct.index(value) for value in values]
    else:
        labels, places = _cut(values, used)
    if len(used) < len(values):
        labels = [*labels, UNUSED]
    return Factor(name, tuple(labels), np.array(places, np.int64))


def _cut(values: Sequence[Any], used: Sequence[float]) -> tuple[list[str], list[int]]:
    """Return the labels of parts with equally many numbers, and which part each value is in."""
    # By quantiles, not by equal widths: each level then has about as many configurations, and none an error of its own
    # size.
    edges = np.quantile(used, np.arange(1, PARTS) / PARTS)
    places = [None if value is _ABSENT else int(np.searchsorted(edges, value, side="right")) for value in values]
    # Of whole numbers that occur often, a part may be empty.
    parts = sorted({place for place in places if place is not None})
    ends = [[value for value, place in zip(values, places, strict=True) if place == part] for part in parts]
    labels = _distinguish(
        lambda digits: [f"{describe_value(min(part), digits)} to {describe_value(max(part), digits)}" for part in ends]
    )
    return labels, [len(parts) if place is None else parts.index(place) for place in places]


def _order(value: Any) -> tuple[int, Any]:  # noqa: ANN401 - any setting
    """Sort numbers as numbers, behind none; texts and lists behind them, each among their own."""
    if value is None:
        return -1, ()
    # As a tuple of one, so that it never meets a text in a comparison: the first number parts the kinds.
    if isinstance(value, bool | int | float):
        return 0, (value,)
    return (1, (str(value),)) if isinstance(value, str) else (2, tuple(map(str, value)))


def _distinguish(describe: Callable[[int], list[str]]) -> list[str]:
    """Return labels with as few digits as tell them apart."""
    for digits in range(2, 17):
        labels = describe(digits)
        if len(set(labels)) == len(labels):
            break
    return labels


def describe_value(value: Any, digits: int = 2) -> str:  # noqa: ANN401 - any setting
    """Return a value in a few characters.

    >>> describe_value(0.00123456), describe_value(128.0), describe_value((400, 200)), describe_value(True)
    ('0.0012', '128', '400-200', 'on')
    """
    if isinstance(value, bool):
        return "on" if value else "off"
    if value is None:
        return "none"
    if isinstance(value, float):
        # Not 1.3e+02, as two digits of a number above 100 would be.
        whole = len(str(int(abs(value)))) if abs(value) < 1e6 else 0
        return f"{value:.{max(digits, whole)}g}"
    return "-".join(map(describe_value, value)) if isinstance(value, tuple | list) else str(value)
