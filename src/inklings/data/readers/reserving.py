"""Setting apart the rows that a source has for validation and testing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.notes import Decision, Reservation
from inklings.data.raw import RawArrays
from inklings.data.readers.parts import TEST, TRAIN, VALIDATION

_PURPOSES = {VALIDATION: "validation", TEST: "testing"}


def reserve(raw: RawArrays, parts: Sequence[str] | NDArray[Any]) -> RawArrays:
    """Return raw arrays with the rows of the validation and test parts reserved, and a note on how many there are.

    Where no row is of the training part, none is reserved: there would be nothing to learn from.

    Parameters
    ----------
    raw : RawArrays
    parts : sequence of str, one for each image
        Training, validation or test, as in :mod:`inklings.data.readers.parts`.
    """
    of_rows = np.asarray(parts)
    rows = {part: np.flatnonzero(of_rows == part) for part in _PURPOSES}
    found = {part: numbers for part, numbers in rows.items() if len(numbers)}
    # A source that joins others says it of all its images, not of each.
    notes = [note for note in raw.notes if not isinstance(note, Reservation)]
    if found and not (of_rows == TRAIN).any():
        all_of = " and ".join(f"{len(numbers):,} for {_PURPOSES[part]}" for part, numbers in found.items())
        note = f"the source has no image to train on ({all_of}): its parts are not used, and all images are split anew"
        return replace(raw, notes=[*notes, Decision(note)], given_test=None, given_validation=None)
    said = [
        Reservation(f"the source reserves {len(numbers):,} images for {_PURPOSES[part]}")
        for part, numbers in found.items()
    ]
    return replace(raw, notes=[*notes, *said], given_test=found.get(TEST), given_validation=found.get(VALIDATION))
