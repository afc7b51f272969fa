"""What a network misclassifies: which images, how badly, and which classes it confuses."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inklings.arguments import checks_call
from inklings.errors import DataError
from inklings.evaluation.calibration import check_probabilities
from inklings.reprs import short_repr

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@short_repr
@dataclass(frozen=True, eq=False, repr=False)
class Mistakes:
    """Misread images, the worst first; arrays of shape (mistakes,).

    Attributes
    ----------
    indices : array of int64
        Rows of the images.
    labels, predicted : array of int64
        The true class, and the predicted one.
    label_probabilities, predicted_probabilities : array
        The probability of each of the two.

    Examples
    --------
    >>> from inklings.insight import worst_mistakes
    >>> mistakes = worst_mistakes([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]], labels=[1, 1, 1])
    >>> mistakes.indices.tolist(), mistakes.predicted.tolist()
    ([0, 2], [0, 0])
    """

    indices: Integers
    labels: Integers
    predicted: Integers
    label_probabilities: Floats
    predicted_probabilities: Floats

    def __len__(self) -> int:
        return len(self.indices)


@checks_call(DataError)
def worst_mistakes(probabilities: ArrayLike, labels: ArrayLike, count: int | None = None) -> Mistakes:
    """Return the misclassified images, those with the lowest probability of the true class first: the largest losses.

    Parameters
    ----------
    probabilities : array, shape (n, classes)
    labels : array of int, shape (n,)
    count : int, optional
        At most this many; all if not given.

    Raises
    ------
    DataError
        Shapes do not match, a probability is not between 0 and 1, or ``count`` is below 0.

    Examples
    --------
    >>> from inklings.insight import worst_mistakes
    >>> worst_mistakes([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]], labels=[1, 1, 1], count=1).label_probabilities.tolist()
    [0.1]
    """
    if count is not None and (not isinstance(count, Integral) or count < 0):
        raise DataError(f"count is {count!r}, expected a whole number of at least 0", found=count)
    values, truth = check_probabilities(probabilities, labels)
    predicted = values.argmax(axis=1).astype(np.int64)
    wrong = np.flatnonzero(predicted != truth)
    own, taken = values[wrong, truth[wrong]], values[wrong, predicted[wrong]]  # (mistakes,) each
    # lexsort takes its last key first: the label's probability decides, and of equal ones the predicted class's.
    order = np.lexsort((-taken, own))[:count]
    rows = wrong[order]
    return Mistakes(rows, truth[rows], predicted[rows], own[order], taken[order])


@checks_call(DataError)
def confusion_cells(labels: ArrayLike, predicted: ArrayLike) -> dict[tuple[int, int], Integers]:
    """Return the images in each cell of a confusion matrix.

    Parameters
    ----------
    labels, predicted : arrays of int, shape (n,)

    Returns
    -------
    dict of (label, predicted) to array of int64
        Rows in ascending order; cells without images are left out, those on the diagonal are in.

    Raises
    ------
    DataError
        The lengths differ.

    Examples
    --------
    >>> cells = confusion_cells([4, 9, 4, 4], [4, 9, 9, 9])
    >>> {cell: rows.tolist() for cell, rows in cells.items()}
    {(4, 4): [0], (4, 9): [2, 3], (9, 9): [1]}
    """
    pairs = np.column_stack(_same_length(labels, predicted))
    # Each distinct pair once, and for every image which of them it is.
    kinds, place = np.unique(pairs, axis=0, return_inverse=True)
    return {(int(label), int(answer)): np.flatnonzero(place == i) for i, (label, answer) in enumerate(kinds)}


def _same_length(labels: ArrayLike, predicted: ArrayLike) -> tuple[Integers, Integers]:
    try:
        truth, answers = np.asarray(labels, np.int64), np.asarray(predicted, np.int64)
    except (ValueError, TypeError):
        hint = "model.predict(images, as_index=True) answers so, and a data set's labels are"
        raise DataError("labels and predictions are not all places of classes, whole numbers", hint) from None
    if truth.ndim != 1 or truth.shape != answers.shape:
        raise DataError(
            f"labels have shape {truth.shape} and predictions {answers.shape}, expected one of each per image"
        )
    return truth, answers
