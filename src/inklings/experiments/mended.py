"""What mending a data set changes: the same networks trained on the data as they are and as mended, tested alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isnan, nan
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.dataset import Dataset
from inklings.data.mending import Mending, kept_rows, mended_labels, notes_on
from inklings.data.notes import Decision
from inklings.data.parts import Split
from inklings.errors import DataError, RecipeError
from inklings.evaluation.mcnemar import mcnemar, p_text
from inklings.evaluation.paired import corrected_t_test, holm
from inklings.evaluation.statistics import SIGNIFICANT
from inklings.experiments.comparison import Comparison, compare_once, leave_out
from inklings.experiments.contender_plans import Networks
from inklings.experiments.repeated_comparison import RepeatedComparison
from inklings.experiments.trained import Contender
from inklings.training.interruption import Interruption


@dataclass(frozen=True)
class Change:
    """What mending changed for one network, or opponent.

    Attributes
    ----------
    title : str
    before, after : float
        Mean accuracy on the test images after training on the data as they are and as mended, by the labels that the
        test images have in the data.
    before_mended, after_mended : float
        The same by the mended labels of the test images, those left out that are to be removed.
    p_value : float
        Of the difference by the labels as they are: McNemar's exact test on one split, the corrected resampled t-test
        on several; by Holm's method for all networks and opponents that were trained together.
    repeats : int
    """

    title: str
    before: float
    after: float
    before_mended: float
    after_mended: float
    p_value: float
    repeats: int

    @property
    def sentence(self) -> str:
        """What mending changed, in words, without a full stop."""
        points = 100 * (self.after - self.before)
        once = self.repeats == 1
        tested = "McNemar's exact test" if once else f"corrected t-test over {self.repeats} splits"
        chance = f"{p_text(self.p_value)} by {tested}"
        if self.p_value > SIGNIFICANT:
            begin = f"mending the training images does not change {self.title} significantly"
        else:
            more = "more" if points > 0 else "less"
            begin = f"mending the training images makes {self.title} {more} accurate"
            if once:  # of two trainings, nothing tells what mending does from what chance does
                begin = f"{self.title} is {more} accurate as trained here on the mended images"
        mended = f"{self.before_mended:.1%} and {self.after_mended:.1%} by the mended ones"
        if isnan(self.before_mended):
            mended = "and no test image is left by the mended ones"
        return (
            f"{begin}: {self.before:.1%} before and {self.after:.1%} after by the test labels as they are "
            f"({points:+.2f} points, {chance}), {mended}"
        )


@dataclass(frozen=True, eq=False)
class MendedComparison:
    """Networks trained on data as they are and as mended.

    Attributes
    ----------
    before, after : tuple of Comparison
        One per split, trained on the data as they are and as mended; the test images and their labels are the same.
    mending : Mending
    interrupted : bool
        Whether there are fewer splits than were asked for.
    """

    before: tuple[Comparison, ...]
    after: tuple[Comparison, ...]
    mending: Mending
    interrupted: bool = False

    @property
    def changes(self) -> tuple[Change, ...]:
        """What mending changed for each network and opponent."""
        found = [self._change(number) for number in range(len(self.before[0].contenders))]
        # McNemar's tests, or t-tests, of several contenders: the more are looked at,
        # the sooner one is significant by chance.
        # Over the contenders, each of which is asked the same question.
        adjusted = holm([each.p_value for each in found]).tolist()
        return tuple(replace(each, p_value=value) for each, value in zip(found, adjusted, strict=True))

    @property
    def sides(self) -> dict[str, Comparison | RepeatedComparison]:
        """Both comparisons by what they were trained on, ``as-they-are`` and ``mended``; of several splits repeated."""
        both = {"as-they-are": self.before, "mended": self.after}
        return {name: RepeatedComparison(side) if len(side) > 1 else side[0] for name, side in both.items()}

    @property
    def test_changes(self) -> tuple[int, int]:
        """How many test images are to be removed, and how many have a new label; sums over the splits."""
        # An image that several splits test counts in each.
        tested = np.concatenate([each.split.test_rows for each in self.before])
        removed, relabelled = (
            int(np.isin(tested, list(rows)).sum()) for rows in (self.mending.removed, self.mending.relabelled)
        )
        return removed, relabelled

    def _change(self, number: int) -> Change:
        sides = ([each.contenders[number] for each in side] for side in (self.before, self.after))
        pairs = list(zip(*sides, strict=True))
        split = self.before[0].split
        # (repeats,) each: the same contender before and after, split by split.
        befores, afters = ([float(each.correct.mean()) for each in side] for side in zip(*pairs, strict=True))
        if len(pairs) == 1:
            # On one split: which images changed sides, paired.
            p_value = mcnemar(pairs[0][0].correct, pairs[0][1].correct).p_value
        else:
            sizes = {"train_size": len(split.train_rows), "test_size": len(split.test_rows)}
            p_value = corrected_t_test(afters, befores, **sizes).p_value
        splits = [each.split for each in self.before]
        one, other = (fmean(map(self._accuracy, side, splits)) for side in zip(*pairs, strict=True))
        title = pairs[0][0].title
        return Change(title, fmean(befores), fmean(afters), one, other, p_value, len(pairs))

    def _accuracy(self, contender: Contender, split: Split) -> float:
        """Return the accuracy by the mended labels of the test images that are kept."""
        # By what is believed to be the truth after mending; the trainings are the same.
        labels, kept = mended_labels(split.dataset, self.mending), kept_rows(split.dataset, self.mending)
        tested = np.isin(split.test_rows, kept)
        right: NDArray[np.bool_] = contender.answers[tested] == labels[split.test_rows[tested]]
        return float(right.mean()) if len(right) else nan


def compare_mended(
    networks: Networks | None,
    data: Dataset,
    mending: Mending,
    *,
    seed: int = 0,
    repeats: int = 1,
    **settings: Any,  # noqa: ANN401 - those of compare
) -> MendedComparison:
    """Train networks on data as they are and as mended, on the same splits, and test both on the same images.

    Parameters
    ----------
    networks
        As in :func:`inklings.compare`.
    data : Dataset
        As they are.
    mending : Mending
    seed : int
        Of the first split; each next one has the next.
    repeats : int
        The number of splits.
    **settings
        Further ones of :func:`inklings.compare`.

    Raises
    ------
    DataError
        The mending is of other data.
    RecipeError
        There are no repeats.
    KeyboardInterrupt
        It was interrupted before all were trained on one split.

    An opponent that cannot be fitted to one side of a split is noted there, and in no pair.
    """
    if repeats < 1:
        raise RecipeError(f"is {repeats}, expected at least 1", setting="repeats", found=repeats)
    # For its error: a mending of other data is refused before anything is trained.
    mended_labels(data, mending)
    before: list[Comparison] = []
    after: list[Comparison] = []
    with Interruption() as interruption:
        for number in range(seed, seed + repeats):
            # The same split on both sides, so that they differ in what was mended alone.
            split = data.split(seed=number)
            # Split by the same seed within, to the same parts as `split`.
            one = compare_once(networks, data, seed=number, **settings)
            if one.interrupted or interruption.requested:
                break
            other = compare_once(networks, mend_split(split, mending), seed=number, **settings)
            if other.interrupted:
                break
            for comparison, side in ((one, before), (other, after)):
                for contender in comparison.contenders:
                    _ = contender.correct  # predicts now, so that its test images can go
                comparison.split.forget_parts()  # forty splits' copies of 60,000 images would not fit in memory
                side.append(comparison)
            if interruption.requested:
                break
    if not before:
        raise KeyboardInterrupt("interrupted before all were trained on one split as it is and as mended")
    return MendedComparison(*_of_the_same(before, after), mending, len(before) < repeats)


def _of_the_same(
    before: Sequence[Comparison], after: Sequence[Comparison]
) -> tuple[tuple[Comparison, ...], tuple[Comparison, ...]]:
    """Return both sides without the opponents that failed on any split of either: what changed is told in pairs.

    Raises
    ------
    InklingsError
        Nothing is left to compare: why the first one failed.
    """
    failed = {opponent.title: opponent.error for each in (*before, *after) for opponent in each.failed_opponents}
    one, other = (tuple(leave_out(each, failed) for each in side) for side in (before, after))
    if not one[0].contenders:
        raise next(iter(failed.values()))
    return one, other


def mend_split(split: Split, mending: Mending) -> Split:
    """Return a split whose training and validation images are mended; the test images and their labels stay.

    Raises
    ------
    DataError
        The mending is of other data, or leaves nothing to learn from.
    """
    data = split.dataset
    labels, kept = mended_labels(data, mending), kept_rows(data, mending)
    # Both sides are tested by the same labels, those that the data came with.
    labels[split.test_rows] = data.labels[split.test_rows]
    # In the split's own order, those that are kept.
    parts = [rows[np.isin(rows, kept)] for rows in (split.train_rows, split.validation_rows)]
    if not len(parts[0]) or (len(split.validation_rows) and not len(parts[1])):
        part = "validation" if len(parts[0]) else "training"
        raise DataError(f"{mending.source} leaves no {part} images", "keep some", setting="and_without")
    notes = [
        *data.notes,
        *notes_on(data, mending),
        Decision("test images are all there, with the labels that they had"),
    ]
    relabelled = replace(data, labels=labels, notes=notes)
    return replace(split, dataset=relabelled, train_rows=parts[0], validation_rows=parts[1])
