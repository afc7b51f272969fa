"""Reading LIBSVM's text format: a label, then ``index:value`` for each value that is not 0."""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inklings.data.notes import Decision
from inklings.data.raw import RawArrays, ReadOptions
from inklings.data.readers.file_errors import MAX_BYTES, check_claimed_size
from inklings.data.readers.libsvm_base import detect_base, find_other_width
from inklings.data.readers.text_file import detect_encoding, open_text, read_lines
from inklings.errors import DataError

_LINE = re.compile(r"\s*[^\s:]+(\s+qid:\d+)?(\s+\d+:[^\s:]+)+\s*(#.*)?")


@dataclass(frozen=True, eq=False)
class Pairs:
    """The pairs of a file: which line each is in, its index as it is written, and its value."""

    labels: list[str]
    lines: NDArray[np.int64]
    indices: NDArray[np.int64]
    values: NDArray[np.float32]

    def spread(self, base: int, count: int, path: Path) -> NDArray[np.float32]:
        """Return the values in rows of ``count`` pixels, the first of which has the index ``base``."""
        check_claimed_size(path, "the table", 4 * count * len(self.labels))
        pixels = np.zeros((len(self.labels), count), np.float32)
        pixels[self.lines, self.indices - base] = self.values
        return pixels


def is_libsvm(path: Path) -> bool:
    """Whether the first lines of a text file are of this format; an image without ink has no pairs."""
    lines = [line for _, line in islice(_lines(path), 5)]
    return any(_LINE.fullmatch(line) for line in lines) and all(
        _LINE.fullmatch(line) or len(line.split()) == 1 for line in lines
    )


def read_libsvm(path: Path, options: ReadOptions) -> RawArrays:
    """Read a file of ``label index:value ...`` lines.

    Indices count from 0 if one of them is 0, from 1 if one of them is the number of pixels, else as the pixels show.
    The format does not say how many pixels an image has: values of 0 are left out, the last ones too.

    Raises
    ------
    DataError
        A pair is none; the highest index is not the last of a square image and no ``options.shape`` is given; nothing
        shows whether indices count from 0 and ``options.zero_based`` does not say it.
    """
    pairs = _read_pairs(path)
    lowest, highest = int(pairs.indices.min()), int(pairs.indices.max())
    base = _known_base(lowest, options, path)
    count = _count_pixels(highest, base, options, path)
    # Counted from 0, the last pixel would have one less.
    if highest == count and base is None:
        base = 1
    notes = ["labels are the first word of each line"]
    if base is None:
        pixels = pairs.spread(1, count, path)
        base = detect_base(pixels, _image_shape(count, options))
        if base is None:
            raise _cannot_tell(lowest, highest, count, path)
        notes.append(Decision(f"indices count from {base}, as the pixels show (zero_based={base == 1} overrides)"))
    pixels = pairs.spread(base, count, path)
    if options.shape is None:
        side = math.isqrt(count)
        if (width := find_other_width(pixels, side)) is not None:
            raise _no_square(side, width, path)
        notes.append(Decision(f"images are taken as {side} x {side}, by their highest index (shape=HxW overrides)"))
    return RawArrays(pixels, np.array(pairs.labels), path, notes=notes)


def _read_pairs(path: Path) -> Pairs:
    labels: list[str] = []
    # Machine numbers: of a large file, lists of Python's own would take several times the memory.
    indices, values, ends = array("q"), array("f"), array("q", [0])
    for number, line in _lines(path):
        label, *words = line.partition("#")[0].split()
        labels.append(label)
        for word in words:
            if word.startswith("qid:"):
                continue
            index, value = _split_pair(word, number, path)
            indices.append(index)
            values.append(value)
        ends.append(len(indices))
    if not indices:
        raise DataError("no images, found labels without pixels", path=path)
    bounds = np.frombuffer(ends, np.int64)
    # The pairs of line i are those from bounds[i] to bounds[i + 1]; a line without ink has none.
    lines = np.repeat(np.arange(len(labels)), bounds[1:] - bounds[:-1])
    return Pairs(labels, lines, np.frombuffer(indices, np.int64), np.frombuffer(values, np.float32))


def _split_pair(word: str, line: int, path: Path) -> tuple[int, float]:
    text, _, value = word.partition(":")
    try:
        index, pixel = int(text), float(value)
    except ValueError:
        raise DataError(f"line {line} holds '{word[:40]}', expected index:value", path=path) from None
    if not 0 <= index <= MAX_BYTES:
        raise DataError(f"line {line} holds the index {text[:40]}, expected 0 to {MAX_BYTES:,}", path=path, found=index)
    return index, pixel


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    with open_text(path, detect_encoding(path)) as file:
        for number, line in enumerate(read_lines(file, path), start=1):
            if line.strip() and not line.lstrip().startswith("#"):
                yield number, line.rstrip("\r\n")


def _known_base(lowest: int, options: ReadOptions, path: Path) -> int | None:
    """Return the index of the first pixel, if the user or an index of 0 says it."""
    if lowest == 0 and options.zero_based is False:
        raise DataError("is False, but an index is 0", "leave it out", setting="zero_based", path=path, found=0)
    if options.zero_based is not None:
        return 0 if options.zero_based else 1
    return 0 if lowest == 0 else None


def _count_pixels(highest: int, base: int | None, options: ReadOptions, path: Path) -> int:
    """Return how many pixels an image has."""
    least = highest + 1 if base == 0 else highest
    if options.shape is not None:
        count = options.shape[0] * options.shape[1]
        # Three channels end in the last third; an index just past one channel is a mistake.
        if 2 * count < least <= 3 * count:
            count *= 3
        if least > count:
            raise DataError(
                f"is {options.shape[0]} x {options.shape[1]}, but an image has at least {least} pixels",
                setting="shape",
                path=path,
                found=least,
            )
        return count
    # A smaller square would shear every image, and blank lines at the bottom make any guess a risk.
    fitting = [number for number in (least, highest + 1) if math.isqrt(number) ** 2 == number]
    if not fitting or (base == 1 and fitting[0] != highest):
        raise DataError(
            f"its highest index is {highest}, and the format does not say how many pixels an image has",
            "give the shape of the images",
            path=path,
            found=highest,
            suggested={"shape": "HxW"},
        )
    return fitting[0]


def _image_shape(count: int, options: ReadOptions) -> tuple[int, int]:
    return options.shape or (math.isqrt(count), math.isqrt(count))


def _cannot_tell(lowest: int, highest: int, count: int, path: Path) -> DataError:
    return DataError(
        f"indices run from {lowest} to {highest} for {count} pixels, and nothing shows whether they count from 0 or 1",
        "say whether it is zero-based, as scikit-learn writes it, or one-based, as LIBSVM does",
        path=path,
        found=(lowest, highest),
        suggested={"zero_based": True},
    )


def _no_square(side: int, width: int, path: Path) -> DataError:
    return DataError(
        f"its highest index is that of {side} x {side} pixels, but its rows look {width} pixels wide",
        "give the shape of the images",
        path=path,
        found=width,
        expected=side,
        suggested={"shape": "HxW"},
    )
