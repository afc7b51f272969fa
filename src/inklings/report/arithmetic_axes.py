"""One number at a time on Matplotlib's axes: the sum that an output is, and what a pooling layer keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from inklings.arguments import checks_call
from inklings.errors import DataError, NetworkError
from inklings.insight.arithmetic import OutputSum, output_sum, pooling_choice
from inklings.insight.members import layer_outputs
from inklings.models.model import Model
from inklings.report.insight_drawing import FOR, Floats, picture_axes, scale_of, show, write_numbers
from inklings.serialise import did_you_mean

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_CHANNELS = 4  # rows of a sum; of more, those that add most
_NUMBERED = 7  # the widest kernel whose numbers are legible
_BLOCKS = ("it reads", "weights", "products")


@checks_call(DataError, model=Model)
def plot_sum(
    model: Model,
    image: ArrayLike,
    layer: str,
    unit: int,
    row: int = 0,
    column: int = 0,
    ax: Axes | None = None,
    *,
    member: int = 1,
) -> Axes:
    """Draw what it reads x weights = products, and what they add up to; see :func:`inklings.insight.output_sum`.

    Parameters
    ----------
    model, image, layer, unit, row, column, member
        As :func:`inklings.insight.output_sum` takes them.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.

    Examples
    --------
    >>> import inklings
    >>> from inklings.networks import initial_parameters
    >>> from inklings.report import plot_sum
    >>> layers = inklings.Conv2D(8, 5), inklings.MaxPool2D(2), inklings.Flatten(), inklings.Dense(10, "softmax")
    >>> network, digits = inklings.Network((20, 20, 1), layers), inklings.open_dataset("digits")
    >>> model = inklings.Model(network, initial_parameters(network, seed=0), digits.class_names)
    >>> images = digits.images[::100]
    >>> type(plot_sum(model, images[0], "conv2d_1", unit=0, row=10, column=10)).__name__
    'Axes'
    """
    found = output_sum(model, image, layer, unit, row, column, member=member)
    blocks = _as_images(found, model)
    # (channels,): how much each channel adds, whichever its sign: products that cancel within it come to little.
    added = np.abs(blocks[2].sum((1, 2)))
    # Chosen by size, drawn in their own order: rows then keep their places from one unit to the next.
    kept = np.sort(np.argsort(-added, kind="stable")[:_MOST_CHANNELS])
    axes = picture_axes(ax)
    bottom = _draw_blocks(axes, [block[kept] for block in blocks])
    axes.text(-0.5, bottom, _as_equation(found), ha="left", va="top", fontsize=10)
    place = f" at row {row}, column {column}" if found.patch.ndim == 3 else ""
    more = "" if len(kept) == len(added) else f" ({len(kept)} of the {len(added)} maps it reads, those that add most)"
    # Above the names of the blocks, on small figures too.
    axes.set_title(f"{layer}, number {unit}{place}{more}", pad=18)
    return axes


@checks_call(DataError, model=Model)
def plot_pooling(
    model: Model, image: ArrayLike, layer: str, channel: int, ax: Axes | None = None, *, member: int = 1
) -> Axes:
    """Draw one map that a pooling layer reads, its windows, and a ring around the number that each keeps.

    Parameters
    ----------
    model, image, layer, channel, member
        As :func:`inklings.insight.pooling_choice` takes them.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.

    Examples
    --------
    >>> import inklings
    >>> from inklings.networks import initial_parameters
    >>> from inklings.report import plot_pooling
    >>> layers = inklings.Conv2D(8, 5), inklings.MaxPool2D(2), inklings.Flatten(), inklings.Dense(10, "softmax")
    >>> network, digits = inklings.Network((20, 20, 1), layers), inklings.open_dataset("digits")
    >>> model = inklings.Model(network, initial_parameters(network, seed=0), digits.class_names)
    >>> images = digits.images[::100]
    >>> len(plot_pooling(model, images[0], "maxpool2d_1", channel=0).images) > 0
    True
    """
    from matplotlib.patches import Rectangle

    values = layer_outputs(model, image, member=member)
    names = list(values)
    # The first entry is the input, which no layer made.
    if layer not in names[1:]:
        raise NetworkError(f"the network has no layer '{layer}'", did_you_mean(layer, names[1:]))
    # (height, width, channels) each, of the one image: what the pooling layer reads, and what it gives.
    before, after = values[names[names.index(layer) - 1]][0], values[layer][0]
    axes = picture_axes(ax)
    for row, column in np.ndindex(after.shape[:2]):
        found = pooling_choice(model, image, layer, row, column, channel, member=member)
        # matplotlib has a pixel's centre at whole numbers, so that its corner lies half a pixel before.
        corner = (found.left - 0.5, found.top - 0.5)
        # Rectangle wants width first, arrays have height first.
        sides = found.window.shape[::-1]
        axes.add_patch(Rectangle(corner, *sides, fill=False, edgecolor="#999999", linewidth=0.6))
        # Of a window whose largest number is 0, as behind a rectifier, any place would be as right: no ring.
        if found.output:
            axes.plot(found.column, found.row, "o", mfc="none", mec=FOR, markersize=5, markeredgewidth=1.1)
    show(axes, before[..., channel], scale=float(np.abs(before[..., channel]).max()))
    axes.set_title(f"{layer}: what it keeps of map {channel}")
    return axes


def _draw_blocks(axes: Axes, blocks: list[Floats]) -> float:
    """Draw the blocks side by side, a row for each channel, with signs between them; return where they end below."""
    rows, height, width = (int(size) for size in blocks[0].shape)
    # Room between blocks for the sign between them, in pixels: a share of the block, but enough for a narrow one.
    step = width + max(1.2, 0.3 * width)
    for number, (name, block) in enumerate(zip(_BLOCKS, blocks, strict=True)):
        # A scale for each block: on that of the pixels, products of small weights would all be pale.
        scale = float(np.abs(block).max()) or 1.0
        left = number * step
        for place in range(rows):
            top = place * (height + 0.6)
            # (left, right, bottom, top): with the top last and smaller, rows run downwards.
            extent = (left - 0.5, left + width - 0.5, top + height - 0.5, top - 0.5)
            # What is read is drawn as ink where it is so; weights and products always by sign.
            colours = scale_of(block, scale, signed=number > 0)
            image = axes.imshow(block[place], extent=extent, interpolation="none", **colours)
            if width <= _NUMBERED:
                write_numbers(image, block[place], left, top)
        axes.text(left + (width - 1) / 2, -0.6 - 0.05 * height, name, ha="center", va="bottom", fontsize=9)
    bottom = rows * (height + 0.6) - 0.6
    for number, sign in enumerate(("\N{MULTIPLICATION SIGN}", "=")):
        # Half-way across the gap after each block.
        x = (number + 1) * step - (step - width) / 2 - 0.5
        axes.text(x, bottom / 2 - 0.5, sign, ha="center", va="center", fontsize=14)
    axes.set_xlim(-0.7, 2 * step + width - 0.3)
    # The larger number first: rows run downwards, as in images.
    axes.set_ylim(bottom + 0.2 * height + 0.2, -0.1 * height - 0.9)
    return bottom + 0.05 * height


def _as_images(found: OutputSum, model: Model) -> list[Floats]:
    """Return patch, weights and products as images, (channels, height, width); a dense layer's as what it reads."""
    blocks = [np.asarray(each) for each in (found.patch, found.weights, found.products)]
    if blocks[0].ndim == 1:
        size = blocks[0].size
        # A dense layer that reads the image itself is shown as one; else its inputs are a column without neighbours.
        shape = model.input_shape if size == np.prod(model.input_shape) else (1, size, 1)
        blocks = [each.reshape(shape) for each in blocks]
    return [np.moveaxis(each, -1, 0) for each in blocks]


def _as_equation(found: OutputSum) -> str:
    # The sign stands outside, as in a sum on paper: "+ -0.30" would be read twice.
    bias = f" {'+' if found.bias >= 0 else '-'} {abs(found.bias):.2f} (bias)"
    total = f"{found.products.sum():.2f} (all products){bias} = {found.before_activation:.2f}"
    return total if found.activation == "linear" else f"{total}, which {found.activation} makes {found.output:.2f}"
