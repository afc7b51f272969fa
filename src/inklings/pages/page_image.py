"""The picture of a page: a photograph, a scan or a drawing, read from a file, from bytes or from an array."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inklings.arguments import checks_call
from inklings.data.checks import check_finite
from inklings.data.pixels import GREY
from inklings.data.readers.brightness import BLACK, WHITE, lay_on_paper
from inklings.data.readers.file_errors import wrap_errors
from inklings.data.readers.one_picture import KIND, EncodedImage, open_picture
from inklings.data.value_range import ValueRange, choose_range
from inklings.errors import DataError
from inklings.reprs import short_repr

if TYPE_CHECKING:
    from PIL import Image

Grey = NDArray[np.float32]
Mask = NDArray[np.bool_]

EIGHT_NEIGHBOURS = np.ones((3, 3), bool)

KEPT_PIXELS = 4_194_304
"""Pages are reduced to about 2048 x 2048, which resolves a pencil line on a whole sheet of paper."""

MIN_SIDE = 8

BYTE = 255


@short_repr
@dataclass(frozen=True, eq=False, repr=False)
class Page:
    """The picture of a page.

    Parameters
    ----------
    pixels : array of uint8, shape (height, width, 3)
        Red, green and blue, at 1 / ``reduced_by`` of the picture's resolution.
    size : (int, int)
        Height and width of the upright picture.
    reduced_by : int
        How many of the picture's pixels become one of ``pixels``, each way.
    source : Path or str
        The file, or else where the picture came from in words.

    Examples
    --------
    >>> import numpy as np
    >>> from inklings.pages import find_characters, open_page
    >>> paper = np.full((200, 300), 230, np.uint8)
    >>> paper[60:160, 80:92] = paper[60:160, 200:212] = 40  # two strokes of a pen
    >>> page = open_page(paper)
    >>> page.pixels.shape, page.size
    ((200, 300, 3), (200, 300))
    """

    pixels: NDArray[np.uint8]
    size: tuple[int, int]
    reduced_by: int = 1
    source: Path | str = "picture"

    @cached_property
    def grey(self) -> Grey:
        """The brightness of each pixel, shape (height, width), from 0 for black to 1 for white."""
        # (height, width, 3) @ (3,): weights of red, green and blue that add up to 1.
        grey: Grey = self.pixels @ (GREY / np.float32(255))
        return grey


@checks_call(DataError)
def open_page(
    content: Path | str | bytes | NDArray[Any],
    source: str | None = None,
    *,
    full: float | None = None,
    empty: float = 0.0,
    backdrop: str | None = None,
) -> Page:
    """Open the picture of a page.

    It is turned upright by its EXIF data. Transparent parts become white paper, or black paper where the ink is so
    light that it would not show on white. Large pictures are reduced by a whole factor.

    Parameters
    ----------
    content : Path, str, bytes or array
        A file; the bytes of one (PNG, JPEG, BMP, GIF, TIFF, WebP, PPM); or pixels of shape ``(height, width)`` or
        ``(height, width, 1, 3 or 4)``, of any usual range: bytes, 0 and 1, 0 to 1, -1 to 1, 12 or 16 bits.
    source : str, optional
        Where it comes from, for messages; a file names itself.
    full, empty : float, optional
        What full brightness is in pictures of more than 8 bits per pixel, and what black is; None finds both from the
        picture's values.
    backdrop : {"white", "black"}, optional
        What transparent parts are laid on; None is the one that shows more of the drawing.

    Returns
    -------
    Page

    Raises
    ------
    DataError
        The file is missing, empty, damaged or not a picture; the picture is too small or too large.

    Examples
    --------
    >>> import numpy as np
    >>> from inklings.pages import find_characters, open_page
    >>> paper = np.full((200, 300), 230, np.uint8)
    >>> paper[60:160, 80:92] = paper[60:160, 200:212] = 40  # two strokes of a pen
    >>> open_page(paper).reduced_by
    1
    """
    content = Path(content).expanduser() if isinstance(content, str) else content
    if not isinstance(content, Path | bytes | np.ndarray):
        raise DataError(f"a picture is of type {type(content).__name__}, expected a path, bytes or an array of pixels")
    place = source or (content if isinstance(content, Path) else "picture")
    try:
        picture = _from_array(content) if isinstance(content, np.ndarray) else _open(content, full, empty, backdrop)
        width, height = picture.size
        if min(height, width) < MIN_SIDE:
            expected = f"at least {MIN_SIDE} x {MIN_SIDE}"
            raise DataError(f"{width} x {height} pixels, expected {expected}", found=(height, width), expected=expected)
    except DataError as error:
        raise error.at(place) from error
    # Whole, so that boxes can be mapped back to the picture's own pixels exactly.
    # By area: both sides by the same whole factor, rounded up.
    factor = max(1, math.ceil(math.sqrt(height * width / KEPT_PIXELS)))
    return Page(np.asarray(picture.reduce(factor)), (height, width), factor, place)


def _open(content: Path | bytes, full: float | None, empty: float, backdrop: str | None) -> Image.Image:
    path = content if isinstance(content, Path) else None
    with wrap_errors(path, KIND):
        if path is not None and path.is_dir():
            raise DataError(
                "is a folder, expected a picture", "give the pictures in it", found="a folder", expected="a picture"
            )
        encoded = EncodedImage(path) if isinstance(content, Path) else EncodedImage(None, content)
        return _to_rgb(open_picture(encoded), full, empty, backdrop)


def _to_rgb(
    picture: Image.Image, full: float | None = None, empty: float = 0.0, backdrop: str | None = None
) -> Image.Image:
    """Convert to eight bits of red, green and blue, on a paper, or on the one that shows more of the drawing."""
    from PIL import Image

    if picture.mode.startswith("I") or picture.mode == "F":
        # Pillow's own conversion would clip values at 255. They may have 8, 12 or 16 bits, or be 0 to 1.
        # Of whole numbers in 16 or 32 bits, or of floats.
        values = np.asarray(picture)
        check_finite(values[None])
        own = _as_bytes(values) if full is None else _round((values - empty) / (full - empty))
        return Image.fromarray(own).convert("RGB")
    if picture.mode == "L" and picture.getextrema()[1] == 1:
        # A mask: black and white as 0 and 1.
        picture = picture.point(lambda value: BYTE * value)
    on_white = lay_on_paper(picture, backdrop or WHITE)
    if backdrop is not None or not picture.has_transparency_data:
        return on_white
    on_black = lay_on_paper(picture, BLACK)
    # White ink that is drawn on transparency shows nothing on white: the background with more contrast wins.
    return on_black if _range(on_black) > _range(on_white) else on_white


def _range(picture: Image.Image) -> int:
    """Return how far the brightest and the darkest pixel are apart."""
    low, high = picture.convert("L").getextrema()
    return int(high) - int(low)  # type: ignore[arg-type]


def _from_array(array: NDArray[Any]) -> Image.Image:
    from PIL import Image

    flat = array[..., 0] if array.ndim == 3 and array.shape[2] == 1 else array
    if array.dtype.kind not in "buif" or not (flat.ndim == 2 or (flat.ndim == 3 and flat.shape[2] in (3, 4))):
        expected = "numbers of shape (height, width) or (height, width, 1, 3 or 4)"
        raise DataError(
            f"an array of shape {array.shape} and type {array.dtype}, expected {expected}",
            found=array.shape,
            expected=expected,
        )
    if 0 in flat.shape:
        raise DataError(f"no pixels (shape {array.shape}), expected a picture", found=array.shape, expected="a picture")
    check_finite(flat[None])
    return _to_rgb(Image.fromarray(_as_bytes(flat)))


def _as_bytes(array: NDArray[Any]) -> NDArray[np.uint8]:
    """Scale an array to 0 to 255, from the range that its colours' values have."""
    if array.shape[2:] == (4,):
        # A picture that is opaque throughout says nothing of the colours' range, or the other way round.
        return np.dstack([_as_bytes(array[..., :3]), _as_bytes(array[..., 3:])])
    values = array.astype(np.float64)
    low, high = float(values.min()), float(values.max())
    # Bytes as they are, but not a mask of 0 and 1.
    if array.dtype.kind in "iu" and low >= 0 and 1 < high <= BYTE:
        return array.astype(np.uint8)
    found = choose_range(low, high, values.reshape(1, *array.shape[:2], -1))
    if found.clipped:  # ink may be one pixel in a thousand of a page, and is no outlier
        found = ValueRange(low, high)
    if found.signed_bytes:
        # Negative ones are bytes from 128 on, read with a sign.
        values[values < 0] += BYTE + 1
    return _round((values - found.paper) / (found.ink - found.paper))


def _round(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Return 0 to 1 as 0 to 255."""
    rounded: NDArray[np.uint8] = np.round(BYTE * np.clip(values, 0, 1)).astype(np.uint8)
    return rounded
