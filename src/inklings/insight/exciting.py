"""Which images excite a unit most, and which units nothing excites."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inklings.arguments import checks_call
from inklings.errors import DataError
from inklings.insight.members import Floats, Images, Integers, check_images, layer_number, member_of
from inklings.models.model import Model
from inklings.networks import Conv2D, MaxPool2D, Network
from inklings.networks.initializer import Shape
from inklings.networks.window import Window
from inklings.reprs import short_repr

_BYTES_AT_ONCE = 1 << 26  # of all layers' outputs, for the images of one part

Box = tuple[int, int, int, int]
"""Top, left, bottom and right; the last two are the first pixels outside."""


@short_repr
@dataclass(frozen=True, eq=False, repr=False)
class Excitation:
    """The images that excite one unit most, the strongest first.

    Attributes
    ----------
    rows : array of int64, (count,)
        Rows of the images.
    values : array, (count,)
        The unit's output; of a filter, the largest on the image.
    boxes : list of (top, left, bottom, right)
        The part of each image that this output can see: all of it, but for a filter.

    Examples
    --------
    >>> import inklings
    >>> from inklings.insight import most_exciting
    >>> from inklings.networks import initial_parameters
    >>> layers = inklings.Conv2D(8, 5), inklings.MaxPool2D(2), inklings.Flatten(), inklings.Dense(10, "softmax")
    >>> network, digits = inklings.Network((20, 20, 1), layers), inklings.open_dataset("digits")
    >>> model = inklings.Model(network, initial_parameters(network, seed=0), digits.class_names)
    >>> images = digits.images[::100]
    >>> found = most_exciting(model, images, "conv2d_1", unit=0, count=4)
    >>> found.rows.shape, found.values.shape, len(found.boxes)
    ((4,), (4,), 4)
    """

    rows: Integers
    values: Floats
    boxes: list[Box]


@checks_call(DataError, model=Model)
def most_exciting(
    model: Model, images: ArrayLike, layer: str, unit: int, count: int = 9, *, member: int = 1
) -> Excitation:
    """Return the images for which one unit's output, or the largest output of one filter, is largest.

    Parameters
    ----------
    model : Model
        Of a network or an ensemble.
    images : array, (n, height, width, channels)
        Prepared images to choose among.
    layer : str
        The layer's name, such as ``"conv2d_1"``.
    unit : int
        Which filter or unit of it, from 0.
    count : int
        How many images; of equal ones, those that come first.
    member : int
        Which member of an ensemble, from 1.

    Raises
    ------
    NetworkError
        There is no such layer, or the model is of an opponent.
    DataError
        The images are of another size, or there is no such unit.

    Examples
    --------
    >>> import inklings
    >>> from inklings.insight import most_exciting
    >>> from inklings.networks import initial_parameters
    >>> layers = inklings.Conv2D(8, 5), inklings.MaxPool2D(2), inklings.Flatten(), inklings.Dense(10, "softmax")
    >>> network, digits = inklings.Network((20, 20, 1), layers), inklings.open_dataset("digits")
    >>> model = inklings.Model(network, initial_parameters(network, seed=0), digits.class_names)
    >>> images = digits.images[::100]
    >>> most_exciting(model, images, "conv2d_1", unit=3, count=5).rows.shape
    (5,)
    """
    return excite_each(model, images, layer, [unit], count, member=member)[0]


@checks_call(DataError, model=Model)
def excite_each(
    model: Model, images: ArrayLike, layer: str, units: Sequence[int], count: int = 9, *, member: int = 1
) -> list[Excitation]:
    """Return what excites each of several units most; the images go through the network once for all of them.

    The parameters and errors are those of :func:`most_exciting`.

    Examples
    --------
    >>> import inklings
    >>> from inklings.insight import excite_each
    >>> from inklings.networks import initial_parameters
    >>> layers = inklings.Conv2D(8, 5), inklings.MaxPool2D(2), inklings.Flatten(), inklings.Dense(10, "softmax")
    >>> network, digits = inklings.Network((20, 20, 1), layers), inklings.open_dataset("digits")
    >>> model = inklings.Model(network, initial_parameters(network, seed=0), digits.class_names)
    >>> images = digits.images[::100]
    >>> len(excite_each(model, images, "conv2d_1", units=[0, 1, 2], count=4))
    3
    """
    pixels, network = check_images(model, images), member_of(model, member).network
    place = layer_number(network, layer)
    shape = _output_shape(network, place)
    for unit in units:
        if not 0 <= unit < shape[-1]:
            raise DataError(f"unit {unit}, expected 0 to {shape[-1] - 1}: the layer's output has shape {shape}")
    if count < 1:
        raise DataError(f"{count} images, expected at least 1")
    # Laid out row by row, (n, pixels, units), with 1 pixel for a vector: of a map the largest value, and where it is.
    maps = [part.reshape(len(part), -1, shape[-1])[..., units] for part in _outputs(model, pixels, layer, member)]
    values = np.concatenate([part.max(1) for part in maps])  # (n, units)
    where = np.concatenate([part.argmax(1) for part in maps])
    found = []
    for own, places in zip(values.T, where.T, strict=True):
        # Stable: of equal ones, such as the zeros of a rectifier, those that come first.
        rows = np.argsort(-own, kind="stable")[:count]
        boxes = [(0, 0, *model.input_shape[:2])] * len(rows)
        if len(shape) == 3:
            # Places count row by row, so dividing by the width gives row and column.
            boxes = [receptive_field(network, place, *divmod(int(places[row]), shape[1])) for row in rows]
        found.append(Excitation(rows.astype(np.int64), own[rows], boxes))
    return found


@checks_call(DataError, model=Model)
def silent_units(model: Model, images: ArrayLike, layer: str, *, member: int = 1) -> Integers:
    """Return the units, or filters, of a layer whose output is the same for all images, everywhere: they tell nothing.

    Parameters
    ----------
    model, images, layer, member
        As in :func:`most_exciting`.

    Returns
    -------
    array of int64
        Their numbers, from 0.

    Examples
    --------
    >>> import inklings
    >>> from inklings.insight import silent_units
    >>> from inklings.networks import initial_parameters
    >>> layers = inklings.Conv2D(8, 5), inklings.MaxPool2D(2), inklings.Flatten(), inklings.Dense(10, "softmax")
    >>> network, digits = inklings.Network((20, 20, 1), layers), inklings.open_dataset("digits")
    >>> model = inklings.Model(network, initial_parameters(network, seed=0), digits.class_names)
    >>> images = digits.images[::100]
    >>> silent_units(model, images, "conv2d_1").tolist()
    []
    """
    pixels = check_images(model, images)
    layer_number(member_of(model, member).network, layer)  # for its error alone: an unknown layer is refused by name
    low, high = None, None
    for part in _outputs(model, pixels, layer, member):
        rows = part.reshape(-1, part.shape[-1])
        # Running extremes: the outputs of all images need not be there together.
        low = rows.min(0) if low is None else np.minimum(low, rows.min(0))
        high = rows.max(0) if high is None else np.maximum(high, rows.max(0))
    assert low is not None
    # The same everywhere, not only 0: a sigmoid that is always 1 tells nothing either.
    return np.flatnonzero(low == high)


@checks_call(DataError)
def receptive_field(network: Network, place: int, row: int, column: int) -> Box:
    """Return the part of the image that one pixel of a layer's output can see, cut off at the image's border.

    Parameters
    ----------
    network : Network
    place : int
        The layer's, from 0; its output is an image.
    row, column : int
        Of that image.

    Examples
    --------
    >>> import inklings
    >>> from inklings.insight import receptive_field
    >>> network = inklings.preset("cnn2", (20, 20, 1), 10).network
    >>> tuple(receptive_field(network, 0, row=10, column=10))  # five pixels each way, of the first convolution
    (8, 8, 13, 13)
    """
    shapes = [shape for _, _, shape in network.walk()]
    top, left, bottom, right = row, column, row + 1, column + 1
    # From the layer back to the image: each window widens what its output can see.
    for layer, shape in reversed(list(zip(network.layers[: place + 1], shapes, strict=False))):
        if isinstance(layer, Conv2D | MaxPool2D):
            window = layer.window
            (above, _), (before, _) = window.border(shape)
            top, bottom = _span(window, 0, top, bottom, above)
            left, right = _span(window, 1, left, right, before)
    height, width = network.input_shape[:2]
    return max(top, 0), max(left, 0), min(bottom, height), min(right, width)


def _span(window: Window, axis: int, first: int, end: int, border: int) -> tuple[int, int]:
    """Return what windows from ``first`` up to ``end`` lie on, along one axis of their layer's input."""
    # From where the first window begins to where the last one ends; the border was added in front.
    return first * window.stride[axis] - border, (end - 1) * window.stride[axis] - border + window.size[axis]


def _output_shape(network: Network, place: int) -> Shape:
    shapes = [layer.output_shape(shape) for _, layer, shape in network.walk()]
    return shapes[place]


def _outputs(model: Model, images: Images, layer: str, member: int) -> list[NDArray[np.float32]]:
    """Return one layer's outputs, in parts, so that those of all layers never stand in memory for all images."""
    predictor = member_of(model, member)
    size = max(1, _BYTES_AT_ONCE // predictor.network.memory_per_image)
    return [predictor.activations(images[start : start + size])[layer] for start in range(0, len(images), size)]
