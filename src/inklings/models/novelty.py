"""Novelty: how unlike the images that a network learnt from an image is.

A network divides all images among its classes, also those of none: it reads a letter as a confident digit. Novelty is
judged by four quantities:

- the distance of the image from the subspace of the class that the network predicts, which the principal components of
  that class's training images span;
- the same for the last hidden layer's outputs, scaled to length 1;
- the largest logit;
- what a small network says that was trained to tell the training images from made-up ones.

A quadratic logistic regression joins them (:mod:`inklings.evaluation.novelty` fits it).

Sources: S. Watanabe and N. Pakvasa, Subspace method of pattern recognition, IJCPR 1973; H. Wang, Z. Li, L. Feng and W.
Zhang, ViM: out-of-distribution with virtual-logit matching, CVPR 2022 (distances in features, with logits); D.
Hendrycks and others, Scaling out-of-distribution detection for real-world settings, ICML 2022 (the largest logit); D.
Hendrycks, M. Mazeika and T. Dietterich, Deep anomaly detection with outlier exposure, ICLR 2019 (learning from
outliers, which are made up here).
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

Floats = NDArray[np.floating[Any]]
Integers = NDArray[np.int64]

MOST_SIDE = 28
"""Larger images are reduced to this side before their distance is measured."""

PIXELS, FEATURES, DETECTOR = "pixels", "features", "detector"
_DETECTOR = ("hidden_weights", "hidden_biases", "weights")
_WEIGHING = ("centre", "scale", "weights")
_TINY = 1e-6


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
        for number in np.unique(classes):
            rows = classes == number
            centred = vectors[rows] - self.means[number]
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
        odds: Floats = (hidden @ self.weights).astype(np.float64)
        return odds


@dataclass(frozen=True, eq=False)
class Measured:
    """What quantities are measured by: each class's subspaces, and the detector.

    Parameters
    ----------
    pixels : Subspaces
        Of the training images.
    features : Subspaces or None
        Of the last hidden layer's outputs; None for a network without one.
    detector : Detector
    """

    pixels: Subspaces
    features: Subspaces | None
    detector: Detector

    @property
    def count(self) -> int:
        """Number of quantities."""
        return 3 + (self.features is not None)

    def quantities(self, images: Images, outputs: Floats | None, logits: Floats) -> Floats:
        """Return what novelty is judged by, shape (n, quantities).

        Logarithms of the distances, minus the largest logit, and the detector's log-odds: all grow with novelty.

        Parameters
        ----------
        images : array of float32, shape (n, height, width, channels)
        outputs : array, shape (n, features), or None
            The last hidden layer's.
        logits : array, shape (n, classes)
        """
        predicted, vectors = logits.argmax(1), pixel_vectors(images)
        columns = [np.log(self.pixels.distances(vectors, predicted) + _TINY)]
        if self.features is not None and outputs is not None:
            columns.append(np.log(self.features.distances(unit_vectors(outputs), predicted) + _TINY))
        columns += [-logits.max(1).astype(np.float64), self.detector.log_odds(vectors)]
        return np.stack(columns, axis=1)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays by name, in half precision, which :func:`rounded` made exact."""
        arrays = {f"{PIXELS}/means": self.pixels.means, f"{PIXELS}/axes": self.pixels.axes}
        if self.features is not None:
            arrays |= {f"{FEATURES}/means": self.features.means, f"{FEATURES}/axes": self.features.axes}
        arrays |= {f"{DETECTOR}/{name}": getattr(self.detector, name) for name in _DETECTOR}
        return {name: values.astype(np.float16) for name, values in arrays.items()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Measured:
        """Read what :meth:`to_arrays` gave; a KeyError or DataError says what is wrong."""
        own = {name: values.astype(np.float32) for name, values in arrays.items()}
        pixels = Subspaces(own[f"{PIXELS}/means"], own[f"{PIXELS}/axes"])
        known = f"{FEATURES}/means" in own
        features = Subspaces(own[f"{FEATURES}/means"], own[f"{FEATURES}/axes"]) if known else None
        return cls(pixels, features, Detector(*(own[f"{DETECTOR}/{name}"] for name in _DETECTOR)))


@dataclass(frozen=True, eq=False)
class Weighing:
    """A logistic regression on the quantities and their products.

    Parameters
    ----------
    centre, scale : arrays, shape (quantities,)
        Mean and standard deviation of each quantity among familiar images.
    weights : array, shape (quantities + quantities * (quantities + 1) / 2,)
        In the order of :func:`terms`.
    intercept : float
    """

    centre: Floats
    scale: Floats
    weights: Floats
    intercept: float

    def __post_init__(self) -> None:
        count = self.centre.size
        expected = ((count,), (count,), (count + count * (count + 1) // 2,))
        found = tuple(each.shape for each in (self.centre, self.scale, self.weights))
        if found != expected:
            raise DataError(f"a measure of novelty has arrays of shapes {found}, expected {expected}")

    def score(self, quantities: Floats) -> Floats:
        """Return the log-odds of being novel, shape (n,), of quantities, shape (n, quantities)."""
        score: Floats = terms(quantities, self.centre, self.scale) @ self.weights + self.intercept
        return score


@dataclass(frozen=True, eq=False)
class Novelty:
    """What tells familiar images from novel ones.

    Parameters
    ----------
    measured : Measured
    weighed : Weighing
    threshold : float
        The largest score of what is familiar.
    accepted : float
        The fraction of the validation images with at most this score.
    """

    measured: Measured
    weighed: Weighing
    threshold: float
    accepted: float

    def __post_init__(self) -> None:
        if self.weighed.centre.size != self.measured.count:
            raise DataError(f"{self.weighed.centre.size} weights for {self.measured.count} quantities of novelty")

    def score(self, images: Images, features: Floats | None, logits: Floats) -> Floats:
        """Return how novel each image is: the log-odds that it is none of what the network learnt.

        Parameters
        ----------
        images : array of float32, shape (n, height, width, channels)
        features : array, shape (n, features), or None
            The last hidden layer's outputs.
        logits : array, shape (n, classes)

        Returns
        -------
        array of float64, shape (n,)
        """
        return self.weighed.score(self.measured.quantities(images, features, logits))

    def to_plain(self) -> dict[str, Any]:
        """Return all but what is measured as plain values, for JSON."""
        arrays = {name: getattr(self.weighed, name).tolist() for name in _WEIGHING}
        numbers = {"intercept": self.weighed.intercept, "threshold": self.threshold, "accepted": self.accepted}
        return {**arrays, **numbers}

    @classmethod
    def from_plain(cls, values: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Novelty:
        """Read what :meth:`to_plain` and :meth:`Measured.to_arrays` gave; a DataError says what is wrong with it."""
        try:
            centre, scale, weights = (np.array(values[name], np.float64) for name in _WEIGHING)
            intercept, threshold, accepted = (float(values[name]) for name in ("intercept", "threshold", "accepted"))
            weighed = Weighing(centre, scale, weights, intercept)
            return cls(Measured.from_arrays(arrays), weighed, threshold, accepted)
        except (KeyError, TypeError, ValueError) as problem:
            raise DataError(f"the measure of novelty is damaged ({problem})", "save the model anew") from None


def terms(quantities: Floats, centre: Floats, scale: Floats) -> Floats:
    """Return what is weighed: standardised quantities, and their products in pairs.

    The inverse hyperbolic sine keeps what is far from all that is familiar from outweighing the rest.

    Returns
    -------
    array, shape (n, quantities + quantities * (quantities + 1) / 2)
        The products with the first quantity come first, its square before the others.
    """
    values = np.arcsinh((quantities - centre) / scale)
    first, second = np.triu_indices(values.shape[1])
    return np.concatenate([values, values[:, first] * values[:, second]], axis=1)


def pixel_vectors(images: Images) -> Floats:
    """Return images as vectors, shape (n, dimensions), large ones reduced to a side of :data:`MOST_SIDE`."""
    height, width = images.shape[1:3]
    factor = MOST_SIDE / max(height, width)
    if factor < 1:
        images = resize(images, (max(1, round(height * factor)), max(1, round(width * factor))))
    return images.reshape(len(images), -1)


def unit_vectors(outputs: Floats) -> Floats:
    """Scale each row to length 1: how strongly a layer responds is left to the logits."""
    units: Floats = outputs / np.maximum(np.linalg.norm(outputs, axis=1, keepdims=True), _TINY)
    return units


def rounded(values: Floats) -> Floats:
    """Round to half precision, in which the arrays are kept, so that a saved measure gives the same scores."""
    return values.astype(np.float16).astype(np.float32)
