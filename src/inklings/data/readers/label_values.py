"""Which columns of a table of numbers hold the labels, where no name says it: told by their values, or not at all.

Whole numbers, several but few, are in the first or the last column of most tables of images. A pixel in a corner can
look the same, so where both ends could be labels there must be evidence for one of them; else the user decides.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.label_spelling import is_missing, whole_number
from inklings.data.notes import Decision
from inklings.data.raw import ReadOptions
from inklings.data.readers.label_column import LABEL_NAMES
from inklings.errors import DataError

_EVEN, _UNEVEN = 0.8, 0.5
"""Labels are spread over their classes nearly evenly, a corner is paper in most images: entropy as a share of its
maximum. Between the two nothing is concluded."""

_MOST_CLASSES = 200
"""Columns that are looked at for one-hot labels."""


@dataclass(frozen=True, eq=False)
class Found:
    """The labels and what is left of the columns; labels are None where there are none."""

    pixels: NDArray[Any]
    labels: NDArray[Any] | None
    notes: tuple[str, ...] = ()
    column: int | None = None
    class_names: tuple[str, ...] | None = None


@dataclass(frozen=True)
class _End:
    """What the first or the last column shows of itself."""

    place: int
    column: int
    values: tuple[int, ...]
    evenness: float
    has_codes: bool
    outside: bool

    @property
    def counts_from_start(self) -> bool:
        """Whether its values are 0, 1, 2 ... or 1, 2, 3 ... without a gap."""
        return self.values[0] in (0, 1) and self.values[-1] - self.values[0] == len(self.values) - 1


def choose_label_column(
    pixels: NDArray[Any], ends: Mapping[int, Sequence[str]], names: Sequence[str], options: ReadOptions, path: Path
) -> Found:
    """Find the labels among columns of numbers.

    Parameters
    ----------
    pixels : array of numbers, shape (rows, columns)
    ends : mapping of int to sequence of str
        The cells of the first and the last column as they are written, by the column's number in the table.
    names : sequence of str
        The columns' names.
    options : ReadOptions
    path : Path
        For messages.

    Raises
    ------
    DataError
        There are no labels; or the first and the last column could both be, with no evidence for one.
    """
    count = pixels.shape[1]
    if count < 2:
        raise DataError(f"no images, found one column of numbers ('{names[0]}')", path=path, found=list(names))
    if _is_image(count, options) and not (options.labelled and _is_image(count - 1, options)):
        if options.labelled:
            raise _no_labels(path, f"all {count} columns together are pixels of an image")
        return Found(pixels, None)
    if not _is_image(count - 1, options) and (found := _find_one_hot(pixels, names, options)):
        return found
    places = dict.fromkeys((0, count - 1))
    judged = [_judge(place, column, ends[column], pixels) for place, column in zip(places, ends, strict=True)]
    likely = [end for end in judged if end is not None]
    if not likely:
        raise _no_labels(path)
    end = likely[0] if len(likely) == 1 else _decide(likely[0], likely[1])
    if end is None:
        raise _cannot_tell(path, likely)
    rest = pixels[:, 1:] if end.place == 0 else pixels[:, :-1]
    where = "first" if end.place == 0 else "last"
    shown = f"{len(end.values)} whole numbers from {end.values[0]} to {end.values[-1]}"
    note = f"labels are column '{names[end.place]}', the {where} of {count}: {shown} (labels=NAME overrules)"
    return Found(rest, np.array(ends[end.column]), (Decision(note),), end.column)


def _is_image(count: int, options: ReadOptions) -> bool:
    """Whether so many numbers make an image of one channel or three."""
    for channels in (1, 3):
        pixels, rest = divmod(count, channels)
        if options.shape is not None:
            fits = pixels == options.shape[0] * options.shape[1]
        else:
            fits = pixels > 1 and math.isqrt(pixels) ** 2 == pixels
        if fits and not rest:
            return True
    return False


def _judge(place: int, column: int, cells: Sequence[str], pixels: NDArray[Any]) -> _End | None:
    """Return what a column shows of itself if it could be labels."""
    spelt = {text: number for text, number in Counter(cells).items() if not is_missing(text)}
    wholes = {text: whole_number(text) for text in spelt}
    if None in wholes.values():
        return None
    counts: Counter[int] = Counter()
    for text, whole in wholes.items():
        counts[whole or 0] += spelt[text]
    total = sum(counts.values())
    # A pixel at the corner may be constant, a row number is all different; labels are neither.
    if not 2 <= len(counts) <= max(2, total // 2):
        return None
    entropy = -sum(number / total * math.log(number / total) for number in counts.values())
    inner = pixels[:, 1:-1]
    lowest, highest = (float(inner.min()), float(inner.max())) if inner.size else (0.0, 0.0)
    values = tuple(sorted(counts))
    return _End(
        place,
        column,
        values,
        entropy / math.log(len(counts)),
        any(len(text) > 1 and text[0] == "0" and text.isdecimal() for text in spelt),
        values[0] < lowest or values[-1] > highest,
    )


def _decide(first: _End, last: _End) -> _End | None:
    """Return the one that holds labels by all the evidence there is; None if it is contradictory or there is none."""
    for of_first, of_last in ((first.outside, last.outside), (first.has_codes, last.has_codes)):
        if of_first != of_last:
            return first if of_first else last
    votes = []
    if first.counts_from_start != last.counts_from_start:
        votes.append(first if first.counts_from_start else last)
    for one, other in ((first, last), (last, first)):
        if one.evenness >= _EVEN and other.evenness <= _UNEVEN:
            votes.append(one)
    return votes[0] if votes and all(vote is votes[0] for vote in votes) else None


def _find_one_hot(pixels: NDArray[Any], names: Sequence[str], options: ReadOptions) -> Found | None:
    """Find labels that are several columns at the end or the start, one of which is 1 in each row and the others 0."""
    count = pixels.shape[1]
    for classes in range(2, min(_MOST_CLASSES, count - 3)):
        if not _is_image(count - classes, options):
            continue
        for chosen, rest in (
            (slice(count - classes, count), slice(0, count - classes)),
            (slice(0, classes), slice(classes, count)),
        ):
            block = pixels[:, chosen]
            if bool(np.isin(block, (0, 1)).all()) and bool((block.sum(axis=1) == 1).all()):
                named = names[chosen]
                note = f"labels are the {classes} columns '{named[0]}' to '{named[-1]}', of which one is 1 in each row"
                own = None if all(name.isdecimal() for name in named) else tuple(named)
                return Found(pixels[:, rest], block.astype(np.int64), (Decision(note),), class_names=own)
    return None


def _no_labels(path: Path, reason: str = "") -> DataError:
    expected = (
        f"a column called {', '.join(LABEL_NAMES[:5])} or the like, one of text, "
        "or whole numbers in the first or last column"
    )
    return DataError(
        f"no labels, {reason + ', ' if reason else ''}expected {expected}",
        "name the column",
        path=path,
        expected=expected,
        suggested={"labels": "NAME"},
    )


def _cannot_tell(path: Path, likely: Sequence[_End]) -> DataError:
    shown = " and ".join(f"{', '.join(map(str, end.values[:4]))}{' ...' * (len(end.values) > 4)}" for end in likely)
    return DataError(
        f"the first and the last column could both be the labels ({shown}), and nothing tells which",
        "name it: 0 is the first, -1 the last",
        path=path,
        suggested={"labels": "0"},
    )
