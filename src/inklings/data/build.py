"""From arrays as a file holds them to a Dataset: the way that every source takes, whatever its format."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from inklings.arguments import checks_call
from inklings.data.axes import arrange_axes, split_rows
from inklings.data.checks import check_several_classes, check_unmasked
from inklings.data.dataset import Dataset
from inklings.data.decide import interpret, shape_of_rows
from inklings.data.flat_rows import is_planar
from inklings.data.labels import ClassNames, encode_labels, find_missing
from inklings.data.lazy_images import stack_if_large
from inklings.data.notes import Decision, warn_of_decisions
from inklings.data.raw import RawArrays, ReadOptions, Size
from inklings.data.row_width import describe_width
from inklings.data.split import Indices
from inklings.data.suspicious import describe_suspicious, describe_unlearnt
from inklings.data.typical import describe_parts
from inklings.errors import DataError


@checks_call(DataError)
def from_arrays(
    images: ArrayLike,
    labels: ArrayLike,
    *,
    class_names: ClassNames | None = None,
    source: str = "arrays",
    size: Size = None,
    shape: tuple[int, int] | None = None,
    axes: str | None = None,
    column_major: bool | None = None,
    invert: bool | None = None,
    colour: bool | None = None,
    drop_missing: bool = False,
) -> Dataset:
    """Build a Dataset from arrays of any common shape, type and value range.

    Parameters
    ----------
    images : array of numbers
        Shape ``(n, features)`` (square images of 1 or 3 channels), ``(n, h, w)``, ``(h, w, n)``, ``(n, h, w, c)``,
        ``(n, c, h, w)`` or ``(h, w, c, n)``; values such as 0 to 255, 0 to 1 or -1 to 1.
    labels : array, shape (n,)
        Text, integers, or one-hot rows.
    class_names : sequence of str, or mapping from label to str, optional
        Names for labels 0, 1, ..., or for any labels; those of one name are one class.
    source : str
        Where the arrays came from, for people.
    size : int or (int, int), optional
        Resize images to this height and width by bicubic interpolation.
    shape : (int, int), optional
        Height and width of flat rows that are not square.
    axes : str, optional
        What each axis of ``images`` is, where several fit, a letter each: n images, h rows, w columns, c channels, p
        pixels of flat rows, as in ``"hwn"``.
    column_major : bool, optional
        Whether pixels are stored column by column; None detects it where the images allow.
    invert : bool, optional
        Whether to swap dark and light; None inverts greyscale images with a light border.
    colour : bool, optional
        False converts three channels to greyscale.
    drop_missing : bool
        Whether to leave out images whose label is missing (empty, NaN, None), in place of refusing them.

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
    # A masked label is a missing one; np.asarray would show what lies under the mask.
    try:
        check_unmasked(images)
        raw = RawArrays(np.asarray(images), np.asanyarray(labels), source, class_names, _pairing(images, labels))
    except ValueError:
        hint = "resize them to one size first, or open pictures by open_dataset(folder, size=28)"
        raise DataError(f"{source}: images or labels are of several shapes, expected arrays", hint) from None
    except DataError as error:
        raise error.at(source) from error
    options = ReadOptions(
        size=size,
        shape=shape,
        axes=axes,
        column_major=column_major,
        invert=invert,
        colour=colour,
        drop_missing=drop_missing,
    )
    dataset = build_dataset(raw, options)
    warn_of_decisions(dataset.source, dataset.notes)
    return dataset


def _pairing(images: Any, labels: Any) -> list[str]:  # noqa: ANN401 - whatever was given
    """Say so where both are of pandas and have one index in two orders: rows are paired by position."""
    first: Any = getattr(images, "index", None)
    second: Any = getattr(labels, "index", None)
    # Lists and tuples have a method of that name.
    if not (hasattr(first, "sort_values") and hasattr(second, "sort_values")) or first.equals(second):
        return []
    # Counted, not sorted: numbers and texts in one index have no order.
    if Counter(first.tolist()) != Counter(second.tolist()):
        return []
    said = "images and labels have the same index in another order; they are paired by position, not by index"
    return [Decision(f"{said} (labels.loc[images.index] pairs them by it)")]


def build_dataset(raw: RawArrays, options: ReadOptions) -> Dataset:
    """Decide what raw arrays mean, and build a Dataset from them.

    Raises
    ------
    DataError
        The arrays are not a usable set of labelled images.
    """
    try:
        # The order matters: the number of labels, missing ones among them, shows the axis of images, and only then can
        # images be left out; what a missing label looks like must be gone before classes are numbered.
        raw = arrange_axes(raw, options)
        if raw.labels is None:
            raise DataError("no labels, expected one per image", "add them, or let a trained model predict them")
        raw, missing = without_missing(raw, options)
        assert raw.labels is not None, "checked above"
        encoded = encode_labels(raw.labels, class_names=raw.class_names)
        shape = shape_of_rows(raw, options)
        planar = is_planar(raw.images, shape)
        arranged = split_rows(raw.images, shape, planar)
        check_several_classes(encoded.labels, encoded.class_names)
        interpretation, encoded, decided = interpret(raw, arranged, encoded, options)
        interpretation = replace(interpretation, planar=planar)
        if raw.images.ndim == 2:
            decided += describe_width(raw.images, arranged.shape[1:3], transposed=interpretation.transposed)
        images = interpretation.apply(stack_if_large(arranged))
        decided += describe_suspicious(
            arranged, interpretation.contrast, encoded.labels, encoded.class_names, raw.names
        )
        given = {"validation": raw.given_validation, "test": raw.given_test}
        parts = {part: rows for part, rows in given.items() if rows is not None}
        decided += describe_parts(images, encoded.labels, parts)
        decided += describe_unlearnt(encoded.labels, encoded.class_names, (raw.given_test, raw.given_validation))
    except DataError as error:
        # Where axes could not be told, the error says already whose they are.
        raise error if error.where else error.at(raw.source) from error
    return Dataset(
        images,
        encoded.labels,
        encoded.class_names,
        str(raw.source),
        [*raw.notes, *missing, *encoded.notes, *decided],
        raw.given_test,
        raw.given_validation,
        interpretation=interpretation,
        names=raw.names,
    )


def without_missing(raw: RawArrays, options: ReadOptions) -> tuple[RawArrays, list[str]]:
    """Leave out the images without a label, if that was asked for; else refuse them.

    Parameters
    ----------
    raw : RawArrays
        With labels.
    options : ReadOptions

    Returns
    -------
    raw : RawArrays
    notes : list of str

    Raises
    ------
    DataError
        Labels are missing, counted and the first ones named.
    """
    assert raw.labels is not None, "checked by the caller"
    missing = find_missing(raw.labels) if raw.labels.size else np.zeros(0, bool)
    if not missing.any():
        return raw, []
    rows = np.flatnonzero(missing)
    # Three are enough to find the others by.
    first = ", ".join(str(row) if raw.names is None else str(raw.names[row]) for row in rows[:3].tolist())
    if not options.drop_missing:
        raise DataError(
            f"{len(rows):,} of {len(missing):,} images have no label (image {first}{' ...' if len(rows) > 3 else ''})",
            "label them, or leave them out",
            found=len(rows),
            suggested={"drop_missing": True},
        )
    kept = np.flatnonzero(~missing)
    # What a model is evaluated on comes here before its axes are in order: (h, w, n) has its images last.
    axis = 0 if raw.images.shape[0] == len(missing) else raw.images.ndim - 1
    # MATLAB stores a vector as (1, n).
    labels = raw.labels[kept] if len(raw.labels) == len(missing) else raw.labels.reshape(-1)[kept]
    left = replace(
        raw,
        images=np.take(raw.images, kept, axis=axis),
        labels=labels,
        names=None if raw.names is None else [raw.names[row] for row in kept.tolist()],
        given_test=_renumber(raw.given_test, kept),
        given_validation=_renumber(raw.given_validation, kept),
    )
    return left, [Decision(f"{len(rows):,} of {len(missing):,} images have no label, and are left out")]


def _renumber(rows: Indices | None, kept: Indices) -> Indices | None:
    """Return where rows are among those that are kept."""
    return None if rows is None else np.flatnonzero(np.isin(kept, rows))
