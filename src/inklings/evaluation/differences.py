"""The differences between contenders over repeats: what the tests of pairs start from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inklings.errors import RunError
from inklings.evaluation.discordance import TestedImages, binomial_noise
from inklings.evaluation.moderated import ModeratedTests, moderated_tests

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PairedDifferences:
    """The differences of all pairs of contenders in the same repeats.

    Attributes
    ----------
    names : tuple of (str, str)
        The contenders of each pair, the one with the higher mean first.
    values : array, shape (pairs, repeats)
        Differences of scores, first minus second.
    noise : array, shape (pairs, repeats)
        The variance that the choice of test images alone gives each: see :func:`binomial_noise`.
    noise_known : bool
        Whether it is that variance, or a lower bound of it.
    contenders : int
    train_size, test_size : int
        How many images each repeat was trained and tested on; ``train_size`` is infinite where all have one split, so
        that no overlap of splits makes their means alike.
    """

    names: tuple[tuple[str, str], ...]
    values: Floats
    noise: Floats
    noise_known: bool
    contenders: int
    train_size: float
    test_size: int

    @property
    def repeats(self) -> int:
        """How many repeats there are."""
        return int(self.values.shape[1])

    def test(self) -> ModeratedTests:
        """Test each pair."""
        return moderated_tests(
            self.values,
            self.noise.mean(axis=1),
            contenders=self.contenders,
            train_size=self.train_size,
            test_size=self.test_size,
            noise_known=self.noise_known,
        )


def paired_differences(
    scores: Mapping[str, ArrayLike], *, train_size: float, test_size: int, tested: TestedImages | None = None
) -> PairedDifferences:
    """Return the differences of all pairs, in the order of the scores.

    Raises
    ------
    RunError
        The lengths differ, there are fewer than two repeats, or a score is not a fraction.
    """
    values = {name: checked_scores(found, f"the scores of {name}") for name, found in scores.items()}
    lengths = {len(found) for found in values.values()}
    if len(lengths) > 1:
        numbers = " and ".join(map(str, sorted(lengths)))
        raise RunError(f"{numbers} scores, expected the same repeats of all networks")
    names, rows, noise = [], [], []
    for pair in combinations(values, 2):
        # The higher mean first, so that a difference is never reported as "less accurate".
        first, second = pair if np.mean(values[pair[0]] - values[pair[1]]) >= 0 else pair[::-1]
        names.append((first, second))
        rows.append(values[first] - values[second])
        noise.append(binomial_noise(rows[-1], test_size, tested.discordance(first, second) if tested else None))
    # For no pairs, (0, 0): np.reshape of an empty list would else have one axis.
    shape = len(names), lengths.pop() if lengths else 0
    return PairedDifferences(
        tuple(names),
        np.reshape(rows, shape),
        np.reshape(noise, shape),
        tested is not None,
        len(values),
        train_size,
        test_size,
    )


@dataclass(frozen=True, eq=False)
class RaggedPairs:
    """The differences of all pairs of contenders, some of which took part in the first repeats alone.

    Attributes
    ----------
    pairs : tuple of PairedDifferences
        Of two contenders each, in the repeats that both have.
    lengths : tuple of int
        In how many repeats each contender took part.
    train_size, test_size
        As in :class:`PairedDifferences`.
    """

    pairs: tuple[PairedDifferences, ...]
    lengths: tuple[int, ...]
    train_size: float
    test_size: int

    @classmethod
    def of(
        cls, scores: Mapping[str, ArrayLike], *, train_size: float, test_size: int, tested: TestedImages | None
    ) -> RaggedPairs:
        """Return the differences of all pairs, in the order of the scores; errors as in :func:`paired_differences`."""
        values = {name: checked_scores(found, f"the scores of {name}") for name, found in scores.items()}
        sizes: dict[str, Any] = {"train_size": train_size, "test_size": test_size}
        pairs = []
        for one, other in combinations(values, 2):
            # Which repeats both have: those that one took part in come first, since who stopped stopped for good.
            shared = min(len(values[one]), len(values[other]))
            both = {name: values[name][:shared] for name in (one, other)}
            pairs.append(paired_differences(both, **sizes, tested=tested))
        return cls(tuple(pairs), tuple(map(len, values.values())), **sizes)

    @property
    def repeats(self) -> int:
        """How many repeats there are of those that took part in all."""
        return max(self.lengths)

    def count_contenders(self, repeats: int) -> int:
        """Return how many took part in so many repeats."""
        return sum(length >= repeats for length in self.lengths)

    def test(self, repeats: int) -> tuple[list[int], ModeratedTests]:
        """Test each pair of those that took part in so many repeats, by these; return which pairs they are, too.

        The variances of those that had stopped before are not used: all are of the same repeats.
        """
        places = [place for place, pair in enumerate(self.pairs) if pair.repeats >= repeats]
        shape = len(places), repeats
        # Each of `pairs` is of two contenders, and so has one row, 0.
        return places, moderated_tests(
            np.reshape([self.pairs[place].values[0, :repeats] for place in places], shape),
            np.array([self.pairs[place].noise[0, :repeats].mean() for place in places]),
            contenders=self.count_contenders(repeats),
            train_size=self.train_size,
            test_size=self.test_size,
            noise_known=all(pair.noise_known for pair in self.pairs),
            strict=True,
        )


def checked_scores(scores: ArrayLike, what: str) -> Floats:
    """Return scores as an array, shape (repeats,).

    Raises
    ------
    RunError
        There are fewer than two, or one is not a fraction.
    """
    values = np.asarray(scores, np.float64)
    if values.ndim != 1 or len(values) < 2:
        raise RunError(
            f"{what} have shape {values.shape}, expected one per repeat and at least 2", "ask for more: --repeats 5"
        )
    if not ((values >= 0) & (values <= 1)).all():
        raise RunError(f"{what} hold {values[~((values >= 0) & (values <= 1))][0]}, expected fractions from 0 to 1")
    return values
