"""Which trials may be why their workers died."""

from __future__ import annotations

from collections import Counter

MOST_DEATHS = 3
"""Workers that may die while they train one trial, and nothing else, before it is to blame."""


class Suspects:
    """Keeps which trials had begun when their workers died, and how often.

    Only a trial that had begun may be the cause: others waited behind it on the same worker. Of those that were trained
    together each may be, so that each goes by itself from then on, and only deaths that it is alone with count: where
    workers are killed at random, three in a row would else take a sound trial with them.
    """

    def __init__(self) -> None:
        self._begun: set[int] = set()
        self._suspected: set[int] = set()
        self._deaths = Counter[int]()

    def begin(self, number: int) -> None:
        """Note that a trial's training has begun."""
        self._begun.add(number)

    def clear(self, number: int) -> None:
        """Forget a trial that has ended."""
        self._begun.discard(number)
        self._suspected.discard(number)
        del self._deaths[number]

    def must_go_alone(self, number: int) -> bool:
        """Return whether a trial is to be trained with no other beside it."""
        return number in self._suspected

    def blame(self, number: int, *, died: bool, alone: bool) -> bool:
        """Note that a trial's worker is gone; return whether the trial is to blame.

        Parameters
        ----------
        number : int
            Of the trial.
        died : bool
            Rather than that it was asked to leave, as by a batch system whose time was over.
        alone : bool
            Whether no other trial went with it.
        """
        begun = number in self._begun
        self._begun.discard(number)
        if not (begun and died):
            return False
        self._suspected.add(number)
        self._deaths[number] += alone
        return self._deaths[number] >= MOST_DEATHS
