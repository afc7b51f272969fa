"""A page that somebody wrote on: a photograph, a scan or a drawing, read from a file, from bytes or from an array."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.dataset import check_finite
from inklings.data.pixels import GREY
from inklings.data.readers.file_errors import refusing
from inklings.data.readers.pictures import FORMATS, lay_on_paper, open_picture
from inklings.errors import DataError

if TYPE_CHECKING:
    from PIL import Image

Grey = NDArray[np.float32]

MOST_PIXELS = 67_108_864
"""8192 x 8192: more than a phone takes, and 200 MB unpacked."""

KEPT_PIXELS = 4_194_304
"""Pages are reduced to about 2048 x 2048, which shows a pencil's line on a whole sheet of paper."""

LEAST_SIDE = 8


@dataclass(frozen=True, eq=False)
class Page:
    """The picture of a page.

    Parameters
    ----------
    pixels : array of uint8, shape (height, width, 3)
        Red, green and blue; ``reduced_by`` times smaller than the picture.
    size : (int, int)
        Height and width of the picture, turned upright.
    reduced_by : int
        How many of the picture's pixels are one of ``pixels``, each way.
    source : str
        Where it came from, for people.
    """

    pixels: NDArray[np.uint8]
    size: tuple[int, int]
    reduced_by: int = 1
    source: str = "picture"

    @cached_property
    def grey(self) -> Grey:
        """The brightness of each pixel, shape (height, width), from 0 for black to 1 for white."""
        grey: Grey = self.pixels @ (GREY / np.float32(255))
        return grey


def open_page(content: Path | str | bytes | NDArray[Any], source: str | None = None) -> Page:
    """Open the picture of a page.

    It is turned as its EXIF data say. What is transparent becomes white paper, or black paper where the ink is so light
    that it would not show on white. Large pictures are reduced by a whole factor.

    Parameters
    ----------
    content : Path, str, bytes or array
        A file; what is in one (PNG, JPEG, BMP, GIF, TIFF, WebP, PPM); or pixels of shape ``(height, width)`` or
        ``(height, width, 1, 3 or 4)``, as whole numbers from 0 to 255 or floats from 0 to 1.
    source : str, optional
        Where it comes from, for messages; a file is its own source.

    Returns
    -------
    Page

    Raises
    ------
    DataError
        Not there; empty; not a picture; damaged; too small or too large.
    """
    if isinstance(content, np.ndarray):
        place = source or "picture"
        picture = _picture_of(content, place)
    else:
        content = Path(content).expanduser() if isinstance(content, str) else content
        place = source or (str(content) if isinstance(content, Path) else "picture")
        picture = _open(content, place)
    width, height = picture.size
    if min(height, width) < LEAST_SIDE:
        raise DataError(f"{place}: {width} x {height} pixels, expected at least {LEAST_SIDE} x {LEAST_SIDE}")
    factor = max(1, math.ceil(math.sqrt(height * width / KEPT_PIXELS)))
    return Page(np.asarray(picture.reduce(factor)), (height, width), factor, place)


def _open(content: Path | bytes, place: str) -> Image.Image:
    with refusing(place, f"picture ({', '.join(FORMATS)})"):
        if isinstance(content, Path) and content.is_dir():
            raise DataError(f"{place}: is a folder, expected a picture", "give the pictures in it")
        _check_start(content, place)
        return _in_colours(open_picture(content, place, MOST_PIXELS))


def _check_start(content: Path | bytes, place: str) -> None:
    """Refuse by name what people have and Pillow says little of."""
    if isinstance(content, bytes):
        start = content[:12]
    else:
        with content.open("rb") as file:
            start = file.read(12)
    if not start:
        raise DataError(f"{place}: is empty (0 bytes), expected a picture ({', '.join(FORMATS)})")
    if start[4:8] == b"ftyp":
        raise DataError(f"{place}: is HEIC, AVIF or a film, expected {', '.join(FORMATS)}", "save it as JPEG or PNG")


def _in_colours(picture: Image.Image) -> Image.Image:
    """Convert to eight bits of red, green and blue, on the paper that shows more of what is drawn."""
    from PIL import Image

    if picture.mode.startswith("I") or picture.mode == "F":
        # Pillow's own conversion would cut values off at 255.
        values = np.asarray(picture, np.float64)
        full = 65535.0 if picture.mode != "F" else max(1.0, float(values.max()))
        return Image.fromarray(np.round(np.clip(values / full, 0, 1) * 255).astype(np.uint8)).convert("RGB")
    on_white = lay_on_paper(picture)
    if not picture.has_transparency_data:
        return on_white
    on_black = lay_on_paper(picture, "black")
    return on_black if _contrast(on_black) > _contrast(on_white) else on_white


def _contrast(picture: Image.Image) -> int:
    low, high = picture.convert("L").getextrema()
    return int(high) - int(low)  # type: ignore[arg-type]


def _picture_of(array: NDArray[Any], place: str) -> Image.Image:
    from PIL import Image

    flat = array[..., 0] if array.ndim == 3 and array.shape[2] == 1 else array
    if array.dtype.kind not in "buif" or not (flat.ndim == 2 or (flat.ndim == 3 and flat.shape[2] in (3, 4))):
        raise DataError(
            f"{place}: an array of shape {array.shape} and type {array.dtype}, "
            "expected numbers of shape (height, width) or (height, width, 1, 3 or 4)"
        )
    if 0 in flat.shape:
        raise DataError(f"{place}: no pixels (shape {array.shape}), expected a picture")
    if flat.dtype.kind in "bf":
        check_finite(flat, place)
        flat = np.round(flat.astype(np.float32) * 255)
    return _in_colours(Image.fromarray(np.clip(flat, 0, 255).astype(np.uint8)))
