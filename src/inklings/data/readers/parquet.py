"""Reading Parquet by pyarrow: a column a pixel, or one column of lists of pixels or of whole pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.arrays import RawArrays, ReadOptions, build_dataset
from inklings.data.dataset import Dataset
from inklings.data.readers.file_errors import check_claim, refusing
from inklings.data.readers.label_column import find_label_column, find_label_numbers, list_some
from inklings.data.readers.pictures import read_pictures, stack_pictures
from inklings.errors import DataError, MissingDependencyError


def read_parquet(path: Path, choices: ReadOptions) -> Dataset:
    """Read a Parquet file.

    The labels' column is found as in CSV. Images are the column named by ``choices.images``, or the only one of lists
    or pictures, or else all columns of numbers.

    Raises
    ------
    MissingDependencyError
        pyarrow is not installed.
    DataError
        Damaged; claims more than it may; no images or labels.
    """
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise MissingDependencyError(
            f"{path}: a Parquet file, which needs the package pyarrow", "pip install 'inklings[parquet]'"
        ) from error
    with refusing(path, "Parquet file"):
        with pyarrow.parquet.ParquetFile(path) as file:
            groups = (file.metadata.row_group(index) for index in range(file.metadata.num_row_groups))
            check_claim(path, "the table", sum(group.total_byte_size for group in groups))
            check_claim(path, "the table", file.metadata.num_rows * 8)
            table = file.read(use_threads=False)
        if table.num_rows == 0:
            raise DataError(f"{path}: no images (a table of {table.num_columns} columns without rows)")
        found = _find_in_table(table, choices, path)
    return build_dataset(found, choices)


def _find_in_table(table: Any, choices: ReadOptions, path: Path) -> RawArrays:  # noqa: ANN401
    names, source = list(table.column_names), str(path)
    kinds = [_kind(column.type) for column in table.columns]
    column = find_label_column(names, [kind == "text" for kind in kinds], choices.labels, source)
    whole = [name for name, kind in zip(names, kinds, strict=True) if kind in ("list", "picture")]
    images = choices.images or (whole[0] if len(whole) == 1 else None)
    if images is not None:
        if images not in names:
            raise DataError(f"{source}: has no column '{images}', found {list_some(names)}")
        if column is None:
            raise DataError(f"{source}: no labels, found columns {list_some(names)}", "name one with labels=")
        pixels, notes = _read_whole(table[images], kinds[names.index(images)], choices, path)
    else:
        columns = [name for index, name in enumerate(names) if kinds[index] == "number" or index == column]
        numbers = [name for index, name in enumerate(names) if kinds[index] == "number" and index != column]
        if not numbers:
            raise DataError(f"{source}: no images, found columns {list_some(names)}", "name one with images=")
        check_claim(path, "the table", 8 * table.num_rows * len(numbers))
        pixels = np.stack([table[name].to_numpy() for name in numbers], axis=1)
        if column is None:
            place = find_label_numbers(pixels, source)
            column = names.index(columns[place])
            pixels = np.delete(pixels, place, axis=1)
        notes = []
    labels = _read_labels(table.column(column), names[column], source)
    return RawArrays(pixels, labels, source, notes=[f"labels are column '{names[column]}'", *notes])


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
    if types.is_struct(arrow_type) or types.is_binary(arrow_type) or types.is_large_binary(arrow_type):
        return "picture"
    return "other"


def _read_labels(column: Any, name: str, source: str) -> NDArray[Any]:  # noqa: ANN401
    values = column.to_pylist()
    if None in values:
        raise DataError(f"{source}: column '{name}' has no label for image {values.index(None)}, expected one an image")
    return np.array(values)


def _read_whole(column: Any, kind: str, choices: ReadOptions, path: Path) -> tuple[NDArray[Any], list[str]]:  # noqa: ANN401
    """Images that each stand in one cell: a list, perhaps of lists, or a picture's bytes, perhaps with its name."""
    cells = column.to_pylist()
    if None in cells:
        raise DataError(f"{path}: image {cells.index(None)} is missing (null)", "remove its row")
    if kind == "picture":
        contents = [cell["bytes"] if isinstance(cell, dict) else cell for cell in cells]
        places = [f"{path}, image {index}" for index in range(len(cells))]
        return stack_pictures(read_pictures(contents, places), places, choices)
    try:
        return np.array(cells, np.float32), []
    except ValueError as error:
        raise DataError(f"{path}: images have different sizes, expected one") from error
