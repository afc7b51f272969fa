"""Which rows of a table its own column of parts reserves: ``Usage``, ``split``, ``set``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from inklings.data.raw import RawArrays
from inklings.data.readers.label_column import list_some
from inklings.data.readers.parts import TEST, TRAIN, VALIDATION, part_of
from inklings.errors import DataError

# FER2013's names; its public test was the contest's leaderboard, by which people chose.
_OTHER_WORDS = {"publictest": VALIDATION, "privatetest": TEST}


def part_in(cell: str) -> str | None:
    """Return the part that a cell names: training, validation or test; None if it names none."""
    word = cell.strip().casefold().replace("_", "").replace(" ", "")
    found = part_of(cell)
    # A name beside the word is a class or a file, not a part.
    return _OTHER_WORDS.get(word) or (found[0] if found and not found[1] else None)


def with_parts(raw: RawArrays, cells: Sequence[str]) -> RawArrays:
    """Reserve the rows whose part is validation or test.

    Parameters
    ----------
    raw : RawArrays
    cells : sequence of str
        The part of each row; none at all if the table has no such column.

    Raises
    ------
    DataError
        A cell names no part.
    """
    if not cells:
        return raw
    known = {cell: part_in(cell) for cell in dict.fromkeys(cells)}
    unknown = [cell for cell, part in known.items() if part is None]
    if unknown:
        row = list(cells).index(unknown[0])
        raise DataError(
            f"image {row} is of the part '{unknown[0]}', expected {TRAIN}, {VALIDATION} or {TEST} as in other rows "
            f"({list_some(unknown)} are unknown)",
            "leave the column out by its name",
            found=unknown,
            suggested={"skip": "NAME"},
        )
    parts = np.array([known[cell] for cell in cells])
    rows = {part: np.flatnonzero(parts == part) for part in (VALIDATION, TEST)}
    counts = " and ".join(f"{len(found):,} images for {part}" for part, found in rows.items() if len(found))
    return replace(
        raw,
        notes=[*raw.notes, *([f"the source reserves {counts}"] if counts else [])],
        given_validation=rows[VALIDATION] if len(rows[VALIDATION]) else None,
        given_test=rows[TEST] if len(rows[TEST]) else None,
    )
