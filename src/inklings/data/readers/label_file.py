"""Labels in a file of their own: beside the images under a name that fits, or named by the user."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.raw import ReadOptions
from inklings.data.readers.file_errors import Claim, check_claimed_size, wrap_errors
from inklings.data.readers.idx import is_idx, read_idx_array
from inklings.data.readers.label_column import several_could_be
from inklings.data.readers.mat_file import load_arrays
from inklings.data.readers.numpy_file import outline_npz, read_npy_array
from inklings.data.readers.source_file import is_regular, read_start
from inklings.data.readers.variable_matching import Reader, Variable, could_be_labels
from inklings.data.readers.variable_names import IDS, IMAGES, LABELS, understand
from inklings.errors import DataError


def take_label_file(path: Path, options: ReadOptions, names: list[str]) -> tuple[ReadOptions, NDArray[Any] | None]:
    """Read the file that ``options.labels`` names, unless it names a variable.

    Parameters
    ----------
    path : Path
        The file of the images; a name is looked for beside it first, then as a path of its own.
    options : ReadOptions
    names : list of str
        The variables in it.

    Returns
    -------
    options : ReadOptions
        Without ``labels`` if they were read.
    labels : array or None

    Raises
    ------
    DataError
        The file is damaged or holds no labels; there are no variables, and no such file.
    """
    if options.labels is None or options.labels in names:
        return options, None
    # Beside the images first, as people name it; else as a path of its own.
    for candidate in (path.parent / options.labels, Path(options.labels).expanduser()):
        if is_regular(candidate) and candidate != path:
            return replace(options, labels=None), read_label_file(candidate)
    if names:
        return options, None
    raise DataError(
        f"no labels, expected a file {options.labels} beside it",
        "check the name",
        path=path,
        expected=options.labels,
        suggested={"labels": "FILE"},
    )


def find_label_file(path: Path) -> Path | None:
    """Find the NPY file of labels that belongs to one of images, by its name.

    Raises
    ------
    DataError
        Several could be it.
    """
    images = understand(path.stem)
    found = []
    for other in sorted(path.parent.iterdir()):
        meaning = understand(other.stem)
        if other == path or other.suffix.lower() != ".npy" or meaning.role != LABELS or not is_regular(other):
            continue
        if (meaning.part, meaning.number) == (images.part, images.number):
            found.append(other)
    # y.npy and fine_labels.npy: the one whose name is a word for labels and nothing else.
    plain = [other for other in found if len(understand(other.stem).words) == 1]
    chosen = plain if len(plain) == 1 else found
    if len(chosen) > 1:
        raise several_could_be("labels", [other.name for other in chosen], path, kind="files")
    return chosen[0] if chosen else None


def read_label_file(path: Path) -> NDArray[Any]:
    """Read labels from an NPY, NPZ, MATLAB or IDX file, or from text with one label per line.

    Raises
    ------
    DataError
        The file is damaged, or holds no labels, or several vectors that could be.
    """
    start = read_start(path, 16)
    if start.startswith(b"\x93NUMPY"):
        return read_npy_array(path)
    if start.startswith(b"PK\x03\x04"):
        return _only_labels(*outline_npz(path), path)
    if start.startswith((b"MATLAB", b"\x89HDF")):
        arrays = load_arrays(path)
        return _only_labels([Variable(name, each.shape, each.dtype.kind) for name, each in arrays.items()],
                            arrays.__getitem__, path)  # fmt: skip
    if is_idx(start):
        return read_idx_array(path, Claim(path))
    return _read_lines(path)


def _only_labels(variables: list[Variable], read: Reader, path: Path) -> NDArray[Any]:
    candidates = [each for each in variables if could_be_labels(each) and each.meaning.role not in (IDS, IMAGES)]
    # An array saved without a name is called arr_0, which says nothing.
    named = [each for each in candidates if each.meaning.role == LABELS] or candidates
    # Else one-hot rows.
    named = named or [each for each in variables if len(each.shape) == 2]
    if len(named) != 1:
        listing = ", ".join(map(str, variables)) or "nothing"
        raise DataError(f"expected one vector of labels, found {listing}", path=path, found=listing)
    return read(named[0].name)


def _read_lines(path: Path) -> NDArray[Any]:
    with wrap_errors(path, "text file of labels"):
        # Lines become Python's texts, which take many times the bytes of the file.
        check_claimed_size(path, "the file", path.stat().st_size * 16)
        # By ends of lines alone: to splitlines, U+2028 and others that a name may hold end one, too.
        lines = [line.strip() for line in path.read_text("utf-8-sig").split("\n")]
    # Only at the end: an empty line between others is the missing label of its image.
    while lines and not lines[-1]:
        lines.pop()
    if any("," in line or "\t" in line for line in lines[:3]):
        lines = _after_row_numbers(lines, path)
    # A first line that is not a number, above nothing but numbers, is a heading.
    if len(lines) > 1 and not _is_number(lines[0]) and all(map(_is_number, lines[1:])):
        lines = lines[1:]
    return np.array(lines)


def _after_row_numbers(lines: list[str], path: Path) -> list[str]:
    """Return the second of two columns, the first of which counts the rows in their order."""
    rows = [line.replace("\t", ",").split(",") for line in lines]
    body = rows[1:] if not _is_number(rows[0][0]) else rows
    numbers = [row[0].strip() for row in body]
    # Row numbers from 0 or from 1.
    counted = [[str(number) for number in range(first, first + len(body))] for first in (0, 1)]
    if any(len(row) != 2 for row in rows) or numbers not in counted:
        expected = "one label per line, or the number of a row and its label, in order"
        raise DataError(f"has several columns, expected {expected}", path=path, found=lines[0], expected=expected)
    # A heading goes with the row numbers'.
    return [row[1].strip() for row in body]


def _is_number(text: str) -> bool:
    return text.lstrip("+-").replace(".", "", 1).isdecimal()
