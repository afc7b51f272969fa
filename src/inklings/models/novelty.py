"""Novelty: how unlike the images that a network learnt from an image is.

A network divides all images among its classes, also those of none: it reads a letter as a confident digit. Novelty is
judged by five quantities:

- the distance of the image's appearance, its edges and a small picture, from the subspace of the class that the network
  predicts, which the principal components of that class's training images span;
- the same for the last hidden layer's outputs, scaled to length 1;
- the largest logit;
- what two small networks say that were trained to tell the training images from made-up ones, one by the appearance,
  one by that and the last hidden layer's outputs.

A quadratic logistic regression joins them (:mod:`inklings.evaluation.novelty` fits it).

Sources: S. Watanabe and N. Pakvasa, Subspace method of pattern recognition, IJCPR 1973; H. Wang, Z. Li, L. Feng and W.
Zhang, ViM: out-of-distribution with virtual-logit matching, CVPR 2022 (distances in features, with logits); D.
Hendrycks and others, Scaling out-of-distribution detection for real-world settings, ICML 2022 (the largest logit); D.
Hendrycks, M. Mazeika and T. Dietterich, Deep anomaly detection with outlier exposure, ICLR 2019 (learning from
outliers, which are made up here); N. Dalal and B. Triggs, Histograms of oriented gradients for human detection, CVPR
2005 (edges).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from inklings.data.lazy_images import Images
from inklings.errors import DataError
from inklings.models.novelty_quantities import Measured
from inklings.serialise import check_stored

Floats = NDArray[np.floating[Any]]

_WEIGHING = ("centre", "scale", "weights")


class _StoredNovelty(TypedDict):
    """What :meth:`Novelty.to_plain` gives."""

    centre: list[float]
    scale: list[float]
    weights: list[float]
    intercept: float
    threshold: float
    accepted: float


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
        # A weight for each quantity, and for each pair of them, also with itself.
        expected = ((count,), (count,), (count + count * (count + 1) // 2,))
        found = tuple(each.shape for each in (self.centre, self.scale, self.weights))
        if found != expected:
            raise DataError(f"a measure of novelty has arrays of shapes {found}, expected {expected}")
        numbers = (self.centre, self.scale, self.weights, np.array(self.intercept))
        if not all(np.isfinite(each).all() for each in numbers) or not (self.scale > 0).all():
            raise DataError("a measure of novelty holds NaN, infinity or a scale of 0, expected numbers")

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
            check_stored(_StoredNovelty, values, "", DataError)
            centre, scale, weights = (np.array(values[name], np.float64) for name in _WEIGHING)
            weighed = Weighing(centre, scale, weights, values["intercept"])
            return cls(Measured.from_arrays(arrays), weighed, values["threshold"], values["accepted"])
        except (DataError, KeyError) as problem:
            raise DataError(f"the measure of novelty is damaged ({problem})", "save the model anew") from None


def terms(quantities: Floats, centre: Floats, scale: Floats) -> Floats:
    """Return what is weighed: standardised quantities, and their products in pairs.

    The inverse hyperbolic sine keeps what is far from all that is familiar from outweighing the rest.

    Returns
    -------
    array, shape (n, quantities + quantities * (quantities + 1) / 2)
        The products with the first quantity come first, its square before the others.
    """
    # (n, quantities), standardised by what is familiar.
    values = np.arcsinh((quantities - centre) / scale)
    # Each pair once, squares included.
    first, second = np.triu_indices(values.shape[1])
    return np.concatenate([values, values[:, first] * values[:, second]], axis=1)
