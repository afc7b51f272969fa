"""The weights of filters and hidden units as images.

A layer's images have one scale: to brighten each by itself would show a filter that does nothing as one that does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inklings.arguments import checks_call
from inklings.errors import DataError, NetworkError
from inklings.insight.members import layer_number, member_of
from inklings.models.model import Model
from inklings.networks import Activation, BatchNorm, Conv2D, Dense, Dropout, Flatten, Network
from inklings.networks.folding import FoldedNetwork, fold_batch_norms
from inklings.networks.initializer import Shape
from inklings.networks.parameters import parameters_of
from inklings.reprs import short_repr


@short_repr
@dataclass(frozen=True, eq=False, repr=False)
class WeightImages:
    """The weights of one layer, an image for each of its filters or units.

    Attributes
    ----------
    layer : str
        Its name.
    images : array, (filters or units, height, width, channels)
        Positive where light in the layer's input makes the output larger, negative where it makes it smaller.

    Examples
    --------
    >>> import inklings
    >>> from inklings.insight import weight_images
    >>> from inklings.networks import initial_parameters
    >>> layers = inklings.Conv2D(8, 5), inklings.MaxPool2D(2), inklings.Flatten(), inklings.Dense(10, "softmax")
    >>> network, digits = inklings.Network((20, 20, 1), layers), inklings.open_dataset("digits")
    >>> model = inklings.Model(network, initial_parameters(network, seed=0), digits.class_names)
    >>> images = digits.images[::100]
    >>> found = weight_images(model)
    >>> found.layer, found.images.shape
    ('conv2d_1', (8, 5, 5, 1))
    """

    layer: str
    images: NDArray[np.float64]

    @property
    def scale(self) -> float:
        """The largest absolute weight, by which all are drawn: 0 is the middle between two colours."""
        return float(np.abs(self.images).max())

    @property
    def norms(self) -> NDArray[np.float64]:
        """The length of each filter's weights, (filters or units,): next to 0 for one that does nothing."""
        lengths: NDArray[np.float64] = np.sqrt((self.images**2).sum((1, 2, 3)))
        return lengths


@checks_call(DataError, model=Model)
def weight_images(model: Model, layer: str | None = None, *, member: int = 1) -> WeightImages:
    """Return the weights of a layer that reads images: a convolution, or a dense layer behind a Flatten.

    A batch normalisation right behind the layer multiplies each filter: it is counted in, since a filter of a large
    weight and a small scale does little.

    Parameters
    ----------
    model : Model
        Of a network or an ensemble.
    layer : str, optional
        Its name, such as ``"conv2d_1"``; the first with weights if not given.
    member : int
        Which member of an ensemble, from 1.

    Raises
    ------
    NetworkError
        There is no such layer or member, the layer has no weights or reads no image, or the model is of an opponent.

    Examples
    --------
    >>> import inklings
    >>> from inklings.insight import weight_images
    >>> from inklings.networks import initial_parameters
    >>> layers = inklings.Conv2D(8, 5), inklings.MaxPool2D(2), inklings.Flatten(), inklings.Dense(10, "softmax")
    >>> network, digits = inklings.Network((20, 20, 1), layers), inklings.open_dataset("digits")
    >>> model = inklings.Model(network, initial_parameters(network, seed=0), digits.class_names)
    >>> images = digits.images[::100]
    >>> weight_images(model, "conv2d_1").images.shape
    (8, 5, 5, 1)
    """
    predictor = member_of(model, member)
    network = predictor.network
    if not network.weight_names():
        raise NetworkError("the network has no weights to show")
    name = layer or network.weight_names()[0].partition("/")[0]
    place = layer_number(network, name)
    if not isinstance(network.layers[place], Conv2D | Dense):
        with_weights = ", ".join(each.partition("/")[0] for each in network.weight_names())
        raise NetworkError(f"the layer '{name}' has no weights", f"these have: {with_weights}")
    shape = _image_read(network, place)
    if shape is None:
        raise NetworkError(
            f"the layer '{name}' reads numbers in no order of an image", "layers that read images have filters to show"
        )
    # At prediction a normalisation is a factor for each filter; folded, it is in the weights that are shown.
    folded = fold_batch_norms(network)
    own = parameters_of(_name_in(folded, name), folded.parameters(predictor.parameters))
    values = np.asarray(own["weights"], np.float64)
    if values.ndim == 2:
        # (height, width, channels, units): a unit's weights in the order in which Flatten read the image.
        values = values.reshape(*shape, -1)
    # The outputs first: an image for each filter or unit.
    return WeightImages(name, np.moveaxis(values, -1, 0))


def _image_read(network: Network, place: int) -> Shape | None:
    """Return the shape of the image that a layer reads, through a Flatten too; None if it reads none."""
    shapes = [shape for _, _, shape in network.walk()]
    # These keep every number in its place.
    while place and isinstance(network.layers[place - 1], Dropout | BatchNorm | Activation):
        place -= 1
    if place and isinstance(network.layers[place - 1], Flatten):
        place -= 1
    return shapes[place] if len(shapes[place]) == 3 else None


def _name_in(folded: FoldedNetwork, name: str) -> str:
    """Return what a layer is called in the folded network, in which some are left out."""
    return next(new for new, origin in zip(folded.network.names, folded.origins, strict=True) if origin.layer == name)
