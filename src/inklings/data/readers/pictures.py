"""Reading one picture, from a file or from bytes, by Pillow: a few formats, a cap on pixels, upright, in 0 to 1."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from inklings.data.arrays import ReadOptions
from inklings.data.dataset import Images
from inklings.data.pixels import turn_to_grey
from inklings.data.readers.file_errors import check_claim, refusing
from inklings.data.resizing import resize
from inklings.errors import DataError

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM")
"""What is tried: of the forty formats that Pillow knows, those in which people keep pictures. PPM includes PGM."""

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm"})

MOST_PIXELS = 16_777_216
"""4096 x 4096: a larger picture is a mistake, or a small file that unpacks to an enormous one."""


def read_pictures(contents: Iterable[Path | bytes], places: Iterable[str]) -> Iterator[Images]:
    """Read pictures one after the other.

    Of an animation the first frame; turned as the EXIF data say; transparent parts become white paper.

    Parameters
    ----------
    contents : iterable of Path or bytes
        Files, or what is in them.
    places : iterable of str
        Where each comes from, for messages.

    Yields
    ------
    array of float32, shape (height, width, channels), values 0 to 1
        One channel if the picture has no colours, else three.

    Raises
    ------
    DataError
        Damaged; not one of :data:`FORMATS`; too many pixels.
    """
    for content, place in zip(contents, places, strict=True):
        with refusing(place, f"picture ({', '.join(FORMATS)})"):
            picture = _read_picture(content, place)
        yield picture


def open_picture(content: Path | bytes, place: str, most_pixels: int = MOST_PIXELS) -> Image.Image:
    """Open one picture, checked and turned as its EXIF data say; of an animation the first frame.

    Whatever Pillow raises on damage comes through: call it within :func:`inklings.data.readers.file_errors.refusing`.

    Parameters
    ----------
    content : Path or bytes
        A file, or what is in it.
    place : str
        Where it comes from, for messages.
    most_pixels : int
        A larger picture is refused before it is unpacked.

    Returns
    -------
    PIL.Image.Image
        In any of Pillow's modes.

    Raises
    ------
    DataError
        Too many pixels.
    """
    from PIL import Image, ImageOps

    def open_outside() -> Image.Image:
        return Image.open(io.BytesIO(content) if isinstance(content, bytes) else content, formats=FORMATS)

    with open_outside() as outside:
        width, height = outside.size
        if width * height > most_pixels:
            raise DataError(f"{place}: {width} x {height} pixels, expected at most {most_pixels:,}", "make it smaller")
        outside.verify()  # sums over PNG's parts, which reading alone does not check to the end
    with open_outside() as opened:
        return ImageOps.exif_transpose(opened)


def _read_picture(content: Path | bytes, place: str) -> Images:
    picture = open_picture(content, place)
    if picture.mode.startswith("I"):
        # 16 bits a pixel; Pillow's own conversion to 8 bits would cut the values off at 255.
        return np.asarray(picture, np.float32)[..., None] / np.float32(65535)
    if picture.mode == "F":
        return np.asarray(picture, np.float32)[..., None]
    return _drop_equal_channels(np.asarray(lay_on_paper(picture), np.float32) / np.float32(255))


def lay_on_paper(picture: Image.Image, colour: str = "white") -> Image.Image:
    """Convert to three channels; what is transparent takes the paper's colour."""
    from PIL import Image

    if not picture.has_transparency_data:
        return picture.convert("RGB")
    paper = Image.new("RGBA", picture.size, colour)
    return Image.alpha_composite(paper, picture.convert("RGBA")).convert("RGB")


def _drop_equal_channels(pixels: Images) -> Images:
    colourless = bool((pixels == pixels[..., :1]).all())
    return pixels[..., :1] if colourless else pixels


def stack_pictures(pictures: Iterable[Images], places: Sequence[str], choices: ReadOptions) -> tuple[Images, list[str]]:
    """Stack pictures into one array: grey unless ``choices.colour``, each resized to ``choices.size`` if given.

    Parameters
    ----------
    pictures : iterable of arrays of float32, shape (height, width, 1 or 3)
    places : sequence of str
        Where each came from, for messages.
    choices : ReadOptions

    Returns
    -------
    images : array of float32, shape (n, height, width, channels)
    notes : list of str

    Raises
    ------
    DataError
        Different sizes and no ``choices.size``; too many pixels in all.
    """
    size, coloured = choices.height_and_width, 0
    images: list[Images] = []
    for picture, place in zip(pictures, places, strict=True):
        coloured += picture.shape[2] == 3
        image = np.broadcast_to(picture, (*picture.shape[:2], 3)) if choices.colour else turn_to_grey(picture)
        image = image if size is None else resize(image[None], size)[0]
        if images and image.shape != images[0].shape:
            raise DataError(
                f"{place}: {image.shape[0]} x {image.shape[1]} pixels, "
                f"expected {images[0].shape[0]} x {images[0].shape[1]} as in {places[0]}",
                "give size= (--size) to resize all pictures to one size",
            )
        check_claim(Path(place), "the set of pictures", 4 * image.size * len(places))
        images.append(image)
    note = f"{coloured} of {len(places)} pictures have colours and were read as grey (colour=True keeps them)"
    return np.stack(images), [note] if coloured and not choices.colour else []
