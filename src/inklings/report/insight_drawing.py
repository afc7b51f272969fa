"""How numbers become colours and images a sheet, for pictures of what a network sees."""

from __future__ import annotations

from math import ceil, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.pixels import to_greyscale
from inklings.report.legibility import letters_at
from inklings.training.plot import axes_or_new

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.image import AxesImage

Floats = NDArray[np.floating[Any]]

FOR, AGAINST, PAPER, INK = "#b23a16", "#24598f", "#fffdf6", "#1c1b2b"
"""The colours of what speaks for a class, or is positive, of what speaks against it, and of 0; as on the pages."""

_NOTHING = (1, 1, 1, 0)  # clear, where a number is missing
_OVERSHOOT = 0.1  # resized images reach a little below 0, by less than this share of their largest value
_SHADE = 0.25  # how dark ink shows through a map


def signed_colours() -> Colormap:
    """Return colours from against, by paper at 0, to for; nothing where a number is missing."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("for and against", [AGAINST, PAPER, FOR]).with_extremes(bad=_NOTHING)


def scale_of(values: Floats, largest: float, *, signed: bool = False) -> dict[str, Any]:
    """Return how ``imshow`` is to colour numbers: as ink where none is below 0, else by :func:`signed_colours`.

    Parameters
    ----------
    values : array
        What is drawn; NaN for nothing.
    largest : float
        The absolute value with the full colour.
    signed : bool
        Whether they are coloured as if some were below 0: weights may be, though in one layer none is.
    """
    from matplotlib.colors import LinearSegmentedColormap

    # Of nothing but 0, any scale draws paper; 0 would be no range.
    full = largest or 1.0
    if signed or np.nanmin(values) < -_OVERSHOOT * full:
        return {"cmap": signed_colours(), "vmin": -full, "vmax": full}
    ink = LinearSegmentedColormap.from_list("ink", [PAPER, INK]).with_extremes(bad=_NOTHING)
    return {"cmap": ink, "vmin": 0, "vmax": full}


def tile(images: Floats, columns: int | None = None, *, fill: float = np.nan) -> Floats:
    """Lay images out on a sheet, one pixel apart, row by row.

    Parameters
    ----------
    images : array, (n, height, width) or (n, height, width, 3)
    columns : int, optional
        As make the sheet about square if not given.
    fill : float
        Of the gaps.

    Examples
    --------
    >>> tile(np.ones((3, 1, 2)), 2, fill=0).astype(int)
    array([[1, 1, 0, 1, 1],
           [0, 0, 0, 0, 0],
           [1, 1, 0, 0, 0]])
    """
    count, height, width, *colours = images.shape
    # As many across as down, in pixels: columns * width = count / columns * height.
    # Rounded up: the sheet is rather wider than higher, as pages are.
    across = columns or max(1, ceil(sqrt(count * height / width)))
    down = ceil(count / across)
    # Float64 for NaN in the gaps; a pixel between tiles and none around.
    sheet = np.full((down * (height + 1) - 1, across * (width + 1) - 1, *colours), fill, np.float64)
    for number, image in enumerate(images):
        top, left = number // across * (height + 1), number % across * (width + 1)
        sheet[top : top + height, left : left + width] = image
    return sheet


def colour_map(values: Floats, image: Floats, scale: float | None = None) -> Floats:
    """Return a map in colours with its image showing through, (height, width, 3), 0 to 1.

    Parameters
    ----------
    values : array, (height, width)
        Above 0 for, below 0 against.
    image : array, (height, width, channels)
        Ink darkens the map; of a colour image, what is dark in it.
    scale : float, optional
        The value with the full colour; the largest absolute one if not given.
    """
    full = float(np.abs(values).max()) if scale is None else scale
    # 0 is in the middle of the colours; -full and +full are their ends. Of nothing but 0, all is paper.
    colours = signed_colours()(0.5 + values / (2 * full or 1))[..., :3]
    # (height, width): the image in grey, whatever its channels.
    grey = np.clip(to_greyscale(np.asarray(image, np.float32)), 0, 1)
    # Grey images are ink already; of colours, bright is 1.
    dark = grey if image.shape[-1] == 1 else 1 - grey
    shaded: Floats = colours * (1 - _SHADE * dark)
    return shaded


def show(axes: Axes, picture: Floats, scale: float = 1.0, *, signed: bool = False) -> None:
    """Draw numbers by :func:`scale_of`, or a picture in colours, with every pixel a sharp square."""
    # "none", not "nearest": an SVG then holds the pixels themselves, which every viewer enlarges without blurring.
    if picture.ndim == 3:
        axes.imshow(np.clip(picture, 0, 1), interpolation="none")
    else:
        axes.imshow(picture, interpolation="none", **scale_of(picture, scale, signed=signed))


def picture_axes(ax: Axes | None) -> Axes:
    """Return axes without ticks, grid and frame, new ones if none are given."""
    ax = axes_or_new(ax)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.tick_params(length=0)
    ax.grid(visible=False)
    for side in ax.spines.values():
        side.set_visible(False)
    return ax


def write_numbers(image: AxesImage, block: Floats, left: float, top: float) -> None:
    """Write every number of a small block in its square of the image that shows them."""
    for (row, column), value in np.ndenumerate(block):
        colour = letters_at(image, float(value), "#333333")
        # Rounded first, and 0 added: else there would be a -0.00.
        text = f"{round(value, 1) + 0:.1f}" if abs(value) >= 10 else f"{round(value, 2) + 0:.2f}"
        image.axes.text(left + column, top + row, text, ha="center", va="center", fontsize=6.5, color=colour)
