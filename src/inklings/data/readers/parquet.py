"""Reading Parquet by pyarrow: a column per pixel, or one column of lists of pixels, of pictures or of their paths."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.notes import Decision
from inklings.data.raw import RawArrays, ReadOptions
from inklings.data.readers.arrow_columns import (
    as_texts,
    check_label_lengths,
    kind_of,
    labels_of,
    longest_text,
    read_lists,
    read_pictures,
)
from inklings.data.readers.file_errors import MAX_BYTES, check_claimed_size, wrap_errors
from inklings.data.readers.label_column import list_some
from inklings.data.readers.label_names import is_label_column
from inklings.data.readers.label_values import choose_label_column
from inklings.data.readers.listed_pictures import read_listed_pictures
from inklings.data.readers.narrow_table import Stacked
from inklings.data.readers.table_columns import Column
from inklings.data.readers.table_parts import with_parts
from inklings.data.readers.table_roles import Roles, check_counts, find_roles
from inklings.errors import DataError
from inklings.extras import importing

_FIRST_ROWS = 60
_SAMPLE = 1 << 24
"""Letters of the first rows that are looked at."""

_ROWS, _ROWS_OF_BYTES = 4096, 64
"""Rows that are decoded together; of text and pictures fewer, since a single one may be large."""


def read_parquet(path: Path, options: ReadOptions) -> RawArrays:
    """Read a Parquet file.

    Columns are found as in CSV. Images are the column named by ``options.images``, or the first one of lists or encoded
    images, or else all columns of numbers. Names of classes are taken from what Hugging Face's ``datasets`` writes
    beside the columns, in which a label of -1 is none.

    Raises
    ------
    MissingDependencyError
        pyarrow is not installed, or cannot be imported.
    DataError
        The file is damaged or claims too much; there are no images or no labels.
    """
    with importing("pyarrow", "a Parquet file needs the package pyarrow", "'inklings[parquet]'", path=path):
        import pyarrow.parquet
    with wrap_errors(path, "Parquet file"):
        with pyarrow.parquet.ParquetFile(path) as file:
            _check_columns(file, path)
            _check_repeated_texts(file, path)
            table = _read_within_limits(file, path)
        if table.num_rows == 0:
            raise DataError(f"no images (a table of {table.num_columns} columns without rows)", path=path)
        classes = _class_names(table)
        return _read_table(table, _with_known_label(options, table.column_names, classes, path), classes, path)


def _check_columns(file: Any, path: Path) -> None:  # noqa: ANN401
    """Let the library itself look at what the file says of each column, before anything here does.

    Where that is damaged, reading says so; asked by ``metadata.row_group(0).column(0)``, pyarrow (up to 26 at least)
    has no way to pass the error on, and ends the process.
    """
    groups = range(file.metadata.num_row_groups)
    # First, since a row's page may be large: one is decoded here for each column.
    check_claimed_size(
        path, "the table", sum(max(0, file.metadata.row_group(index).total_byte_size) for index in groups)
    )
    for index in groups:
        next(file.iter_batches(1, row_groups=[index], use_threads=False), None)


def _check_repeated_texts(file: Any, path: Path) -> None:  # noqa: ANN401
    """Refuse, before any is decoded, texts of which a file holds one each and whose copies exceed what is allowed."""
    import pyarrow.compute as compute
    import pyarrow.parquet

    groups = [file.metadata.row_group(index) for index in range(file.metadata.num_row_groups)]
    chunks = [group.column(index) for group in groups for index in range(group.num_columns)]
    most: Counter[str] = Counter()
    for chunk in chunks:
        if chunk.physical_type == "BYTE_ARRAY" and chunk.has_dictionary_page and "." not in chunk.path_in_schema:
            # Every value may be as long as all that the file holds of the column.
            most[chunk.path_in_schema] += chunk.num_values * chunk.total_uncompressed_size
    if sum(most.values()) <= MAX_BYTES:
        return
    size = 0
    with pyarrow.parquet.ParquetFile(path, read_dictionary=list(most)) as coded:
        for batch in coded.iter_batches(_ROWS, columns=list(most), use_threads=False):
            for column in batch.columns:
                lengths = compute.binary_length(column.dictionary).take(column.indices)
                size += compute.sum(lengths).as_py() or 0
                check_claimed_size(path, "the table", size)


def _read_within_limits(file: Any, path: Path) -> Any:  # noqa: ANN401
    """Return the table, having checked what the file claims and then what comes out of it."""
    import pyarrow

    groups = [file.metadata.row_group(index) for index in range(file.metadata.num_row_groups)]
    # Run-length encoding lets a few bytes stand for billions of values, which take their own size once decoded.
    chunks = [group.column(index) for group in groups for index in range(group.num_columns)]
    claimed = sum(chunk.num_values * (4 if chunk.physical_type in ("INT32", "FLOAT") else 8) for chunk in chunks)
    check_claimed_size(path, "the table", claimed)
    check_claimed_size(path, "the table", file.metadata.num_rows * 8)
    large = any(chunk.physical_type == "BYTE_ARRAY" for chunk in chunks)
    batches, size = [], 0
    for batch in file.iter_batches(_ROWS_OF_BYTES if large else _ROWS, use_threads=False):
        size += batch.nbytes
        check_claimed_size(path, "the table", size)
        batches.append(batch)
    return pyarrow.Table.from_batches(batches, file.schema_arrow)


def _class_names(table: Any) -> dict[str, list[str]]:  # noqa: ANN401
    """Return the names of classes by column, as Hugging Face's ``datasets`` keeps them in the file's metadata."""
    content = (table.schema.metadata or {}).get(b"huggingface")
    try:
        features = json.loads(content or b"{}")["info"]["features"]
        labels = {name: kind["names"] for name, kind in features.items() if kind.get("_type") == "ClassLabel"}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}
    return {name: [str(each) for each in names] for name, names in labels.items() if names}


def _with_known_label(
    options: ReadOptions, columns: list[str], classes: dict[str, list[str]], path: Path
) -> ReadOptions:
    """Name the label column if the metadata do and its name does not."""
    known = [name for name in columns if name in classes]
    if options.labels is not None or not known or any(map(is_label_column, columns)):
        return options
    if len(known) > 1:
        raise DataError(
            f"has {len(known)} columns of labels ({list_some(known)}), expected one",
            "name one",
            path=path,
            found=known,
            suggested={"labels": known[0]},
        )
    return replace(options, labels=known[0])


def _read_table(table: Any, options: ReadOptions, classes: dict[str, list[str]], path: Path) -> RawArrays:  # noqa: ANN401
    names = list(table.column_names)
    kinds = [kind_of(column.type) for column in table.columns]
    known = [index for index, kind in enumerate(kinds) if kind != "other"]
    columns = []
    for index in known:
        whole = kinds[index] in ("list", "encoded")
        first = () if whole else as_texts(table.column(index).slice(0, _sample_rows(table.column(index))))
        columns.append(Column(names[index], tuple(first), whole))
    roles = find_roles(columns, options, path)
    chosen = [table.column(index) for index in known]
    # Where labels are named, rows may be missing from the count.
    named = options.labels is not None or any(map(is_label_column, names))
    if roles.counted and roles.identifier is not None and not named:
        check_counts(as_texts(chosen[roles.identifier]), columns[roles.identifier].name, path)
    labels, class_names = None, None
    if roles.label is not None:
        class_names = classes.get(names[known[roles.label]])
        check_label_lengths(chosen[roles.label], path)
        labels = labels_of(chosen[roles.label], class_names)
    if roles.path is None and roles.cell is None:
        raw = _read_pixel_columns(chosen, roles, labels, [names[index] for index in known], options, path)
        kept: Sequence[int] = range(table.num_rows)
    else:
        raw, kept = _read_whole(chosen, roles, [kinds[index] for index in known], labels, options, path)

    def kept_texts(role: int | None) -> list[str]:
        cells = [] if role is None else as_texts(chosen[role])
        return [cells[row] for row in kept] if cells else []

    identifiers = kept_texts(roles.identifier) or raw.names
    notes = [
        *roles.notes,
        *_not_read([names[index] for index, kind in enumerate(kinds) if kind == "other"]),
        *raw.notes,
    ]
    raw = replace(raw, class_names=class_names or raw.class_names, notes=notes, names=identifiers)
    return with_parts(raw, kept_texts(roles.part))


def _sample_rows(column: Any) -> int:  # noqa: ANN401
    """Return how many first rows are looked at: fewer where texts are long, as of pixels."""
    return max(3, min(_FIRST_ROWS, _SAMPLE // max(1, longest_text(column))))


def _not_read(names: list[str]) -> list[str]:
    said = "columns of a type that holds neither images nor labels were left out"
    return [Decision(f"{said}: {list_some(names)}")] if names else []


def _read_whole(
    columns: list[Any], roles: Roles, kinds: list[str], labels: NDArray[Any] | None, options: ReadOptions, path: Path
) -> tuple[RawArrays, Sequence[int]]:
    """Read images that fill a cell each: a list, possibly nested, a picture's bytes, its path, or pixels as text.

    Returns them and which rows they are: all, unless damaged pictures were left out.
    """
    if roles.path is not None:
        return read_listed_pictures(as_texts(columns[roles.path]), labels, path, options)
    cell = roles.cell or 0
    column = columns[cell]
    if column.null_count:
        missing = column.is_null().to_pylist().index(True)
        raise DataError(f"image {missing} is missing (null)", "remove its row", path=path)
    if kinds[cell] == "encoded":
        decoded, names = read_pictures(column, path, options)
        labels = None if labels is None else labels[list(decoded.kept)]
        raw = RawArrays(decoded.images, labels, path, notes=decoded.notes, names=names, upright=True)
        raw = replace(raw, prepared=decoded.prepared, deep=decoded.deep, backdrop=decoded.backdrop)
        return raw, decoded.kept
    every = range(len(column))
    if kinds[cell] == "list":
        return RawArrays(read_lists(column, path), labels, path), every
    stacked = Stacked(path, "row")
    for row, text in enumerate(as_texts(column)):
        stacked.add(text, row)
    return RawArrays(stacked.stack(), labels, path), every


def _read_pixel_columns(
    columns: list[Any], roles: Roles, labels: NDArray[Any] | None, names: list[str], options: ReadOptions, path: Path
) -> RawArrays:
    """Read a column per pixel; labels that no name shows are among them, first or last."""
    count = len(columns[0])
    check_claimed_size(path, "the table", 4 * count * len(roles.pixels))
    # Nulls become NaN here, and are refused with the number of their image.
    kinds = {column.type for column in (columns[index] for index in roles.pixels)}
    small = all(str(kind) in ("uint8", "bool") for kind in kinds) and not any(column.null_count for column in columns)
    pixels = np.empty((count, len(roles.pixels)), np.uint8 if small else np.float32)
    # A column at a time, so that the table and the pixels are all that is held.
    for place, index in enumerate(roles.pixels):
        pixels[:, place] = columns[index].to_numpy()
    if labels is not None:
        return RawArrays(pixels, labels, path)
    ends = {roles.pixels[end]: as_texts(columns[roles.pixels[end]]) for end in (0, -1)}
    found = choose_label_column(pixels, ends, [names[index] for index in roles.pixels], options, path)
    return RawArrays(found.pixels, found.labels, path, found.class_names, found.notes)
