"""How the classes lie in the last hidden layer: its many numbers laid flat, by the two directions they vary most in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inklings.arguments import checks_call
from inklings.errors import DataError
from inklings.insight.members import check_images, members_of
from inklings.models.model import Model
from inklings.networks import Dropout, Flatten, Network
from inklings.reprs import short_repr


@short_repr
@dataclass(frozen=True, eq=False, repr=False)
class Projection:
    """Images as points in a plane.

    Attributes
    ----------
    points : array of float64, (n, 2)
    explained : array of float64, (2,)
        Which fraction of all variance each direction holds: what the picture shows of how the images differ.
    layer : str
        Whose outputs they are; ``"input"``, the pixels, for a network without a hidden layer.

    Examples
    --------
    >>> import inklings
    >>> from inklings.insight import project_classes
    >>> from inklings.networks import initial_parameters
    >>> layers = inklings.Conv2D(8, 5), inklings.MaxPool2D(2), inklings.Flatten(), inklings.Dense(10, "softmax")
    >>> network, digits = inklings.Network((20, 20, 1), layers), inklings.open_dataset("digits")
    >>> model = inklings.Model(network, initial_parameters(network, seed=0), digits.class_names)
    >>> images = digits.images[::100]
    >>> found = project_classes(model, images)
    >>> found.points.shape, found.layer
    ((50, 2), 'maxpool2d_1')
    """

    points: NDArray[np.float64]
    explained: NDArray[np.float64]
    layer: str


@checks_call(DataError, model=Model)
def project_classes(model: Model, images: ArrayLike) -> Projection:
    """Lay the last hidden layer's outputs flat by principal component analysis, as scikit-learn does it.

    Of an ensemble, those of its first member: others turn the same images elsewhere, so that there is no mean.

    Parameters
    ----------
    model : Model
        Of a network or an ensemble.
    images : array, (n, height, width, channels)
        Prepared images, at least three.

    Raises
    ------
    NetworkError
        The model is of an opponent.
    DataError
        The images are of another size, or too few.

    Examples
    --------
    >>> import inklings
    >>> from inklings.insight import project_classes
    >>> from inklings.networks import initial_parameters
    >>> layers = inklings.Conv2D(8, 5), inklings.MaxPool2D(2), inklings.Flatten(), inklings.Dense(10, "softmax")
    >>> network, digits = inklings.Network((20, 20, 1), layers), inklings.open_dataset("digits")
    >>> model = inklings.Model(network, initial_parameters(network, seed=0), digits.class_names)
    >>> images = digits.images[::100]
    >>> project_classes(model, images).explained.shape
    (2,)
    """
    from sklearn.decomposition import PCA

    first, pixels = members_of(model)[0], check_images(model, images)
    if len(pixels) < 3:
        raise DataError(f"{len(pixels)} images, expected at least 3 to lay flat")
    features, _ = first.features_and_logits(pixels)
    name = "input" if features is None else _last_hidden(first.network)
    rows = np.asarray(pixels.reshape(len(pixels), -1) if features is None else features, np.float64)
    if rows.shape[1] < 2:
        raise DataError("one number for an image, expected at least 2 to lay flat")
    # All variance may be 0, where every image is the same: scikit-learn would divide by it.
    if not (rows != rows[0]).any():
        return Projection(np.zeros((len(rows), 2)), np.zeros(2), name)
    # By singular values of all rows: exact, and the same every time, where a randomised solver draws.
    found = PCA(2, svd_solver="full").fit(rows)
    return Projection(found.transform(rows), found.explained_variance_ratio_, name)


def _last_hidden(network: Network) -> str:
    """Return the name of the layer before the last one with weights, but for those that leave every number as it is."""
    place = network.names.index(network.weight_names()[-1].partition("/")[0]) - 1
    # They leave every number as it is at prediction, so the layer before them is what people would call the last.
    while place and isinstance(network.layers[place], Dropout | Flatten):
        place -= 1
    return network.names[place]
