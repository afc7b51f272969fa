"""Two networks compared over repeats: the outcome of the tests, and what it says in words."""

from __future__ import annotations

from dataclasses import dataclass

from inklings.evaluation.equivalence import Equivalence
from inklings.evaluation.mcnemar import McNemarTest, p_text
from inklings.evaluation.power import RepeatsNeeded

ELSEWHERE = "on other splits and seeds"


@dataclass(frozen=True)
class PairedTest:
    """The corrected resampled t-test of one network's scores against another's, its variance moderated among others.

    Attributes
    ----------
    difference, standard_deviation : float
        Mean of the paired differences, first minus second, and their standard deviation with n - 1.
    standard_error : float
        Of the mean difference, corrected and, among other pairs, moderated.
    low, high : float
        The corrected t-interval of the difference.
    statistic, p_value : float
        t, and its two-sided p-value.
    repeats : int
    degrees : float
        Degrees of freedom: n - 1 by these scores alone, more by what other pairs say.
    """

    difference: float
    standard_deviation: float
    standard_error: float
    low: float
    high: float
    statistic: float
    p_value: float
    repeats: int
    degrees: float


@dataclass(frozen=True, repr=False)
class Pair:
    """Two networks compared over repeats.

    Attributes
    ----------
    first, second : str
        Their names; ``first`` has the higher mean.
    test : PairedTest
        First against second, before any correction for several pairs.
    adjusted_p_value : float
        By Holm's method, for all pairs that were compared together.
    equivalence : Equivalence
        Whether the difference is within a margin: the tests, and the probabilities of worse, same and better.
    adjusted_equivalence : float
        The p-value of the two one-sided tests by Holm's method, for all pairs that were compared together.
    needed : RepeatsNeeded
        How many repeats would make the difference significant, if it and its spread are as estimated.
    alpha : float
        Significance level: how often chance alone may make any of the pairs look different.
    trained : McNemarTest, optional
        The trained networks themselves on the images that they were tested on, over all repeats.
    adjusted_trained : float
        Its p-value by Holm's method, for all pairs that were compared together; 1 if it is not known.
    elsewhere : str
        What a difference holds for beside the trained networks, in words: what varied from repeat to repeat.
    unvaried : bool
        Whether both came out the same in every repeat: copies of one result are no evidence for any other.
    """

    first: str
    second: str
    test: PairedTest
    adjusted_p_value: float
    equivalence: Equivalence
    adjusted_equivalence: float
    needed: RepeatsNeeded
    alpha: float
    trained: McNemarTest | None = None
    adjusted_trained: float = 1.0
    elsewhere: str = ELSEWHERE
    unvaried: bool = False

    def __repr__(self) -> str:
        return f"<Pair: {self.sentence}>"

    @property
    def significant(self) -> bool:
        """Whether the difference is significant after correction."""
        return self.adjusted_p_value <= self.alpha and not self.unvaried

    @property
    def equivalent(self) -> bool:
        """Whether the difference is significantly within the margin after correction."""
        return self.adjusted_equivalence <= self.alpha and not self.unvaried

    @property
    def sentence(self) -> str:
        """The outcome in words, without a full stop."""
        if self.unvaried:
            return self._sentence_of_unvaried
        if self.equivalent:
            # A difference of a tenth of a point can be significant and within the margin; the finding
            # is then that it does not matter.
            margin = f"within {margin_text(self.equivalence.margin)}"
            certainty = p_text(self.adjusted_equivalence)
            return f"{self.first} is as accurate as {self.second}, {margin}, {self.elsewhere} too ({certainty})"
        if self.significant:
            points = points_text(self.test.difference, self.test.low, self.test.high)
            significance = f"significant, {p_text(self.adjusted_p_value)}"
            return f"{self.first} is {points} more accurate than {self.second}, {self.elsewhere} too ({significance})"
        return self._sentence_of_trained

    @property
    def _sentence_of_unvaried(self) -> str:
        both = f"{self.first} and {self.second}"
        begin = f"{both} came out the same in every repeat, so repeats say nothing about them"
        if self.trained is None:
            return begin
        certainty = p_text(self.adjusted_trained)
        if self.adjusted_trained > self.alpha:
            return f"{begin}; as trained here, no significant difference ({certainty})"
        return f"{begin}; as trained here, {self.first} is more accurate ({certainty})"

    @property
    def _sentence_of_none(self) -> str:
        found = f"no significant difference between {self.first} and {self.second} in {self.test.repeats} repeats"
        levels = f", neither as trained here nor {self.elsewhere}" if self.trained else f" {self.elsewhere}"
        return f"{found}{levels}; {self.needed.sentence}"

    @property
    def _sentence_of_trained(self) -> str:
        """What holds of the trained networks, where the recipes cannot be told apart."""
        found = self.trained
        if found is None or self.adjusted_trained > self.alpha:
            return self._sentence_of_none
        counts = f"{found.only_first} test images that only it gets right, {found.only_second} that only the other does"
        return (
            f"{self.first} is more accurate than {self.second} as trained here ({counts}, "
            f"{p_text(self.adjusted_trained)}), but {self.test.repeats} repeats cannot tell whether it is "
            f"{self.elsewhere} ({self.needed.clause})"
        )


def points_text(difference: float, low: float, high: float) -> str:
    """Write a difference of fractions in percentage points, with enough digits that the lower end is not shown as 0."""
    # A lower end below 0.05 points would be shown as 0.0, as if there might be no difference.
    digits = 1 if low >= 0.0005 else 2
    middle, *ends = (f"{100 * value:.{digits}f}" for value in (difference, low, high))
    return f"{middle} points ({' to '.join(ends)})"


def margin_text(margin: float) -> str:
    """Write a margin in percentage points.

    >>> margin_text(0.005), margin_text(0.01), margin_text(0.002)
    ('half a point', '1 point', '0.2 points')
    """
    return {0.005: "half a point", 0.01: "1 point"}.get(margin, f"{100 * margin:g} points")
