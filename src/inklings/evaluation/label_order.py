"""Whether labels name the classes in another order than a model's: counted from 1, or sorted as text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inklings.data.notes import Decision

FEWEST, FEWEST_EACH = 30, 10
"""Of fewer images, or fewer of a class on average, some order fits by chance."""

FAR_MORE, MOST = 0.4, 0.75
"""Another order is meant if it makes so much larger a share of the answers right, and at least the second. Answers
drawn at random for 30 images of 10 classes are right to 0.57 at most in the best of all orders (of 10,000 draws); of 2
classes, 0.75 or more in 3 of 1,000."""

MOST_CLASSES, SHOWN = 1000, 3
"""The time grows with the third power of the first."""


def describe_label_order(
    predicted: NDArray[np.int64], labels: NDArray[np.int64], class_names: Sequence[str]
) -> list[str]:
    """Return a note where a model's answers fit the labels far better once these stand for other classes.

    Parameters
    ----------
    predicted, labels : array of int64, shape (n,)
        Classes by their places in ``class_names``.
    class_names : sequence of str
    """
    count, right = len(labels), int((predicted == labels).sum())
    # Another order is looked for only where there is room for it.
    if count < FEWEST or right > (1 - FAR_MORE) * count:
        return []
    given, rows = np.unique(labels, return_inverse=True)
    found, columns = np.unique(predicted, return_inverse=True)
    if count < FEWEST_EACH * len(given) or max(len(given), len(found)) > MOST_CLASSES:
        return []
    # Here: most evaluations need none of it, and loading it takes longer than they do.
    from scipy.optimize import linear_sum_assignment

    # (classes given, classes found): how many images of the one are answered as the other.
    confusion = np.zeros((len(given), len(found)), np.int64)
    np.add.at(confusion, (rows, columns), 1)
    one, other = linear_sum_assignment(confusion, maximize=True)
    best = int(confusion[one, other].sum())
    if best < MOST * count or best - right < FAR_MORE * count:
        return []
    pairs_of_places = zip(given[one].tolist(), found[other].tolist(), strict=True)
    moved = [
        f"'{class_names[label]}' is answered as '{class_names[answer]}'"
        for label, answer in pairs_of_places
        if label != answer
    ]
    pairs = moved[:SHOWN]
    more = f" and {len(moved) - SHOWN} more" if len(moved) > SHOWN else ""
    said = f"the labels seem to name the classes in another order: {', '.join(pairs)}{more}"
    return [Decision(f"{said}; by that order {best / count:.1%} are right, as labelled {right / count:.1%}")]
