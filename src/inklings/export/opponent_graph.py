"""An opponent in ONNX's operators, made from what its model keeps."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inklings.export.opponent_features import DOUBLE, FLOAT, add_features
from inklings.opponents.arrays import Arrays
from inklings.opponents.decisions import Linear, Neighbours
from inklings.opponents.frozen import FrozenOpponent
from inklings.opponents.support_vectors import SupportVectors, incidence, pair_weights
from inklings.opponents.trees import Trees

if TYPE_CHECKING:
    from inklings.export.graph import Graph

# The version of the operators for trees that goes with opset 18.
TREES_DOMAIN, TREES_OPSET = "ai.onnx.ml", 3


def add_opponent(graph: Graph, form: FrozenOpponent, arrays: Arrays) -> None:
    """Turn images, channels second, into class probabilities, shape (n, classes)."""
    add_features(graph, form.features, arrays, form.input_shape)
    if form.standardised:
        for operator, name in (("Sub", "scaler/mean"), ("Div", "scaler/scale")):
            # In float32, as the model does it.
            graph.add(operator, graph.hold(name, arrays[name].astype(np.float32)))
    _ADD[type(form.decision)](graph, form.decision, arrays, len(form.known))
    if form.temperature is not None:
        kind = _precision(form)
        if form.decision.gives_probabilities:
            # As votes_as_logits has it: added, not a bound below, so that the order of the classes stays.
            graph.add("Add", graph.hold("hardly_any", np.array(form.least_share, kind)))
            graph.add("Log")
        graph.add("Div", graph.hold("temperature", np.array(form.temperature, kind)))
        graph.add("Softmax", axis=1)
    graph.add("Cast", to=FLOAT)
    if len(form.known) < form.output_count:
        # (classes it saw, all classes): those it never saw get 0.
        places = np.eye(form.output_count, dtype=np.float32)[list(form.known)]
        graph.add("MatMul", graph.hold("known_classes", places))


def _precision(form: FrozenOpponent) -> type[np.floating[Any]]:
    # What both compute in double; the constants that follow must be of the same type, as ONNX converts none by itself.
    return np.float64 if isinstance(form.decision, SupportVectors | Neighbours) else np.float32


def _linear(graph: Graph, decision: Linear, arrays: Arrays, classes: int) -> None:
    weights, biases = (graph.hold(name, arrays[name].astype(np.float32)) for name in decision.names)
    graph.add("Gemm", weights, biases, transB=1)  # weights: (classes, features)


def _squared_distances(graph: Graph, known: str, squares: NDArray[Any]) -> tuple[str, str]:
    """Return the squared lengths of rows, and their squared distances from known ones without these."""
    rows = graph.add("Cast", to=DOUBLE)
    products = graph.apply("MatMul", rows, graph.apply("Transpose", known, perm=[1, 0]))
    # |x - k|^2 = |x|^2 - 2 x k + |k|^2, of which |x|^2 is the same for all k and may be left out to find the nearest.
    twice = graph.apply("Mul", products, graph.hold("minus_two", np.float64(-2)))
    without = graph.apply("Add", twice, graph.hold("squares", squares))
    axis = graph.hold("columns_axis", np.array([1], np.int64))
    return graph.apply("ReduceSum", graph.apply("Mul", rows, rows), axis), without


def _support_vectors(graph: Graph, decision: SupportVectors, arrays: Arrays, classes: int) -> None:
    vectors, coefficients, counts, biases = (arrays[name] for name in decision.names)
    features = graph.value
    # In float64 from here, as the model computes it: rounding must not turn a vote that is nearly undecided.
    known = graph.apply("Cast", graph.hold("svm/vectors", vectors), to=DOUBLE)
    # `apply` has moved on to what it made last; the distances are those of the features.
    graph.value = features
    lengths, without = _squared_distances(graph, known, (vectors.astype(np.float64) ** 2).sum(1))
    # Rounding may leave a little below 0.
    squared = graph.apply("Max", graph.apply("Add", without, lengths), graph.hold("nothing_less", np.float64(0)))
    graph.apply("Exp", graph.apply("Mul", squared, graph.hold("gamma", np.float64(-decision.gamma))))
    graph.add("MatMul", graph.hold("svm/machines", pair_weights(coefficients, counts)))
    values = graph.add("Add", graph.hold("svm/biases", biases.astype(np.float64)))
    if classes == 2:
        # One machine alone: what speaks for the first class speaks against the second.
        graph.apply("Concat", values, graph.apply("Neg", values), axis=1)
        return
    first, second = (each.toarray() for each in incidence(classes))
    lost = graph.apply("Cast", graph.apply("Less", values, graph.hold("undecided", np.float64(0))), to=DOUBLE)
    # Votes are first + lost * (second - first), summed over pairs.
    moved = graph.apply("MatMul", lost, graph.hold("second_less_first", second - first))
    votes = graph.apply("Add", moved, graph.hold("first_of_pairs", first.sum(0)))
    sums = graph.apply("MatMul", values, graph.hold("first_less_second", first - second))
    # Squeezed to less than a third either way: it tells equal votes apart and never outweighs one.
    divisor = graph.apply("Add", graph.apply("Abs", sums), graph.hold("one_more", np.float64(1)))
    squeezed = graph.apply("Div", sums, graph.apply("Mul", divisor, graph.hold("thrice", np.float64(3))))
    _add_losses(graph, values, graph.apply("Add", votes, squeezed), classes)


def _add_losses(graph: Graph, values: str, votes: str, classes: int) -> None:
    """Score each class by how much it lost; the one with the most votes changes places with the highest."""
    first, second = (
        graph.hold(name, each.toarray()) for name, each in zip(("first", "second"), incidence(classes), strict=True)
    )
    undecided, axis = "undecided", graph.hold("classes_axis", np.array([1], np.int64))
    # A lost pair counts its value, which is below 0; a won one counts 0.
    of_first = graph.apply("MatMul", graph.apply("Min", values, undecided), first)
    of_second = graph.apply("MatMul", graph.apply("Min", graph.apply("Neg", values), undecided), second)
    scores = graph.apply("Add", of_first, of_second)
    # (classes, classes): a row is one class's, so that Gather makes a 1 in its place.
    ones = graph.hold("classes", np.eye(classes))
    winner, highest = (
        graph.apply("Gather", ones, graph.apply("ArgMax", each, axis=1, keepdims=0), axis=0) for each in (votes, scores)
    )
    best = graph.apply("ReduceMax", scores, axis)
    # 0 where the winner has the highest score already, so that then nothing changes.
    gap = graph.apply("Sub", best, graph.apply("ReduceSum", graph.apply("Mul", scores, winner), axis))
    graph.apply("Add", scores, graph.apply("Mul", gap, graph.apply("Sub", winner, highest)))


def _neighbours(graph: Graph, decision: Neighbours, arrays: Arrays, classes: int) -> None:
    rows, labels = (arrays[name] for name in decision.names)
    features = graph.value
    known = graph.apply("Cast", graph.hold("neighbours/rows", rows), to=FLOAT)
    # Kept as bytes, a quarter of the file; divided here as the model does, so that distances agree.
    if rows.dtype == np.uint8:
        known = graph.apply("Div", known, graph.hold("byte", np.float32(255)))
        rows = rows.astype(np.float32) / np.float32(255)
    known = graph.apply("Cast", known, to=DOUBLE)
    graph.value = features
    lengths, without = _squared_distances(graph, known, (rows.astype(np.float64) ** 2).sum(1))
    # Of equally near rows the first, as in the model: so TopK breaks ties.
    nearest, places = graph.apply_for_two("TopK", without, graph.hold("count", np.array([decision.count])), largest=0)
    zero = graph.hold("nowhere", np.float64(0))
    distances = graph.apply("Sqrt", graph.apply("Max", graph.apply("Add", nearest, lengths), zero))
    # (n, k, classes): the votes of the nearest.
    votes = graph.apply("Gather", graph.hold("votes", np.eye(classes)[labels]), places, axis=0)
    weights = _weigh(graph, decision, distances, zero)
    second = graph.hold("second_axis", np.array([1], np.int64))
    # (n, 1, k) @ (n, k, classes): one product per image.
    summed = graph.apply("MatMul", graph.apply("Unsqueeze", weights, second), votes)
    summed = graph.apply("Squeeze", summed, second)
    graph.apply("Div", summed, graph.apply("ReduceSum", summed, second))


def _weigh(graph: Graph, decision: Neighbours, distances: str, zero: str) -> str:
    one = graph.hold("whole", np.float64(1))
    same = graph.apply("Equal", distances, zero)
    if decision.weights == "uniform":
        # All 1, in the shape of the distances.
        return graph.apply("Where", same, one, one)
    # 1 where the distance is 0 only keeps the division defined: such a row takes the other branch.
    inverse = graph.apply("Div", one, graph.apply("Where", same, one, distances))
    alone = graph.apply("Cast", same, to=DOUBLE)
    # As in the model: an image that is the same as a known one is decided by such alone.
    any_same = graph.apply("Greater", graph.apply("ReduceMax", alone, graph.hold("k", np.array([1], np.int64))), zero)
    return graph.apply("Where", any_same, alone, inverse)


def _trees(graph: Graph, decision: Trees, arrays: Arrays, classes: int) -> None:
    first, feature, threshold, left, right, leaf, values, biases = (arrays[name] for name in decision.names)
    nodes = len(feature)
    # (nodes,): which tree each is in, and its number within that tree, as ONNX names nodes.
    trees = np.repeat(np.arange(len(first)), np.diff(np.append(first, nodes)))
    places = np.arange(nodes) - first[trees]
    leaves = np.flatnonzero(feature < 0)
    if decision.join == "mean":
        # Shares of 0 add nothing and are left out.
        rows, targets = np.nonzero(values[leaf[leaves]])
        weights, leaves = values[leaf[leaves[rows]], targets], leaves[rows]
    else:
        # Boosted trees take turns among the classes; of two classes all belong to the second.
        targets = np.ones(len(leaves), np.int64) if classes == 2 else trees[leaves] % classes
        weights = values[leaf[leaves], 0]
    inner = feature >= 0
    graph.add(
        "TreeEnsembleRegressor",
        domain=TREES_DOMAIN,
        n_targets=classes,
        aggregate_function="AVERAGE" if decision.join == "mean" else "SUM",
        base_values=biases.astype(np.float32).tolist(),
        nodes_treeids=trees.tolist(),
        nodes_nodeids=places.tolist(),
        nodes_featureids=np.where(inner, feature, 0).tolist(),  # a leaf has none; 0 is never looked at
        nodes_values=threshold.astype(np.float32).tolist(),
        nodes_modes=np.where(inner, "BRANCH_LEQ", "LEAF").tolist(),
        nodes_truenodeids=np.where(inner, left - first[trees], 0).tolist(),
        nodes_falsenodeids=np.where(inner, right - first[trees], 0).tolist(),
        target_treeids=trees[leaves].tolist(),
        target_nodeids=places[leaves].tolist(),
        target_ids=targets.tolist(),
        target_weights=weights.astype(np.float32).tolist(),
    )


_ADD: dict[type, Callable[[Graph, Any, Arrays, int], None]] = {
    Linear: _linear,
    SupportVectors: _support_vectors,
    Neighbours: _neighbours,
    Trees: _trees,
}
