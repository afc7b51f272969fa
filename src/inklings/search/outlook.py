"""What a study has come to as a whole: whether more trials would have been worth it, what is best at which cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.search.sample import Sample, describe_value
from inklings.search.study import Configuration, Study

Floats = NDArray[np.float64]
BAND = (0.1, 0.9)
_ALIKE = 5


@dataclass(frozen=True, eq=False)
class BestSoFar:
    """The best validation accuracy after each number of configurations.

    Attributes
    ----------
    actual : array, (n,)
        In the order in which they were tried.
    expected, low, high : arrays, (n,)
        Had they been tried in any other order: the mean, and the 10th and 90th percentile.
    last_doubling : float
        What the second half of the configurations added, expected over all orders.
    noise : float
        The standard error of one configuration's mean by its repeats; NaN without repeats.
    """

    actual: Floats
    expected: Floats
    low: Floats
    high: Floats
    last_doubling: float
    noise: float

    @property
    def was_enough(self) -> bool | None:
        """Whether the last doubling gained less than repeats differ by; None without repeats."""
        return None if np.isnan(self.noise) else bool(self.last_doubling <= self.noise)


def best_so_far(sample: Sample) -> BestSoFar:
    """Return the course of the best accuracy."""
    figures = sample.figures
    expected, low, high = best_of_any(figures)
    count = len(figures)
    # What the second half of the configurations added, on average over all orders in which they might have been tried.
    gain = float(expected[-1] - expected[max(0, count // 2 - 1)])
    noise = sample.repeat_spread / sqrt(float(np.median(sample.repeats)))
    return BestSoFar(np.maximum.accumulate(figures), expected, low, high, gain, noise)


def best_of_any(figures: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the mean and the band of the best of any k of all figures, for each k from 1.

    Of k drawn without replacement from n sorted figures, the i-th is the largest with the probability
    C(i - 1, k - 1) / C(n, k).
    """
    from scipy.special import gammaln

    ordered, count = np.sort(figures), len(figures)
    ranks = np.arange(1, count + 1)
    means, bands = [], []
    for k in range(1, count + 1):
        # In logarithms, as the binomial coefficients overflow.
        # The best of k is the figure of rank i in C(i-1, k-1) of C(n, k) choices: the other k - 1 come from the i - 1
        # below it.
        possible = ranks >= k
        i = ranks[possible]
        logs = (gammaln(i) - gammaln(k) - gammaln(i - k + 1)) - (
            gammaln(count + 1) - gammaln(k + 1) - gammaln(count - k + 1)
        )
        chances = np.exp(logs)
        means.append(float(chances @ ordered[possible]))
        summed = np.cumsum(chances)
        bands.append([ordered[possible][min(int(np.searchsorted(summed, q)), len(i) - 1)] for q in BAND])
    low, high = np.array(bands).T
    return np.array(means), low, high


def front(costs: Floats, figures: Floats) -> NDArray[np.int64]:
    """Return which points no other beats at the same or a lower cost, by rising cost."""
    # lexsort sorts by its last key first: by cost, and among equal costs the best first.
    order = np.lexsort((-figures, costs))
    # Each has to be better than all that cost less.
    best = np.maximum.accumulate(np.concatenate([[-np.inf], figures[order][:-1]]))
    kept: NDArray[np.int64] = order[figures[order] > best]
    return kept


@dataclass(frozen=True)
class Shared:
    """What the best few have in common in one setting.

    Attributes
    ----------
    name, value : str
        The value, or the range of the values.
    is_same : bool
        Whether all have one value.
    chance : float
        The probability that as many, drawn at random from all configurations, would agree as much on any value.
    """

    name: str
    value: str
    is_same: bool
    chance: float


def shared_by_best(study: Study, count: int = _ALIKE) -> tuple[Shared, ...]:
    """Return what the best configurations have in common, the least likely by chance first."""
    best = study.ranked[:count]
    if len(best) < 2:
        return ()
    found = []
    for name in study.space.dimensions:
        everyone = [each.settings.get(name) for each in study.ranked]
        own = everyone[: len(best)]
        if any(value is None for value in own):
            continue
        same = all(value == own[0] for value in own)
        if same or all(isinstance(value, int | float) and not isinstance(value, bool) for value in own):
            found.append(Shared(name, _range_of(own), same, _chance(own, everyone)))
    return tuple(sorted(found, key=lambda each: each.chance))


def _range_of(values: Sequence[Any]) -> str:
    low, high = describe_value(min(values)), describe_value(max(values))
    return low if low == high else f"{low} to {high}"


def _chance(own: Sequence[Any], everyone: Sequence[Any]) -> float:
    """Return the probability that as many, drawn at random, agree as much as some do, in whichever value or range.

    Not in the very value or range that these have, which was found by looking at them: of values that are spread
    evenly, five within a half of them are one draw in five, five within the lower half one in 32.
    """
    drawn, count = len(own), len(everyone)
    order = {each: place for place, each in enumerate(sorted({e for e in everyone if e is not None}, key=_place))}
    counts = np.bincount([order[each] for each in everyone if each is not None], minlength=len(order))

    def all_among(sizes: NDArray[np.int64]) -> Floats:
        """Return the probability that all are drawn among so many."""
        places = np.arange(drawn)
        # Without replacement: the product of (size - j) / (count - j) over the draws.
        chances: Floats = np.prod(np.maximum(sizes[..., None] - places, 0) / (count - places), axis=-1)
        return chances

    # All the same: in whichever value, the chances of all of them added up.
    if len(set(own)) == 1:
        return float(all_among(counts).sum())
    places = [order[each] for each in own]
    ends = np.concatenate([[0], np.cumsum(counts)])
    within = ends[max(places) + 1] - ends[min(places)]
    chance = 0.0
    for first in range(len(counts)):
        last = np.arange(first, len(counts))
        sizes = ends[last + 1] - ends[first]
        # All from the first to the last value, less those without the first, those without the last: both occur.
        exactly = all_among(sizes) - all_among(sizes - counts[first])
        exactly -= all_among(sizes - counts[last]) - all_among(np.maximum(0, sizes - counts[first] - counts[last]))
        chance += float(exactly[sizes <= within].sum())
    return chance


def _place(value: Any) -> Any:  # noqa: ANN401 - any setting
    return (0, value) if isinstance(value, int | float) else (1, str(value))


def mean_of(configuration: Configuration, name: str) -> float:
    """Return the mean of ``seconds``, ``operations`` or ``parameters`` over a configuration's repeats."""
    return float(np.mean([getattr(trial, name) for trial in configuration.trials]))
