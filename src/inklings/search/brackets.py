"""Which configurations start together, and after how much training the worse of them are stopped.

Successive halving (K. Jamieson and A. Talwalkar, Non-stochastic best arm identification and hyperparameter
optimization, AISTATS 2016) trains a *bracket* of configurations for a ninth of their epochs, goes on with the best
third of them up to a third of their epochs, and with the best third of these to the end. Each such point is a *rung*.
Hyperband (L. Li and others, JMLR 18, 2018) has brackets in turn that begin with less and with more training, since what
is best early need not be best in the end.

Both are synchronous: a rung is decided once all of its bracket have reached it. Asynchronous ones decide by who happens
to be there, so that the number of workers would change the results.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor

from inklings.errors import RecipeError
from inklings.serialise import did_you_mean

PRUNINGS = ("none", "halving", "hyperband")
ETA = 3
"""One in so many goes on from a rung to the next."""
LONGEST = 2
"""Rungs before the last in the longest bracket: the first is at a ninth of the epochs."""


@dataclass(frozen=True)
class Bracket:
    """Configurations that are compared with each other.

    Parameters
    ----------
    first : int
        The number of the first configuration.
    size : int
        How many there are.
    rungs : tuple of float
        Shares of a whole training after which they are compared; the last is 1.
    """

    first: int
    size: int
    rungs: tuple[float, ...] = (1.0,)

    @property
    def configurations(self) -> range:
        """Their numbers."""
        return range(self.first, self.first + self.size)

    def survivors(self, rung: int, costs: Sequence[tuple[float, int]]) -> list[int]:
        """Return the configurations that go on from a rung.

        Parameters
        ----------
        rung : int
        costs : sequence of (float, int)
            Cost and number of those that reached it; of equal costs the lower number goes on.
        """
        wanted = max(1, floor(self.size / ETA ** (rung + 1)))
        return sorted(number for cost, number in sorted(costs)[:wanted] if cost < float("inf"))


def brackets(pruning: str, configurations: int | None, batch: int) -> Iterator[Bracket]:
    """Yield the brackets of a study.

    Parameters
    ----------
    pruning : {"none", "halving", "hyperband"}
    configurations : int, optional
        How many there are in all; without end if not given.
    batch : int
        Without pruning, how many are proposed at once.

    Raises
    ------
    RecipeError
        There is no such pruning.
    """
    if pruning not in PRUNINGS:
        raise RecipeError(f"is '{pruning}'", did_you_mean(pruning, PRUNINGS), setting="prune", found=pruning)
    first, number = 0, 0
    while configurations is None or first < configurations:
        size, rungs = _shape(pruning, number, batch)
        if configurations is not None:
            size = min(size, configurations - first)
        yield Bracket(first, size, rungs)
        first, number = first + size, number + 1


def _shape(pruning: str, number: int, batch: int) -> tuple[int, tuple[float, ...]]:
    """Return how many configurations the bracket of a number has, and its rungs."""
    if pruning == "none":
        return batch, (1.0,)
    before_last = LONGEST if pruning == "halving" else LONGEST - number % (LONGEST + 1)
    # Hyperband's own count, by which every bracket takes about as much training.
    size = ceil((LONGEST + 1) / (before_last + 1) * ETA**before_last)
    return size, tuple(float(ETA) ** -rung for rung in range(before_last, -1, -1))


def epoch_of_rung(share: float, epochs: int) -> int:
    """Return the epoch at which a training of so many epochs reaches a rung.

    >>> [epoch_of_rung(share, 20) for share in (1 / 9, 1 / 3, 1.0)]
    [3, 7, 20]
    """
    # A rung's share is a power of 1/3: where it divides the epochs, their product in double is that whole number.
    return min(epochs, max(1, ceil(share * epochs)))
