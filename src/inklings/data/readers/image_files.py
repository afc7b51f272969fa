"""Decoding many image files into one array: in parallel, each resized on the way, damaged ones refused by name."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from inklings.data.lazy_images import Images
from inklings.data.notes import Decision
from inklings.data.pixels import to_greyscale
from inklings.data.raw import ReadOptions
from inklings.data.readers.brightness import BLACK, WHITE, full_brightness
from inklings.data.readers.file_errors import check_claimed_size, silenced
from inklings.data.readers.framed_pictures import Framer, frame_pictures, with_way_out
from inklings.data.readers.one_picture import DecodedImage, EncodedImage, read_image
from inklings.data.resizing import resize
from inklings.errors import DataError
from inklings.hardware import cores

DEEP = "all pictures have more than 8 bits per pixel, and are kept as the numbers that they hold"
"""The note on such a set: beside one of 8 bits, whose values are 0 to 1, it has another scale."""

_AHEAD = 256
"""How many pictures are decoded before the first of them is looked at, so that few wait in memory."""

_WORTH_THREADS = 1 << 15
"""Bytes of an average file: below, Pillow spends its time in Python, where threads only wait for one another."""

_MOST_THREADS = 4
"""Pillow decodes without Python's lock. More threads would hold more large pictures at once."""


@dataclass(frozen=True, eq=False)
class DecodedImages:
    """Pictures in one array.

    Parameters
    ----------
    images : array of float32, shape (n, height, width, channels)
        Values 0 to 1; of pictures of more than 8 bits per pixel the numbers that they hold, if all are such.
    kept : tuple of int
        Which of the encoded pictures these are: all, unless damaged ones were left out.
    notes : tuple of str
    prepared : bool
        Whether ``options.framer`` made them.
    deep : float, optional
        What those of more than 8 bits per pixel were divided by: 1 where all are such; None where there are none.
    backdrop : {"white", "black"}, optional
        What transparent parts were laid on; None where there are none.
    """

    images: Images
    kept: tuple[int, ...]
    notes: tuple[str, ...]
    prepared: bool = False
    deep: float | None = None
    backdrop: str | None = None


def decode(encoded: Sequence[EncodedImage], options: ReadOptions) -> DecodedImages:
    """Decode images into one array: greyscale unless ``options.colour``, each resized to ``options.size`` if given.

    Parameters
    ----------
    encoded : sequence of EncodedImage
    options : ReadOptions
        With ``skip_damaged``, what cannot be decoded is left out, with a note that counts and names it.

    Raises
    ------
    DataError
        An image cannot be decoded, or has another size than the first and no ``options.size`` is given; or there are
        too many pixels in all.
    """
    decoded: list[DecodedImage] = []
    kept: list[int] = []
    damaged: list[str] = []
    # Closed at once where an error ends the loop: its threads, and the warnings that it silenced.
    with closing(_decode_ahead(encoded, options)) as results:
        for number, result in enumerate(results):
            if isinstance(result, DataError):
                if not options.skip_damaged:
                    raise with_way_out(result)
                damaged.append(encoded[number].name)
                continue
            if decoded and result.pixels.shape != decoded[0].pixels.shape:
                raise _other_size(result.pixels, encoded[number], decoded[0].pixels, encoded[kept[0]])
            # All images will have this size, so the first one shows the total.
            check_claimed_size(encoded[number].path, "the set of pictures", 4 * result.pixels.size * len(encoded))
            decoded.append(result)
            kept.append(number)
    if not decoded:
        path = encoded[0].path if encoded else None
        raise DataError(f"none of {len(encoded)} pictures can be decoded ({', '.join(damaged[:3])})", path=path)
    if said := _describe_faded(decoded):
        again = decode(encoded, replace(options, backdrop=BLACK))
        return replace(again, notes=(*again.notes, said))
    whole = _join(decoded, [encoded[number] for number in kept], kept, options)
    if damaged:
        several = f"{len(damaged)} damaged pictures were" if len(damaged) > 1 else "1 damaged picture was"
        said = Decision(f"{several} left out, as requested: {list_names(damaged)}")
        whole = replace(whole, notes=(*whole.notes, said))
    resized = any(image.resized for image in decoded)
    return whole if options.framer is None else _framed(whole, encoded, options.framer, resized, options.skip_damaged)


def _describe_faded(decoded: Sequence[DecodedImage]) -> str:
    """Return the note on pictures drawn in white on transparency, if most of the transparent ones are such."""
    transparent, faded = (sum(getattr(image, what) for image in decoded) for what in ("transparent", "faded"))
    if 2 * faded <= transparent:
        return ""
    said = (
        f"{faded} of {transparent} pictures with transparent parts are drawn as light as paper: those parts are black"
    )
    return Decision(said)


def list_names(names: Sequence[str], most: int = 5) -> str:
    """Join names in one line; of many, the first few and how many more there are.

    >>> list_names(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")


def _framed(
    whole: DecodedImages, encoded: Sequence[EncodedImage], framer: Framer, resized: bool, skip_damaged: bool
) -> DecodedImages:
    """Return pictures as a model wants them, if it does not want them whole."""
    if not framer.is_needed(whole.images):
        said = framer.describe(resized=resized)
        return replace(whole, notes=(*whole.notes, *([said] if said else [])))
    pictures = [encoded[number].opened for number in whole.kept]
    images, kept, refused = frame_pictures(framer, pictures, skip_damaged=skip_damaged)
    notes = [framer.describe(resized=resized)]
    if refused:
        left_out = list_names([encoded[whole.kept[n]].name for n in set(range(len(pictures))) - set(kept)])
        several = f"{len(refused)} pictures" if len(refused) > 1 else "1 picture"
        were = "were" if len(refused) > 1 else "was"
        notes.append(Decision(f"{several} in which no ink was found {were} left out: {left_out}"))
    return replace(
        whole,
        images=images,
        kept=tuple(whole.kept[n] for n in kept),
        notes=(*whole.notes, *notes),
        prepared=True,
    )


def _decode_ahead(
    encoded: Sequence[EncodedImage], options: ReadOptions
) -> Generator[DecodedImage | DataError, None, None]:
    """Yield each picture, or what is wrong with it, in their order."""
    read = partial(_read_and_finish, options=options)
    with silenced(), ThreadPoolExecutor(min(_MOST_THREADS, cores().usable)) as threads:
        for start in range(0, len(encoded), _AHEAD):
            block = encoded[start : start + _AHEAD]
            # To ask for the sizes of all would take a call of the system for each.
            size = sum(each.file_size for each in block[:16]) // len(block[:16])
            # Both keep the order, and both hand an error of one picture back in its place.
            yield from (threads.map if size >= _WORTH_THREADS else map)(read, block)


def _read_and_finish(encoded: EncodedImage, options: ReadOptions) -> DecodedImage | DataError:
    size = options.height_and_width
    try:
        image = read_image(encoded, size, options.backdrop)
    except DataError as error:
        return error
    pixels = image.pixels
    # A view: the channels share memory until they are stacked.
    pixels = np.broadcast_to(pixels, (*pixels.shape[:2], 3)) if options.colour else to_greyscale(pixels)
    if size is not None:
        resized = resize(pixels[None], size)[0]
        # The filter overshoots, which would look like a wider range of values than the pictures have.
        pixels = np.clip(resized, pixels.min(), pixels.max()) if image.deep else resized
    resized = image.resized or pixels.shape != image.pixels.shape[:2] + pixels.shape[2:]
    return replace(image, pixels=pixels, resized=resized)


def _join(
    decoded: Sequence[DecodedImage], encoded: Sequence[EncodedImage], kept: Sequence[int], options: ReadOptions
) -> DecodedImages:
    """Stack pictures, and note what was made of them."""
    count = len(decoded)
    pixels, deep, notes = _to_one_scale(decoded, options.deep)
    coloured = sum(image.coloured for image in decoded)
    if coloured and not options.colour:
        note = f"{coloured} of {count} pictures have colours and were converted to grey (colour=True keeps them)"
        # Where nobody asked for grey it may throw away what tells the classes apart.
        notes.append(note if options.colour is False else Decision(note))
    several = [each.name for each, image in zip(encoded, decoded, strict=True) if image.frames > 1]
    if several:
        found = f"{len(several)} of {count} files hold several frames or pages, of which the first is used"
        notes.append(Decision(f"{found}: {list_names(several)}"))
    backdrop = (options.backdrop or WHITE) if any(image.transparent for image in decoded) else None
    return DecodedImages(np.stack(pixels), tuple(kept), tuple(notes), deep=deep, backdrop=backdrop)


def _to_one_scale(decoded: Sequence[DecodedImage], known: float | None) -> tuple[list[Images], float | None, list[str]]:
    """Return pictures of 8 bits as 0 to 1 and those of more beside them, what these were divided by, and notes."""
    pixels, count = [image.pixels for image in decoded], len(decoded)
    deep = [each for each, image in zip(pixels, decoded, strict=True) if image.deep]
    if len(deep) == count and known in (None, 1):
        # As they are: what is full brightness is found with all else that the numbers mean.
        return pixels, 1, [DEEP]
    if deep:
        full = full_brightness(deep) if known in (None, 1) else known
        said = f"{len(deep)} of {count} pictures have more than 8 bits per pixel, and were divided by {full:g}"
        pixels = [each / np.float32(full) if image.deep else each for each, image in zip(pixels, decoded, strict=True)]
        return pixels, full, [Decision(said)]
    highest = max(float(each.max()) for each in pixels)
    if round(255 * highest, 3) != 1:
        return pixels, None, []
    # Masks: black and white as the numbers 0 and 1, where 255 would be white.
    pixels = [255 * each for each in pixels]
    return pixels, None, [Decision("no picture has a value above 1 of 255: 1 is taken for full brightness")]


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
