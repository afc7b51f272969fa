"""Labels of a folder's pictures from the tables that lie beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from inklings.data.notes import Decision
from inklings.data.raw import ReadOptions
from inklings.data.readers.class_list import FILE_NAMES, nfc
from inklings.data.readers.folder_layout import Layout, Sorted
from inklings.data.readers.folder_tree import Folder, relative_names
from inklings.data.readers.image_files import list_names
from inklings.data.readers.label_table import LabelTable, read_label_table
from inklings.data.readers.parts import ORDER, TRAIN, find_parts
from inklings.data.readers.picture_index import PictureIndex
from inklings.data.readers.shifted_numbers import refuse_shifted
from inklings.data.readers.text_file import describe_encoding, detect_encoding
from inklings.data.readers.variable_names import understand
from inklings.errors import DataError

_MANY = 50


def label_by_table(tree: Folder, layout: Layout, options: ReadOptions) -> Layout:
    """Label the pictures that no class's folder labels, from tables beside them.

    A table counts for all pictures if ``options.labels`` names it or a column of it, or if the folders show only one
    class; but where all its labels are names of class folders, as of a validation part without such folders, pictures
    that it does not name keep their folder's. Otherwise the folders' names stand, and a note says where a table
    contradicts them.

    Raises
    ------
    DataError
        ``options.labels`` names no table and no column of one; a table is damaged, or has several columns of labels;
        two tables contradict each other.
    """
    asked = options.labels if options.labels and not options.labels.startswith("by-folder=") else None
    pictures = layout.pictures
    names = relative_names([each.path for each in pictures], tree.path)
    classes = frozenset(each.label for each in pictures if each.label is not None and each.part == TRAIN)
    folders_label = len({each.label for each in pictures} - {None}) > 1
    tables = _read_tables(tree, pictures, names, asked, classes)
    if asked is None and folders_label:
        tables = [table for table in tables if not _numbers_pictures(table)]
    if not tables:
        if asked is not None:
            raise DataError(
                f"no table is called '{asked}' or has a column of that name beside the files of the pictures",
                "check the name",
                path=tree.path,
                expected=asked,
            )
        return layout
    found: dict[int, str] = {}
    for table in tables:
        for number, label in table.labels.items():
            if found.setdefault(number, label) != label:
                raise DataError(
                    f"{table.path.name} labels {names[number]} '{label}', another table '{found[number]}'",
                    "name one of the tables",
                    path=tree.path,
                    suggested={"labels": tables[0].path.name},
                )
    for table in tables:
        refuse_shifted(table, names)
    tables, unused = _parts_by_name(tables, pictures)
    overrides = asked is not None or not folders_label
    supplements = len(classes) > 1 and {nfc(label) for label in found.values()} <= classes
    labelled = [
        each if supplements and number not in found else _relabel(each, found.get(number), overrides)
        for number, each in enumerate(pictures)
    ]
    labelled = _with_parts(labelled, tables)
    notes = (*layout.notes, *unused, *_notes(tree.path, pictures, labelled, tables, found, overrides))
    return Layout(tuple(labelled), notes, tuple(table.path for table in tables))


def _numbers_pictures(table: LabelTable) -> bool:
    """Whether a table gives each of its pictures a label of its own: a number of the picture, no class."""
    return len(table.labels) > 2 and len(set(table.labels.values())) == len(table.labels)


def _relabel(picture: Sorted, label: str | None, overrides: bool) -> Sorted:
    if overrides:
        return replace(picture, label=None if label is None else nfc(label))
    return picture if picture.label is not None or label is None else replace(picture, label=nfc(label))


def _with_parts(pictures: Sequence[Sorted], tables: Sequence[LabelTable]) -> list[Sorted]:
    """Put pictures into the parts that a table's column names; the training part comes first."""
    parts = {number: part for table in tables for number, part in table.parts.items()}
    moved = [replace(each, part=parts.get(number, each.part)) for number, each in enumerate(pictures)]
    return sorted(moved, key=lambda each: ORDER.index(each.part))


def _parts_by_name(tables: list[LabelTable], pictures: Sequence[Sorted]) -> tuple[list[LabelTable], list[str]]:
    """Take the parts from the tables' names, train.txt and val.txt, where nothing else says them.

    Beside these, there may be a table of all pictures.
    """
    named = find_parts([table.path.stem for table in tables])
    if not named or any(table.parts for table in tables) or any(each.part != TRAIN for each in pictures):
        return tables, []
    rows = [number for table in tables for number in table.labels if table.path.stem in named]
    if len(set(rows)) < len(rows) or set(rows) != {number for table in tables for number in table.labels}:
        shown = list_names([table.path.name for table in tables if table.path.stem in named], 3)
        return tables, [Decision(f"{shown} share pictures, or leave some out, and are not used as parts")]
    return [
        replace(table, parts=dict.fromkeys(table.labels, named[table.path.stem])) if table.path.stem in named else table
        for table in tables
    ], []


def _notes(
    folder: Path,
    before: Sequence[Sorted],
    after: Sequence[Sorted],
    tables: Sequence[LabelTable],
    found: dict[int, str],
    overrides: bool,
) -> Iterator[str]:
    used = {each.path for each in after if each.label is not None}
    folders = {each.path for each in before if each.label is not None}
    # A table that was asked for may lie elsewhere.
    inside = all(table.path.is_relative_to(folder) for table in tables)
    paths = [table.path for table in tables]
    names = list_names(relative_names(paths, folder) if inside else [path.name for path in paths], 3)
    if overrides or used - folders:
        count = len(used.intersection(before[number].path for number in found)) if overrides else len(used - folders)
        yield Decision(f"the labels of {count} pictures are from {names}")
    for path in paths:
        yield from describe_encoding(path, detect_encoding(path))
    missing = [name for table in tables for name in table.unmatched]
    if missing:
        said = "name pictures that are not there" if len(missing) > 1 else "names a picture that is not there"
        rows = f"{len(missing)} row{'s' if len(missing) > 1 else ''}"
        yield Decision(f"{rows} of {names} {said}: {list_names(missing, 2)}")
    if not overrides:
        contradicted = [number for number, label in found.items() if before[number].label not in (None, nfc(label))]
        if contradicted:
            yield Decision(
                f"{names} gives {len(contradicted)} pictures other labels than their folders, which were used "
                f"(labels='{tables[0].path.name}' takes the table's)"
            )


def _read_tables(
    tree: Folder, pictures: Sequence[Sorted], names: Sequence[str], asked: str | None, classes: frozenset[str]
) -> list[LabelTable]:
    """Read every table that names pictures; if one is asked for by its name, that one alone."""
    if asked is not None:
        named = [path for path in (tree.path / asked, Path(asked)) if path.is_file()]
        if named:
            table = _read_table(named[0], pictures, names, None, classes)
            if table is None:
                raise DataError(
                    "does not name the pictures, expected a file and a label in each row",
                    path=named[0],
                    expected="a file and a label in each row",
                )
            return [table]
    candidates = [path for path in tree.all_tables if _could_be_labels(path)]
    if len(candidates) > _MANY:
        # A text beside each picture says where things are in it, and is not a table of all.
        candidates = [path for path in candidates if path.suffix.lower() not in (".txt", ".json")]
    tables = [_read_table(path, pictures, names, asked, classes) for path in candidates]
    return [table for table in tables if table is not None]


def _read_table(
    path: Path, pictures: Sequence[Sorted], names: Sequence[str], column: str | None, classes: frozenset[str]
) -> LabelTable | None:
    """Read a table of the pictures below its own folder, or of the part that its name says, such as train.csv."""
    numbers = [number for number, each in enumerate(pictures) if each.path.is_relative_to(path.parent)]
    # A table in a folder of its own names pictures that lie elsewhere.
    numbers = numbers or list(range(len(pictures)))
    part = understand(path.stem).part  # trainLabels.csv too
    numbers = [number for number in numbers if part and pictures[number].part == part] or numbers
    table = read_label_table(path, PictureIndex([names[number] for number in numbers]), column, classes)
    if table is None:
        return None
    labels = {numbers[place]: label for place, label in table.labels.items()}
    return replace(table, labels=labels, parts={numbers[place]: each for place, each in table.parts.items()})


def _could_be_labels(path: Path) -> bool:
    """Whether a table may hold labels: a contest's sample of answers holds made-up ones, a list of classes none."""
    return "submission" not in path.name.lower() and not FILE_NAMES.fullmatch(path.name)
