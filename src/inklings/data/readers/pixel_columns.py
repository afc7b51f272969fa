"""The order of a table's columns of pixels, by the numbers in their names: programs that sort names scramble images."""

from __future__ import annotations

import re
from collections.abc import Sequence

from inklings.data.notes import Decision
from inklings.data.readers.label_column import list_some

NUMBERED = re.compile(r"^(.*?)[ _.\-]?(\d+)$")
PLACED = re.compile(r"^(\D*)(\d+)(\D+)(\d+)(\D*)$")
"""A row and a column: 1x1, r0c0, px_0_0."""

_HEXADECIMAL = re.compile("[0-9a-fA-F]{1,8}")
_COLOURS = {0, 1, 2}
_ROW, _COLUMN = re.compile(r"(r|row|y)[^a-z]*$"), re.compile(r"(c|col|column|x)[^a-z]*$")
"""What stands before the number of a row, and before that of a column."""


def skeleton(name: str) -> str | None:
    """Return what is left of a name that has two numbers, without them; None of others.

    >>> skeleton("r0c12"), skeleton("pixel7")
    ('r#c#', None)
    """
    placed = PLACED.match(name.strip())
    return f"{placed[1]}#{placed[3]}#{placed[5]}".lower() if placed else None


def in_order(pixels: Sequence[int], names: Sequence[str]) -> tuple[list[int], list[str]]:
    """Put the columns of pixels in the order of the numbers in their names.

    Programs that sort names put pixel10 before pixel2, which scrambles every image.

    Returns
    -------
    list of int
        As given unless all names are numbered alike and differently.
    list of str
        A note if the order was changed.
    """
    own = [names[index].strip() for index in pixels]
    numbers = _places(own) or _channels(own) or _numbers(own) or _hexadecimal(own)
    if numbers is None or numbers == sorted(numbers) or len(set(numbers)) < len(numbers):
        return list(pixels), []
    order = sorted(range(len(pixels)), key=numbers.__getitem__)
    first = list_some([names[index] for index in pixels[:3]])
    note = f"columns of pixels are put in the order of their numbers, since they were in another ({first} ...)"
    return [pixels[place] for place in order], [Decision(note)]


def _numbers(names: Sequence[str]) -> list[tuple[int, int]] | None:
    """Return the number of each name, if the rest is the same in all."""
    found = [NUMBERED.match(name) for name in names]
    if not all(found) or len({match[1] for match in found if match}) > 1:
        return None
    return [(int(match[2]), 0) for match in found if match]


def _hexadecimal(names: Sequence[str]) -> list[tuple[int, int]] | None:
    """Return the number of each name, if what follows the same letters in all counts from 0 or 1 in base 16."""
    # The longest first; a digit may be the same in all as well: 0a, 0b.
    for length in range(min(map(len, names)) - 1, -1, -1):
        if len({name[:length] for name in names}) > 1:
            continue
        rests = [name[length:] for name in names]
        if not all(map(_HEXADECIMAL.fullmatch, rests)):
            continue
        numbers = [int(rest, 16) for rest in rests]
        # No gap in hundreds of columns: words that happen to be numbers in base 16 have some.
        if len(set(numbers)) == len(numbers) and min(numbers) in (0, 1) and max(numbers) - min(numbers) < len(numbers):
            return [(number, 0) for number in numbers]
    return None


def _channels(names: Sequence[str]) -> list[tuple[int, int]] | None:
    """Return the channel and the number of each name, if all are of red, green or blue with the same numbers."""
    found = [match for name in names if (match := NUMBERED.match(name))]
    places = [("rgb".find(match[1][:1].lower()), int(match[2])) for match in found]
    prefixes = {match[1] for match in found}
    if len(found) < len(names) or len(prefixes) != len(_COLOURS) or {channel for channel, _ in places} != _COLOURS:
        return None
    if len({number for _, number in places}) * len(_COLOURS) != len(places):
        return None
    # All three of a pixel side by side is the other usual order.
    interleaved = [(number, channel) for channel, number in places]
    return interleaved if interleaved == sorted(interleaved) else places


def _places(names: Sequence[str]) -> list[tuple[int, int]] | None:
    """Return the row and the column of each name, if all have two numbers alike that fill a grid."""
    kinds = {skeleton(name) for name in names}
    if len(kinds) != 1 or None in kinds:
        return None
    found = [match for name in names if (match := PLACED.match(name))]
    places = [(int(match[2]), int(match[4])) for match in found]
    firsts, seconds = ({place[axis] for place in places} for axis in (0, 1))
    if min(len(firsts), len(seconds)) < 2 or len(firsts) * len(seconds) != len(set(places)):
        return None
    before, between = found[0][1].lower(), found[0][3].lower()
    swapped = [(second, first) for first, second in places]
    if _COLUMN.search(before) and _ROW.search(between):
        return swapped
    if _ROW.search(before) and _COLUMN.search(between):
        return places
    # Of names that do not tell, row first or column first is an order that somebody chose.
    return swapped if swapped == sorted(swapped) else places
