"""What is odd about the names of classes: two that differ by little, or one that may stand for no label at all."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inklings.data.label_spelling import whole_number
from inklings.data.notes import Decision

_MARKS = ("-1", "255")
"""What stands for no label where labels count from 0 or 1: 255 is -1 as a byte."""

_FEW_WORDS, _FEW_IMAGES = 2, 0.05
"""Beside numbers, so many words at most, of so small a share of the images, may be no classes."""


def describe_names(labels: NDArray[np.int64], names: Sequence[str]) -> list[str]:
    """Return notes on what is odd about classes, given each image's class and their names."""
    return [*_describe_alike(names), *_describe_joined(names), *_describe_mark(names), *_describe_words(labels, names)]


def _describe_alike(names: Sequence[str]) -> list[str]:
    """Say which classes differ by the case of letters or by blanks, or are the same number."""
    alike: dict[str, list[str]] = defaultdict(list)
    for name in names:
        alike["".join(name.casefold().split())].append(name)
    by_case = [same for same in alike.values() if len(same) > 1]
    # As text: Python refuses to read numbers of thousands of digits.
    numbers: dict[str, list[str]] = defaultdict(list)
    for name in names:
        if name.isascii() and name.isdecimal():
            numbers[name.lstrip("0")].append(name)
    by_zeros = [same for same in numbers.values() if len(same) > 1]
    said = [f"classes {_listed(same)} differ by the case of letters or blanks alone" for same in by_case]
    said += [f"classes {_listed(same)} differ by leading zeros alone" for same in by_zeros]
    return [Decision(each) for each in said]


def _describe_joined(names: Sequence[str]) -> list[str]:
    """Say which classes are several others in one cell: "cat,dog" beside "cat" and "dog"."""
    known = {name.strip() for name in names}
    parts = {name: {part.strip() for part in re.split("[,;|]", name)} for name in names}
    joined = [name for name in names if len(parts[name]) > 1 and parts[name] <= known]
    if not joined:
        return []
    shown = _listed(joined) if len(joined) < 3 else f"{joined[0]!r} and {len(joined) - 1} more"
    are = f"class {shown} names" if len(joined) == 1 else f"classes {shown} name"
    return [Decision(f"{are} several others at once: taken for a class of its own, since an image has one label here")]


def _listed(names: Sequence[str]) -> str:
    return " and ".join(map(repr, names))


def _describe_mark(names: Sequence[str]) -> list[str]:
    """Return a note where a class's number is one by which data sets mark images without a label."""
    for mark in _MARKS:
        others = [name for name in names if name != mark]
        first = int(others[0]) if others and others[0] in ("0", "1") else 0
        if len(others) in (len(names), 1) or others != [str(first + place) for place in range(len(others))]:
            continue
        if str(first + len(others)) == mark:
            return []  # the next in the row
        said = f"class '{mark}' beside {others[0]} to {others[-1]} may mark images without a label"
        return [Decision(f"{said}: it is a class like any other")]
    return []


def _describe_words(labels: NDArray[np.int64], names: Sequence[str]) -> list[str]:
    """Return a note on few words of few images beside numbers: "unknown", or a slip of the pen."""
    words = [place for place, name in enumerate(names) if whole_number(name) is None]
    count = int(np.isin(labels, words).sum())
    if not 1 <= len(words) <= min(_FEW_WORDS, len(names) - 2) or count > _FEW_IMAGES * len(labels):
        return []
    shown = _listed([names[place] for place in words])
    are = f"class {shown} is a word" if len(words) == 1 else f"classes {shown} are words"
    images = "1 image" if count == 1 else f"{count:,} images"
    return [
        Decision(f"{are} beside {len(names) - len(words)} numbers, and of {images}: taken for a class all the same")
    ]
