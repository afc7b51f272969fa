"""From arrays as a file holds them to a Dataset: the way that every source takes, whatever its format."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from inklings.data.axes import arrange_images
from inklings.data.checks import check_several_classes
from inklings.data.dataset import Dataset
from inklings.data.decide import interpret
from inklings.data.labels import encode_labels
from inklings.data.lazy_images import stack_if_large
from inklings.data.notes import warn_of_decisions
from inklings.data.raw import RawArrays, ReadOptions, Size
from inklings.data.suspicious import describe_suspicious
from inklings.errors import DataError


def from_arrays(
    images: ArrayLike,
    labels: ArrayLike,
    *,
    class_names: Sequence[str] | None = None,
    source: str = "arrays",
    size: Size = None,
    column_major: bool | None = None,
    invert: bool | None = None,
    colour: bool | None = None,
) -> Dataset:
    """Build a Dataset from arrays of any common shape, type and value range.

    Parameters
    ----------
    images : array of numbers
        Shape ``(n, features)`` (square images of 1 or 3 channels), ``(n, h, w)``, ``(h, w, n)``, ``(n, h, w, c)``,
        ``(n, c, h, w)`` or ``(h, w, c, n)``; values such as 0 to 255, 0 to 1 or -1 to 1.
    labels : array, shape (n,)
        Text, integers, or one-hot rows.
    class_names : sequence of str, optional
        Names for labels 0, 1, ...
    source : str
        Where the arrays came from, for people.
    size : int or (int, int), optional
        Resize images to this height and width by bicubic interpolation.
    column_major : bool, optional
        Whether pixels are stored column by column; None detects it where the images allow.
    invert : bool, optional
        Whether to swap dark and light; None inverts greyscale images with a light border.
    colour : bool, optional
        False converts three channels to greyscale.

    Returns
    -------
    Dataset
        Its ``notes`` say what was detected and decided.

    Warns
    -----
    DataWarning
        Once for each decision about what the arrays mean, such as an inversion; silence it by the standard filters.

    Raises
    ------
    DataError
        The arrays are not a usable set of labelled images.

    Examples
    --------
    >>> import numpy as np
    >>> from inklings.data import from_arrays
    >>> pixels = np.zeros((4, 8, 8), np.uint8)
    >>> pixels[:, 2:6, 3] = 255
    >>> dataset = from_arrays(pixels, ["bar", "dot", "bar", "dot"])
    >>> dataset.image_shape, dataset.class_names
    ((8, 8, 1), ('bar', 'dot'))
    """
    raw = RawArrays(np.asarray(images), np.asarray(labels), source, class_names)
    dataset = build_dataset(raw, ReadOptions(size=size, column_major=column_major, invert=invert, colour=colour))
    warn_of_decisions(dataset.source, dataset.notes)
    return dataset


def build_dataset(raw: RawArrays, options: ReadOptions) -> Dataset:
    """Decide what raw arrays mean, and build a Dataset from them.

    Raises
    ------
    DataError
        The arrays are not a usable set of labelled images.
    """
    try:
        if raw.labels is None:
            raise DataError("no labels, expected one per image", "add them, or let a trained model predict them")
        encoded = encode_labels(raw.labels, class_names=raw.class_names)
        arranged = arrange_images(raw.images, len(encoded.labels))
        check_several_classes(encoded.labels, encoded.class_names)
        interpretation, encoded, decided = interpret(raw, arranged, encoded, options)
        images = interpretation.apply(stack_if_large(arranged))
        decided += describe_suspicious(
            arranged, interpretation.contrast, encoded.labels, encoded.class_names, raw.names
        )
    except DataError as error:
        raise error.at(raw.source) from error
    return Dataset(
        images,
        encoded.labels,
        encoded.class_names,
        str(raw.source),
        [*raw.notes, *encoded.notes, *decided],
        raw.given_test,
        raw.given_validation,
        interpretation=interpretation,
    )
