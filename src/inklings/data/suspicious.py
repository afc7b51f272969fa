"""Images that show nothing, or the same as others under another label: counted and named, never left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.checks import Labels
from inklings.data.lazy_images import blocks
from inklings.data.notes import Decision
from inklings.data.split import hash_images

FAINT = 0.02
"""An image whose values, 0 to 1, all lie within this of each other shows nothing that a person would see."""


def describe_suspicious(
    pixels: NDArray[Any],
    contrast: float,
    labels: Labels,
    class_names: Sequence[str],
    names: Sequence[str] | None = None,
) -> list[str]:
    """Say how many images are blank, the same as all others, or the same as one with another label.

    Parameters
    ----------
    pixels : array of numbers, shape (n, height, width, channels)
        Raw: to convert all images only to count the blank ones would take longer than to open them.
    contrast : float
        The difference between the raw values of paper and ink.
    labels : array of int64, shape (n,)
    class_names : sequence of str
    names : sequence of str, optional
        What the source calls each image.

    Returns
    -------
    list of Decision
        Empty if there is nothing to say.
    """
    spans, hashes = _measure(pixels)
    about = labels, class_names, names
    found = [_describe_blank(spans <= FAINT * contrast, *about), _describe_conflicts(hashes, *about)]
    return [Decision(note) for note in found if note]


def describe_unlearnt(
    labels: Labels, class_names: Sequence[str], reserved: Sequence[NDArray[np.int64] | None]
) -> list[str]:
    """Say which classes have images in the reserved parts alone, as where the labels of one part count from 1.

    Parameters
    ----------
    labels : array of int64, shape (n,)
    class_names : sequence of str
    reserved : sequence of arrays of int64, or None
        The rows of the test and validation parts, where the source has them.

    Returns
    -------
    list of Decision
        Empty if there is nothing to say.
    """
    rows = np.concatenate([part for part in reserved if part is not None] or [np.zeros(0, np.int64)])
    # Labels of what is left to learn from.
    learnt = np.bincount(np.delete(labels, rows), minlength=len(class_names)) > 0
    missing = [name for name, known in zip(class_names, learnt, strict=True) if not known]
    if not len(rows) or not missing or learnt.sum() == 0:
        return []
    which = (
        f"class '{missing[0]}' has" if len(missing) == 1 else f"{len(missing)} classes, such as '{missing[0]}', have"
    )
    return [Decision(f"{which} no image among those to learn from: check that all parts are labelled alike")]


def _measure(pixels: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.uint64]]:
    """Return each image's range of values, and 64 bits that are the same for the same pixels."""
    spans, hashes = [], []
    for block in blocks(pixels):  # (k, values)
        flat = block.reshape(len(block), -1)
        # As floats: the difference of two bytes, or of two booleans, is none.
        spans.append(flat.max(axis=1).astype(np.float64) - flat.min(axis=1))
        hashes.append(hash_images(block))
    return np.concatenate(spans), np.concatenate(hashes)


def _describe_blank(
    blank: NDArray[np.bool_], labels: Labels, class_names: Sequence[str], names: Sequence[str] | None
) -> str:
    if not blank.any():
        return ""
    if blank.all():
        return f"all {len(blank):,} images are blank or nearly so (values within {FAINT:.0%} of each other)"
    whole = [name for number, name in enumerate(class_names) if (of := labels == number).any() and blank[of].all()]
    where = f", all of class '{whole[0]}' among them" if whole else ""
    first = _call(int(np.argmax(blank)), names)
    return f"{blank.sum():,} of {len(blank):,} images are blank or nearly so{where} (the first is {first})"


def _describe_conflicts(
    hashes: NDArray[np.uint64], labels: Labels, class_names: Sequence[str], names: Sequence[str] | None
) -> str:
    kinds, place = np.unique(hashes, return_inverse=True)
    if len(kinds) == 1 and len(hashes) > 1:
        return f"all {len(hashes):,} images are the same"
    # Sorted by image and label: an image with two labels has its first neighbour with another label.
    order = np.lexsort((labels, place))
    same = np.diff(place[order]) == 0
    differ = np.diff(labels[order]) != 0
    conflicts = np.flatnonzero(same & differ)
    if not len(conflicts):
        return ""
    one, other = order[conflicts[0]], order[conflicts[0] + 1]
    # Each image once, though it may have three labels.
    number = len(np.unique(place[order[conflicts]]))
    what = "image occurs" if number == 1 else "images occur"
    return (
        f"{number:,} {what} under several labels, such as {_call(int(one), names)} as '{class_names[labels[one]]}' and "
        f"{_call(int(other), names)} as '{class_names[labels[other]]}'"
    )


def _call(row: int, names: Sequence[str] | None) -> str:
    return f"image {row}" if names is None else str(names[row])
