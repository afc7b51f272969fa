"""Vectors that put images into parts: ``set`` with 1, 2 and 3, ``split`` with words, ``train_idx``, ``is_test``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.notes import Decision
from inklings.data.readers.parts import TEST, TRAIN, VALIDATION, part_of
from inklings.data.readers.variable_matching import Reader, Variable
from inklings.data.readers.variable_names import PARTS
from inklings.data.split import Indices

MATCONVNET = {1: TRAIN, 2: VALIDATION, 3: TEST}
"""MatConvNet's ``imdb.images.set``; the same numbers are used in many files of MATLAB."""


@dataclass(frozen=True)
class PartRows:
    """The rows that a file reserves, which variables say so, and notes."""

    validation: Indices | None = None
    test: Indices | None = None
    used: Sequence[str] = ()
    notes: Sequence[str] = ()


def find_part_rows(
    variables: Sequence[Variable], read: Reader, count: int, *, matlab: bool, used: set[str]
) -> PartRows:
    """Find out which images a file reserves for validation and testing, by a vector of parts or one for each part.

    Parameters
    ----------
    variables : sequence of Variable
    read : callable
        Reads a variable by its name.
    count : int
        The number of images.
    matlab : bool
        Whether row numbers count from 1.
    used : set of str
        Variables that are something else.
    """
    vectors = [each for each in variables if each.is_vector and each.name not in used]
    for each in vectors:
        if each.meaning.role == PARTS and each.length == count:
            # One vector of parts, a value for each image.
            parts = _parts_of_rows(read(each.name).reshape(-1))
            # Something must be left to train on, and something reserved: else it is a vector of something else.
            if parts is not None and (parts == TRAIN).any() and (parts != TRAIN).any():
                return _reserve({part: np.flatnonzero(parts == part) for part in (VALIDATION, TEST)}, [each.name])
    # Else a vector for each part: a mask of all rows, or the numbers of its rows.
    masks: dict[str, Indices] = {}
    names: list[str] = []
    for each in vectors:
        part = each.meaning.part
        rows = _rows(each, read(each.name).reshape(-1), count, matlab) if part else None
        if part and rows is not None and part not in masks:
            masks[part] = rows
            names.append(each.name)
    if list(masks) == [TRAIN] and _is_mask(vectors, names[0], count) and 0 < len(masks[TRAIN]) < count:
        # Whoever marks those to train on keeps the others to test on; a list of their numbers may be a mere choice.
        masks[TEST] = np.setdiff1d(np.arange(count), masks[TRAIN])
    reserved = [masks[part] for part in (VALIDATION, TEST) if part in masks]
    everything = np.concatenate(list(masks.values())) if masks else np.zeros(0, np.int64)
    # Rows in two parts contradict each other, and something must be left to train on.
    if not reserved or len(np.unique(everything)) < len(everything) or sum(map(len, reserved)) >= count:
        # Contradictory vectors are none of parts; what they are is not guessed.
        return PartRows()
    left = count - len(everything)
    found = _reserve({part: masks[part] for part in (VALIDATION, TEST) if part in masks}, names)
    if TRAIN in masks and left:
        note = Decision(f"{left} images are not in any part, and are used for training")
        return PartRows(found.validation, found.test, found.used, [*found.notes, note])
    return found


def _is_mask(vectors: Sequence[Variable], name: str, count: int) -> bool:
    """Whether a vector has a value for each image, rather than the numbers of some."""
    return any(each.name == name and each.length == count for each in vectors)


def _reserve(rows: dict[str, Indices], names: Sequence[str]) -> PartRows:
    counts = [
        f"{len(found)} images for {'testing' if part == TEST else part}" for part, found in rows.items() if len(found)
    ]
    note = Decision(f"{' and '.join(counts)} are reserved ({', '.join(names)})")
    validation, test = (rows.get(part, np.zeros(0, np.int64)) for part in (VALIDATION, TEST))
    return PartRows(validation if len(validation) else None, test if len(test) else None, list(names), [note])


def _parts_of_rows(values: NDArray[Any]) -> NDArray[np.str_] | None:
    """Return the part of each image; None if a value names none."""
    if values.dtype.kind in "USO":
        words = [part_of(value.decode() if isinstance(value, bytes) else str(value)) for value in values.tolist()]
        return np.array([word[0] for word in words if word]) if all(words) else None
    if values.dtype.kind in "iuf" and set(np.unique(values).tolist()) <= set(MATCONVNET):
        return np.array([MATCONVNET[int(value)] for value in values.tolist()])
    return None


def _rows(variable: Variable, values: NDArray[Any], count: int, matlab: bool) -> Indices | None:
    """Return the rows that a vector marks with 1, or whose numbers it holds; None if it is something else."""
    if values.dtype.kind not in "biuf" or not len(values):
        return None
    # A mask as long as the images: 1 for those in the part.
    if len(values) == count and set(np.unique(values).tolist()) <= {0, 1}:
        return np.flatnonzero(values)
    named = {"idx", "ind", "inds", "index", "indices", "indexes", "rows", "id", "ids"} & set(variable.meaning.words)
    # Row numbers are whole and each there once.
    whole = (values == np.floor(values)).all() and len(np.unique(values)) == len(values)
    # True is 1: MATLAB counts rows from 1.
    rows = values.astype(np.int64) - matlab
    # Only under a name for indices: any distinct whole numbers might be rows.
    return rows if named and whole and rows.min() >= 0 and rows.max() < count else None
