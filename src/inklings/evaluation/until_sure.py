"""Adding repeats until each question is answered: which are, which are open, and which cannot be within the limit.

After each look, every pair of contenders is answered in one of three ways: one is more accurate; both are as
accurate, within the margin; or ``at_most`` repeats will probably not tell. Over all looks and pairs, an answer is
false with a probability of ``alpha`` at most:

- over looks by alpha spending (:mod:`inklings.evaluation.boundaries`), on the p-values of the moderated corrected
  t-test (:mod:`inklings.evaluation.moderated`);
- over pairs by Bonferroni's inequality. Holm's later steps would not be valid: a pair that is rightly called the same
  may still wrongly be called different, so that an answered pair frees nothing;
- a contender may stop once all its pairs are closed. Each pair keeps its share of alpha, whichever others go on, and
  their variances can only raise its own;
- "more accurate" is false only if there is no difference, "the same" only if there is one as large as the margin. No
  pair can err in both ways, so each question has the whole level.

"Cannot be" is a forecast, not a test: under a flat prior, the mean difference of all ``at_most`` repeats is spread
around today's, as wide as the information that is still to come; it is given up where less than one such future in
ten is an answer. Giving up makes no answer false, so it needs no correction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inklings.errors import RunError
from inklings.evaluation.boundaries import nominal_levels
from inklings.evaluation.differences import RaggedPairs
from inklings.evaluation.discordance import TestedImages
from inklings.evaluation.equivalence import MARGIN
from inklings.evaluation.moderated import ModeratedTests, total_degrees
from inklings.evaluation.pair import ELSEWHERE, margin_text, points_text

Floats = NDArray[np.float64]
FIRST_LOOK = 3  # two repeats have a variance of one degree of freedom
LEAST_CHANCE = 0.1


class Verdict(StrEnum):
    """How a question about two contenders stands."""

    BETTER = "better"
    SAME = "same"
    OPEN = "open"
    OUT_OF_REACH = "out of reach"


@dataclass(frozen=True)
class Answer:
    """What is known about two contenders after some repeats.

    Attributes
    ----------
    first, second : str
        Their names; ``first`` had the higher mean.
    verdict : Verdict
    repeats : int
        After how many repeats it was answered; all so far if it was not.
    at_most : int
        The limit.
    difference, low, high : float
        The mean difference, first minus second, after these repeats, and its interval at the level of that look: over
        all looks and pairs together, such intervals miss the true mean with a probability of ``alpha`` at most.
    margin : float
        Differences up to this fraction do not matter.
    chance : float
        The forecast probability that an open question will be answered within the limit; 1 if it was.
    elsewhere : str
        What an answer holds for beside the trained networks, in words: what varied from repeat to repeat.
    """

    first: str
    second: str
    verdict: Verdict
    repeats: int
    at_most: int
    difference: float
    low: float
    high: float
    margin: float
    chance: float
    elsewhere: str = ELSEWHERE

    @property
    def answered(self) -> bool:
        """Whether it is known which is more accurate, or that they are the same."""
        return self.verdict in (Verdict.BETTER, Verdict.SAME)

    @property
    def closed(self) -> bool:
        """Whether more repeats are pointless: it is answered, or will probably not be."""
        return self.verdict is not Verdict.OPEN

    @property
    def sentence(self) -> str:
        """The outcome in words, without a full stop."""
        known = f"{self.elsewhere} too (answered after {self.repeats} repeats)"
        if self.verdict is Verdict.BETTER:
            points = points_text(self.difference, self.low, self.high)
            return f"{self.first} is {points} more accurate than {self.second}, {known}"
        if self.verdict is Verdict.SAME:
            return f"{self.first} is as accurate as {self.second}, within {margin_text(self.margin)}, {known}"
        so_far = f"{100 * self.difference:.1f} points so far, {100 * self.low:.1f} to {100 * self.high:.1f}"
        if self.verdict is Verdict.OPEN:
            return f"{self.first} or {self.second}: not answered after {self.repeats} repeats ({so_far})"
        if self.repeats >= self.at_most:
            return f"{self.first} or {self.second}: {self.repeats} repeats did not tell ({so_far})"
        return (
            f"{self.first} or {self.second}: {self.at_most} repeats would probably not tell "
            f"({so_far}, after {self.repeats}); more images would help"
        )


def decide_pairs(
    scores: Mapping[str, ArrayLike],
    *,
    train_size: float,
    test_size: int,
    at_most: int,
    looks: Sequence[int] | None = None,
    tested: TestedImages | None = None,
    margin: float = MARGIN,
    alpha: float = 0.05,
) -> tuple[Answer, ...]:
    """Say which pairs of contenders are answered by the repeats so far.

    All looks are taken again from the scores, so that nothing needs to be kept between them: what was answered at an
    earlier look stays answered.

    Parameters
    ----------
    scores : mapping of str to array, shape (repeats,)
        The fractions of test images classified correctly, in the same repeats, in the order of training. One whose
        pairs were all closed may have stopped: it has the first repeats alone, and what it left unanswered stays so.
    train_size, test_size : int
        How many images each repeat was trained and tested on; ``train_size`` is infinite where all have one split, so
        that no overlap of splits makes their means alike.
    at_most : int
        The most repeats allowed; it must not depend on the scores.
    looks : sequence of int, optional
        After how many repeats it was looked at, the last time now: after each from the third if not given.
    tested : TestedImages, optional
        Which test images each classified correctly, for steadier variances.
    margin : float
        Differences up to this fraction do not matter.
    alpha : float
        The probability that any answer, at any look, is false.

    Raises
    ------
    RunError
        Scores cannot be compared, or looks are not increasing numbers from 2 to the number of repeats.
    """
    pairs = RaggedPairs.of(scores, train_size=train_size, test_size=test_size, tested=tested)
    # From the third repeat on; with fewer, the one look that there can be.
    chosen = tuple(looks if looks is not None else range(min(FIRST_LOOK, pairs.repeats), pairs.repeats + 1))
    _check_looks(chosen, pairs.repeats, at_most)
    # Looks still to come are planned: what they may spend belongs to the levels of today's from the start.
    planned = chosen if looks is not None else tuple(range(chosen[0], at_most + 1))
    # Of all pairs, those that were closed long ago too: what is answered frees no level for the others.
    levels = _levels(planned, at_most, test_size / train_size, alpha / max(len(pairs.pairs), 1))
    judge = partial(_answer, at_most=at_most, margin=margin)
    answered: dict[int, Answer] = {}
    unanswered: dict[int, Answer] = {}
    for number in chosen:
        if pairs.count_contenders(number) < 2:
            break  # one went on alone, since the last that it was compared with failed
        places, found, (for_better, for_same) = *pairs.test(number), levels[number]
        # p_values are two-sided, the levels one-sided.
        better, same = found.p_values / 2 <= for_better, found.p_values_within(margin) <= for_same
        chances = None
        for row, place in enumerate(places):
            names, goes_on = pairs.pairs[place].names[0], pairs.pairs[place].repeats > number
            if better[row] or same[row]:
                # "The same" first: a difference may be significant and too small to matter.
                verdict = Verdict.SAME if same[row] else Verdict.BETTER
                # The first look that answers counts: what later repeats say must not take an answer back.
                answered.setdefault(place, judge(names, found, row, verdict, for_better))
            elif not goes_on and place not in answered:
                # Once for all pairs of this look, and only if one is open: a forecast of 64 variances for each.
                if chances is None:
                    chances = forecast(found, pairs, at_most=at_most, margin=margin, levels=levels[max(levels)])
                chance = float(chances[row])
                is_open = number == pairs.repeats < at_most and chance >= LEAST_CHANCE
                verdict = Verdict.OPEN if is_open else Verdict.OUT_OF_REACH
                unanswered[place] = judge(names, found, row, verdict, for_better, chance=chance)
    return tuple(answered[place] if place in answered else unanswered[place] for place in range(len(pairs.pairs)))


def _levels(looks: tuple[int, ...], at_most: int, overlap: float, alpha: float) -> dict[int, tuple[float, float]]:
    """Return the one-sided levels of "better" and of "the same" at each look, and at the limit."""
    # The last look at the limit, which the forecast is about, even where today's looks end before it.
    planned = looks if looks[-1] == at_most else (*looks, at_most)
    # "Better" could be either of two ways, "the same" only one.
    better, same = (nominal_levels(planned, at_most, overlap, level) for level in (alpha / 2, alpha))
    return dict(zip(planned, zip(better, same, strict=True), strict=True))


def _check_looks(looks: Sequence[int], repeats: int, at_most: int) -> None:
    increasing = all(one < other for one, other in pairwise(looks))
    if not looks or not increasing or looks[0] < 2 or looks[-1] != repeats:
        raise RunError(f"looks are {list(looks)}, expected increasing numbers from 2 to {repeats}, that of the repeats")
    if repeats > at_most:
        raise RunError(f"there are {repeats} repeats, expected at most {at_most}")


def _answer(
    names: tuple[str, str],
    found: ModeratedTests,
    place: int,
    verdict: Verdict,
    level: float,
    *,
    at_most: int,
    margin: float,
    chance: float = 1.0,
) -> Answer:
    """Return an answer whose first contender is the one with the higher mean at that look."""
    from scipy.special import stdtrit

    difference = float(found.differences[place])
    first, second = names if difference >= 0 else names[::-1]
    size, reach = abs(difference), float(stdtrit(found.degrees[place], 1 - level)) * float(found.errors[place])
    # Accuracies differ by no more than 1.
    low, high = max(size - reach, -1.0), min(size + reach, 1.0)
    return Answer(first, second, verdict, found.repeats, at_most, size, low, high, margin, chance)


def forecast(
    found: ModeratedTests, pairs: RaggedPairs, *, at_most: int, margin: float, levels: tuple[float, float]
) -> Floats:
    """Return the probability that the last look will answer each pair, shape (pairs,).

    With a variance v of one repeat's difference, the mean of n repeats has the variance ``V(n) = v (1/n + overlap)``,
    and the mean of all N, given today's and a flat prior of the true mean, is normal around today's with the variance
    ``V(n) - V(N)``. It is averaged over what today's degrees of freedom leave open about v.
    """
    from scipy.special import chdtri, ndtr, stdtrit

    repeats, overlap = found.repeats, pairs.test_size / pairs.train_size
    better, same = levels
    # The middles of 64 equally probable ranges: their mean is the average over what is open about v.
    quantiles = (np.arange(64) + 0.5) / 64
    known = found.degrees[:, None]
    # Quantiles of the variance's posterior, a scaled inverse chi-square: (pairs, 64). chdtri inverts the upper tail.
    variances = found.spreads[:, None] ** 2 * known / chdtri(known, 1 - quantiles)
    final = np.sqrt(variances * (1 / at_most + overlap))
    # Above 0 also at the last look, where nothing is to come and a probability must still be computed.
    width = np.sqrt(variances * max(1 / repeats - 1 / at_most, 1e-12))
    degrees = float(total_degrees(at_most - 1, found.prior.degrees, pairs.count_contenders(repeats)))
    # (pairs, 1), against (pairs, 64) of variances.
    middle = np.abs(found.differences)[:, None]
    # How large the last mean must be to count as "better", and below, how small to count as "the same".
    above = stdtrit(degrees, 1 - better) * final
    within = np.maximum(margin - stdtrit(degrees, 1 - same) * final, 0)

    def beyond(bound: Floats) -> Floats:
        # On either side: today's mean may still turn over.
        outside: Floats = ndtr((middle - bound) / width) + ndtr((-middle - bound) / width)
        return outside

    # Where the errors are wider than the margin, no mean difference could be shown to lie within it.
    inside = np.where(within > 0, 1 - beyond(within), 0)
    chances: Floats = np.minimum(beyond(above) + inside, 1).mean(axis=1)
    return chances
