"""From a fitted estimator of scikit-learn's to settings and arrays; what has no such form is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from inklings.data.lazy_images import Images
from inklings.errors import NetworkError, RunError
from inklings.opponents.decisions import Linear, Neighbours, compact
from inklings.opponents.features import Histograms, Patches, Pixels
from inklings.opponents.frozen import Decision, Features, FrozenOpponent
from inklings.opponents.opponent import FittedOpponent, as_rows
from inklings.opponents.support_vectors import SupportVectors
from inklings.opponents.trees import Trees

Arrays = dict[str, NDArray[Any]]

AGREEMENT = 1e-6
"""How far probabilities may lie from the estimator's own."""


class _Frozen(NamedTuple):
    """A decision with its arrays; whether its scores are logits, for estimators that return probabilities."""

    decision: Decision
    arrays: Arrays
    logits: bool = False


def freeze(fitted: FittedOpponent, images: Images, image_shape: tuple[int, int, int]) -> tuple[FrozenOpponent, Arrays]:
    """Return a fitted opponent as a form and its arrays.

    Parameters
    ----------
    fitted : FittedOpponent
    images : array of float32, shape (n, height, width, channels)
        Some to hold its answers against the estimator's: settings that change how scikit-learn decides, or a version of
        it that keeps other attributes, must not go unnoticed.
    image_shape : (int, int, int)
        Height, width and channels.

    Raises
    ------
    RunError
        The estimator is of a kind that has no safe form, or its form would answer differently.
    """
    try:
        form, arrays = _freeze(fitted, image_shape)
        form.check_parameters(arrays)
        _compare(form, arrays, fitted, images)
    except NetworkError as problem:  # settings or numbers beyond what a file may hold
        hint = "its settings, or this scikit-learn, are not among those that are known"
        raise RunError(f"{fitted.opponent.name} cannot be saved: {problem}", hint) from None
    return form, arrays


def _freeze(fitted: FittedOpponent, image_shape: tuple[int, int, int]) -> tuple[FrozenOpponent, Arrays]:
    name = fitted.opponent.name
    # A pipeline's steps, or the estimator as the only one; the last decides, those before describe.
    *steps, last = [each for _, each in getattr(fitted.estimator, "steps", [("", fitted.estimator)])]
    try:
        features, standardised, arrays = _freeze_features(name, steps)
        decision, own, logits = _freeze_decision(name, last)
    except ValueError as problem:
        raise _unknown(name, f"{type(last).__name__} with {problem}") from None
    except (AttributeError, KeyError, TypeError) as problem:
        # Attributes that another version of scikit-learn has no more.
        raise _unknown(name, f"{type(last).__name__} as this scikit-learn keeps it ({problem})") from None
    # Logits already are what a softmax takes: a temperature of 1 changes nothing.
    temperature = fitted.temperature if not logits else 1.0
    known = tuple(int(each) for each in fitted.estimator.classes_)
    form = FrozenOpponent(image_shape, fitted.class_count, known, features, standardised, decision, temperature)
    return form, arrays | own


def _freeze_features(name: str, steps: Sequence[Any]) -> tuple[Features, bool, Arrays]:
    """Return what a pipeline's first steps are: features, whether they are standardised, and their arrays."""
    features: Features = Pixels()
    arrays: Arrays = {}
    standardised = False
    for place, step in enumerate(steps):
        kind = type(step).__name__
        # A scaler right before the decision alone: there it is one subtraction and one division per feature.
        if kind == "StandardScaler" and place == len(steps) - 1 and step.with_mean and step.with_std:
            standardised, arrays = True, arrays | _scaler(step)
        elif place == 0 and kind in _DESCRIBE:
            features, own = _DESCRIBE[kind](step)
            arrays |= own
        else:
            raise _unknown(name, kind)
    return features, standardised, arrays


def _freeze_decision(name: str, last: Any) -> _Frozen:  # noqa: ANN401 - estimators of scikit-learn's
    freezing = _DECIDE.get(type(last).__name__)
    # A class of the same name in another library may keep other attributes, and decide otherwise.
    if freezing is None or not type(last).__module__.startswith("sklearn."):
        raise _unknown(name, type(last).__name__)
    return freezing(last)


def _compare(form: FrozenOpponent, arrays: Arrays, fitted: FittedOpponent, images: Images) -> None:
    """Refuse a form whose answers are not the estimator's."""
    if isinstance(form.decision, Neighbours):
        # Images with a tie among neighbours are left out: there scikit-learn's own choice is chance.
        images = images[_untied(fitted.estimator, as_rows(images))]
    if not len(images):
        return
    found, expected = form.predictor(arrays).predict_proba(images), fitted.predict_proba(images)
    if not np.allclose(found, expected, rtol=0, atol=AGREEMENT):
        apart = float(np.abs(found - expected).max())
        raise NetworkError(f"what would be kept answers differently (probabilities up to {apart:.2g} apart)")


def _unknown(name: str, kind: str) -> RunError:
    return RunError(
        f"{name} cannot be saved: there is no safe form for a {kind}",
        "the named opponents have one; keep this one yourself, by skops.io.dump for example",
    )


def _histograms(step: Any) -> tuple[Features, Arrays]:  # noqa: ANN401 - transformers of this package
    return Histograms(int(step.cells), int(step.directions)), {}


def _patches(step: Any) -> tuple[Features, Arrays]:  # noqa: ANN401
    arrays = (step.mean_, step.whitening_, step.dictionary_)
    return Patches(step.used_side, int(step.parts)), dict(zip(Patches.names, arrays, strict=True))


def _scaler(step: Any) -> Arrays:  # noqa: ANN401 - estimators of scikit-learn's
    return {"scaler/mean": step.mean_.astype(np.float32), "scaler/scale": step.scale_.astype(np.float32)}


def _linear(weights: NDArray[Any], biases: NDArray[Any], opposite: float) -> Arrays:
    """Return a row per class; scikit-learn has one row for two classes, which says how far on the second one's side."""
    # A row of its own for each class, so that one rule serves for two and for more.
    if len(weights) == 1:
        weights, biases = (np.concatenate([opposite * each, each]) for each in (weights, np.atleast_1d(biases)))
    return dict(zip(Linear.names, (weights, biases), strict=True))


def _logistic(last: Any) -> _Frozen:  # noqa: ANN401
    # A softmax of 0 and z is the sigmoid of z, by which scikit-learn decides between two classes.
    return _Frozen(Linear(), _linear(last.coef_, last.intercept_, 0.0), logits=True)


def _ridge(last: Any) -> _Frozen:  # noqa: ANN401
    # -1: the first class's score is the opposite of the second's.
    return _Frozen(Linear(), _linear(np.atleast_2d(last.coef_), last.intercept_, -1.0))


def _neighbours(last: Any) -> _Frozen:  # noqa: ANN401
    if last.weights not in ("uniform", "distance") or last.effective_metric_ != "euclidean":
        raise ValueError(f"weights {last.weights}, metric {last.effective_metric_}")
    # scikit-learn's private names for what it was fitted on; there are no public ones.
    arrays = compact(last._fit_X), last._y.astype(np.int32)
    return _Frozen(Neighbours(int(last.n_neighbors), last.weights), dict(zip(Neighbours.names, arrays, strict=True)))


def _untied(estimator: Any, rows: NDArray[np.float32]) -> NDArray[np.bool_]:  # noqa: ANN401
    """Return where no further image is as near as the last that votes: which of them scikit-learn takes is chance."""
    pipeline, last = getattr(estimator, "steps", None), estimator
    if pipeline is not None:
        rows, last = estimator[:-1].transform(rows), pipeline[-1][1]
    if last.n_neighbors >= last.n_samples_fit_:
        return np.ones(len(rows), bool)
    # One more than vote: the gap behind the last that does shows whether another was as near.
    distances, _ = last.kneighbors(rows, last.n_neighbors + 1)
    clear: NDArray[np.bool_] = np.diff(np.sort(distances, axis=1)[:, -2:])[:, 0] > AGREEMENT
    return clear


def _svc(last: Any) -> _Frozen:  # noqa: ANN401
    if last.kernel != "rbf" or last.probability not in (False, "deprecated"):
        raise ValueError(f"kernel {last.kernel}, probability {last.probability}")
    # Of two classes scikit-learn turns the signs round, against what it does for more.
    sign = -1.0 if len(last.classes_) == 2 else 1.0
    vectors = last.support_vectors_.astype(np.float32)
    # Pixels fit into float32 without loss, standardised features need not.
    if not np.array_equal(vectors, last.support_vectors_):
        vectors = last.support_vectors_
    arrays = vectors, sign * last.dual_coef_, last.n_support_.astype(np.int32), sign * last.intercept_
    return _Frozen(SupportVectors(float(last._gamma)), dict(zip(SupportVectors.names, arrays, strict=True)))


def _forest(last: Any) -> _Frozen:  # noqa: ANN401
    trees = [each.tree_ for each in last.estimators_]
    lefts = [tree.children_left for tree in trees]
    # (leaves of all trees, classes), as counts or shares; scikit-learn's middle axis is for several outputs.
    leaf_values = np.concatenate([tree.value[left < 0, 0] for tree, left in zip(trees, lefts, strict=True)])
    # Shares: versions of scikit-learn keep counts of images or shares here.
    shares = leaf_values / leaf_values.sum(1, keepdims=True)
    nodes = [(tree.feature, tree.threshold, tree.children_left, tree.children_right) for tree in trees]
    arrays = _flat([[np.asarray(each) for each in four] for four in nodes], [left < 0 for left in lefts], shares)
    return _Frozen(Trees("mean"), arrays | {Trees.names[-1]: np.zeros(len(last.classes_), np.float32)})


def _boosting(last: Any) -> _Frozen:  # noqa: ANN401
    trees = [predictor.nodes for step in last._predictors for predictor in step]
    if any(nodes["is_categorical"].any() for nodes in trees):
        raise ValueError("categories")
    ends = [nodes["is_leaf"].astype(bool) for nodes in trees]
    values = np.concatenate([nodes["value"][end] for nodes, end in zip(trees, ends, strict=True)])[:, np.newaxis]
    names = ("feature_idx", "num_threshold", "left", "right")
    arrays = _flat([[nodes[name] for name in names] for nodes in trees], ends, values)
    start = last._baseline_prediction.ravel()
    # Of two classes boosting has one sum, the second's; that of the first is 0.
    biases = np.concatenate([np.zeros(1), start]) if len(start) == 1 else start
    return _Frozen(Trees("sum"), arrays | {Trees.names[-1]: biases}, logits=True)


def _flat(trees: list[list[NDArray[Any]]], ends: list[NDArray[np.bool_]], values: NDArray[Any]) -> Arrays:
    """Lay trees one after another.

    Parameters
    ----------
    trees : list of [feature, threshold, left, right]
        Each an array with one number per node; children by their places in the same tree.
    ends : list of array of bool
        Which nodes are leaves.
    values : array, shape (leaves, width)
        In the order of the nodes.
    """
    sizes = [len(end) for end in ends]
    # Where each tree begins in the joined arrays, (trees,).
    first = np.cumsum([0, *sizes[:-1]])
    is_leaf = np.concatenate(ends)
    feature, threshold, *children = (np.concatenate([tree[place] for tree in trees]) for place in range(4))
    # scikit-learn counts children within their tree; here all trees lie in one array.
    left, right = (np.where(is_leaf, -1, each.astype(np.int64) + np.repeat(first, sizes)) for each in children)
    # Many leaves of a forest are alike, as those of one class alone: each distinct one is kept once.
    table, rows = np.unique(values, axis=0, return_inverse=True)
    leaf = np.full(len(is_leaf), -1)
    leaf[is_leaf] = rows.ravel()
    feature = np.where(is_leaf, -1, feature.astype(np.int64))
    # Half the bytes where images have fewer pixels than that, as most have.
    small = np.int16 if feature.max() < np.iinfo(np.int16).max else np.int32
    integers = [first.astype(np.int32), feature.astype(small), *(each.astype(np.int32) for each in (left, right, leaf))]
    # A leaf has no threshold: 0 stands in its place.
    arrays = [*integers[:2], _below(np.where(is_leaf, 0, threshold)), *integers[2:], table]
    return dict(zip(Trees.names[:-1], arrays, strict=True))


def _below(thresholds: NDArray[np.float64]) -> NDArray[np.float32]:
    """Round down to single precision: a pixel in single precision is at most one if and only if at most the other."""
    # Infinity becomes the largest number there is: files hold finite ones alone.
    limit = np.finfo(np.float32).max
    rounded = np.clip(thresholds, -limit, limit).astype(np.float32)
    # nextafter: the next smaller number where rounding went up.
    return np.where(rounded > thresholds, np.nextafter(rounded, np.float32(-np.inf)), rounded)


_DESCRIBE: dict[str, Callable[[Any], tuple[Features, Arrays]]] = {
    "GradientHistograms": _histograms,
    "PatchFeatures": _patches,
}
_DECIDE: dict[str, Callable[[Any], _Frozen]] = {
    "LogisticRegression": _logistic,
    "RidgeClassifier": _ridge,
    "RidgeClassifierCV": _ridge,
    "KNeighborsClassifier": _neighbours,
    "SVC": _svc,
    "RandomForestClassifier": _forest,
    "ExtraTreesClassifier": _forest,
    "HistGradientBoostingClassifier": _boosting,
}
"""By the name of their class: a class derived from one of them has another, and may decide otherwise."""
