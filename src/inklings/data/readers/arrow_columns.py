"""Columns of Arrow tables as arrays: texts, labels, lists of pixels, and pictures by their bytes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.raw import ReadOptions
from inklings.data.readers.image_files import DecodedImages, decode
from inklings.data.readers.label_column import check_label_length
from inklings.data.readers.one_picture import EncodedImage
from inklings.errors import DataError


def kind_of(arrow_type: Any) -> str:  # noqa: ANN401
    """Return what a column of this type can hold: number, text, list, encoded (pictures) or other."""
    import pyarrow.types as types

    # Categories: what the codes stand for counts.
    if types.is_dictionary(arrow_type):
        return kind_of(arrow_type.value_type)
    if types.is_integer(arrow_type) or types.is_floating(arrow_type) or types.is_boolean(arrow_type):
        return "number"
    # Prices and the like become floats: NumPy has no decimals.
    if types.is_decimal(arrow_type):
        return "number"
    if types.is_string(arrow_type) or types.is_large_string(arrow_type) or types.is_string_view(arrow_type):
        return "text"
    # As labels, days and times are classes by what they say.
    if types.is_temporal(arrow_type):
        return "text"
    if types.is_list(arrow_type) or types.is_large_list(arrow_type) or types.is_fixed_size_list(arrow_type):
        return "list" if kind_of(arrow_type.value_type) in ("number", "list") else "other"
    # Hugging Face stores an image as a struct of its bytes and its path.
    if types.is_struct(arrow_type):
        names = [arrow_type.field(index).name for index in range(arrow_type.num_fields)]
        return "encoded" if "bytes" in names else "other"
    if types.is_binary(arrow_type) or types.is_large_binary(arrow_type) or types.is_fixed_size_binary(arrow_type):
        return "encoded"
    return "other"


def longest_text(column: Any) -> int:  # noqa: ANN401
    """Return how many bytes the longest text of a column has; 0 if it holds none."""
    import pyarrow.compute as compute
    import pyarrow.types as types

    if types.is_dictionary(column.type):
        # Each text once for every row that has it, as it will be in memory.
        column = column.cast(column.type.value_type)
    if kind_of(column.type) != "text" or types.is_temporal(column.type):
        return 0
    return int(compute.max(compute.binary_length(column)).as_py() or 0)


def check_label_lengths(column: Any, path: Path) -> None:  # noqa: ANN401
    """Refuse labels longer than any name of a class, before they are Python's: see :func:`check_label_length`."""
    check_label_length(longest_text(column), path)


def as_texts(column: Any) -> list[str]:  # noqa: ANN401
    """Return the cells of a column as text; nulls are empty."""
    return ["" if value is None else str(value) for value in column.to_pylist()]


def labels_of(column: Any, class_names: Sequence[str] | None) -> NDArray[Any]:  # noqa: ANN401
    """Return labels exactly as a column holds them, in an array of objects if some are null.

    Where the file names the classes, -1 is how ``datasets`` marks an image without a label.
    """
    values = column.to_pylist()
    if kind_of(column.type) == "list":
        return _labels_in_lists(values)
    if class_names is not None:
        values = [None if value == -1 else value for value in values]
    if None in values or not isinstance(values[0], int | float | str | bytes):
        return np.array([value if value is None else str(value) for value in values], object)
    labels: NDArray[Any] = np.array(values)
    return labels


def _labels_in_lists(values: list[Any]) -> NDArray[Any]:
    """Return lists of one label each, or one-hot lists, as an array of two axes."""
    # One-hot lists have one length; lists of several labels differ, and a network answers one.
    if None in values or len({len(value) for value in values}) != 1:
        raise DataError(
            "labels are lists of several lengths, expected one label per image, or one-hot lists",
            "a network answers one class per image: keep one label of each",
        )
    labels: NDArray[Any] = np.array(values)
    return labels


def read_lists(column: Any, path: Path) -> NDArray[Any]:  # noqa: ANN401
    """Return a column of lists of numbers, nested or not, as one array, shape (n, ...).

    Raises
    ------
    DataError
        Lists have different lengths, or lack a number.
    """
    import pyarrow.compute

    # (n, ...): one axis more for each level of lists.
    shape, values = [len(column)], column.combine_chunks()
    # One chunk, so that lists lie one after the other without a gap.
    values = values if not hasattr(values, "chunks") else values.chunk(0)
    while kind_of(values.type) == "list":
        if values.null_count:
            raise DataError("images lack rows of pixels (null)", "remove them", path=path)
        lengths = pyarrow.compute.list_value_length(values).unique().to_pylist()
        if len(lengths) != 1:
            raise DataError(
                f"images have different sizes, expected one (lists of {min(lengths)} to {max(lengths)} numbers)",
                path=path,
                found=lengths[:10],
            )
        shape.append(lengths[0])
        # Not .values, which ignores that a column may be a slice of a longer one.
        values = values.flatten()
    # Nulls become NaN here, and are refused with the number of their image.
    pixels: NDArray[Any] = values.to_numpy(zero_copy_only=False)
    # float64 would take twice the memory of what images become.
    if pixels.dtype.itemsize > 4 or pixels.dtype.kind not in "biuf":
        pixels = pixels.astype(np.float32)
    return pixels.reshape(shape)


def read_pictures(
    column: Any,  # noqa: ANN401
    path: Path,
    options: ReadOptions,
) -> tuple[DecodedImages, list[str] | None]:
    """Decode a column of pictures: bytes, or structs of bytes and a path.

    Returns
    -------
    decoded : DecodedImages
        All, unless damaged ones were to be left out.
    names : list of str or None
        The paths of those, if all pictures have one.

    Raises
    ------
    DataError
        A picture cannot be decoded, or is only named and not there.
    """
    encoded: list[EncodedImage] = []
    names: list[str] = []
    for index, cell in enumerate(column.to_pylist()):
        content, name = (cell["bytes"], cell.get("path")) if isinstance(cell, dict) else (cell, None)
        if content is None:
            raise DataError(
                f"image {index} is only named ({name}), and its bytes are not in the file",
                "write it with its pictures embedded, or keep the pictures in a folder per class",
                path=path,
                found=name,
            )
        encoded.append(EncodedImage(path, content, f"image {index}"))
        names.append(name or "")
    decoded = decode(encoded, options)
    # Names only if every picture has one.
    return decoded, [names[row] for row in decoded.kept] if all(names) else None
