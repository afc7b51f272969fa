"""What a network has learnt and why it answers as it does, on Matplotlib's axes: a model in, Axes out.

Every function takes ``ax=``, as scikit-learn's displays do, and makes a figure of its own without. What is drawn is
computed by :mod:`inklings.insight`.
"""

from __future__ import annotations

from math import ceil, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inklings.arguments import checks_call
from inklings.data.gallery import to_bytes
from inklings.errors import DataError, NetworkError
from inklings.insight.exciting import excite_each
from inklings.insight.explain import explain
from inklings.insight.members import check_images, layer_outputs
from inklings.insight.projection import project_classes
from inklings.insight.weights import weight_images
from inklings.models.model import Model
from inklings.networks import Dense
from inklings.report.insight_drawing import colour_map, picture_axes, show, tile
from inklings.serialise import did_you_mean
from inklings.training.plot import COLOURS, axes_or_new

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.floating[Any]]


@checks_call(DataError, model=Model)
def plot_weights(
    model: Model, layer: str | None = None, ax: Axes | None = None, *, most: int = 64, member: int = 1
) -> Axes:
    """Draw the weights of a layer's filters or units, all with one scale: see :func:`inklings.insight.weight_images`.

    A layer that reads grey or coloured images has an image for each filter; one that reads other maps has a row for
    each filter and a column for each map that it reads.

    Parameters
    ----------
    model : Model
    layer : str, optional
        The first with weights if not given.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.
    most : int
        At most as many filters: those with the largest weights, in their order.
    member : int
        Of an ensemble, from 1.

    Examples
    --------
    >>> import inklings
    >>> from inklings.networks import initial_parameters
    >>> from inklings.report import plot_weights
    >>> layers = inklings.Conv2D(8, 5), inklings.MaxPool2D(2), inklings.Flatten(), inklings.Dense(10, "softmax")
    >>> network, digits = inklings.Network((20, 20, 1), layers), inklings.open_dataset("digits")
    >>> model = inklings.Model(network, initial_parameters(network, seed=0), digits.class_names)
    >>> images = digits.images[::100]
    >>> type(plot_weights(model)).__name__
    'Axes'
    """
    found = weight_images(model, layer, member=member)
    # Stable, so that filters with equal norms are chosen in order.
    kept = np.sort(np.argsort(-found.norms, kind="stable")[:most])
    images, channels = found.images[kept], found.images.shape[-1]
    axes = picture_axes(ax)
    if channels == 3:
        # Grey is 0; what is red makes the output larger where the image is red.
        show(axes, tile(0.5 + images / (2 * found.scale or 1), fill=1.0))
    elif channels == 1:
        show(axes, tile(images[..., 0]), found.scale, signed=True)
    else:
        # (filters, height, width, channels) to (filters, channels, height, width); 12
        # rows of 16 maps can still be told apart.
        shown = np.moveaxis(images[:12, ..., :16], -1, 1)
        # (filters * channels, height, width), laid out with a row for each filter.
        sheet = tile(shown.reshape(-1, *images.shape[1:3]), columns=shown.shape[1])
        show(axes, sheet, found.scale, signed=True)
    what = "units" if found.layer.startswith(Dense.label) else "filters"
    axes.set_title(f"{found.layer}: weights of {_of(len(kept), len(found.images), what)}")
    return axes


@checks_call(DataError, model=Model)
def plot_layer(
    model: Model, image: ArrayLike, layer: str, ax: Axes | None = None, *, most: int = 16, member: int = 1
) -> Axes:
    """Draw what one layer makes of an image, its maps or its numbers: as ink, or red above 0 and blue below it.

    The parameters are those of :func:`plot_weights`; of maps, those with the largest values are kept, in their order.

    Examples
    --------
    >>> import inklings
    >>> from inklings.networks import initial_parameters
    >>> from inklings.report import plot_layer
    >>> layers = inklings.Conv2D(8, 5), inklings.MaxPool2D(2), inklings.Flatten(), inklings.Dense(10, "softmax")
    >>> network, digits = inklings.Network((20, 20, 1), layers), inklings.open_dataset("digits")
    >>> model = inklings.Model(network, initial_parameters(network, seed=0), digits.class_names)
    >>> images = digits.images[::100]
    >>> len(plot_layer(model, images[0], "conv2d_1").images) > 0
    True
    """
    one = _values_of(model, image, layer, member)
    axes = picture_axes(ax)
    scale = float(np.abs(one).max())
    if one.ndim == 3:
        # (channels,): the largest number anywhere in each map.
        peaks = np.abs(one).max((0, 1))
        kept = np.sort(np.argsort(-peaks, kind="stable")[:most])
        # (channels, height, width): a tile for each map.
        show(axes, tile(np.moveaxis(one[..., kept], -1, 0)), scale=scale)
        axes.set_title(f"{layer}: {_of(len(kept), one.shape[-1], 'maps')}")
    else:
        # Twice as wide as high, about: a column of hundreds of numbers would be a line.
        columns = min(len(one), ceil(sqrt(2 * len(one))))
        # NaN where the last row ends early: nothing is drawn there.
        padded = np.full(-(-len(one) // columns) * columns, np.nan)
        padded[: len(one)] = one
        show(axes, padded.reshape(-1, columns), scale=scale)
        axes.set_title(f"{layer}: {len(one)} numbers")
    return axes


@checks_call(DataError, model=Model)
def plot_explanation(
    model: Model,
    image: ArrayLike,
    kind: str = "integrated",
    target: int | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw which pixels speak for a class (red) and against it (blue), with the image showing through.

    Parameters
    ----------
    model : Model
    image : array, (height, width, channels)
        One prepared image.
    kind, target
        As :func:`inklings.insight.explain` takes them.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.

    Examples
    --------
    >>> import inklings
    >>> from inklings.networks import initial_parameters
    >>> from inklings.report import plot_explanation
    >>> layers = inklings.Conv2D(8, 5), inklings.MaxPool2D(2), inklings.Flatten(), inklings.Dense(10, "softmax")
    >>> network, digits = inklings.Network((20, 20, 1), layers), inklings.open_dataset("digits")
    >>> model = inklings.Model(network, initial_parameters(network, seed=0), digits.class_names)
    >>> images = digits.images[::100]
    >>> len(plot_explanation(model, images[0], "saliency").images) > 0
    True
    """
    pixels = check_images(model, image)
    number = int(model.predict(pixels, prepared=True)[0]) if target is None else target
    found = explain(model, pixels, kind, number)
    axes = picture_axes(ax)
    show(axes, colour_map(found, pixels[0]))
    axes.set_title(f"{kind} for {model.class_names[number]}", parse_math=False)
    return axes


@checks_call(DataError, model=Model)
def plot_exciting(
    model: Model,
    images: ArrayLike,
    layer: str,
    units: ArrayLike | None = None,
    ax: Axes | None = None,
    *,
    count: int = 8,
    member: int = 1,
) -> Axes:
    """Draw the images that excite each of some units most, a row for each; of a filter, the part that it sees.

    Parameters
    ----------
    model : Model
    images : array, (n, height, width, channels)
        Prepared images to choose among.
    layer : str
    units : array of int, optional
        Which units or filters; the first eight if not given.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.
    count : int
        How many images of each.
    member : int
        Of an ensemble, from 1.

    Examples
    --------
    >>> import inklings
    >>> from inklings.networks import initial_parameters
    >>> from inklings.report import plot_exciting
    >>> layers = inklings.Conv2D(8, 5), inklings.MaxPool2D(2), inklings.Flatten(), inklings.Dense(10, "softmax")
    >>> network, digits = inklings.Network((20, 20, 1), layers), inklings.open_dataset("digits")
    >>> model = inklings.Model(network, initial_parameters(network, seed=0), digits.class_names)
    >>> images = digits.images[::100]
    >>> len(plot_exciting(model, images, "conv2d_1", units=[0, 1], count=3).images) > 0
    True
    """
    pixels = check_images(model, images)
    if units is None:
        units = range(min(8, _values_of(model, pixels[:1], layer, member).shape[-1]))
    chosen = np.asarray(units).tolist()
    if not chosen:
        raise DataError("there are no units, expected at least one")
    found = excite_each(model, pixels, layer, chosen, count, member=member)
    # (height, width, channels) each, of one size but for those at the border.
    seen = [[pixels[row][_part(box)] for row, box in zip(each.rows, each.boxes, strict=True)] for each in found]
    # At the border a filter sees less: the rest of its place stays white.
    height, width = (max(part.shape[axis] for row in seen for part in row) for axis in (0, 1))
    sheet = np.ones((len(seen), count, height, width, 3))
    # Top left in its place, whatever its size.
    for row, parts in zip(sheet, seen, strict=True):
        for place, part in zip(row, parts, strict=False):
            # 0 to 255, to 0 to 1: as pictures, not as ink.
            place[: part.shape[0], : part.shape[1]] = to_bytes(part) / 255
    axes = picture_axes(ax)
    show(axes, tile(sheet.reshape(-1, height, width, 3), count, fill=1.0))
    # The middle of each row of tiles, which lie a pixel apart.
    axes.set_yticks([number * (height + 1) + (height - 1) / 2 for number in range(len(seen))], chosen)
    axes.set_title(f"{layer}: what excites each most")
    return axes


@checks_call(DataError, model=Model)
def plot_classes(model: Model, images: ArrayLike, labels: ArrayLike, ax: Axes | None = None) -> Axes:
    """Draw images as points, by what the last hidden layer makes of them; see :func:`inklings.insight.project_classes`.

    Parameters
    ----------
    model : Model
    images : array, (n, height, width, channels)
        Prepared images.
    labels : array of int, (n,)
        The class of each.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.

    Examples
    --------
    >>> import inklings
    >>> from inklings.networks import initial_parameters
    >>> from inklings.report import plot_classes
    >>> layers = inklings.Conv2D(8, 5), inklings.MaxPool2D(2), inklings.Flatten(), inklings.Dense(10, "softmax")
    >>> network, digits = inklings.Network((20, 20, 1), layers), inklings.open_dataset("digits")
    >>> model = inklings.Model(network, initial_parameters(network, seed=0), digits.class_names)
    >>> images = digits.images[::100]
    >>> type(plot_classes(model, images, digits.labels[::100])).__name__
    'Axes'
    """
    found, truth = project_classes(model, images), np.asarray(labels)
    if truth.shape != (len(found.points),):
        raise DataError(f"{truth.size} labels for {len(found.points)} images")
    axes = axes_or_new(ax)
    for number, name in enumerate(model.class_names):
        own = found.points[truth == number]
        if len(own):
            # After eight colours the same again with another marker: 32 classes can be told apart.
            colour, marker = COLOURS[number % len(COLOURS)], "o^sD"[number // len(COLOURS) % 4]
            axes.plot(*own.T, marker, color=colour, markersize=3, alpha=0.5, mec="none")
            box = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": colour, "alpha": 0.9}
            # The median: the name stands within the crowd, not where a few that lie far off would pull it.
            x, y = np.median(own, axis=0)
            axes.text(x, y, name, ha="center", va="center", fontsize=9, color=colour, bbox=box, parse_math=False)
    shares = [f"{share:.0%} of all differences" for share in found.explained]
    axes.set_xlabel(f"First direction: {shares[0]}")
    axes.set_ylabel(f"Second direction: {shares[1]}")
    axes.set_title(f"{found.layer}: how the classes lie")
    return axes


def _values_of(model: Model, image: ArrayLike, layer: str, member: int) -> Floats:
    values = layer_outputs(model, image, member=member)
    if layer not in values:
        raise NetworkError(f"the network has no layer '{layer}'", did_you_mean(layer, values))
    one: Floats = values[layer][0]
    return one


def _part(box: tuple[int, int, int, int]) -> tuple[slice, slice]:
    top, left, bottom, right = box
    return slice(top, bottom), slice(left, right)


def _of(shown: int, count: int, what: str) -> str:
    return f"{count} {what}" if shown == count else f"{shown} of {count} {what}"
