"""Reading LIBSVM's text format: a label, then ``index:value`` for each value that is not 0."""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from inklings.data.notes import Decision
from inklings.data.raw import RawArrays, ReadOptions
from inklings.data.readers.file_errors import MAX_BYTES, check_claimed_size
from inklings.data.readers.text_file import detect_encoding, open_text, read_lines
from inklings.errors import DataError

_LINE = re.compile(r"\s*[^\s:]+(\s+qid:\d+)?(\s+\d+:[^\s:]+)+\s*(#.*)?")


def is_libsvm(path: Path) -> bool:
    """Whether the first lines of a text file are of this format; an image without ink has no pairs."""
    lines = [line for _, line in islice(_lines(path), 5)]
    return any(_LINE.fullmatch(line) for line in lines) and all(
        _LINE.fullmatch(line) or len(line.split()) == 1 for line in lines
    )


def read_libsvm(path: Path, options: ReadOptions) -> RawArrays:
    """Read a file of ``label index:value ...`` lines; indices count from 1, or from 0 if one is 0.

    The format does not say how many pixels an image has: values of 0 are left out, the last ones too.

    Raises
    ------
    DataError
        A pair is none; the highest index is not the last of a square image and no ``options.shape`` is given.
    """
    labels: list[str] = []
    columns, values, starts = array("q"), array("f"), array("q", [0])
    for number, line in _lines(path):
        label, *pairs = line.partition("#")[0].split()
        labels.append(label)
        for pair in pairs:
            index, _, value = pair.partition(":")
            if index == "qid":
                continue
            try:
                column, pixel = int(index), float(value)
            except ValueError:
                raise DataError(f"line {number} holds '{pair[:40]}', expected index:value", path=path) from None
            if not 0 <= column <= MAX_BYTES:
                raise DataError(
                    f"line {number} holds the index {index[:40]}, expected 0 to {MAX_BYTES:,}", path=path, found=column
                )
            columns.append(column)
            values.append(pixel)
        starts.append(len(columns))
    if not columns:
        raise DataError("no images, found labels without pixels", path=path)
    places = np.frombuffer(columns, np.int64)
    base = 0 if places.min() == 0 else 1
    count = _count_pixels(int(places.max()) + 1 - base, options, path)
    check_claimed_size(path, "the table", 4 * count * len(labels))
    pixels = np.zeros((len(labels), count), np.float32)
    bounds = np.frombuffer(starts, np.int64)
    rows = np.repeat(np.arange(len(labels)), bounds[1:] - bounds[:-1])
    pixels[rows, places - base] = np.frombuffer(values, np.float32)
    notes = ["labels are the first word of each line"]
    if base == 1 and int(places.max()) < count:
        # A corner without ink has no index 0 either, so that none of it shows nothing.
        note = (
            "pixels are taken as counted from 1, as the format has it: images of a file that counts from 0 are shifted"
        )
        notes.append(Decision(note))
    if options.shape is None:
        side = math.isqrt(count)
        notes.append(
            Decision(f"images are taken as {side} x {side}, by the highest of their pixels (shape=HxW overrules)")
        )
    return RawArrays(pixels, np.array(labels), path, notes=notes)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    with open_text(path, detect_encoding(path)) as file:
        for number, line in enumerate(read_lines(file, path), start=1):
            if line.strip() and not line.lstrip().startswith("#"):
                yield number, line.rstrip("\r\n")


def _count_pixels(highest: int, options: ReadOptions, path: Path) -> int:
    if options.shape is not None:
        count = options.shape[0] * options.shape[1]
        count = count if highest <= count else 3 * count
        if highest > count:
            raise DataError(
                f"is {options.shape[0]} x {options.shape[1]}, but the highest pixel has the number {highest}",
                setting="shape",
                path=path,
                found=highest,
            )
        return count
    # A smaller square would shear every image, and blank lines at the bottom make any guess a risk.
    if math.isqrt(highest) ** 2 != highest:
        raise DataError(
            f"the highest of its pixels that is not 0 has the number {highest}, and the format does not say how many "
            "an image has",
            "give the shape of the images",
            path=path,
            found=highest,
            suggested={"shape": "HxW"},
        )
    return highest
