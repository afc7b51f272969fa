"""Pictures as a model's own way makes them into its images, where resizing them whole is not that way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from inklings.data.lazy_images import Images
from inklings.errors import DataError

Content = tuple[Path | bytes | NDArray[Any], str | None]
"""A picture as its file, its bytes or its pixels, and where it is from, for messages; a file names itself."""


class Framer(Protocol):
    """Makes pictures into a model's images, where they are not such already."""

    def is_needed(self, images: Images) -> bool:
        """Whether pictures are to be prepared, given them resized whole, shape (n, height, width, channels)."""

    def describe(self, *, resized: bool) -> str:
        """Return what was done with pictures, for a note; empty if there is nothing to say."""

    def prepare(self, pictures: Sequence[Content]) -> Iterable[Images | DataError]:
        """Yield the image of each, shape (height, width, channels), or what is wrong with it."""


def frame_pictures(
    framer: Framer, pictures: Sequence[Content], *, skip_damaged: bool
) -> tuple[Images, list[int], list[DataError]]:
    """Prepare pictures by a model's own way.

    Returns
    -------
    images : array of float32, shape (n, height, width, channels)
    kept : list of int
        Which of the pictures these are.
    refused : list of DataError
        What is wrong with the others; none unless ``skip_damaged``.

    Raises
    ------
    DataError
        A picture cannot be prepared, and is not to be skipped; or none can.
    """
    images, kept, refused = [], [], []
    for number, result in enumerate(framer.prepare(pictures)):
        if isinstance(result, DataError):
            if not skip_damaged:
                raise with_way_out(result, "in which there is no ink")
            refused.append(result)
            continue
        images.append(result)
        kept.append(number)
    # All of them refused: the first refusal says more than an empty data set would.
    if not images:
        raise refused[0]
    return np.stack(images), kept, refused


def with_way_out(error: DataError, which: str = "that are damaged") -> DataError:
    """Return the error with the option that leaves such pictures out."""
    # A copy: the same error may be raised again elsewhere, without this way out.
    refused = copy(error)
    refused.hint = "; or ".join(filter(None, (error.hint, f"leave out all {which}")))
    refused.suggested = {"skip_damaged": True}
    return refused
