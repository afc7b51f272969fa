"""Reading a folder of tables, as contests publish them: ``train.csv``, ``test.csv``, with or without labels."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from inklings.data.notes import Decision
from inklings.data.raw import RawArrays, ReadOptions
from inklings.data.readers.class_list import FILE_NAMES
from inklings.data.readers.folder_tree import describe_others, files_below, is_junk
from inklings.data.readers.image_files import list_names
from inklings.data.readers.listed_names import list_class_lists, name_classes
from inklings.data.readers.parts import ORDER, TRAIN, part_of
from inklings.data.readers.picture_kinds import SUFFIXES
from inklings.data.readers.shards import join_files
from inklings.data.readers.source_file import is_regular
from inklings.data.readers.text_file import open_text, read_lines
from inklings.data.readers.variable_names import understand

ENDINGS = (".csv", ".tsv")
PACKED = (".gz", ".zip", ".bz2", ".xz", ".zst")

ILLUSTRATIONS = 3
"""At most this many pictures beside tables are there to look at, and are not the data set."""

FEWEST_PIXELS = 49
"""Of images of 7 x 7, the smallest that people publish."""

Reader = Callable[[Path, ReadOptions], RawArrays]


def list_part_tables(folder: Path) -> dict[Path, str]:
    """Return the tables in a folder, and in those within, that their name says to be a part; none without training."""
    parts = {}
    for path in sorted(files_below(folder)):
        name = _without_packing(path)
        inside = path.relative_to(folder).parts
        if not name.endswith(ENDINGS) or any(map(is_junk, inside)) or not is_regular(path):
            continue
        named = part_of(name.rpartition(".")[0])
        part = named[0] if named else understand(name.rpartition(".")[0]).part
        if part is not None and _may_hold_images(path):
            parts[path] = part
    return parts if TRAIN in parts.values() else {}


def list_tables(folder: Path) -> list[Path]:
    """Return the tables directly in a folder, by the endings of their names."""
    return [path for path in sorted(folder.iterdir()) if _without_packing(path).endswith(ENDINGS) and is_regular(path)]


def _without_packing(path: Path) -> str:
    name = path.name.lower()
    for ending in PACKED:
        name = name.removesuffix(ending)
    return name


def _may_hold_images(path: Path) -> bool:
    """Whether a table is neither a list of classes, nor a record, nor a contest's sample of answers."""
    # Those answers are made up.
    name = _without_packing(path)
    return "submission" not in name and not FILE_NAMES.fullmatch(name) and _could_hold_images(path)


def _could_hold_images(path: Path) -> bool:
    """Whether a table's second line has many numbers, or names a picture: a record of a training does neither."""
    # An encoding in which every byte is a letter: numbers and endings are the same in all.
    with open_text(path, "latin-1") as file:
        # The second line: the first may be a header.
        lines = [line for _, line in zip(range(2), read_lines(file, path), strict=False)]
    cells = re.split(r"[,;\t| ]+", lines[-1].strip()) if lines else []
    return len(cells) >= FEWEST_PIXELS or any(Path(cell.strip('"').lower()).suffix in SUFFIXES for cell in cells)


def read_table_folder(folder: Path, options: ReadOptions, read: Reader) -> RawArrays:
    """Read the tables of a folder as one data set, those of the validation and test parts reserved.

    Parameters
    ----------
    folder : Path
    options : ReadOptions
    read : callable
        Reads one table.

    Raises
    ------
    DataError
        A table cannot be read; images differ in size from table to table.
    """
    tables = list_part_tables(folder)
    raws, unlabelled = {}, []
    for part in ORDER:
        for path in (path for path, of in tables.items() if of == part):
            # A contest's test part has no labels; nothing can be measured on it.
            raw = read(path, options if part == TRAIN else replace(options, labelled=False))
            if raw.labels is None and options.labelled:
                unlabelled.append(path.name)
            else:
                raws[path] = raw
    notes = []
    asked = [path for path, raw in raws.items() if raw.labels is None]
    if not options.labelled and asked and len(asked) < len(raws):
        # To be answered are those that nobody has labelled.
        notes.append(Decision(f"with labels, and so not used: {list_names([p.name for p in raws if p not in asked])}"))
        raws = {path: raws[path] for path in asked}
    if unlabelled:
        notes.append(Decision(f"without labels, and so not used: {list_names(unlabelled)}"))
    lists = list_class_lists(folder, next(iter(tables)))
    # Without packed ones: whether they are sound is not known before they are read.
    others = [path for path in list_tables(folder) if path not in (*tables, *lists) and path.suffix.lower() in ENDINGS]
    left = [path for path in others if _may_hold_images(path)]
    if left:
        said = "not read, since their names say neither training, validation nor test"
        notes.append(Decision(f"{said}: {list_names([path.name for path in left])}"))
    if counted := describe_others(folder, [*tables, *lists, *left]):
        notes.append(Decision(counted))
    # Parts matter to whoever trains.
    joined = join_files(raws, {path: tables[path] if options.labelled else TRAIN for path in raws}, folder)
    return name_classes(replace(joined, notes=[*notes, *joined.notes]), lists)
