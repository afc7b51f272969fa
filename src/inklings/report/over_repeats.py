"""What a report says of one contender, over all repeats: every prediction for a test image, in each repeat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean, stdev
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.dataset import Dataset
from inklings.evaluation.metrics import confusion_matrix
from inklings.experiments.comparison import Comparison
from inklings.experiments.repeated_comparison import RepeatedComparison
from inklings.experiments.trained import Contender, TrainedNetwork
from inklings.reprs import percent
from inklings.training.history import History

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Answers:
    """Which images a contender took for what; arrays of shape (n,), an entry per image and answer.

    Attributes
    ----------
    rows : array of int64
        The images, as rows of the data set.
    labels, answers : array of int64
        The true class, and what it was taken for.
    times, tested : array of int64
        In how many repeats it was, and in how many it was a test image.
    confidence, own : array of float64
        The probability of the answer and that of the true class, means over these repeats.
    own_overall : array of float64
        The probability of the true class, the mean over all repeats in which it was a test image.
    """

    rows: Integers
    labels: Integers
    answers: Integers
    times: Integers
    tested: Integers
    confidence: Floats
    own: Floats
    own_overall: Floats

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, places: NDArray[Any]) -> Answers:
        """Return some of them."""
        return Answers(*(getattr(self, name)[places] for name in self.__dataclass_fields__))


@dataclass(frozen=True, eq=False)
class Entrant:
    """A contender in every repeat.

    Attributes
    ----------
    runs : tuple of Contender
        One per repeat in which it took part.
    """

    runs: tuple[Contender, ...]

    @property
    def title(self) -> str:
        """What tables call it."""
        return self.runs[0].title

    @property
    def is_network(self) -> bool:
        """Whether it is not an opponent."""
        return isinstance(self.runs[0], TrainedNetwork)

    @property
    def dataset(self) -> Dataset:
        """The images that were split."""
        return self.runs[0].split.dataset

    @property
    def networks(self) -> tuple[TrainedNetwork, ...]:
        """The trained networks; none of an opponent."""
        return tuple(run for run in self.runs if isinstance(run, TrainedNetwork))

    @property
    def histories(self) -> list[History]:
        """How each network was trained."""
        return [run.fitted.history for run in self.networks]

    @property
    def validation(self) -> float:
        """The mean validation accuracy."""
        return fmean(run.result.validation for run in self.runs)

    @property
    def test(self) -> float:
        """The mean test accuracy."""
        return fmean(run.result.test for run in self.runs)

    @cached_property
    def labels(self) -> Integers:
        """The true class of every test image of every repeat, shape (tested,)."""
        # Repeat after repeat, here and below: an image that several repeats tested is there as often.
        return np.concatenate([run.split.test.labels for run in self.runs])

    @cached_property
    def probabilities(self) -> Floats:
        """The class probabilities of every test image of every repeat, shape (tested, classes)."""
        return np.concatenate([run.probabilities for run in self.runs]).astype(np.float64)

    @cached_property
    def predicted(self) -> Integers:
        """The answer for every test image of every repeat, shape (tested,)."""
        return np.concatenate([run.answers for run in self.runs])

    @property
    def confusion(self) -> Integers:
        """How many test images of each class (rows) were taken for each class (columns), summed over the repeats."""
        return confusion_matrix(self.labels, self.predicted, self.dataset.class_count)

    @cached_property
    def answers(self) -> Answers:
        """Which images were taken for what, in how many of the repeats."""
        rows = np.concatenate([run.split.test_rows for run in self.runs])
        classes, every = self.dataset.class_count, np.arange(len(rows))
        # (predictions,) which image each is of, `image`; (images,) one prediction of each, `first`.
        images, first, image = np.unique(rows, return_index=True, return_inverse=True)
        # (images,): how often each was tested. (tested,): the probability of its true class in each.
        tested, own = np.bincount(image), self.probabilities[every, self.labels]
        # One number for each image and answer, from which both are had again by division: np.unique takes fourteen
        # times as long over rows of two.
        kinds, kind = np.unique(rows * classes + self.predicted, return_inverse=True)
        # (kinds,): in how many repeats an image was taken for that class.
        times = np.bincount(kind)
        confidence = np.bincount(kind, self.probabilities[every, self.predicted]) / times
        # (kinds,): which image each entry is of; `images` is sorted, and holds them all.
        place = np.searchsorted(images, kinds // classes)
        return Answers(
            kinds // classes,
            # Of the test parts: the data set of one split may be mended where the test images of another are.
            self.labels[first][place],
            kinds % classes,
            times.astype(np.int64),
            tested[place].astype(np.int64),
            confidence,
            np.bincount(kind, own) / times,
            (np.bincount(image, own) / tested)[place],
        )

    def worst_mistakes(self, count: int) -> Answers:
        """Return the misclassified images, those whose true class had the lowest mean probability first.

        An image that was taken for several classes is shown with the one that it was taken for most often.
        """
        found = self.answers
        wrong = np.flatnonzero(found.answers != found.labels)
        # np.lexsort sorts by its last key first: the true class's lowest probability, then how often, then how sure.
        order = wrong[np.lexsort((-found.confidence[wrong], -found.times[wrong], found.own_overall[wrong]))]
        # Each image's first entry in that order; sorted back into it, since np.unique sorts by the image.
        _, first = np.unique(found.rows[order], return_index=True)
        return found.take(order[np.sort(first)][:count])


def repeats_of(comparison: Comparison | RepeatedComparison) -> tuple[Comparison, ...]:
    """Return a comparison's repeats; one that was not repeated is one."""
    return comparison.repeats if isinstance(comparison, RepeatedComparison) else (comparison,)


def entrants_of(comparison: Comparison | RepeatedComparison) -> tuple[Entrant, ...]:
    """Return every network, and then every opponent, over all repeats in which it took part."""
    if isinstance(comparison, RepeatedComparison):
        return tuple(Entrant(comparison.runs_of(title)) for title in comparison.titles)
    return tuple(Entrant((contender,)) for contender in comparison.contenders)


def best_of(entrants: Sequence[Entrant]) -> Entrant:
    """Return the one with the highest mean validation accuracy, which a user would choose without the test images."""
    return max(entrants, key=lambda entrant: entrant.validation)


def with_spread(values: Sequence[float], form: str = ".1%") -> str:
    """Write one value as it is, several as their mean with the standard deviation.

    >>> with_spread([0.5]), with_spread([0.5, 0.75])
    ('50.0%', '62.5% ± 17.7%')
    """
    mean = fmean(values)
    written = percent(mean) if form == ".1%" else f"{mean:{form}}"
    return written if len(values) == 1 else f"{written} ± {stdev(values):{form}}"
