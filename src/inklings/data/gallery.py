"""Example images to look at: a picture with one row per class, and a small version in characters for the terminal."""

from __future__ import annotations

import math
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inklings.arguments import checks_call
from inklings.data.dataset import Dataset
from inklings.data.lazy_images import Images
from inklings.data.resizing import resize
from inklings.errors import DataError
from inklings.fonts import load_font
from inklings.storage import refuse_special

if TYPE_CHECKING:
    from PIL import Image
    from rich.text import Text

CELL = 56
"""Approximate pixels across of each example in the picture."""
MARGIN, GAP = 16, 6
MAX_CLASSES = 20
"""Classes shown in the terminal; more would scroll off the screen."""


@checks_call(DataError)
def example_grid(dataset: Dataset, per_class: int = 10) -> Image.Image:
    """Draw examples of each class in a row, with the name of the class on the left.

    Greyscale images are drawn as ink on paper, dark on white; colour images as they are.

    Parameters
    ----------
    dataset : Dataset
    per_class : int
        How many examples, spread evenly over the class; fewer if it has fewer.

    Returns
    -------
    PIL.Image.Image
        RGB.

    Raises
    ------
    DataError
        ``per_class`` is not a whole number of at least 1.

    Examples
    --------
    >>> import inklings
    >>> from inklings.data import example_grid
    >>> example_grid(inklings.open_dataset("digits"), per_class=3).mode
    'RGB'
    """
    from PIL import Image, ImageDraw

    columns = count_columns(dataset, per_class)
    font = load_font()
    names = [_shorten(name, 28) for name in dataset.class_names]
    # Names are right-aligned, 14 pixels before the first example.
    column = math.ceil(max(font.getlength(name) for name in names)) + 14
    height, width = _cell_size(dataset)
    size = (
        2 * MARGIN + column + columns * (width + GAP) - GAP,
        2 * MARGIN + len(names) * (height + GAP) - GAP,
    )
    grid = Image.new("RGB", size, (244, 244, 241))
    draw = ImageDraw.Draw(grid)
    for label, name in enumerate(names):
        top = MARGIN + label * (height + GAP)
        draw.text((MARGIN + column - 14, top + height / 2), name, (40, 40, 40), font, anchor="rm")
        for place, row in enumerate(choose_examples(dataset, label, per_class)):
            picture = Image.fromarray(to_bytes(dataset.images[row]))
            resized = picture.resize((width, height), _filter(height, dataset))
            grid.paste(resized, (MARGIN + column + place * (width + GAP), top))
    return grid


@checks_call(DataError)
def save_grid(dataset: Dataset, path: str | Path, per_class: int = 10) -> Path:
    """Draw :func:`example_grid` and write it as PNG.

    Raises
    ------
    DataError
        The file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import inklings
    >>> from inklings.data import save_grid
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_grid(inklings.open_dataset("digits"), Path(folder) / "digits.png", per_class=3).name
    'digits.png'
    """
    path = Path(path)
    if not path.is_char_device():  # /dev/null takes a picture
        refuse_special(path, DataError, "choose another place")
    grid = example_grid(dataset, per_class)
    try:
        grid.save(path, "PNG", optimize=True)
    except OSError as error:
        raise DataError(f"cannot be written ({error.strerror or error})", "choose another place", path=path) from error
    return path


def count_columns(dataset: Dataset, per_class: int) -> int:
    """Return how many examples the class with the most has, if each has so many at most.

    Raises
    ------
    DataError
        ``per_class`` is not a whole number of at least 1.
    """
    if not isinstance(per_class, Integral) or per_class < 1:
        raise DataError(
            f"{per_class!r} examples of each class were asked for, expected at least 1", found=per_class, expected=1
        )
    return min(int(per_class), int(dataset.class_sizes.max()))


def choose_examples(dataset: Dataset, label: int, count: int) -> NDArray[np.int64]:
    """Choose rows of a class, spread evenly over it; all of them if there are no more than ``count``.

    Parameters
    ----------
    dataset : Dataset
    label : int
    count : int

    Returns
    -------
    array of int64, shape (at most count,)
    """
    rows = np.flatnonzero(dataset.labels == label)
    # Evenly spaced: files are often in the order of writers or of dates.
    # Whole-number arithmetic: the first of each of `count` equal stretches.
    return rows if len(rows) <= count else rows[np.arange(count) * len(rows) // count]


def to_bytes(image: Images) -> NDArray[np.uint8]:
    """Convert an image for display: ink dark on white paper, or colours as they are.

    Parameters
    ----------
    image : array of float32, shape (height, width, channels)

    Returns
    -------
    array of uint8, shape (height, width, 3)
    """
    values = np.clip(image, 0, 1)
    shown = 1 - values if image.shape[2] == 1 else values
    return np.broadcast_to(np.round(shown * 255).astype(np.uint8), (*image.shape[:2], 3))


@checks_call(DataError)
def terminal_grid(dataset: Dataset, width: int = 80, *, light_ink: bool = True) -> Text:
    """Draw one example of each class with half-block characters in 24-bit colours.

    Parameters
    ----------
    dataset : Dataset
    width : int
        Columns of the terminal.
    light_ink : bool
        Whether ink is light on dark, as suits most terminals.

    Returns
    -------
    rich.text.Text
        Each character is two pixels, one above the other. On a console without colours it is meaningless: check
        ``rich.console.Console().color_system`` first.

    Examples
    --------
    >>> import inklings
    >>> from inklings.data import terminal_grid
    >>> lines = terminal_grid(inklings.open_dataset("digits"), width=60).plain.splitlines()
    >>> max(map(len, lines)) <= 60
    True
    """
    from rich.cells import set_cell_size
    from rich.text import Text

    # Five examples fit side by side, and none is shown larger than it is.
    side = max(4, min(dataset.image_shape[1], 20, width // 5 - 2, width - 2))
    across = max(1, width // (side + 2))
    present = [label for label in range(dataset.class_count) if dataset.class_sizes[label]]
    shown = present[:MAX_CLASSES]
    text = Text(no_wrap=True)
    for start in range(0, len(shown), across):
        labels = shown[start : start + across]
        text.append(
            # By the columns that letters take on a screen: Chinese ones take two.
            "  ".join(set_cell_size(_shorten(dataset.class_names[label], side), side) for label in labels) + "\n",
            "bold",
        )
        pictures = [_shrink(dataset, label, side, light_ink) for label in labels]
        for top in range(0, pictures[0].shape[0], 2):
            for picture in pictures:
                _append_line(text, picture[top], picture[top + 1])
                text.append("  ")
            text.append("\n")
    if len(present) > len(shown):
        text.append(f"... and {len(present) - len(shown)} more classes\n")
    return text


def _append_line(text: Text, above: NDArray[Any], below: NDArray[Any]) -> None:
    # The character fills its upper half in the foreground colour; the background shows below.
    for (red, green, blue), (red2, green2, blue2) in zip(above.tolist(), below.tolist(), strict=True):
        text.append("▀", f"rgb({red},{green},{blue}) on rgb({red2},{green2},{blue2})")


def _shrink(dataset: Dataset, label: int, side: int, light_ink: bool) -> NDArray[np.uint8]:
    """Resize one example to ``side`` columns and an even number of rows, two for each line of text."""
    height, width, channels = dataset.image_shape
    # An even number, as a line of text shows two rows of pixels.
    rows = max(2, 2 * round(side * height / width / 2))
    example = dataset.images[choose_examples(dataset, label, 1)]
    shown = to_bytes(resize(example, (rows, side))[0])
    return 255 - shown if light_ink and channels == 1 else shown


def _cell_size(dataset: Dataset) -> tuple[int, int]:
    """Return the height and width of each example: a whole multiple of small images, a fraction of large ones."""
    height, width, _ = dataset.image_shape
    longest = max(height, width)
    # A whole multiple keeps all of an image's pixels the same size.
    factor: float = max(1, round(CELL / longest)) if longest <= 2 * CELL else 2 * CELL / longest
    return max(1, round(height * factor)), max(1, round(width * factor))


def _filter(height: int, dataset: Dataset) -> Image.Resampling:
    """Choose nearest-neighbour for enlarging, so that pixels stay visible, and Lanczos for reducing."""
    from PIL import Image

    return Image.Resampling.NEAREST if height >= dataset.image_shape[0] else Image.Resampling.LANCZOS


def _shorten(name: str, length: int) -> str:
    return name if len(name) <= length else name[: max(1, length - 1)] + "…"
