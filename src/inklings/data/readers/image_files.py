"""Decoding image files by Pillow: a few formats, a limit on pixels, upright, values 0 to 1."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from inklings.data.lazy_images import Images
from inklings.data.pixels import to_greyscale
from inklings.data.raw import ReadOptions
from inklings.data.readers.file_errors import check_claimed_size, wrap_errors
from inklings.data.resizing import resize
from inklings.errors import DataError

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM")
"""The formats that are tried. Pillow knows forty; each is a parser of foreign bytes. PPM includes PGM."""

KIND = f"picture ({', '.join(FORMATS)})"

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm"})

MAX_PIXELS = 16_777_216
"""4096 x 4096: a larger training image is a mistake, or a small file that decompresses to an enormous one."""


@dataclass(frozen=True)
class EncodedImage:
    """An image file, or the bytes of one that lie elsewhere.

    Parameters
    ----------
    path : Path or None
        The file, or the file that holds it; None for bytes from memory.
    content : bytes, optional
        The encoded image, if it is not the whole file.
    part : str
        Which part of the file it is, for messages, such as "image 3".
    """

    path: Path | None
    content: bytes | None = None
    part: str = ""

    @property
    def prefix(self) -> str:
        """What messages about the part begin with."""
        return f"{self.part}: " if self.part else ""


def read_image(encoded: EncodedImage) -> Images:
    """Decode one image: of an animation the first frame, turned upright by its EXIF data, on white paper.

    Parameters
    ----------
    encoded : EncodedImage

    Returns
    -------
    array of float32, shape (height, width, channels), values 0 to 1
        One channel if all pixels are grey, else three.

    Raises
    ------
    DataError
        The image is damaged, is in none of :data:`FORMATS`, or has too many pixels.
    """
    with wrap_errors(encoded.path, KIND, encoded.part):
        # Decoding is lazy in Pillow, so damage may show up in any line of this block.
        picture = open_picture(encoded)
        if picture.mode.startswith("I"):
            # 16 bits per pixel; Pillow's own conversion to 8 bits would clip the values at 255.
            return np.asarray(picture, np.float32)[..., None] / np.float32(65535)
        if picture.mode == "F":
            return np.asarray(picture, np.float32)[..., None]
        pixels = np.asarray(lay_on_paper(picture), np.float32) / np.float32(255)
    return pixels[..., :1] if (pixels == pixels[..., :1]).all() else pixels


def open_picture(encoded: EncodedImage, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """Open an image, verified and turned upright by its EXIF data; of an animation the first frame.

    Whatever Pillow raises on damage passes through: call it within
    :func:`inklings.data.readers.file_errors.wrap_errors`.

    Parameters
    ----------
    encoded : EncodedImage
    max_pixels : int
        A larger image is refused before it is decompressed.

    Returns
    -------
    PIL.Image.Image
        In any of Pillow's modes.

    Raises
    ------
    DataError
        The image has too many pixels.
    """
    from PIL import Image, ImageOps

    def open_unverified() -> Image.Image:
        source = encoded.path if encoded.content is None else io.BytesIO(encoded.content)
        return Image.open(source, formats=FORMATS)  # type: ignore[arg-type]

    with open_unverified() as header:
        width, height = header.size
        if width * height > max_pixels:
            raise DataError(
                f"{encoded.prefix}{width} x {height} pixels, expected at most {max_pixels:,}",
                "make it smaller",
                path=encoded.path,
                found=width * height,
                expected=max_pixels,
            )
        # Checks the sum of every PNG chunk, which decoding skips for the last ones. It leaves the image unusable, so
        # the file is opened twice.
        header.verify()
    with open_unverified() as opened:
        return ImageOps.exif_transpose(opened)


def lay_on_paper(picture: Image.Image, colour: str = "white") -> Image.Image:
    """Convert to three channels; transparent parts take the paper's colour."""
    from PIL import Image

    if not picture.has_transparency_data:
        return picture.convert("RGB")
    paper = Image.new("RGBA", picture.size, colour)
    return Image.alpha_composite(paper, picture.convert("RGBA")).convert("RGB")


def read_images(encoded: Sequence[EncodedImage], options: ReadOptions) -> tuple[Images, list[str]]:
    """Decode images into one array: greyscale unless ``options.colour``, each resized to ``options.size`` if given.

    Parameters
    ----------
    encoded : sequence of EncodedImage
    options : ReadOptions

    Returns
    -------
    images : array of float32, shape (n, height, width, channels)
    notes : list of str

    Raises
    ------
    DataError
        An image cannot be decoded, or has another size than the first and no ``options.size`` is given; or there are
        too many pixels in all.
    """
    size, coloured = options.height_and_width, 0
    images: list[Images] = []
    for each in encoded:
        image = read_image(each)
        coloured += image.shape[2] == 3
        # A view: the channels share memory until they are stacked.
        image = np.broadcast_to(image, (*image.shape[:2], 3)) if options.colour else to_greyscale(image)
        image = image if size is None else resize(image[None], size)[0]
        if images and image.shape != images[0].shape:
            raise _other_size(image, each, images[0], encoded[0])
        # All images will have this size, so the first one shows the total.
        check_claimed_size(each.path, "the set of pictures", 4 * image.size * len(encoded))
        images.append(image)
    note = f"{coloured} of {len(encoded)} pictures have colours and were converted to grey (colour=True keeps them)"
    return np.stack(images), [note] if coloured and not options.colour else []


def _other_size(image: Images, encoded: EncodedImage, first: Images, encoded_first: EncodedImage) -> DataError:
    height, width = first.shape[:2]
    return DataError(
        f"{encoded.prefix}{image.shape[0]} x {image.shape[1]} pixels, "
        f"expected {height} x {width} as in {encoded_first.part or encoded_first.path}",
        "resize all pictures to one size",
        path=encoded.path,
        found=image.shape[:2],
        expected=(height, width),
        suggested={"size": max(height, width)},
    )
