"""X, y and sample weights as scikit-learn's users pass them, checked and converted to one form."""

from __future__ import annotations

import warnings
from dataclasses import replace
from math import prod, sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state, compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, validate_data

from inklings.arguments import caller_stacklevel
from inklings.data.interpretation import Interpretation
from inklings.data.labels import find_missing
from inklings.data.notes import decisions
from inklings.data.polarity import LIGHT
from inklings.data.value_range import choose_range
from inklings.errors import DataWarning, EstimatorError, TrainingWarning
from inklings.models.contradictions import SEVERAL
from inklings.models.preparation import WHOLE, Preparation
from inklings.models.raw_images import SAMPLE
from inklings.training.history import EpochRecord

Pixels = NDArray[np.float32]

ENOUGH = 50
"""Of fewer images than this, an accuracy says little about whether anything was learnt."""

LARGEST_UNSCALED = 32
"""Values up to this are used as they are: standardised features, and 0 to 16 as in scikit-learn's digits."""

LARGEST_OF_FEATURES = 8
"""Where values lie on both sides of 0, their root mean square up to which they are features, though single ones be far
above: a pixel with ink in one of a thousand images is 32 there once it is standardised, when all of them have a mean
square of 1. Principal components of 0 to 16 have 4; bytes from which a mean was subtracted, about 80."""


def read_training(
    estimator: BaseEstimator, X: ArrayLike, y: ArrayLike, *, reset: bool
) -> tuple[Pixels, NDArray[Any], tuple[int, ...]]:
    """Check X and y; return X as rows of features, y, and the shape that a row had."""
    # scikit-learn's checks want two axes; what a row's shape was is kept beside.
    flat, given = _flatten(estimator, X, reset)
    # Before scikit-learn sorts the labels, which None ends in a TypeError.
    check_labels(y)
    rows, answers = validate_data(estimator, flat, y, dtype=np.float32, reset=reset)
    check_classification_targets(answers)
    return rows, np.asarray(answers), given or rows.shape[1:]


def read_rows(estimator: BaseEstimator, X: ArrayLike) -> Pixels:
    """Check X against what the estimator was trained on; return it as rows of features."""
    X, _ = _flatten(estimator, X, reset=False)
    rows: Pixels = validate_data(estimator, X, dtype=np.float32, reset=False)
    return rows


def _flatten(estimator: BaseEstimator, X: Any, reset: bool) -> tuple[Any, tuple[int, ...]]:  # noqa: ANN401
    """Flatten images into rows of features, which is all that scikit-learn's checks accept; return their shape too."""
    # Anything else is passed on as it is: a data frame must keep its column names for feature_names_in_.
    try:
        shape: tuple[int, ...] = X.shape if hasattr(X, "shape") else np.asarray(X).shape
    except ValueError:
        raise EstimatorError("X has rows of several lengths, expected as many features in each") from None
    if len(shape) < 3:
        return X, ()
    if len(shape) > 4:
        raise EstimatorError(f"X has the shape {shape}, expected (n, height, width, channels) at most")
    given = shape[1:]
    if not reset:
        known = estimator.image_shape_
        if given != known and (*given, 1) != known:
            raise EstimatorError(f"X holds images of {given}, expected {known} as in training")
    return np.asarray(X).reshape(shape[0], prod(given)), given


def find_scaling(X: Pixels) -> Interpretation:
    """Decide how values become what a network learns from: large ones are scaled as pixels are, others kept.

    Nothing else is decided of rows of features: they may be anything but images. Unless 0 to 255 become 0 to 1, as is
    plain, a DataWarning says what was done.
    """
    low, high = float(X.min()), float(X.max())
    # A border in the middle says that none was looked at.
    kept = Interpretation(lowest=low, highest=high, border=0.5, pictures=False)
    if max(-low, high) <= LARGEST_UNSCALED or (low < 0 and _root_mean_square(X) <= LARGEST_OF_FEATURES):
        return kept
    # As images of one row, shape (n, 1, features, 1).
    # -(-a // b) rounds up: at most SAMPLE rows, spread over all.
    found = choose_range(low, high, X[:: -(-len(X) // SAMPLE), np.newaxis, :, np.newaxis])
    for note in decisions(found.notes):
        warnings.warn(f"X: {note}; predict does the same", DataWarning, stacklevel=caller_stacklevel())
    return replace(kept, paper=found.paper, ink=found.ink, signed_bytes=found.signed_bytes, clipped=found.clipped)


def _root_mean_square(X: Pixels) -> float:
    norm = float(np.linalg.norm(X))  # without a copy of the squares: X may be large
    return norm / sqrt(X.size)


def warn_of_other_range(X: Pixels, known: Interpretation) -> None:
    """Issue a DataWarning where values are ten times as large as those trained on, or a tenth."""
    if not len(X):
        return
    trained, found = (max(abs(low), abs(high)) for low, high in ((known.lowest, known.highest), (X.min(), X.max())))
    # Of few rows, all may be nearly blank.
    if found > 10 * trained or (len(X) >= SEVERAL and 0 < found < trained / 10):
        warnings.warn(
            f"X holds values {X.min():g} to {X.max():g}, the classifier was trained on {known.lowest:g} to "
            f"{known.highest:g}; they were used on that scale",
            DataWarning,
            stacklevel=3,
        )


def look_at_border(
    X: Pixels, given: tuple[int, ...], shape: tuple[int, int, int], scaling: Interpretation
) -> Interpretation:
    """Return the scaling with what the borders of grey images show, which a model holds pictures against.

    A DataWarning says that the background is light: nothing here inverts it.

    Parameters
    ----------
    X : array of float32, shape (n, features)
    given : tuple of int
        The shape of a row as it came: of flat rows nobody knows whether they are pixels.
    shape : (int, int, int)
        Height, width and channels.
    scaling : Interpretation
    """
    if len(given) < 2 or shape[2] != 1:
        return scaling
    images = as_images(X[:: -(-len(X) // SAMPLE)], shape, scaling)
    if images.min() < 0 or images.max() > 1:
        return scaling
    edges = (images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1])
    border = float(np.median(np.concatenate(edges, axis=1)))
    if border > LIGHT:
        warnings.warn(
            "the images in X have a light background, and are used as they are; networks learn more easily "
            f"where paper is 0: pass {scaling.highest:g} - X, here and to predict",
            DataWarning,
            stacklevel=4,
        )
    return replace(scaling, border=border)


def warn_if_nothing_was_learnt(y: NDArray[np.int64], last: EpochRecord) -> None:
    """Issue a TrainingWarning where training ended no better than guessing the most frequent class.

    Parameters
    ----------
    y : array of int64, shape (n,)
        The training images' classes.
    last : EpochRecord
    """
    if len(y) < ENOUGH:
        return
    guessed = float(np.bincount(y).max()) / len(y)
    # By chance alone, an accuracy is that far above guessing in one of twenty trainings.
    # 1.64 standard errors of a share: the normal distribution's upper 5 %.
    margin = 1.64 * (guessed * (1 - guessed) / len(y)) ** 0.5
    if last.train_accuracy < 1 and last.train_accuracy <= guessed + margin:
        warnings.warn(
            f"training ended at {last.train_accuracy:.1%} on its own images, and guessing gives {guessed:.1%}: "
            "try a smaller learning_rate, more epochs, or X on another scale",
            TrainingWarning,
            stacklevel=3,
        )


def as_images(X: Pixels, shape: tuple[int, int, int], scaling: Interpretation) -> Pixels:
    """Return rows of features as images, shape (n, height, width, channels), scaled as in training."""
    images = X.reshape(len(X), *shape)
    return images if (scaling.paper, scaling.ink) == (0, 1) else scaling.apply(images)


def describe_preparation(shape: tuple[int, int, int], scaling: Interpretation) -> dict[str, Any]:
    """Return how a model is to prepare what it classifies, as its file has it: pictures too, if X may be such.

    Pictures come as 0 to 1. A network that learnt from features in a row, or from values up to 16, is for arrays alone.
    """
    height, width, channels = shape
    scaled = (scaling.paper, scaling.ink) != (0, 1) or (scaling.lowest >= 0 and scaling.highest <= 1)
    arrays = {"interpretation": scaling.to_plain()}
    if min(height, width) == 1 or channels not in (1, 3) or not scaled:
        return arrays
    return {**Preparation(WHOLE, (height, width), channels).to_plain(), **arrays}


def find_classes(y: NDArray[Any]) -> NDArray[Any]:
    """Return the classes in order; there must be at least two."""
    check_labels(y)
    classes: NDArray[Any] = np.unique(y)
    if len(classes) < 2:
        raise EstimatorError(f"y has the one class {classes.tolist()[0]!r}, expected at least two classes")
    return classes


def check_labels(y: ArrayLike | None) -> None:
    """Refuse labels of which some are missing, or of types that no order has: text and numbers.

    Missing are None, NaN, what is masked, and the words that programs write for them, such as NA: an array of text and
    NaN holds "nan" as soon as NumPy has made it.

    Raises
    ------
    EstimatorError
        It counts the missing labels and names the first.
    """
    try:
        labels = np.asanyarray(y)
    except ValueError:
        return  # of several lengths, of which scikit-learn says more
    if y is None or labels.ndim != 1 or not labels.size:
        return
    missing = find_missing(labels)
    if missing.any():
        first = int(np.argmax(missing))
        raise EstimatorError(
            f"y lacks {missing.sum():,} of {len(missing):,} labels, the first is y[{first}] = {labels[first]!s:.20}",
            "leave these images out, or call the class by another word",
        )
    kinds = sorted({"text" if isinstance(label, str | bytes) else "numbers" for label in labels.tolist()})
    if labels.dtype.kind == "O" and len(kinds) > 1:
        raise EstimatorError(f"y mixes {' and '.join(kinds)}, expected one of them", "make it text: y.astype(str)")


def encode(y: NDArray[Any], classes: NDArray[Any]) -> NDArray[np.int64]:
    """Return the index of each label in the sorted classes."""
    unknown = np.setdiff1d(y, classes)
    if len(unknown):
        raise EstimatorError(f"y holds {unknown.tolist()[0]!r}, expected one of the classes {classes.tolist()}")
    # Classes are sorted, as np.unique returns them, and every label is among them.
    places: NDArray[np.int64] = np.searchsorted(classes, y).astype(np.int64)
    return places


def read_weights(
    sample_weight: ArrayLike | None, X: Pixels, y: NDArray[np.int64], *, all_classes: bool
) -> NDArray[np.float64] | None:
    """Check sample weights; None if none are given."""
    if sample_weight is None:
        return None
    weights: NDArray[np.float64] = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
    if not weights.any():
        raise EstimatorError("every sample weight is 0, expected one above 0")
    # Only partial_fit may see one class at a time.
    if all_classes and len(np.unique(y[weights > 0])) < 2:
        raise EstimatorError("only one class has a sample weight above 0, expected at least two classes")
    return weights


def weigh_classes(asked: object, classes: NDArray[Any], y: NDArray[Any]) -> NDArray[np.float64]:
    """Return each class's weight as ``class_weight`` says."""
    try:
        weights: NDArray[np.float64] = compute_class_weight(asked, classes=classes, y=y)
    except ValueError as problem:
        message = f"is {asked!r}, expected 'balanced', a dict of classes, or None ({problem})"
        raise EstimatorError(message, setting="class_weight", found=asked) from None
    return weights


def draw_from(asked: Any) -> np.random.RandomState:  # noqa: ANN401 - whatever the user gave
    """Return what draws seeds, from ``random_state``."""
    try:
        random: np.random.RandomState = check_random_state(asked)
    except ValueError:
        message = f"is {asked!r}, expected a whole number, a RandomState or None"
        raise EstimatorError(message, setting="random_state", found=asked) from None
    return random
