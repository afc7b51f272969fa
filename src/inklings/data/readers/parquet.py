"""Reading Parquet by pyarrow: a column per pixel, or one column of lists of pixels or of encoded images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.raw import RawArrays, ReadOptions
from inklings.data.readers.file_errors import check_claimed_size, wrap_errors
from inklings.data.readers.image_files import EncodedImage, read_images
from inklings.data.readers.label_column import find_label_column, find_numeric_label_column, list_some
from inklings.errors import DataError, MissingDependencyError


def read_parquet(path: Path, options: ReadOptions) -> RawArrays:
    """Read a Parquet file.

    The label column is found as in CSV. Images are the column named by ``options.images``, or the only one of lists
    or encoded images, or else all columns of numbers.

    Raises
    ------
    MissingDependencyError
        pyarrow is not installed.
    DataError
        The file is damaged or claims too much; there are no images or no labels.
    """
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise MissingDependencyError(
            "a Parquet file, which needs the package pyarrow",
            "pip install 'inklings[parquet]'",
            path=path,
            expected="pyarrow",
        ) from error
    with wrap_errors(path, "Parquet file"):
        with pyarrow.parquet.ParquetFile(path) as file:
            groups = (file.metadata.row_group(index) for index in range(file.metadata.num_row_groups))
            check_claimed_size(path, "the table", sum(group.total_byte_size for group in groups))
            # Run-length encoding lets a few bytes stand for billions of rows, which take 8 bytes each once decoded.
            check_claimed_size(path, "the table", file.metadata.num_rows * 8)
            table = file.read(use_threads=False)
        if table.num_rows == 0:
            raise DataError(f"no images (a table of {table.num_columns} columns without rows)", path=path)
        return _find_in_table(table, options, path)


def _find_in_table(table: Any, options: ReadOptions, path: Path) -> RawArrays:  # noqa: ANN401
    names = list(table.column_names)
    kinds = [_kind(column.type) for column in table.columns]
    column = find_label_column(names, [kind == "text" for kind in kinds], options.labels, path)
    # A picture or a list per cell wins over columns of numbers, which may be sizes or identifiers beside it.
    whole = [name for name, kind in zip(names, kinds, strict=True) if kind in ("list", "encoded")]
    images = options.images or (whole[0] if len(whole) == 1 else None)
    if images is not None:
        if images not in names:
            raise DataError(
                f"has no column '{images}', found {list_some(names)}", path=path, found=names, expected=images
            )
        if column is None:
            raise _missing("labels", names, path)
        pixels, notes = _read_whole(table[images], kinds[names.index(images)], options, path)
    else:
        pixels, column = _read_pixel_columns(table, kinds, column, path)
        notes = []
    labels = _read_labels(table.column(column), names[column], path)
    return RawArrays(pixels, labels, path, notes=[f"labels are column '{names[column]}'", *notes])


def _missing(what: str, names: list[str], path: Path) -> DataError:
    return DataError(
        f"no {what}, found columns {list_some(names)}",
        "name the column",
        path=path,
        found=names,
        suggested={what: "NAME"},
    )


def _kind(arrow_type: Any) -> str:  # noqa: ANN401
    import pyarrow.types as types

    if types.is_dictionary(arrow_type):
        return _kind(arrow_type.value_type)
    if types.is_integer(arrow_type) or types.is_floating(arrow_type) or types.is_boolean(arrow_type):
        return "number"
    if types.is_string(arrow_type) or types.is_large_string(arrow_type):
        return "text"
    if types.is_list(arrow_type) or types.is_large_list(arrow_type) or types.is_fixed_size_list(arrow_type):
        return "list"
    # Hugging Face stores an image as a struct of its bytes and its path.
    if types.is_struct(arrow_type) or types.is_binary(arrow_type) or types.is_large_binary(arrow_type):
        return "encoded"
    return "other"


def _read_pixel_columns(table: Any, kinds: list[str], column: int | None, path: Path) -> tuple[NDArray[Any], int]:  # noqa: ANN401
    """Return the pixels of all columns of numbers but the labels, and the number of the label column."""
    names = list(table.column_names)
    numeric = [index for index, kind in enumerate(kinds) if kind == "number" and index != column]
    if not numeric:
        raise _missing("images", names, path)
    check_claimed_size(path, "the table", 8 * table.num_rows * len(numeric))
    # Nulls become NaN here, and are refused with the number of their image.
    pixels = np.stack([table[names[index]].to_numpy() for index in numeric], axis=1)
    if column is not None:
        return pixels, column
    place = find_numeric_label_column(pixels, path)
    return np.delete(pixels, place, axis=1), numeric[place]


def _read_labels(column: Any, name: str, path: Path) -> NDArray[Any]:  # noqa: ANN401
    values = column.to_pylist()
    if None in values:
        raise DataError(
            f"column '{name}' has no label for image {values.index(None)}, expected one per image",
            path=path,
            found=None,
            expected="one per image",
        )
    return np.array(values)


def _read_whole(column: Any, kind: str, options: ReadOptions, path: Path) -> tuple[NDArray[Any], list[str]]:  # noqa: ANN401
    """Return images that fill a cell each: a list, possibly nested, or an image's bytes, possibly with its path."""
    cells = column.to_pylist()
    if None in cells:
        raise DataError(f"image {cells.index(None)} is missing (null)", "remove its row", path=path)
    if kind == "encoded":
        contents = [cell["bytes"] if isinstance(cell, dict) else cell for cell in cells]
        encoded = [EncodedImage(path, content, f"image {index}") for index, content in enumerate(contents)]
        return read_images(encoded, options)
    try:
        return np.array(cells, np.float32), []
    except ValueError as error:
        raise DataError("images have different sizes, expected one", path=path) from error
