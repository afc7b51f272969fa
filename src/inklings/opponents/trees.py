"""Decision trees as flat arrays: forests, which average their leaves, and boosting, which adds them up.

Every node has a feature, a threshold and two children further on in the arrays, so that no path can turn in a circle;
a leaf has the feature -1 and a row of the table of values. Trees stand one after another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from inklings.errors import NetworkError
from inklings.opponents.arrays import Arrays, Floats, check_array, check_range
from inklings.opponents.decisions import Scorer

Integers = NDArray[np.int64]

_ROUNDING = 1e-6

NODES_AT_ONCE = 1 << 21
"""Places in trees that are followed at once."""


@dataclass(frozen=True)
class Trees:
    """Trees and how their leaves are joined.

    Parameters
    ----------
    join : {"mean", "sum"}
        Of a forest, the mean of the leaves, each a row of probabilities. Of boosting, trees take turns among the
        classes, a leaf is one number, and each class has the sum of its own. Of two classes the first has none.
    """

    join: Literal["mean", "sum"]
    names: ClassVar[tuple[str, ...]] = (
        "trees/first",
        "trees/feature",
        "trees/threshold",
        "trees/left",
        "trees/right",
        "trees/leaf",
        "trees/values",
        "trees/biases",
    )

    @property
    def gives_probabilities(self) -> bool:
        """Whether its leaves are probabilities, as a forest's."""
        return self.join == "mean"

    def check(self, arrays: Arrays, features: int, classes: int) -> None:
        """Raise a NetworkError if the arrays do not fit, or a node leads backwards or into another tree."""
        first, feature, threshold, left, right, leaf, values, biases = self.names
        firsts = check_array(arrays, first, (None,), "iu").astype(np.int64)
        split_by = check_array(arrays, feature, (None,), "iu")
        nodes = len(split_by)
        check_array(arrays, threshold, (nodes,))
        table = check_array(arrays, values, (None, classes if self.join == "mean" else 1))
        offsets = check_array(arrays, biases, (classes,))
        if self.join == "mean" and (table.min() < 0 or np.abs(table.sum(1) - 1).max() > _ROUNDING or offsets.any()):
            raise NetworkError(f"the parameters' '{values}' and '{biases}' are not probabilities of leaves")
        if firsts[0] != 0 or (np.diff(firsts) < 1).any() or firsts[-1] >= nodes:
            raise NetworkError(f"the parameters' '{first}' are not the beginnings of trees in {nodes} nodes")
        if self.join == "sum" and len(firsts) % _outputs(classes):
            raise NetworkError(f"{len(firsts)} trees, expected as many for each of {classes} classes")
        check_range(feature, split_by, -1, features)
        # (nodes,): where the tree ends that each node is in.
        places, ends = np.arange(nodes), np.repeat(np.append(firsts[1:], nodes), np.diff(np.append(firsts, nodes)))
        inner = split_by >= 0
        for name in (left, right):
            children = check_array(arrays, name, (nodes,), "iu").astype(np.int64)[inner]
            # Further on and in the same tree, so that no path turns in a circle or ends outside.
            if not ((places[inner] < children) & (children < ends[inner])).all():
                raise NetworkError(f"the parameters' '{name}' lead backwards or out of a tree, expected a later node")
        check_range(leaf, check_array(arrays, leaf, (nodes,), "iu")[~inner], 0, len(table))

    def scorer(self, arrays: Arrays, classes: int) -> Scorer:
        """Return a function from features to probabilities (``mean``) or scores (``sum``)."""
        threshold = arrays[self.names[2]]
        # Thresholds stay in single precision, as pixels are: both are compared as they were when they were kept.
        roots, feature, left, right, leaf = (arrays[self.names[place]].astype(np.int64) for place in (0, 1, 3, 4, 5))
        values, biases = (arrays[name].astype(np.float64) for name in self.names[6:])
        places = np.arange(len(feature))
        # A leaf is its own child, so that all paths may be followed as long as the longest.
        is_leaf = feature < 0
        left, right = np.where(is_leaf, places, left), np.where(is_leaf, places, right)
        # Any feature does for a leaf, as both its children are itself.
        feature, size = np.where(is_leaf, 0, feature), max(1, NODES_AT_ONCE // len(roots))

        def score(rows: NDArray[np.float32]) -> Floats:
            found = [
                leaf[_follow(rows[start : start + size], roots, feature, threshold, left, right)]
                for start in range(0, len(rows), size)
            ]
            return np.concatenate([biases + self._join(values, leaves, classes) for leaves in found])

        return score

    def _join(self, values: Floats, leaves: NDArray[Any], classes: int) -> Floats:
        """Return what the leaves come to, shape (n, classes), of which leaf each tree led to, shape (n, trees)."""
        if self.join == "sum":
            # (n, rounds, classes): in every round of boosting each class gets a tree.
            sums: Floats = values[leaves, 0].reshape(len(leaves), -1, _outputs(classes)).sum(1)
            return sums if classes > 2 else np.concatenate([np.zeros_like(sums), sums], axis=1)
        total: Floats = np.zeros((len(leaves), classes))
        for column in leaves.T:
            # One tree at a time: (n, classes) each, where all together would be (n, trees, classes).
            total += values[column]
        total /= leaves.shape[1]
        return total


def _outputs(classes: int) -> int:
    return 1 if classes <= 2 else classes


def _follow(
    rows: NDArray[np.float32],
    roots: NDArray[Any],
    feature: Integers,
    threshold: Floats,
    left: Integers,
    right: Integers,
) -> Integers:
    """Return the leaf that each row comes to in each tree, shape (n, trees)."""
    count, columns = rows.shape
    flat = np.ascontiguousarray(rows).ravel()
    # (n * trees,): where each row stands in each tree, the roots at first; below, where each row's pixels begin.
    nodes = np.tile(roots, (count, 1)).ravel()
    # All trees of all rows are walked down together, a level at a time; `going` are those not yet at a leaf.
    starts = np.repeat(np.arange(count) * columns, len(roots))
    going = np.arange(len(nodes))
    while len(going):
        here = nodes[going]
        is_left = flat[starts[going] + feature[here]] <= threshold[here]
        there = np.where(is_left, left[here], right[here])
        # Who stands on a leaf stays where they are, and is not asked again.
        nodes[going] = there
        going = going[there != here]
    return nodes.reshape(count, len(roots))
