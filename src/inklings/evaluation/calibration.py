"""Calibration: whether a network's probabilities can be trusted, and when it should abstain.

Throughout, an image's confidence is its largest class probability, and its prediction the class that has it.

Sources: C. Guo, G. Pleiss, Y. Sun and K. Weinberger, On calibration of modern neural networks, ICML 2017 (reliability
diagram, ECE); K. Nguyen and B. O'Connor, Posterior calibration and exploratory analysis for natural language
processing models, EMNLP 2015 (bins of equal counts); G. Brier, Verification of forecasts expressed in terms of
probability, Monthly Weather Review 78 (1950) 1-3; A. Angelopoulos, S. Bates, E. Candès, M. Jordan and L. Lei, Learn
then test: calibrating predictive algorithms to achieve risk control, arXiv:2110.01052 (2021); C. Clopper and E.
Pearson, The use of confidence or fiducial limits illustrated in the case of the binomial, Biometrika 26 (1934) 404-413.
"""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral, Real

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inklings.data.labels import as_label_array
from inklings.errors import DataError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

# As many as Guo and others (2017) use in their tables.
BINS = 15
CONFIDENCE = 0.95
"""How sure :func:`choose_threshold` is of the accuracy that it promises."""
STARTS = (0.25, 0.5, 0.75)
"""Coverages at which :func:`choose_threshold` starts its searches."""


@dataclass(frozen=True, eq=False)
class Reliability:
    """A reliability diagram: images grouped by confidence.

    Attributes
    ----------
    edges : array, shape (bins + 1,)
        Bin i holds confidences above ``edges[i]`` and up to ``edges[i + 1]``; the first also its lower edge.
    counts : array of int64, shape (bins,)
    confidence, accuracy : arrays, shape (bins,)
        Each bin's mean confidence and the fraction of its images classified correctly; NaN for empty bins.
    """

    edges: Floats
    counts: Integers
    confidence: Floats
    accuracy: Floats

    @property
    def expected_calibration_error(self) -> float:
        """ECE: the mean absolute gap between confidence and accuracy (Guo and others, 2017, equation 3).

        It is above 0 even for a perfectly calibrated network, since each bin's accuracy is estimated from few images.
        """
        held = self.counts > 0
        return float(np.average(np.abs(self.confidence - self.accuracy)[held], weights=self.counts[held]))

    @property
    def maximum_calibration_error(self) -> float:
        """MCE: the gap in the worst bin."""
        return float(np.nanmax(np.abs(self.confidence - self.accuracy)))


@dataclass(frozen=True, eq=False)
class CoverageCurve:
    """Accuracy against coverage: what a network gains by answering only where it is confident.

    Attributes
    ----------
    thresholds : array, shape (m,)
        Every confidence that occurs, the highest first; an image is answered if its confidence is at least this.
    coverage, accuracy : arrays, shape (m,)
        The fraction of images answered, and the accuracy on those.
    """

    thresholds: Floats
    coverage: Floats
    accuracy: Floats


@dataclass(frozen=True)
class AnswerThreshold:
    """The confidence at or above which a network answers; below it, the network abstains.

    Attributes
    ----------
    threshold : float
    coverage, accuracy : float
        The fraction of the images it was chosen on that are answered, and the accuracy on those.
    lowest_accuracy : float
        A lower confidence bound of the accuracy on new images of the same kind.
    """

    threshold: float
    coverage: float
    accuracy: float
    lowest_accuracy: float


def reliability(
    probabilities: ArrayLike, labels: ArrayLike, *, bins: int = BINS, adaptive: bool = False
) -> Reliability:
    """Group images by confidence, to compare it with their accuracy.

    Parameters
    ----------
    probabilities : array, shape (n, classes)
    labels : array of int, shape (n,)
    bins : int
        Number of bins.
    adaptive : bool
        Use bins with equal counts instead of equal widths; equal confidences stay together, so there may be fewer
        bins. Fairer to a network that is confident about most images, where one of the equal widths holds nearly all.

    Raises
    ------
    DataError
        Shapes do not match, or a probability is not between 0 and 1.
    """
    if not isinstance(bins, Integral) or bins < 1:
        raise DataError(f"bins is {bins!r}, expected a whole number of at least 1", found=bins)
    confidence, right = _answers(probabilities, labels)
    if adaptive:
        edges = np.unique(np.quantile(confidence, np.linspace(0, 1, bins + 1)))
        # All confidences are equal: one bin, of no width.
        edges = edges if len(edges) > 1 else np.repeat(edges, 2)
    else:
        edges = np.linspace(0, 1, bins + 1)
    # By the inner edges, and to the left: a confidence on an edge belongs to the bin that ends there, as 1 has to.
    place = np.searchsorted(edges[1:-1], confidence, side="left")
    counts = np.bincount(place, minlength=len(edges) - 1)
    sums = [np.bincount(place, weights, len(counts)) for weights in (confidence, right.astype(np.float64))]
    # (bins,) each
    means = [np.divide(total, counts, out=np.full(len(counts), np.nan), where=counts > 0) for total in sums]
    return Reliability(edges, counts.astype(np.int64), *means)


def brier_score(probabilities: ArrayLike, labels: ArrayLike) -> float:
    """Return the mean squared error of the probabilities, summed over classes: 0 at best, 2 at worst.

    Raises
    ------
    DataError
        Shapes do not match, or a probability is not between 0 and 1.
    """
    values, truth = check_probabilities(probabilities, labels)
    return float(((values - np.eye(values.shape[1])[truth]) ** 2).sum(axis=1).mean())


def coverage_curve(probabilities: ArrayLike, labels: ArrayLike) -> CoverageCurve:
    """Return the accuracy on the images answered, for every possible threshold.

    Raises
    ------
    DataError
        Shapes do not match, or a probability is not between 0 and 1.
    """
    thresholds, answered, read = _cumulative(probabilities, labels)
    # The last threshold is the lowest: there all images are answered.
    return CoverageCurve(thresholds, answered / answered[-1], read / answered)


def choose_threshold(probabilities: ArrayLike, labels: ArrayLike, accuracy: float) -> AnswerThreshold | None:
    """Choose the confidence threshold above which predictions have a target accuracy.

    Accuracy measured on the images that the threshold was chosen on is optimistic. So a threshold is accepted only if
    its exact lower confidence bound (Clopper and Pearson) is at least ``accuracy``. Thresholds are tried in descending
    order, starting where a quarter, a half and three quarters of the images are answered, until one fails; then the
    error need only be divided among these three starts, not among all thresholds (Angelopoulos and others, 2021,
    fixed sequence testing).

    Parameters
    ----------
    probabilities : array, shape (n, classes)
        Of validation images: neither trained nor tested on.
    labels : array of int, shape (n,)
    accuracy : float
        The target accuracy of confident predictions, between 0 and 1; over such choices, it holds for new images of the
        same kind with the probability :data:`CONFIDENCE`.

    Returns
    -------
    AnswerThreshold or None
        The lowest threshold accepted; None if there are too few images, or too many errors, to guarantee the target.

    Raises
    ------
    DataError
        Shapes do not match, or a number is not between 0 and 1.
    """
    if not (isinstance(accuracy, Real) and 0 < accuracy < 1):
        raise DataError(f"the accuracy asked for is {accuracy!r}, expected a number between 0 and 1")
    thresholds, answered, read = _cumulative(probabilities, labels)
    lowest = _lowest_accuracies(read, answered, (1 - CONFIDENCE) / len(STARTS))
    # From each start, the thresholds before the first that fails are accepted.
    # The number behind the last stands for "none fails".
    failing = np.append(np.flatnonzero(lowest < accuracy), len(lowest))
    chosen = -1
    # The first threshold at which as many images are answered as a start asks for.
    for start in np.searchsorted(answered, np.ceil(np.multiply(STARTS, answered[-1]))):
        # The first that fails at the start or after it: where it is the start itself, this search accepts nothing.
        first_failing = failing[np.searchsorted(failing, start)]
        if first_failing > start:
            chosen = max(chosen, first_failing - 1)
    if chosen < 0:
        return None
    return AnswerThreshold(
        threshold=float(thresholds[chosen]),
        coverage=float(answered[chosen] / answered[-1]),
        accuracy=float(read[chosen] / answered[chosen]),
        lowest_accuracy=float(lowest[chosen]),
    )


def check_probabilities(probabilities: ArrayLike, labels: ArrayLike) -> tuple[Floats, Integers]:
    """Return probabilities as float64 and labels as int64, or raise a DataError.

    They need not sum to 1: sigmoid outputs are one independent probability per class.
    """
    try:
        values = np.asarray(probabilities, np.float64)
    except (TypeError, ValueError):
        hint = "give model.predict_proba(images) and the images' labels"
        raise DataError(f"found a {type(probabilities).__name__}, expected probabilities", hint) from None
    truth = as_label_array(labels)
    if values.ndim != 2 or 0 in values.shape or truth.shape != values.shape[:1]:
        raise DataError(
            f"probabilities have shape {values.shape} and labels {truth.shape}, expected (n, classes) and (n,)"
        )
    if not ((values >= 0) & (values <= 1)).all():
        raise DataError(f"probabilities run from {values.min()} to {values.max()}, expected 0 to 1")
    if truth.dtype.kind not in "biuf" or (truth % 1 != 0).any():
        raise DataError("a label is not a whole number, expected the place of its class among them: 0, 1, ...")
    if truth.min() < 0 or truth.max() >= values.shape[1]:
        raise DataError(
            f"labels run from {truth.min()} to {truth.max()}, expected 0 to {values.shape[1] - 1} "
            f"for {values.shape[1]} classes"
        )
    return values, truth.astype(np.int64)


def _answers(probabilities: ArrayLike, labels: ArrayLike) -> tuple[Floats, Flags]:
    """Return each image's confidence and whether its prediction is correct."""
    values, truth = check_probabilities(probabilities, labels)
    return values.max(axis=1), values.argmax(axis=1) == truth


def _cumulative(probabilities: ArrayLike, labels: ArrayLike) -> tuple[Floats, Integers, Integers]:
    """Return the distinct confidences, descending, and how many images reach each and are correct."""
    confidence, right = _answers(probabilities, labels)
    # np.unique sorts ascending, so of the negative: the most confident first, and equal ones together.
    # -thresholds again at the end; `place` says which distinct confidence each image has, (n,).
    thresholds, place = np.unique(-confidence, return_inverse=True)
    answered = np.cumsum(np.bincount(place))
    # bincount with weights adds up floats.
    read = np.cumsum(np.bincount(place, right)).round().astype(np.int64)
    return -thresholds, answered, read


def _lowest_accuracies(read: Integers, answered: Integers, miss: float) -> Floats:
    """Return exact one-sided lower bounds of accuracies; each is too high with probability ``miss``."""
    from scipy import stats

    # Clopper and Pearson's limit as a quantile of Beta(read, answered - read + 1), which is not defined for read = 0.
    limits = stats.beta.ppf(miss, np.maximum(read, 1), answered - read + 1)
    return np.where(read > 0, limits, 0.0)
