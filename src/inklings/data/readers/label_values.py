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
from inklings.data.readers.label_names import LABEL_COLUMNS
from inklings.errors import DataError

_EVEN = 0.8
"""Labels are spread over their classes nearly evenly, where a corner is paper in most images: entropy as a share of its
maximum."""

_FEW_ROWS = 50
"""Of fewer, labels may have more classes than half as many as there are rows."""

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
    is_like_pixels: bool

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
    # 49 columns may be 7 x 7 pixels, or a label beside 4 x 4 of three channels: for training, the latter.
    if _is_image(count, options) and not (options.labelled and _is_image(count - 1, options)):
        if options.labelled:
            raise _no_labels(path, f"all {count} columns together are pixels of an image")
        return Found(pixels, None)
    # Where all but one column are an image, one-hot labels are not looked for.
    if not _is_image(count - 1, options) and (found := _find_one_hot(pixels, names, options)):
        return found
    judged = [_judge(place, column, ends[column], pixels) for place, column in zip((0, count - 1), ends, strict=True)]
    likely = [end for end in judged if end is not None]
    if not likely:
        raise _no_labels(path)
    if len(likely) == 2:
        end = _decide(likely[0], likely[1])
    else:
        others = [cells for column, cells in ends.items() if column != likely[0].column]
        end = likely[0] if _convinces(likely[0], others[0]) else None
    if end is None:
        raise _cannot_tell(path, likely)
    rest = pixels[:, 1:] if end.place == 0 else pixels[:, :-1]
    where = "first" if end.place == 0 else "last"
    shown = f"{len(end.values)} whole numbers from {end.values[0]} to {end.values[-1]}"
    note = f"labels are column '{names[end.place]}', the {where} of {count}: {shown} (labels=NAME overrides)"
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
    most = total // 2 if total >= _FEW_ROWS else 3 * total // 4
    if not 2 <= len(counts) <= max(2, most):
        return None
    # In nats, divided below by that of as many classes evenly spread: 1 is perfectly even.
    entropy = -sum(number / total * math.log(number / total) for number in counts.values())
    # Without either end: the one that is not judged here may be the labels.
    inner = pixels[:, 1:-1]
    lowest, highest = (float(inner.min()), float(inner.max())) if inner.size else (0.0, 0.0)
    values = tuple(sorted(counts))
    return _End(
        place,
        column,
        values,
        # A constant column never comes here: at least 2 values, so the logarithm is above 0.
        entropy / math.log(len(counts)),
        any(len(text) > 1 and text[0] == "0" and text.isdecimal() for text in spelt),
        values[0] < lowest or values[-1] > highest,
        _is_papery(counts, inner) or (values[0], values[-1]) == (lowest, highest),
    )


def _is_papery(counts: Counter[int], inner: NDArray[Any]) -> bool:
    """Whether most of a column is a value that many pixels have, as in a corner of images on paper."""
    value, number = counts.most_common(1)[0]
    # At least half of the column, and at least a quarter of all inner pixels.
    return 2 * number >= counts.total() and bool(4 * np.count_nonzero(inner == value) >= inner.size > 0)


def _decide(first: _End, last: _End) -> _End | None:
    """Return the one that holds labels by all the evidence there is; None if it is contradictory or there is none."""
    # Leading zeros: nobody spells a brightness 007.
    if first.has_codes != last.has_codes:
        return first if first.has_codes else last
    for one, other in ((first, last), (last, first)):
        if one.is_like_pixels:
            # Mostly paper, as a corner in faint noise; or of every value that a pixel has. Labels can be so too.
            continue
        # A value beyond all that pixels hold cannot be a pixel.
        if one.outside and not other.outside:
            return one
        if one.counts_from_start and one.evenness >= _EVEN and (other.is_like_pixels or not other.counts_from_start):
            return one
    return None


def _convinces(end: _End, other: Sequence[str]) -> bool:
    """Whether the one column that could be labels is, and not a corner beside labels of another kind."""
    if end.outside or end.has_codes or end.counts_from_start:
        return True
    wholes = {whole_number(text) for text in other if not is_missing(text)}
    # All different, they are not labels.
    return len(wholes) < 2 or None in wholes or 4 * len(wholes) > 3 * len(other)


def _find_one_hot(pixels: NDArray[Any], names: Sequence[str], options: ReadOptions) -> Found | None:
    """Find labels that are several columns at the end or the start, one of which is 1 in each row and the others 0."""
    count = pixels.shape[1]
    # At least 2 x 2 pixels must be left.
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
        f"a column called {', '.join(LABEL_COLUMNS[:5])} or the like, one of text, "
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
        f"the first or the last column could be the labels ({shown}), and nothing decides between them",
        "name it: 0 is the first, -1 the last",
        path=path,
        suggested={"labels": "0"},
    )
