"""Flips: the test images that only one of two contenders gets right, in each repeat and over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inklings.evaluation.mcnemar import McNemarTest, mcnemar
from inklings.experiments.trained import Contender

Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Flips:
    """The test images on which two contenders differ, one of them being right.

    Attributes
    ----------
    first, second : str
        Their titles.
    tests : tuple of McNemarTest
        One per repeat, on its test images: how many only the first and only the second gets right, and the p-value.
    rows : array of int64, shape (images,)
        The images that flipped in some repeat, as rows of the data set, in ascending order.
    only_first, only_second : arrays of int64, shape (images,)
        In how many repeats only the first, and only the second, gets each of them right.
    tested : array of int64, shape (images,)
        In how many repeats each of them was a test image.

    Examples
    --------
    >>> import inklings
    >>> other = inklings.preset("mlp", (20, 20, 1), 10, hidden_units=10).with_recipe(epochs=2)
    >>> compared = inklings.compare(["softmax", other], repeats=2, quick=True)
    >>> flips = compared.flips_between(*compared.titles)
    >>> len(flips.tests), flips.total_first > flips.total_second  # softmax alone gets more images right
    (2, True)
    """

    first: str
    second: str
    tests: tuple[McNemarTest, ...]
    rows: Counts
    only_first: Counts
    only_second: Counts
    tested: Counts

    def __repr__(self) -> str:
        return (
            f"<Flips: only {self.first} right {self.total_first} times, only {self.second} {self.total_second} times>"
        )

    @property
    def total_first(self) -> int:
        """How often only the first is right, over all repeats."""
        return sum(test.only_first for test in self.tests)

    @property
    def total_second(self) -> int:
        """How often only the second is right, over all repeats."""
        return sum(test.only_second for test in self.tests)

    @property
    def rows_for_first(self) -> Counts:
        """The images that speak for the first, those that do most often first: rows of the data set."""
        return self._ordered(self.only_first - self.only_second)

    @property
    def rows_for_second(self) -> Counts:
        """The images that speak for the second, those that do most often first: rows of the data set."""
        return self._ordered(self.only_second - self.only_first)

    def _ordered(self, lead: Counts) -> Counts:
        # Stable: among equals in ascending order of rows.
        order = np.argsort(-lead, kind="stable")
        # Those that speak for the other, or equally often for both, are left out.
        rows: Counts = self.rows[order][lead[order] > 0]
        return rows

    def reversed(self) -> Flips:
        """Return the same with the two in the other order."""
        # The p-value is two-sided, and the same in either order.
        tests = tuple(McNemarTest(test.only_second, test.only_first, test.p_value) for test in self.tests)
        return Flips(self.second, self.first, tests, self.rows, self.only_second, self.only_first, self.tested)


def find_flips(first: Sequence[Contender], second: Sequence[Contender]) -> Flips:
    """Find the test images that only one of two contenders gets right.

    Parameters
    ----------
    first, second : sequences of Contender
        Each contender as it was trained in each repeat, on the same splits; if one has fewer, they are the first.
    """
    images = len(first[0].split.dataset)
    # (images of the whole data set,) each, cut down to those that flipped at the end.
    only_first, only_second, tested = (np.zeros(images, np.int64) for _ in range(3))
    tests = []
    for one, other in zip(first, second, strict=False):  # one that stopped early has fewer repeats
        rows, right, others = one.split.test_rows, one.correct, other.correct
        # By rows of the data set, of which a test part holds none twice: so += counts each once.
        only_first[rows] += right & ~others
        only_second[rows] += others & ~right
        tested[rows] += 1
        tests.append(mcnemar(right, others))
    flipped = np.flatnonzero(only_first + only_second)
    counts = (each[flipped] for each in (only_first, only_second, tested))
    return Flips(first[0].title, second[0].title, tuple(tests), flipped, *counts)
