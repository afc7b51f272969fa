"""Repeats until each pair of contenders is answered, one after the other, and a look at all of them after each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from inklings.evaluation.until_sure import FIRST_LOOK, Answer
from inklings.experiments.comparison import Announce, Comparison, leave_out
from inklings.experiments.lineup import Lineup
from inklings.experiments.repeated_comparison import RepeatedComparison
from inklings.experiments.repeated_training import Contest, Repeat
from inklings.reprs import short_repr
from inklings.training.interruption import Interruption

LEAST = FIRST_LOOK
"""Repeats before the first look."""
AT_MOST = 40
"""Repeats after which more would hardly tell: the splits' overlap is then nearly all that is left of the error."""
_NAMED = 3  # pairs that are still open, by name


@short_repr
@dataclass(frozen=True, repr=False)
class Look:
    """What is known after some repeats.

    Attributes
    ----------
    repeats, at_most : int
        How many there were, and how many there may be.
    answers : tuple of Answer
        One per pair.

    Examples
    --------
    >>> import inklings
    >>> from inklings.experiments import compare_repeatedly
    >>> looks = []
    >>> own = inklings.preset("mlp", (20, 20, 1), 10, hidden_units=10).with_recipe(epochs=2)
    >>> compared = compare_repeatedly(["softmax", own], until_sure=True, at_most=3, quick=True, on_look=looks.append)
    >>> [(look.repeats, look.at_most) for look in looks]
    [(3, 3)]
    """

    repeats: int
    at_most: int
    answers: tuple[Answer, ...]

    @property
    def open(self) -> tuple[Answer, ...]:
        """The pairs for which another repeat is worth its time."""
        return tuple(answer for answer in self.answers if not answer.closed)

    @property
    def going_on(self) -> set[str]:
        """Those with a pair that is open; the others are trained no more."""
        return {title for answer in self.open for title in (answer.first, answer.second)}

    @property
    def sentence(self) -> str:
        """What is still open, in words, without a full stop."""
        begin = f"after {self.repeats} of at most {self.at_most} repeats"
        if not self.open:
            return f"{begin}, no pair is open"
        names = [f"{answer.first} or {answer.second}" for answer in self.open[:_NAMED]]
        more = f" and {len(self.open) - _NAMED} more" if len(self.open) > _NAMED else ""
        pairs = f"{len(self.open)} of {len(self.answers)} pairs open" if len(self.answers) > 1 else "open"
        return f"{begin}, {pairs}: {', '.join(names)}{more}"


def train_until_sure(
    lineup: Lineup,
    varied: tuple[str, ...],
    *,
    at_most: int,
    margin: float,
    announce: Announce,
    on_look: Callable[[Look], None],
) -> RepeatedComparison:
    """Add repeats until no pair is open, an interruption, or ``at_most`` of them.

    A contender takes part until all its pairs are closed. The others' repeats stay those that they would have had: each
    has its seeds. False answers become no more frequent, see :func:`inklings.evaluation.until_sure.decide_pairs`. Where
    nobody is left to go on, since the last ones failed, what was known before is returned.

    Parameters
    ----------
    lineup : Lineup
        At least two contenders.
    varied : tuple of str
        What varies from repeat to repeat.
    at_most, margin, announce, on_look
        As in :func:`inklings.experiments.compare_repeatedly`.
    """
    done: list[Comparison] = []
    compared, finished = None, False
    with Interruption() as interruption:
        contest = Contest(lineup, at_most, interruption, announce)
        while not finished and (latest := contest.train_repeat(len(done))) is not None:
            # One that fails later is taken out of the repeats before too: answers are about contenders with the same
            # repeats.
            left = _without_failed(done, latest)
            if left is None:
                return _end_with_failures(compared, latest)
            done = left
            if len(done) >= LEAST:
                look, compared = _look(done, at_most, margin, varied)
                on_look(look)
                # Each pair keeps its share of alpha, so stopping some does not change what the others may conclude.
                contest.stop(set(compared.titles) - look.going_on)
                finished = not look.open or len(done) == at_most
    if len(done) < 2:
        raise KeyboardInterrupt(f"interrupted after {len(done)} whole repeats, expected at least 2")
    if compared is None:
        compared = RepeatedComparison(tuple(done), margin=margin, varied=varied, at_most=at_most)
    return replace(compared, interrupted=not finished)


def _without_failed(done: Sequence[Comparison], latest: Repeat) -> list[Comparison] | None:
    """Return the repeats with the latest one, all of the same contenders: one that failed is left out of all.

    None if nobody is left who goes on, or fewer than two are to compare.
    """
    if latest.comparison is None:
        return None
    # All repeats must be of the same opponents, so that what failed now is left out of what was.
    lost = {each.title for each in latest.failed}
    every = [*(leave_out(each, lost) for each in done), latest.comparison]
    # All that ever took part: others may have stopped before, whose answers are known.
    left = {each.title for repeat in every for each in repeat.contenders}
    return every if len(left) > 1 else None


def _end_with_failures(compared: RepeatedComparison | None, latest: Repeat) -> RepeatedComparison:
    """Return what was known before some failed without whom there is nothing to go on with.

    Raises
    ------
    InklingsError
        Nothing was known yet: why the first of them failed.
    """
    if compared is None:
        raise latest.failed[0].error
    *before, last = compared.repeats
    told = (f"{each.error}; this is of the repeats before" for each in latest.failed)
    last = replace(last, problems=(*last.problems, *told))
    return replace(compared, repeats=(*before, last))


def _look(
    done: Sequence[Comparison], at_most: int, margin: float, varied: tuple[str, ...]
) -> tuple[Look, RepeatedComparison]:
    compared = RepeatedComparison(tuple(done), margin=margin, varied=varied, at_most=at_most)
    answers = compared.decide(at_most)
    return Look(len(done), at_most, answers), replace(compared, answers=answers)
