"""Which rows of a table its own column of parts reserves: ``Usage``, ``split``, ``set``."""

from __future__ import annotations

from collections.abc import Sequence

from inklings.data.raw import RawArrays
from inklings.data.readers.label_column import list_some
from inklings.data.readers.parts import TEST, TRAIN, VALIDATION, part_of
from inklings.data.readers.reserving import reserve
from inklings.errors import DataError


def part_in(cell: str) -> str | None:
    """Return the part that a cell names: training, validation or test; None if it names none."""
    found = part_of(cell)
    # A name beside the word is a class or a file, not a part.
    return found[0] if found and not found[1] else None


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
    return reserve(raw, parts_of(cells))


def parts_of(cells: Sequence[str], names: Sequence[str] | None = None) -> list[str]:
    """Return the part that each cell names.

    Parameters
    ----------
    cells : sequence of str
    names : sequence of str, optional
        What the source calls each image.

    Raises
    ------
    DataError
        A cell names none.
    """
    known = {cell: part_in(cell) for cell in dict.fromkeys(cells)}
    unknown = [cell for cell, part in known.items() if part is None]
    if unknown:
        row = list(cells).index(unknown[0])
        subject = f"image {row} is of the part" if names is None else f"gives {names[row]} the part"
        raise DataError(
            f"{subject} '{unknown[0]}', expected {TRAIN}, {VALIDATION} or {TEST} as in other rows "
            f"({list_some(unknown)} are unknown)",
            "leave the column out by its name" if names is None else "correct it, or leave the column out of the table",
            found=unknown,
            suggested={"skip": "NAME"} if names is None else None,
        )
    return [part for cell in cells if (part := known[cell])]
