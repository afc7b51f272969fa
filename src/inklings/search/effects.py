"""What each setting did to the accuracy, beside what chance does.

The figures are explained by a sum of effects, one per setting; of ranges, a quarter of the tried values is one level.
Whether an effect is more than chance is decided by permutations of what the other settings leave unexplained (Freedman
and Lane 1983), corrected for the number of settings by Holm's method.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import inf, sqrt

import numpy as np
from numpy.typing import NDArray

from inklings.evaluation.paired import holm
from inklings.evaluation.statistics import SIGNIFICANT
from inklings.search.sample import Factor, Sample

PERMUTATIONS = 1999
_LEAST_FREE = 8
"""Degrees of freedom that have to be left, for a verdict to be worth something."""
_BATCH = 250  # permutations at once, which bounds memory
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Level:
    """What a value of a setting, or a range of values, comes to beside a typical mix of the other settings.

    Attributes
    ----------
    label : str
    count : int
        Configurations with it.
    mean, low, high : float
        The mean accuracy, and its 95 % confidence interval.
    noise : float
        Half of the 95 % interval that repeats alone would give this mean; NaN without repeats.
    """

    label: str
    count: int
    mean: float
    low: float
    high: float
    noise: float


@dataclass(frozen=True)
class Effect:
    """What a setting did.

    Attributes
    ----------
    name : str
    levels : tuple of Level
    share : float
        Of the accuracies' variance, how much it explains that no other setting does; adjusted, so 0 is expected of a
        setting that does nothing.
    difference : float
        Between the best and the worst level.
    noise : float
        What repeats alone would make of such a difference in one study of 20; NaN without repeats.
    p_value : float
        The probability of so large an effect by chance, corrected for the number of settings.
    """

    name: str
    levels: tuple[Level, ...]
    share: float
    difference: float
    noise: float
    p_value: float

    @property
    def is_sure(self) -> bool:
        """Whether it is more than chance, and more than repeats differ by."""
        return self.p_value <= SIGNIFICANT and not self.difference <= self.noise

    @property
    def best(self) -> Level:
        """The level with the highest mean."""
        return max(self.levels, key=lambda level: level.mean)

    @property
    def worst(self) -> Level:
        """The level with the lowest mean."""
        return min(self.levels, key=lambda level: level.mean)


@dataclass(frozen=True, eq=False)
class Interaction:
    """What two settings do together that is not the sum of what each does.

    Attributes
    ----------
    names : (str, str)
    labels : (sequence of str, sequence of str)
    means : array, shape (levels, levels)
        Mean accuracies; NaN where none was tried.
    counts : array of int, shape (levels, levels)
    share, p_value : float
        As of an :class:`Effect`; corrected for the number of pairs.
    """

    names: tuple[str, str]
    labels: tuple[Sequence[str], Sequence[str]]
    means: Floats
    counts: NDArray[np.int64]
    share: float
    p_value: float

    @property
    def is_sure(self) -> bool:
        """Whether it is more than chance."""
        return self.p_value <= SIGNIFICANT


def find_effects(sample: Sample, permutations: int = PERMUTATIONS, seed: int = 0) -> tuple[Effect, ...]:
    """Return the effect of each setting that was tried with several values, the largest share first.

    Parameters
    ----------
    sample : Sample
    permutations, seed : int
        Of the test.

    Returns
    -------
    tuple of Effect
        Empty if too few configurations were tried for so many settings.
    """
    factors = [factor for factor in sample.factors if len(factor.levels) > 1]
    # A block of columns for each setting: what one of them explains is tested beside all the others' blocks.
    columns = [_dummies(factor) for factor in factors]
    if not factors or _free(columns) < _LEAST_FREE:
        return ()
    random = np.random.default_rng([seed, 1])
    found = []
    for place, factor in enumerate(factors):
        others = columns[:place] + columns[place + 1 :]
        share, p = _test(sample.figures, others, columns[place], permutations, random)
        levels = _levels(sample, factor, columns, place)
        best, worst = max(levels, key=lambda each: each.mean), min(levels, key=lambda each: each.mean)
        noise = _noise_of_difference(sample, factor, best.label, worst.label)
        found.append(Effect(factor.name, levels, share, best.mean - worst.mean, noise, p))
    adjusted = holm([each.p_value for each in found])
    effects = [replace(each, p_value=p) for each, p in zip(found, adjusted, strict=True)]
    return tuple(sorted(effects, key=lambda each: -each.share))


def find_interactions(sample: Sample, permutations: int = PERMUTATIONS, seed: int = 0) -> tuple[Interaction, ...]:
    """Return what each two settings do together beyond their own effects, the surest first.

    Pairs of which too few combinations were tried are left out.
    """
    factors = [factor for factor in sample.factors if len(factor.levels) > 1]
    columns = [_dummies(factor) for factor in factors]
    random = np.random.default_rng([seed, 2])
    found = []
    for one, other in combinations(range(len(factors)), 2):
        product = (columns[one][:, :, None] * columns[other][:, None, :]).reshape(len(sample.figures), -1)
        free = _free([*columns, product])
        if free < _LEAST_FREE or free == _free(columns):  # too few combinations, or one setting switches the other off
            continue
        share, p = _test(sample.figures, columns, product, permutations, random)
        pair = factors[one], factors[other]
        means, counts = _cells(sample, *pair)
        found.append(
            Interaction((pair[0].name, pair[1].name), (pair[0].levels, pair[1].levels), means, counts, share, p)
        )
    if not found:
        return ()
    adjusted = holm([each.p_value for each in found])
    pairs = [replace(each, p_value=p) for each, p in zip(found, adjusted, strict=True)]
    return tuple(sorted(pairs, key=lambda each: (each.p_value, -each.share)))


def _dummies(factor: Factor) -> Floats:
    """Return a column for each level but the first, 1 where a configuration has it, less the mean of those that do.

    Where a setting had no effect, all are 0: what parts these from the others is the setting that switched it off.
    """
    levels: Floats = (factor.places[:, None] == np.arange(1, len(factor.levels))).astype(np.float64)
    used = factor.places < len(factor.levels)
    levels[used] -= levels[used].mean(0)
    return levels


def _design(columns: Sequence[Floats], count: int) -> Floats:
    return np.hstack([np.ones((count, 1)), *columns])


def _free(columns: Sequence[Floats]) -> int:
    count = len(columns[0]) if columns else 0
    return count - int(np.linalg.matrix_rank(_design(columns, count)))


def _basis(design: Floats) -> Floats:
    """Return an orthonormal basis of what a design can explain."""
    vectors, sizes, _ = np.linalg.svd(design, full_matrices=False)
    # Columns that follow from others have singular values of rounding's size; they explain nothing of their own.
    basis: Floats = vectors[:, sizes > sizes[0] * 1e-10]
    return basis


def _left(basis: Floats, values: Floats) -> Floats:
    """Return the sum of squares that is left unexplained of each column."""
    left: Floats = (values**2).sum(0) - ((basis.T @ values) ** 2).sum(0)
    return left


def _test(
    figures: Floats, others: Sequence[Floats], own: Floats, permutations: int, random: np.random.Generator
) -> tuple[float, float]:
    """Return the adjusted share of variance that ``own`` explains beside the others, and its p-value."""
    count = len(figures)
    reduced, full = _basis(_design(others, count)), _basis(_design([*others, own], count))
    extra = full.shape[1] - reduced.shape[1]
    total = float(((figures - figures.mean()) ** 2).sum())
    # Its columns follow from the others', or all accuracies are the same: there is nothing to explain.
    if extra == 0 or total == 0:
        return 0.0, 1.0
    # Freedman and Lane (1983): what the other settings explain stays where it is, and only what they leave is shuffled.
    fitted = reduced @ (reduced.T @ figures)
    residuals = figures - fitted

    def statistic(values: Floats) -> Floats:
        # A design that explains everything leaves 0, or less by rounding; the quotient below needs a divisor.
        left: Floats = np.maximum(_left(full, values), 1e-12 * total)
        # As F, whose degrees of freedom are the same in all.
        return np.asarray((_left(reduced, values) - left) / left, np.float64)

    observed = float(statistic(figures[:, None])[0])
    beaten = 0
    for start in range(0, permutations, _BATCH):
        size = min(_BATCH, permutations - start)
        # Each column is a permutation of its own: (configurations, permutations).
        shuffled = random.permuted(np.repeat(residuals[:, None], size, 1), axis=0)
        # A tie counts as beaten, but not one that rounding alone breaks.
        beaten += int((statistic(fitted[:, None] + shuffled) >= observed * (1 - 1e-9)).sum())
    left = float(_left(full, figures[:, None])[0])
    gained = float(_left(reduced, figures[:, None])[0]) - left
    # Omega squared: what so many columns explain by chance is taken off.
    share = (gained - extra * left / (count - full.shape[1])) / total
    return max(0.0, share), (beaten + 1) / (permutations + 1)


def _levels(sample: Sample, factor: Factor, columns: Sequence[Floats], place: int) -> tuple[Level, ...]:
    """Return the mean of each level with the other settings as they were on average."""
    from scipy import stats

    count = len(sample.figures)
    design = _design(columns, count)
    inverse = np.linalg.pinv(design.T @ design)
    weights = inverse @ design.T @ sample.figures
    free = count - int(np.linalg.matrix_rank(design))
    # The noise about the model, as in any linear regression; its degrees of freedom are the rank's, not the columns'.
    variance = float(((sample.figures - design @ weights) ** 2).sum()) / free
    begin = 1 + sum(each.shape[1] for each in columns[:place])
    end = begin + columns[place].shape[1]
    quantile = float(stats.t.ppf(0.975, free))
    shares = np.bincount(factor.places, minlength=len(factor.levels))[: len(factor.levels)]
    shares = shares / shares.sum()
    levels = []
    for number, label in enumerate(factor.levels):
        typical = design.mean(0)
        # 1 at its own column less the shares of all, as the columns themselves are centred; the first level has no
        # column, so all of its are minus the share.
        typical[begin:end] = (np.arange(1, end - begin + 1) == number) - shares[1:]
        mean, own = float(typical @ weights), factor.places == number
        half = quantile * sqrt(max(0.0, variance * float(typical @ inverse @ typical)))
        noise = 1.96 * sample.repeat_spread / sqrt(max(1, int(sample.repeats[own].sum())))
        levels.append(Level(label, int(own.sum()), mean, mean - half, mean + half, noise))
    return tuple(levels)


def _noise_of_difference(sample: Sample, factor: Factor, *labels: str) -> float:
    """Return what repeats alone make of the difference between the best and the worst level in one study of 20."""
    from scipy import stats

    pairs = len(factor.levels) * (len(factor.levels) - 1) / 2
    trained = [int(sample.repeats[factor.places == factor.labels.index(label)].sum()) for label in labels]
    spread = sample.repeat_spread * sqrt(sum(1 / max(1, each) for each in trained))
    # Best and worst are chosen after the fact: the level is divided by the number of possible pairs (Bonferroni).
    return float(stats.norm.ppf(1 - SIGNIFICANT / 2 / pairs)) * spread if min(trained) else inf


def _cells(sample: Sample, one: Factor, other: Factor) -> tuple[Floats, NDArray[np.int64]]:
    shape = len(one.levels), len(other.levels)
    both = (one.places < shape[0]) & (other.places < shape[1])
    sums, counts = np.zeros(shape), np.zeros(shape, np.int64)
    # Not sums[...] +=, which would count a pair of levels once, however often it occurs.
    np.add.at(sums, (one.places[both], other.places[both]), sample.figures[both])
    np.add.at(counts, (one.places[both], other.places[both]), 1)
    with np.errstate(invalid="ignore"):
        return sums / counts, counts
