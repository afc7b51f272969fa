"""Decoding one image file by Pillow: a few formats, a limit on pixels, upright, values 0 to 1."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from inklings.data.lazy_images import Images
from inklings.data.readers.brightness import WHITE, fades_on_white, is_transparent, lay_on_paper
from inklings.data.readers.file_errors import wrap_errors
from inklings.data.readers.framed_pictures import Content
from inklings.data.readers.picture_kinds import FORMATS, NAMES, START_BYTES, picture_kind, why_unreadable
from inklings.errors import DataError, MissingDependencyError

if TYPE_CHECKING:
    from PIL import Image

KIND = f"picture ({NAMES})"

MAX_PIXELS = 67_108_864
"""8192 x 8192, more than a phone takes: a larger picture is a small file that unpacks to an enormous one."""

Size = tuple[int, int]


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

    @property
    def opened(self) -> Content:
        """What opens it, and where it is from, for messages."""
        if self.content is None:
            assert self.path is not None, "an image is a file or bytes"
            return self.path, None
        return self.content, ": ".join(filter(None, (str(self.path or ""), self.part)))

    @property
    def name(self) -> str:
        """What a note calls it."""
        return self.part or (f"{self.path.parent.name}/{self.path.name}" if self.path else "a picture")

    @property
    def file_size(self) -> int:
        """How many bytes it takes, encoded; 0 if its file is not there."""
        if self.content is not None:
            return len(self.content)
        return self.path.stat().st_size if self.path is not None and self.path.exists() else 0

    def start(self) -> bytes:
        """Return its first bytes, which tell its format."""
        if self.content is not None or self.path is None:
            return (self.content or b"")[:START_BYTES]
        with self.path.open("rb") as file:
            return file.read(START_BYTES)


@dataclass(frozen=True, eq=False)
class DecodedImage:
    """A picture's pixels, and what was seen on the way.

    Parameters
    ----------
    pixels : array of float32, shape (height, width, channels)
        One channel if all pixels are grey, else three. Values 0 to 1 of pictures of up to 8 bits per channel; of a
        ``deep`` one the numbers that it holds, whose range only the whole set shows.
    coloured : bool
    deep : bool
        Whether it has more than 8 bits per pixel, in one channel.
    frames : int
        How many pictures the file holds, of which this is the first.
    resized : bool
        Whether it had another size.
    transparent, faded : bool
        Whether a part of it was transparent; and whether what is drawn would be lost on white paper.
    """

    pixels: Images
    coloured: bool = False
    deep: bool = False
    frames: int = 1
    resized: bool = False
    transparent: bool = False
    faded: bool = False


def read_image(encoded: EncodedImage, size: Size | None = None, backdrop: str | None = None) -> DecodedImage:
    """Decode one image: of an animation the first frame, turned upright by its EXIF data.

    Parameters
    ----------
    encoded : EncodedImage
    size : (int, int), optional
        The height and width that it will be resized to. A picture of several times that size is reduced by a whole
        factor at once, to at least twice that size, so that a photograph takes no gigabyte on its way.
    backdrop : {"white", "black"}, optional
        What transparent parts are laid on; None is white, and looks whether what is drawn can be seen on it.

    Raises
    ------
    DataError
        The image is damaged, is in none of :data:`FORMATS`, or has too many pixels.
    """
    with wrap_errors(encoded.path, KIND, encoded.part):
        # Decoding is lazy in Pillow, so damage may show up in any line of this block.
        with _open_verified(encoded, size) as stored:
            # A camera's JPEG may hold a small copy of itself, which Pillow counts as a second frame.
            frames = 1 if stored.format == "MPO" else getattr(stored, "n_frames", 1)
            picture = _upright(stored)
        if picture.mode.startswith("I") or picture.mode == "F":
            # Pillow's own conversion to 8 bits would clip the values at 255.
            return DecodedImage(np.asarray(picture, np.float32)[..., None], deep=True, frames=frames)
        transparent = is_transparent(picture)
        paper = lay_on_paper(picture, backdrop or WHITE)
        faded = backdrop is None and transparent and fades_on_white(picture, paper)
        # By a whole factor, before NumPy's arrays of floats are made: large photographs would take much memory.
        factor = _factor(paper.size, size)
        if factor > 1:
            paper = paper.reduce(factor)
        values = np.asarray(paper)
        # Grey if all three channels agree everywhere: one channel then holds it all.
        grey = bool((values == values[..., :1]).all())
        # Divided in float32: 255 is 1 exactly.
        pixels = (values[..., :1] if grey else values).astype(np.float32) / np.float32(255)
    return DecodedImage(
        pixels, coloured=not grey, frames=frames, resized=factor > 1, transparent=transparent, faded=faded
    )


def open_picture(encoded: EncodedImage) -> Image.Image:
    """Open an image, verified and turned upright by its EXIF data; of an animation the first frame.

    Whatever Pillow raises on damage passes through: call it within
    :func:`inklings.data.readers.file_errors.wrap_errors`.

    Parameters
    ----------
    encoded : EncodedImage

    Returns
    -------
    PIL.Image.Image
        In any of Pillow's modes.

    Raises
    ------
    DataError
        It is not a picture of these formats, or has too many pixels.
    MissingDependencyError
        Its format needs a package that is not installed.
    """
    with _open_verified(encoded, None) as stored:
        return _upright(stored)


def _open_verified(encoded: EncodedImage, size: Size | None) -> Image.Image:
    """Open an image and verify it; its pixels are not decoded yet."""
    from PIL import Image

    kind = _check_kind(encoded)

    def open_unverified() -> Image.Image:
        source = encoded.path if encoded.content is None else io.BytesIO(encoded.content)
        # Only the format that its first bytes show: Pillow would try all its parsers.
        return Image.open(source, formats=(kind,))  # type: ignore[arg-type]

    try:
        header = open_unverified()
    except Image.DecompressionBombError as error:
        # Pillow has a limit of its own, of about three times ours.
        numbers = re.findall(r"[0-9]+", str(error))
        raise _too_large(encoded, f"{int(numbers[0]):,}" if numbers else "very many") from error
    with header:
        width, height = header.size
        if width * height > MAX_PIXELS:
            raise _too_large(encoded, f"{width} x {height}")
        if header.mode in ("LAB", "HSV"):
            raise DataError(
                f"{encoded.prefix}its colours are {header.mode}, expected grey, RGB, CMYK or a palette",
                "save it as PNG",
                path=encoded.path,
                found=header.mode,
            )
        # Checks the sum of every PNG chunk, which decoding skips for the last ones. It leaves the image unusable, so
        # the file is opened twice.
        header.verify()
    opened = open_unverified()
    if size is not None and kind == "JPEG":
        # Decoded at a half, a quarter or an eighth of its size, as the format allows in a fraction of the time, but at
        # twice what is wanted or more. The longer side in both directions, since EXIF data may turn the picture.
        opened.draft(None, (2 * max(size), 2 * max(size)))
    return opened


def _too_large(encoded: EncodedImage, found: str) -> DataError:
    return DataError(
        f"{encoded.prefix}{found} pixels, expected at most {MAX_PIXELS:,}",
        "make it smaller",
        path=encoded.path,
        found=found,
        expected=MAX_PIXELS,
    )


def _check_kind(encoded: EncodedImage) -> str:
    """Return the format, once Pillow can read it."""
    start = encoded.start()
    if not start:
        raise DataError(
            f"{encoded.prefix}is empty (0 bytes), expected a {KIND}", path=encoded.path, found=0, expected=FORMATS
        )
    kind = picture_kind(start)
    if kind is None:
        raise DataError(
            f"{encoded.prefix}not a valid {KIND}: begins with bytes {start[:8].hex(' ')}",
            "it may be truncated or damaged, or another kind of file under a picture's name",
            path=encoded.path,
            found=start[:8].hex(" "),
            expected=FORMATS,
        )
    if missing := why_unreadable(kind):
        message = f"{encoded.prefix}is a picture in {'HEIC' if kind == 'HEIF' else kind}, which cannot be read here"
        raise MissingDependencyError(message, missing, path=encoded.path, found=kind)
    if kind == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    return kind


def _upright(picture: Image.Image) -> Image.Image:
    """Return a copy, decoded and turned as its EXIF data say, which needs the file no longer."""
    from PIL import ImageOps

    return ImageOps.exif_transpose(picture)


def _factor(width_and_height: tuple[int, int], size: Size | None) -> int:
    """Return by which whole factor a picture can be reduced and keep at least twice the size it will have."""
    if size is None:
        return 1
    # The smaller of both directions, height and width: neither may come out below twice its size.
    return max(1, min(width_and_height[0] // (2 * size[1]), width_and_height[1] // (2 * size[0])))
