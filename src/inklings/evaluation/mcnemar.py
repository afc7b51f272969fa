"""Two trained networks on the same images: McNemar's exact test.

Source: Q. McNemar, Note on the sampling error of the difference between correlated proportions or percentages,
Psychometrika 12 (1947) 153-157; in its exact form a binomial test on the images that only one of the two classifies
correctly.

Over several repeats, the test images of different splits overlap: an image that three splits test counts three times,
and its counts are not independent. Each image is therefore taken as a cluster of matched pairs (V. L. Durkalski et
al., The analysis of clustered matched-pair data, Statistics in Medicine 22 (2003) 2417-2428; Z. Yang, X. Sun and J.
W. Hardin, A note on the tests for clustered matched-pair binary data, Biometrical Journal 52 (2010) 638-652): if
neither network were better, all counts of an image together would favour either with probability 1/2. The p-value is
exact, from the distribution of the sum over images of their net counts with random signs; where no image is tested
twice, that is McNemar's exact test.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inklings.errors import RunError
from inklings.evaluation.statistics import SIGNIFICANT


@dataclass(frozen=True)
class McNemarTest:
    """Two networks on the same images: how many only one classifies correctly, and the exact two-sided p-value."""

    only_first: int
    only_second: int
    p_value: float

    def sentence(self, first: str, second: str) -> str:
        """Return the outcome in words for two networks with these names, without a full stop."""
        verdict = "a significant difference" if self.p_value <= SIGNIFICANT else "not a significant difference"
        return (
            f"of {self.only_first + self.only_second} images that only one of them classifies correctly, {first} is "
            f"correct on {self.only_first} and {second} on {self.only_second}: {verdict} ({p_text(self.p_value)})"
        )


def mcnemar(first_right: ArrayLike, second_right: ArrayLike) -> McNemarTest:
    """Compare two networks on the same images by McNemar's exact test.

    Images on which both are correct, or both wrong, carry no information. If the networks were equally good, each of
    the remaining images would favour either with probability 1/2, which is a binomial test. It compares these two
    trained networks; how much another training would change them takes repeats to find out.

    Parameters
    ----------
    first_right, second_right : arrays of bool, shape (n,)
        Whether each classifies each image correctly.

    Raises
    ------
    RunError
        The lengths differ.
    """
    from scipy import stats

    one, other = np.asarray(first_right, bool), np.asarray(second_right, bool)
    if one.shape != other.shape:
        raise RunError(f"predictions for {one.size} images and for {other.size}, expected the same images for both")
    only_first, only_second = int(np.sum(one & ~other)), int(np.sum(other & ~one))
    # No image tells them apart: p is 1, where the binomial test would have no trials.
    if only_first + only_second == 0:
        return McNemarTest(0, 0, 1.0)
    return McNemarTest(only_first, only_second, float(stats.binomtest(only_first, only_first + only_second).pvalue))


def pooled_mcnemar(
    first_right: Sequence[ArrayLike], second_right: Sequence[ArrayLike], rows: Sequence[ArrayLike]
) -> McNemarTest:
    """Compare two networks' trainings over repeats on the images that they were tested on, each image a cluster.

    Parameters
    ----------
    first_right, second_right : sequences of arrays of bool, shape (images,)
        Per repeat, whether each classifies each test image correctly.
    rows : sequence of arrays of int, shape (images,)
        Per repeat, which images these are.

    Returns
    -------
    McNemarTest
        The counts summed over the repeats, an image as often as it was tested.

    Raises
    ------
    RunError
        The lengths differ.
    """
    one, other, tested = (
        np.concatenate([np.asarray(part, kind) for part in each])
        for each, kind in ((first_right, bool), (second_right, bool), (rows, np.int64))
    )
    if not len(one) == len(other) == len(tested):
        counts = f"{len(tested)} test images and predictions for {len(one)} and {len(other)}"
        raise RunError(f"rows of {counts}, expected the same images for both")
    ahead, behind = one & ~other, other & ~one
    # (images in all repeats,): which distinct image each row of all repeats is.
    _, places = np.unique(tested, return_inverse=True)
    # How often an image favours the first, less how often the second.
    net = np.bincount(places, ahead.astype(np.float64) - behind).astype(np.int64)
    return McNemarTest(int(ahead.sum()), int(behind.sum()), _sign_flip_p_value(net))


def _sign_flip_p_value(net: NDArray[np.int64]) -> float:
    """Return the two-sided exact p-value of a sum of whole numbers whose signs are tosses of a coin."""
    from scipy import stats

    sizes = np.bincount(np.abs(net))  # how many images have each net count
    # The signs of k counts of a size s add up to s (2 B - k) with B binomial: a lattice of whole numbers to convolve.
    distribution = np.ones(1)
    for size, count in enumerate(sizes):
        # Counts of 0 favour neither and would only spread the lattice.
        if size and count:
            lattice = np.zeros(size * count + 1)
            lattice[::size] = stats.binom.pmf(np.arange(count + 1), count, 0.5)
            distribution = np.convolve(distribution, lattice)
    # Index i of the distribution is the sum 2 i - (len - 1), so this is where sums as large as the one found begin.
    reached = (len(distribution) - 1 + abs(int(net.sum()))) // 2
    # Twice the upper tail, as the distribution is symmetric; where the sum is 0 that is more than 1.
    return float(min(1.0, 2 * distribution[reached:].sum()))


def p_text(p_value: float) -> str:
    """Write a p-value as papers do."""
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"
