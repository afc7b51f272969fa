"""Two trained networks on the same images: McNemar's exact test.

Source: Q. McNemar, Note on the sampling error of the difference between correlated proportions or percentages,
Psychometrika 12 (1947) 153-157; in its exact form a binomial test on the images that only one of the two classifies
correctly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from inklings.errors import RunError


@dataclass(frozen=True)
class McNemarTest:
    """Two networks on the same images: how many only one classifies correctly, and the exact two-sided p-value."""

    only_first: int
    only_second: int
    p_value: float

    def sentence(self, first: str, second: str, alpha: float = 0.05) -> str:
        """Return the outcome in words for two networks with these names, without a full stop."""
        verdict = "a significant difference" if self.p_value <= alpha else "not a significant difference"
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
    if only_first + only_second == 0:
        return McNemarTest(0, 0, 1.0)
    return McNemarTest(only_first, only_second, float(stats.binomtest(only_first, only_first + only_second).pvalue))


def p_text(p_value: float) -> str:
    """Write a p-value as papers do."""
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"
