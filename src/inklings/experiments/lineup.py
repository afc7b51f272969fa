"""The contenders of a repeated comparison, made ready for each repeat when it is their turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from inklings.data.dataset import Dataset
from inklings.data.parts import Split
from inklings.experiments.contender_plans import Networks, as_list, plan_all, plans_with_seeds
from inklings.experiments.sources import Seeds
from inklings.experiments.trained_opponent import choose_opponents
from inklings.experiments.trainer import Entry, Trainer
from inklings.opponents import Opponent
from inklings.training.plans import Plan


@dataclass(frozen=True, eq=False)
class Lineup:
    """Which contenders are compared on what, and with which seeds in each repeat.

    Parameters
    ----------
    networks : as in :func:`inklings.compare`
    data : Dataset or Split
        Images to split for every repeat, or the one split of all repeats.
    trainer : Trainer
    seeds : callable
        ``seeds(number) -> Seeds`` of each repeat, counted from 0; the first one's are all the same.
    quick : bool
    """

    networks: Networks | None
    data: Dataset | Split
    trainer: Trainer
    seeds: Callable[[int], Seeds]
    quick: bool = False
    # By seed, not number: repeats whose split stays the same share one, and its copies of images.
    _splits: dict[int, Split] = field(default_factory=dict, init=False, repr=False)
    _entries: dict[int, list[Entry]] = field(default_factory=dict, init=False, repr=False)

    @property
    def _dataset(self) -> Dataset:
        return self.data.dataset if isinstance(self.data, Split) else self.data

    @cached_property
    def _first(self) -> tuple[list[Plan], list[Opponent]]:
        # Once: a user's file might be changed while repeats go on.
        return plan_all(self.networks, self._dataset, seed=self.seeds(0).init, quick=self.quick)

    @property
    def plans(self) -> list[Plan]:
        """Those of the first repeat."""
        return self._first[0]

    @property
    def titles(self) -> list[str]:
        """Networks, then opponents."""
        return [each.title for contenders in self._first for each in contenders]

    def split(self, number: int) -> Split:
        """Return the split of a repeat; the same object where it does not vary."""
        if isinstance(self.data, Split):
            return self.data
        # The source's own test and validation images leave a seed nothing to divide.
        given = self.data.given_test is not None and self.data.given_validation is not None
        seed = self.seeds(0 if given else number).split
        if seed not in self._splits:
            self._splits[seed] = self.data.split(seed=seed)
        return self._splits[seed]

    def entries(self, number: int) -> list[Entry]:
        """Return the networks of a repeat, checked."""
        if number not in self._entries:
            plans = plans_with_seeds(self.plans, self.seeds(number))
            self._entries[number] = self.trainer.prepare(plans, self.split(number))
        return self._entries[number]

    def opponents(self, number: int) -> list[Opponent]:
        """Return the opponents of a repeat, with its random state."""
        if number == 0:
            return self._first[1]
        return choose_opponents(as_list(self.networks), self._dataset, seed=self.seeds(number).init, quick=self.quick)
