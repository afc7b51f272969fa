"""Training a comparison's contenders again and again: each for all repeats, or all of them repeat by repeat."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import takewhile
from typing import NamedTuple

from inklings import hardware
from inklings.experiments.comparison import Announce, Comparison, comparison_of_trained
from inklings.experiments.failed_opponent import FailedOpponent
from inklings.experiments.lineup import Lineup
from inklings.experiments.trained import TrainedNetwork
from inklings.experiments.trained_opponent import TrainedOpponent
from inklings.experiments.trainer import Entry
from inklings.opponents import Opponent
from inklings.training.fit_many import is_quicker_side_by_side
from inklings.training.interruption import Interruption
from inklings.training.recipe import Recipe

Fits = list[TrainedOpponent | FailedOpponent]
"""An opponent's fits, one per repeat; the last one may have failed."""


class RepeatedNetwork:
    """One network's trainings; those that differ in nothing, since what varies does not matter to it, are one.

    Parameters
    ----------
    lineup : Lineup
    place : int
        Which of its networks.
    interruption : Interruption
    """

    def __init__(self, lineup: Lineup, place: int, interruption: Interruption) -> None:
        self._lineup, self._place, self._interruption = lineup, place, interruption
        # By recipe and the split's seed, which are all that tells one training of a plan from another.
        self._trained: dict[tuple[Recipe, int], TrainedNetwork] = {}

    def _entry(self, number: int) -> Entry:
        return self._lineup.entries(number)[self._place]

    def _find(self, entry: Entry) -> TrainedNetwork | None:
        return self._trained.get((entry.plan.recipe, entry.job.split.seed))

    def _keep(self, network: TrainedNetwork) -> None:
        # The parts' copies of images; rows are kept, and parts made again where they are needed.
        network.split.forget_parts()
        if not network.interrupted:
            # The optimiser's state is two more networks' worth of memory, for up to forty repeats, and nobody's need.
            slim = replace(network, fitted=replace(network.fitted, state={}))
            self._trained[network.plan.recipe, network.split.seed] = slim

    def get(self, number: int) -> TrainedNetwork | None:
        """Return the network of a repeat, if its training came to its end."""
        return self._find(self._entry(number))

    def train(self, numbers: Sequence[int]) -> None:
        """Train the network for these repeats, side by side where that is quicker, until an interruption."""
        self._train(self._missing(numbers))

    def _train(self, missing: Sequence[Entry]) -> None:
        if self._lineup.trainer.elsewhere is not None:
            for network in self._lineup.trainer.elsewhere.train(missing, self._lineup.trainer):
                self._keep(network)
            return
        if is_quicker_side_by_side([entry.job for entry in missing]):
            for network in self._lineup.trainer.train_side_by_side(missing):
                self._keep(network)
            return
        for entry in missing:
            if self._interruption.requested:
                return
            network = self._lineup.trainer.train(entry)
            self._keep(network)
            if network.interrupted:
                return

    def train_ahead(self, number: int, at_most: int) -> None:
        """Train the network for a repeat, and for the next ones too where as many as there are cores go side by side.

        What was trained ahead and is not needed is lost: a second or two of a small network.
        """
        if self.get(number) is not None:
            return
        # As many as there are cores: each trains in one thread, and no core idles.
        ahead = range(number, min(number + hardware.cores().usable, at_most))
        missing = self._missing(ahead)
        quicker = is_quicker_side_by_side([entry.job for entry in missing])
        # Otherwise only this repeat: what is slower side by side should not be done in advance.
        self._train(missing if quicker else [entry for entry in missing if entry is self._entry(number)])

    def _missing(self, numbers: Sequence[int]) -> list[Entry]:
        """Return what is neither trained nor stored, each training once."""
        missing: dict[tuple[Recipe, int], Entry] = {}
        for entry in map(self._entry, numbers):
            if self._find(entry) is None:
                stored = self._lineup.trainer.find_stored(entry)
                if stored is not None:
                    self._keep(stored)
                else:
                    # Once: the same training may be that of several repeats.
                    missing.setdefault((entry.plan.recipe, entry.job.split.seed), entry)
        return list(missing.values())


class RepeatedOpponents:
    """The opponents' fits; one that would be given the same images and random state again is not fitted again."""

    def __init__(self, lineup: Lineup, announce: Announce) -> None:
        self._lineup, self._announce = lineup, announce
        self._fitted: dict[tuple[str, int, int], TrainedOpponent | FailedOpponent] = {}
        self._announced: set[str] = set()

    def fit(self, place: int, number: int) -> TrainedOpponent | FailedOpponent:
        """Return one of the opponents fitted for a repeat."""
        opponent, split = self._lineup.opponents(number)[place], self._lineup.split(number)
        # The random state only of what may draw: else each repeat would fit the same again. The split's own seed, since
        # one that the source gives is the same in all repeats.
        key = opponent.title, split.seed, self._lineup.seeds(number).init if opponent.may_draw else 0
        if key not in self._fitted:
            self._fitted[key] = self._lineup.trainer.fit(opponent, split, self._announce_once)
            split.forget_parts()
        return self._fitted[key]

    def _announce_once(self, opponent: Opponent) -> None:
        if opponent.title not in self._announced:
            self._announced.add(opponent.title)
            self._announce(opponent)


class Repeat(NamedTuple):
    """What came of a repeat: its comparison, None if all failed that took part, and who failed."""

    comparison: Comparison | None
    failed: tuple[FailedOpponent, ...]


class Contest:
    """All contenders, trained repeat by repeat.

    Parameters
    ----------
    lineup : Lineup
    at_most : int
        How many repeats there may be.
    interruption : Interruption
    announce : callable
    """

    def __init__(self, lineup: Lineup, at_most: int, interruption: Interruption, announce: Announce) -> None:
        self._lineup, self._at_most, self._interruption = lineup, at_most, interruption
        self._networks = [RepeatedNetwork(lineup, place, interruption) for place in range(len(lineup.plans))]
        self._opponents = RepeatedOpponents(lineup, announce)
        self._failed: set[int] = set()
        self._stopped: set[str] = set()

    def stop(self, titles: Iterable[str]) -> None:
        """Train these no more."""
        self._stopped.update(titles)

    def train_repeat(self, number: int) -> Repeat | None:
        """Train all contenders that go on for one repeat; return None if that was interrupted.

        An opponent that failed is noted in that repeat, and not fitted again.
        """
        trained = []
        for plan, each in zip(self._lineup.plans, self._networks, strict=True):
            if plan.title in self._stopped:
                continue
            each.train_ahead(number, self._at_most)
            # None if an interruption ended its training.
            network = each.get(number)
            if network is None or self._interruption.requested:
                return None
            trained.append(network)
        fitted: Fits = []
        for place, opponent in enumerate(self._lineup.opponents(number)):
            if self._interruption.requested:
                return None
            if place not in self._failed and opponent.title not in self._stopped:
                fitted.append(self._opponents.fit(place, number))
                if isinstance(fitted[-1], FailedOpponent):
                    self._failed.add(place)
        failed = tuple(each for each in fitted if isinstance(each, FailedOpponent))
        # An opponent that failed leaves the others; if nobody else took part, there is no comparison.
        someone = trained or len(failed) < len(fitted)
        return Repeat(_compare(self._lineup, trained, fitted) if someone else None, failed)


def train_each_in_turn(
    lineup: Lineup, repeats: int, interruption: Interruption, announce: Announce
) -> tuple[list[list[TrainedNetwork]], list[Fits]]:
    """Train one contender after the other, each for all repeats, until an interruption.

    Returns
    -------
    (list of list of TrainedNetwork, list of list of TrainedOpponent or FailedOpponent)
        A list per network with its repeats, the last one shorter after an interruption, and one per opponent, which
        ends with its failure if there was one.
    """
    trained: list[list[TrainedNetwork]] = []
    for place in range(len(lineup.plans)):
        network = RepeatedNetwork(lineup, place, interruption)
        network.train(range(repeats))
        found = (network.get(number) for number in range(repeats))
        # Until the first that is missing: repeats must be the same ones for all.
        trained.append([each for each in takewhile(lambda each: each is not None, found) if each is not None])
        # Later contenders would lack repeats that this one has, and pairs need the same ones.
        if interruption.requested or len(trained[-1]) < repeats:
            return trained, []
    fitted: list[Fits] = []
    opponents = RepeatedOpponents(lineup, announce)
    for place in range(len(lineup.opponents(0))):
        own: Fits = []
        for number in range(repeats):
            if interruption.requested:
                return trained, fitted
            own.append(opponents.fit(place, number))
            if isinstance(own[-1], FailedOpponent):
                break  # in pairs with the others it would need all repeats
        fitted.append(own)
    return trained, fitted


def join(
    trained: Sequence[Sequence[TrainedNetwork]],
    fitted: Sequence[Fits],
    repeats: int,
    lineup: Lineup,
) -> list[Comparison]:
    """Return a comparison per repeat, of the networks and opponents that have all of them.

    An opponent that failed is in none, but noted in the repeat in which it did. All are compared in pairs, so each
    needs as many repeats as the others. If there is none yet, the first network's repeats are returned alone.

    Raises
    ------
    InklingsError
        There are opponents alone, and all of them failed: why the first one did.
    KeyboardInterrupt
        There are not two whole repeats.
    """
    # If not one network has all its repeats, what the first has is still worth returning.
    complete = [each for each in trained if len(each) == repeats] or list(trained[:1])
    sound = [each for each in fitted if not isinstance(each[-1], FailedOpponent)]
    # With the repeat in which it failed, its last.
    failed = [(len(own) - 1, last) for own in fitted if isinstance(last := own[-1], FailedOpponent)]
    if failed and not complete and not sound:
        raise failed[0][1].error
    shortest = min((len(each) for each in (*complete, *sound)), default=0)
    if shortest < 2:
        raise KeyboardInterrupt(f"interrupted after {shortest} whole repeats, expected at least 2")
    return [
        _compare(
            lineup,
            [each[number] for each in complete],
            [
                *(each[number] for each in sound),
                # Interrupted before that repeat, it is noted in the last one there is: what failed must be told.
                *(each for place, each in failed if min(place, shortest - 1) == number),
            ],
        )
        for number in range(shortest)
    ]


def _compare(lineup: Lineup, trained: Sequence[TrainedNetwork], fitted: Fits) -> Comparison:
    comparison = comparison_of_trained(trained, lineup.trainer.engine, opponents=fitted, quick=lineup.quick)
    for contender in comparison.contenders:
        _ = contender.correct  # predicts now, so that its test images can go
    comparison.split.forget_parts()  # of 60,000 images, forty repeats' copies would not fit in memory
    return comparison
