"""The quantities that novelty is judged by: distances from subspaces, the largest logit, what detectors say.

Sources: see :mod:`inklings.models.novelty`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.lazy_images import Images
from inklings.data.resizing import resize
from inklings.errors import DataError
from inklings.opponents.gradient_histograms import histograms_of

Floats = NDArray[np.floating[Any]]
Integers = NDArray[np.int64]

MOST_SIDE = 28
"""Larger images are reduced to this side before their distance is measured."""

CELLS, DIRECTIONS = 5, 8
"""Of the histograms of gradients: cells along each side, and bins round the circle."""

THUMBNAIL = 7
"""The side of the small picture beside them: it has what gradients lose, tones and colours."""

APPEARANCE, FEATURES, DETECTOR, JOINT = "appearance", "features", "detector", "joint"
_DETECTOR = ("hidden_weights", "hidden_biases", "weights")
_TINY = 1e-6
"""Keeps the logarithm of a distance of 0 finite."""


@dataclass(frozen=True, eq=False)
class Subspaces:
    """Each class's mean and principal axes.

    Parameters
    ----------
    means : array of float32, shape (classes, dimensions)
    axes : array of float32, shape (classes, most, dimensions)
        Orthonormal rows; a class of few images has rows of zeros at the end.
    """

    means: Floats
    axes: Floats

    def __post_init__(self) -> None:
        classes, dimensions = self.means.shape if self.means.ndim == 2 else (0, 0)
        fits = self.axes.ndim == 3 and (self.axes.shape[0], self.axes.shape[2]) == (classes, dimensions)
        if not fits or not all(np.isfinite(each).all() for each in (self.means, self.axes)):
            raise DataError(f"subspaces of shapes {self.means.shape} and {self.axes.shape} do not fit each other")

    def distances(self, vectors: Floats, classes: Integers) -> Floats:
        """Return each vector's squared distance from the subspace of a class.

        Parameters
        ----------
        vectors : array, shape (n, dimensions)
        classes : array of int64, shape (n,)
            Which class to measure from.

        Returns
        -------
        array of float64, shape (n,)
        """
        found = np.empty(len(vectors))
        # Class by class, as one product each: gathering every vector's own axes would copy them for each image.
        for number in np.unique(classes):
            rows = classes == number
            centred = vectors[rows] - self.means[number]  # (m, dimensions)
            # Less its projection onto the orthonormal axes: what is left is the part outside the subspace.
            outside = centred - centred @ self.axes[number].T @ self.axes[number]
            found[rows] = np.einsum("ij,ij->i", outside, outside, dtype=np.float64)
        return found


@dataclass(frozen=True, eq=False)
class Detector:
    """A network of one hidden layer of rectified units that tells familiar images from made-up ones.

    Parameters
    ----------
    hidden_weights : array of float32, shape (dimensions, units)
    hidden_biases, weights : arrays of float32, shape (units,)
        ``weights`` lead from the hidden units to the log-odds of being made up.
    """

    hidden_weights: Floats
    hidden_biases: Floats
    weights: Floats

    def __post_init__(self) -> None:
        arrays = (self.hidden_weights, self.hidden_biases, self.weights)
        units = self.hidden_weights.shape[-1:]
        if self.hidden_weights.ndim != 2 or not units == self.hidden_biases.shape == self.weights.shape:
            raise DataError(f"a detector of shapes {', '.join(str(each.shape) for each in arrays)} does not fit")
        if not all(np.isfinite(each).all() for each in arrays):
            raise DataError("a detector holds NaN or infinity, expected numbers")

    def log_odds(self, vectors: Floats) -> Floats:
        """Return the log-odds that each vector, shape (n, dimensions), is made up, up to a constant; shape (n,)."""
        hidden = np.maximum(vectors @ self.hidden_weights + self.hidden_biases, 0)
        # (n, units), then (n,).
        odds: Floats = (hidden @ self.weights).astype(np.float64)
        return odds


@dataclass(frozen=True, eq=False)
class Measured:
    """What quantities are measured by: each class's subspaces, and the detectors.

    Parameters
    ----------
    appearance : Subspaces
        Of the training images.
    features : Subspaces or None
        Of the last hidden layer's outputs; None for a network without one.
    detector : Detector
        Of the appearance.
    joint : Detector, optional
        Of the appearance and, after it, the last hidden layer's outputs.
    """

    appearance: Subspaces
    features: Subspaces | None
    detector: Detector
    joint: Detector | None = None

    @property
    def count(self) -> int:
        """Number of quantities."""
        # Appearance, the largest logit and the detector are always there.
        return 3 + (self.features is not None) + (self.joint is not None)

    def quantities(self, images: Images, outputs: Floats | None, logits: Floats) -> Floats:
        """Return what novelty is judged by, shape (n, quantities).

        Logarithms of the distances, minus the largest logit, and the detectors' log-odds: all grow with novelty.

        Parameters
        ----------
        images : array of float32, shape (n, height, width, channels)
        outputs : array, shape (n, features), or None
            The last hidden layer's.
        logits : array, shape (n, classes)
        """
        # Predicted, not true: at prediction nobody knows the true class.
        predicted, vectors = logits.argmax(1), appearance_vectors(images)
        # Logarithms, since distances of what is novel are many times those of what is familiar.
        columns = [np.log(self.appearance.distances(vectors, predicted) + _TINY)]
        if self.features is not None and outputs is not None:
            columns.append(np.log(self.features.distances(unit_vectors(outputs), predicted) + _TINY))
        columns += [-logits.max(1).astype(np.float64), self.detector.log_odds(vectors)]
        if self.joint is not None and outputs is not None:
            columns.append(self.joint.log_odds(joint_vectors(vectors, outputs)))
        return np.stack(columns, axis=1)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays by name, in half precision, which :func:`rounded` made exact."""
        arrays = {f"{APPEARANCE}/means": self.appearance.means, f"{APPEARANCE}/axes": self.appearance.axes}
        if self.features is not None:
            arrays |= {f"{FEATURES}/means": self.features.means, f"{FEATURES}/axes": self.features.axes}
        for kind, detector in ((DETECTOR, self.detector), (JOINT, self.joint)):
            arrays |= {f"{kind}/{name}": getattr(detector, name) for name in _DETECTOR if detector is not None}
        return {name: values.astype(np.float16) for name, values in arrays.items()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Measured:
        """Read what :meth:`to_arrays` gave; a KeyError or DataError says what is wrong."""
        own = {name: values.astype(np.float32) for name, values in arrays.items()}
        appearance = Subspaces(own[f"{APPEARANCE}/means"], own[f"{APPEARANCE}/axes"])
        known = f"{FEATURES}/means" in own
        features = Subspaces(own[f"{FEATURES}/means"], own[f"{FEATURES}/axes"]) if known else None
        kinds = [kind for kind in (DETECTOR, JOINT) if kind == DETECTOR or f"{kind}/{_DETECTOR[0]}" in own]
        detectors = [Detector(*(own[f"{kind}/{name}"] for name in _DETECTOR)) for kind in kinds]
        return cls(appearance, features, *detectors)


def appearance_vectors(images: Images) -> Floats:
    """Return what images look like as vectors, shape (n, dimensions): their edges and, after them, a small picture.

    Edges are histograms of gradients (:mod:`inklings.opponents.gradient_histograms`), which a shift of half a pixel or
    a wider pen changes less than pixels. Large images are reduced to a side of :data:`MOST_SIDE` first.
    """
    height, width = images.shape[1:3]
    # Both sides by one factor: characters keep their proportions.
    factor = MOST_SIDE / max(height, width)
    # Never enlarged: small images have no more to show.
    if factor < 1:
        images = resize(images, (max(1, round(height * factor)), max(1, round(width * factor))))
    edges = histograms_of(np.ascontiguousarray(images, np.float32), CELLS, DIRECTIONS)
    # (n, THUMBNAIL * THUMBNAIL * channels)
    small = resize(images, (THUMBNAIL, THUMBNAIL)).reshape(len(images), -1)
    return np.concatenate([edges, small], axis=1)


def unit_vectors(outputs: Floats) -> Floats:
    """Scale each row to length 1: how strongly a layer responds is left to the logits."""
    # Rows of zeros, as behind dead units, stay zero.
    units: Floats = outputs / np.maximum(np.linalg.norm(outputs, axis=1, keepdims=True), _TINY)
    return units


def joint_vectors(appearance: Floats, outputs: Floats) -> Floats:
    """Join vectors of appearance with a layer's outputs scaled to length 1, shape (n, dimensions + features)."""
    return np.concatenate([appearance, unit_vectors(outputs)], axis=1)


def rounded(values: Floats) -> Floats:
    """Round to half precision, in which the arrays are kept, so that a saved measure gives the same scores."""
    return values.astype(np.float16).astype(np.float32)
