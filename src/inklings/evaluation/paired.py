"""Comparing networks over repeated trainings: which differences are significant.

All networks see the same splits and seeds, so repeat i of one is compared with repeat i of the other.
Three measures of spread are easily confused:

- the **standard deviation** over repeats says how far one more training is likely to be from the mean;
- the **interval of a mean** says where the mean of infinitely many repeats lies. Random splits of the same images
  overlap, so n repeats carry less information than n independent ones: the variance of their mean is taken as
  ``(1/n + n_test/n_train) s^2`` instead of ``s^2 / n`` (Nadeau and Bengio, 2003, section 3, "corrected resampled
  t-test");
- the **interval of a difference** is the same for paired differences. It is the one to compare networks by: the
  two networks' own intervals may overlap although one is the more accurate in every single repeat.

All pairs together say more about each one's variance than its own few repeats do
(:mod:`inklings.evaluation.moderated`). What such a test says, it says of two recipes, on other splits and seeds. Of
the trained networks themselves, on the images that they were tested on, McNemar's test says more, and no more than
that (:mod:`inklings.evaluation.mcnemar`).

Sources: C. Nadeau and Y. Bengio, Inference for the generalization error, Machine Learning 52 (2003) 239-281;
S. Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6 (1979) 65-70.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inklings.errors import RunError
from inklings.evaluation.differences import PairedDifferences, checked_scores, paired_differences
from inklings.evaluation.discordance import TestedImages
from inklings.evaluation.equivalence import MARGIN, assess_equivalence
from inklings.evaluation.mcnemar import McNemarTest, pooled_mcnemar
from inklings.evaluation.moderated import ModeratedTests
from inklings.evaluation.pair import Pair, PairedTest
from inklings.evaluation.power import RepeatsNeeded, repeats_needed

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RepeatedScore:
    """One network's scores over repeats.

    Attributes
    ----------
    mean, standard_deviation : float
        Of the scores, the latter with n - 1.
    low, high : float
        The corrected t-interval of the mean, clipped to 0 and 1.
    repeats : int
    """

    mean: float
    standard_deviation: float
    low: float
    high: float
    repeats: int


def summarise_repeats(scores: ArrayLike, *, train_size: float, test_size: int, alpha: float = 0.05) -> RepeatedScore:
    """Return the mean of one network's scores over repeats, their spread, and a confidence interval of the mean.

    Parameters
    ----------
    scores : array, shape (repeats,)
        The fraction of test images classified correctly in each repeat.
    train_size, test_size : int
        How many images each repeat was trained and tested on; ``train_size`` is infinite where all have one split, so
        that no overlap of splits makes their means alike.
    alpha : float
        How often the interval misses the true mean: 0.05 gives a 95 % interval.

    Raises
    ------
    RunError
        There are fewer than two repeats, or a score is not a fraction.
    """
    values = checked_scores(scores, "the scores")
    mean, error = float(values.mean()), _standard_error(values, train_size, test_size)
    reach = _critical(alpha, len(values) - 1) * error
    # An accuracy has no interval below 0 or above 1, though t has.
    low, high = max(0.0, mean - reach), min(1.0, mean + reach)
    return RepeatedScore(mean, float(values.std(ddof=1)), low, high, len(values))


def corrected_t_test(
    first: ArrayLike, second: ArrayLike, *, train_size: float, test_size: int, alpha: float = 0.05
) -> PairedTest:
    """Test whether two networks' mean scores differ, by the corrected resampled t-test of Nadeau and Bengio (2003).

    ::

        t = mean(d) / sqrt((1/n + n_test/n_train) s^2),   d = first - second,   n - 1 degrees of freedom

    If all differences are equal, s is 0 and t is undefined. The smallest spread consistent with the mean difference is
    used instead: each of the ``n_test`` images adds -1, 0 or 1 to it, so its variance is at least
    ``|d| (1 - |d|) / n_test``.

    Parameters
    ----------
    first, second : arrays, shape (repeats,)
        The fractions of test images classified correctly, in the same repeats.
    train_size, test_size : int
        How many images each repeat was trained and tested on; ``train_size`` is infinite where all have one split, so
        that no overlap of splits makes their means alike.
    alpha : float
        1 minus the interval's confidence level.

    Raises
    ------
    RunError
        The lengths differ, there are fewer than two repeats, or a score is not a fraction.
    """
    from scipy import stats

    one, other = checked_scores(first, "the first scores"), checked_scores(second, "the second scores")
    if len(one) != len(other):
        raise RunError(f"{len(one)} scores and {len(other)}, expected the same repeats of both networks")
    differences = one - other
    mean, error = float(differences.mean()), _standard_error(differences, train_size, test_size)
    reach, statistic = _critical(alpha, len(one) - 1) * error, mean / error
    p_value = float(2 * stats.t.sf(abs(statistic), len(one) - 1))
    spread = float(differences.std(ddof=1))
    return PairedTest(mean, spread, error, mean - reach, mean + reach, statistic, p_value, len(one), len(one) - 1)


def holm(p_values: ArrayLike) -> Floats:
    """Adjust p-values for multiple comparisons, controlling the family-wise error rate (Holm, 1979).

    The i-th smallest of m is multiplied by ``m - i + 1``, then made monotone and capped at 1.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]
    """
    values = np.asarray(p_values, np.float64)
    order = np.argsort(values, kind="stable")
    adjusted = np.empty_like(values)
    # m, m - 1, ..., 1 times the sorted p-values; none may come out smaller than the one before it.
    adjusted[order] = np.minimum(np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1)), 1)
    return adjusted


def compare_pairs(
    scores: Mapping[str, ArrayLike],
    *,
    train_size: float,
    test_size: int,
    tested: TestedImages | None = None,
    alpha: float = 0.05,
    margin: float = MARGIN,
) -> tuple[Pair, ...]:
    """Compare every network with every other, by the moderated corrected t-test and McNemar's pooled test.

    Parameters
    ----------
    scores : mapping of str to array, shape (repeats,)
        The fractions of test images classified correctly, in the same repeats.
    train_size, test_size : int
        How many images each repeat was trained and tested on; ``train_size`` is infinite where all have one split, so
        that no overlap of splits makes their means alike.
    tested : TestedImages, optional
        Which test images each classified correctly. They make variances of few repeats steadier, and say what holds of
        the trained networks themselves.
    alpha : float
        Significance level for all pairs together.
    margin : float
        Differences up to this fraction do not matter.

    Returns
    -------
    tuple of Pair
        In the order of ``scores``. Each interval has the confidence ``1 - alpha`` on its own; only the p-values are
        corrected for the number of pairs, so an interval may exclude 0 where the difference is not significant.

    Raises
    ------
    RunError
        The lengths differ, there are fewer than two repeats, or a score is not a fraction.
    """
    paired = paired_differences(scores, train_size=train_size, test_size=test_size, tested=tested)
    return pairs_of(paired, tested=tested, alpha=alpha, margin=margin) if paired.names else ()


def pairs_of(
    paired: PairedDifferences, *, tested: TestedImages | None = None, alpha: float = 0.05, margin: float = MARGIN
) -> tuple[Pair, ...]:
    """Return the outcomes of :func:`compare_pairs` for at least one pair of which the differences are known."""
    found = paired.test()
    same = [
        assess_equivalence(float(mean), float(error), float(degrees), margin=margin)
        for mean, error, degrees in zip(found.differences, found.errors, found.degrees, strict=True)
    ]
    trained = [_trained(tested, *names) for names in paired.names]
    by_recipe, within = holm(found.p_values), holm([each.p_value for each in same])
    # Where the images are not known McNemar's test is not made: 1 claims nothing.
    by_network = holm([each.p_value if each else 1.0 for each in trained])
    return tuple(
        Pair(
            *names,
            _test(paired, found, place, alpha),
            float(by_recipe[place]),
            same[place],
            float(within[place]),
            # Holm's first step compares with alpha / pairs; repeats that suffice there suffice at every later step.
            _needed(paired, found, place, alpha / len(paired.names)),
            alpha,
            trained[place],
            float(by_network[place]),
        )
        for place, names in enumerate(paired.names)
    )


def _trained(tested: TestedImages | None, first: str, second: str) -> McNemarTest | None:
    return pooled_mcnemar(tested.correct[first], tested.correct[second], tested.rows) if tested else None


def _test(paired: PairedDifferences, found: ModeratedTests, place: int, alpha: float) -> PairedTest:
    mean, error, degrees = (float(each[place]) for each in (found.differences, found.errors, found.degrees))
    reach = _critical(alpha, degrees) * error
    # The spread that is shown is this pair's own; its error comes of the moderated one.
    spread, p_value = float(paired.values[place].std(ddof=1)), float(found.p_values[place])
    return PairedTest(mean, spread, error, mean - reach, mean + reach, mean / error, p_value, paired.repeats, degrees)


def _needed(paired: PairedDifferences, found: ModeratedTests, place: int, alpha: float) -> RepeatsNeeded:
    return repeats_needed(
        float(found.differences[place]),
        float(found.spreads[place]),
        train_size=paired.train_size,
        test_size=paired.test_size,
        alpha=alpha,
        contenders=paired.contenders,
        prior_degrees=found.prior.degrees,
        further_degrees=float(found.degrees[place]) - found.base_degrees,
    )


def _standard_error(values: Floats, train_size: float, test_size: int) -> float:
    """Return the corrected standard error of a mean over repeats."""
    spread = float(values.std(ddof=1))
    # Scores are counts over one number of images, so differences that are equal may differ in their last digit.
    if np.ptp(values) < 1e-12:  # equal up to rounding
        spread = _least_spread(float(values.mean()), test_size)
    return spread * sqrt(1 / len(values) + test_size / train_size)


def _least_spread(mean: float, test_size: int) -> float:
    """Return the smallest standard deviation that sampling test images gives a mean of -1, 0 and 1; never 0."""
    share = min(abs(mean), 1.0)
    return sqrt(max(share * (1 - share), 1 / test_size) / test_size)


def _critical(alpha: float, degrees: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(degrees, 1 - alpha / 2))
