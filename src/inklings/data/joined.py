"""Several data sets as one: ``digits+mine``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inklings.data.dataset import Dataset
from inklings.data.notes import Decision, decisions
from inklings.data.pixels import border_pixels
from inklings.errors import DataError

PLUS = "+"

PAPER_DIFFERS = 0.15
"""Paper that is so much darker in one data set than in another, with full ink at 1, was not left as it was found: scans
of one subject differ by a few hundredths, a mean that was subtracted pixel by pixel moves all of it."""

SOME = 500
"""Images looked at for it."""


def names_joined(name_or_path: str | Path) -> list[str]:
    """Return the names or paths that a text with ``+`` between them lists; of anything else, nothing.

    Examples
    --------
    >>> names_joined("digits+mine"), names_joined("digits")
    (['digits', 'mine'], [])
    """
    # A file whose own name has a plus in it is that file.
    if not isinstance(name_or_path, str) or PLUS not in name_or_path or Path(name_or_path).expanduser().exists():
        return []
    names = [name.strip() for name in name_or_path.split(PLUS)]
    return names if all(names) else []


def join(first: Dataset, others: list[Dataset], name: str) -> Dataset:
    """Return the images of several data sets as one, with the classes of the first.

    Parameters
    ----------
    first : Dataset
        Its test and validation images stay reserved; the others' are reserved too, if it has any.
    others : list of Dataset
        Their images have the size of the first's, and their classes are among its.
    name : str
        What the whole is called.

    Raises
    ------
    DataError
        Sizes or channels differ, or a class is none of the first's.
    """
    for other in others:
        _check(first, other)
    labels = [first.labels, *(_renumber(first, other) for other in others)]
    everything = [first, *others]
    # Where each data set's rows begin in the whole.
    starts = np.cumsum([0, *(len(each) for each in everything)])
    weighed = any(each.weights is not None for each in everything)
    notes = [f"{len(each):,} images of {each.source}" for each in everything]
    notes += [Decision(f"{other.source}: {note}") for other in others for note in decisions(other.notes)]
    notes += [note for other in others if (note := _note_on_paper(first, other))]
    return Dataset(
        np.concatenate([np.asarray(each.images) for each in everything]),
        np.concatenate(labels),
        first.class_names,
        name,
        (*first.notes, *notes),
        given_test=_reserved(everything, starts, lambda each: each.given_test),
        given_validation=_reserved(everything, starts, lambda each: each.given_validation),
        weights=np.concatenate([_weights(each) for each in everything]) if weighed else None,
        interpretation=first.interpretation,
        # Empty, where a data set has no names: rows stay aligned.
        names=[name for each in everything for name in (each.names or [""] * len(each))],
    )


def _note_on_paper(first: Dataset, other: Dataset) -> Decision | None:
    """Say that paper is not the same in both: what is learnt from the one then does not hold for the other."""
    if first.image_shape[2] != 1:  # colours have no paper
        return None
    one, two = (_paper_of(each) for each in (first, other))
    if abs(one - two) < PAPER_DIFFERS:
        return None
    return Decision(
        f"paper is {one:.2f} in {first.source} and {two:.2f} in {other.source}, with full ink at 1: was a mean "
        "subtracted from one of them? Join them as they were before"
    )


def _paper_of(data: Dataset) -> float:
    """Return the median of the pixels at the border, of some images spread over the whole set."""
    return float(np.median(border_pixels(data.images[:: max(1, len(data) // SOME)])))


def _check(first: Dataset, other: Dataset) -> None:
    if other.image_shape != first.image_shape:
        one, two = (" x ".join(map(str, each.image_shape)) for each in (first, other))
        found = f"has images of {two}, expected those of {first.source}: {one}"
        raise DataError(found, found=other.image_shape, expected=first.image_shape).within(other.source)
    unknown = [name for name in other.class_names if name not in first.class_names]
    if unknown:
        found = f"has the class '{unknown[0]}', which {first.source} does not have"
        raise DataError(found, "join data of the same classes", found=unknown).within(other.source)


def _renumber(first: Dataset, other: Dataset) -> NDArray[np.int64]:
    """Return the other's labels by the first's numbers."""
    places = {name: number for number, name in enumerate(first.class_names)}
    return np.array([places[name] for name in other.class_names])[other.labels]


def _reserved(
    everything: list[Dataset], starts: NDArray[np.int64], rows_of: Callable[[Dataset], NDArray[np.int64] | None]
) -> NDArray[np.int64] | None:
    """Return the rows that are reserved in the whole; None where the first reserves none."""
    if rows_of(everything[0]) is None:
        return None
    found = [
        rows + start for each, start in zip(everything, starts, strict=False) if (rows := rows_of(each)) is not None
    ]
    return np.concatenate(found)


def _weights(data: Dataset) -> NDArray[np.float64]:
    # 1 is what an image without a weight counts.
    return np.ones(len(data)) if data.weights is None else data.weights
