"""A support vector machine with a radial kernel, one against one, as libsvm and scikit-learn decide.

C.-C. Chang and C.-J. Lin, LIBSVM: a library for support vector machines, ACM TIST 2011, section 4: a machine for each
pair of classes votes for one of the two, and the class with the most votes wins. scikit-learn adds the sum of the
machines' values, squeezed to less than a third on either side, so that classes with as many votes are told apart.

Nearly every image has a class that wins against all others, so votes hardly tell the sure from the unsure.
Probabilities are made of scores that do: by how much each class lost against the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from inklings.errors import NetworkError
from inklings.opponents.arrays import Arrays, Floats, check_array, check_range
from inklings.opponents.decisions import PAIRS_AT_ONCE, Scorer

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True)
class SupportVectors:
    """Support vectors, each with a coefficient for every pair of classes that its own is in.

    Parameters
    ----------
    gamma : float
        The kernel is ``exp(-gamma * squared distance)``.
    """

    gamma: float
    names: ClassVar[tuple[str, ...]] = ("svm/vectors", "svm/coefficients", "svm/counts", "svm/biases")
    gives_probabilities: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if not 0 < self.gamma < np.inf:
            raise NetworkError(f"is {self.gamma}, expected a number above 0", setting="gamma", found=self.gamma)

    def check(self, arrays: Arrays, features: int, classes: int) -> None:
        """Raise a NetworkError if the arrays do not fit."""
        vectors, coefficients, counts, biases = self.names
        found = check_array(arrays, vectors, (None, features))
        check_array(arrays, coefficients, (classes - 1, len(found)))
        check_array(arrays, biases, (classes * (classes - 1) // 2,))
        sizes = check_array(arrays, counts, (classes,), "iu")
        check_range(counts, sizes, 0, len(found) + 1)
        if int(sizes.sum()) != len(found):
            raise NetworkError(f"the parameters' '{counts}' sum to {sizes.sum()}, expected {len(found)} vectors")

    def scorer(self, arrays: Arrays, classes: int) -> Scorer:
        """Return a function from features to scores."""
        vectors, coefficients, counts, biases = (arrays[name] for name in self.names)
        # Double precision, as in libsvm: rounding must not turn the vote of a machine that is nearly undecided.
        known = vectors.astype(np.float64)
        # The larger of both arrays per image decides: kernels with every vector, or values of every pair.
        size = rows_at_once(max(len(known), len(biases)))
        # |v|^2 of each vector, once for all batches.
        squares = np.einsum("ij,ij->i", known, known)

        def score(rows: NDArray[np.float32]) -> Floats:
            parts = [rows[start : start + size].astype(np.float64) for start in range(0, len(rows), size)]
            kernels = (self._kernel(part, known, squares) for part in parts)
            scores = [scores_of_pairs(pair_values(each, coefficients, counts) + biases, classes) for each in kernels]
            return np.concatenate(scores)

        return score

    def _kernel(self, rows: Floats, known: Floats, squares: Floats) -> Floats:
        # |v|^2 - 2 v x + |x|^2, which rounding may leave a little below 0.
        squared = squares - 2 * rows @ known.T + np.einsum("ij,ij->i", rows, rows)[:, np.newaxis]
        kernel: Floats = np.exp(-self.gamma * np.maximum(squared, 0))
        return kernel


def rows_at_once(values: int) -> int:
    """Return for how many images so many values each are made at once."""
    return max(1, PAIRS_AT_ONCE // max(values, 1))


def pair_values(kernel: Floats, coefficients: Floats, counts: NDArray[Any]) -> Floats:
    """Return the value of each pair of classes without its bias, shape (n, pairs).

    A class at a time: a matrix of each vector's weight in every pair would have vectors x classes^2 / 2 entries, nearly
    all of them 0, which is 40 GB for 10,000 vectors of 1,000 classes.

    Parameters
    ----------
    kernel : array, shape (n, vectors)
    coefficients, counts
        As in :func:`pair_weights`.
    """
    classes, ends = len(counts), np.cumsum(counts)
    # (pairs, n), turned round at the end: each class adds to some of the rows.
    values = np.zeros((classes * (classes - 1) // 2, len(kernel)))
    for own, (start, end) in enumerate(zip(ends - counts, ends, strict=True)):
        # The pair of two classes stands where combinations() has it: all pairs of smaller first classes come before.
        others = np.delete(np.arange(classes), own)
        # Which of both comes first in the pair.
        low, high = np.minimum(own, others), np.maximum(own, others)
        pairs = low * classes - low * (low + 1) // 2 + high - low - 1
        # A vector has a coefficient against each other class, classes - 1 in their order: the rows are `others`.
        values[pairs] += coefficients[:, start:end] @ kernel[:, start:end].T
    return values.T


def pair_weights(coefficients: Floats, counts: NDArray[Any]) -> Floats:
    """Return each vector's weight in each pair of classes, shape (vectors, pairs); 0 where its class is in neither.

    Parameters
    ----------
    coefficients : array, shape (classes - 1, vectors)
        As libsvm keeps them: a vector of class i has its coefficients against the other classes, in their order.
    counts : array of int, shape (classes,)
        Vectors of each class, which stand one class after another.
    """
    ends = np.cumsum(counts)
    blocks = [slice(end - count, end) for end, count in zip(ends, counts, strict=True)]
    pairs = list(combinations(range(len(counts)), 2))
    weights = np.zeros((coefficients.shape[1], len(pairs)))
    for column, (first, second) in enumerate(pairs):
        # Against a class that comes after its own, a vector's coefficient stands one row earlier: its own class has
        # none.
        weights[blocks[first], column] = coefficients[second - 1, blocks[first]]
        weights[blocks[second], column] = coefficients[first, blocks[second]]
    return weights


def scores_of_pairs(values: Floats, classes: int) -> Floats:
    """Return a score for each class of the pairs' values, which are above 0 for the first class of a pair.

    Parameters
    ----------
    values : array, shape (n, classes * (classes - 1) / 2)
    classes : int

    Returns
    -------
    array, shape (n, classes)
        The sum of the values by which a class lost, 0 if it won against all; the class with the most votes has the
        largest, if need be by an exchange. Of two classes the value and its opposite.
    """
    if classes == 2:
        return np.concatenate([values, -values], axis=1)
    first, second = incidence(classes)
    # A value below 0 counts against the pair's first class, one above 0 against its second.
    # (n, classes): what each class lost by, never above 0.
    scores: Floats = np.minimum(values, 0) @ first + np.minimum(-values, 0) @ second
    rows, winner, highest = np.arange(len(values)), count_votes(values, classes).argmax(1), scores.argmax(1)
    # A class may have the most votes and lose once by much: what is predicted stays libsvm's.
    gap = scores[rows, highest] - scores[rows, winner]
    scores[rows, winner] += gap
    scores[rows, highest] -= gap
    return scores


def count_votes(values: Floats, classes: int) -> Floats:
    """Return each class's votes, with the values' sum squeezed below a third to part those with as many."""
    first, second = incidence(classes)
    lost = values < 0
    # For the first class of a pair the value counts as it is, for its second turned round.
    sums = values @ (first - second)
    # At most a third of a vote: it parts ties and never outweighs a whole one.
    votes: Floats = ~lost @ first + lost @ second + sums / (3 * (np.abs(sums) + 1))
    return votes


def incidence(classes: int) -> tuple[csr_array, csr_array]:
    """Return which class is the first and which the second of each pair, shape (pairs, classes) each.

    Sparse, with a 1 in each row: dense they would take 8 GB for 1,000 classes.
    """
    from scipy.sparse import csr_array

    # The pairs in combinations' order: (0, 1), (0, 2), ..., (1, 2), ...
    sides = np.triu_indices(classes, 1)
    count = len(sides[0])
    first, second = (csr_array((np.ones(count), (np.arange(count), side)), (count, classes)) for side in sides)
    return first, second
