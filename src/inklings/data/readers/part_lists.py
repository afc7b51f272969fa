"""Lists of pictures beside their folders that say which part each belongs to: train.txt and test.txt of Food-101."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from inklings.data.notes import Decision
from inklings.data.readers.file_errors import wrap_errors
from inklings.data.readers.folder_layout import Layout
from inklings.data.readers.folder_tree import Folder, relative_names
from inklings.data.readers.image_files import list_names
from inklings.data.readers.parts import ORDER, TRAIN, find_parts
from inklings.data.readers.picture_index import PictureIndex
from inklings.data.readers.text_file import detect_encoding, open_text, read_lines
from inklings.errors import DataError

_ENDINGS = (".txt", ".csv", ".lst")

_FOUND = 0.9
"""Of the lines of a list, this share at least names pictures that are there."""

_MAX_BYTES = 1 << 28
_MANY = 100


def take_part_lists(tree: Folder, layout: Layout) -> Layout:
    """Put pictures into the parts of which lists name them, a name in each line, where nothing else says their part.

    A list has no labels: those are the folders'. Lists that share pictures are not used, and a note says so.
    """
    if any(each.part != TRAIN for each in layout.pictures):
        return layout
    paths = [path for path in tree.all_tables if path.suffix.lower() in _ENDINGS and path not in layout.tables]
    named = find_parts(sorted({path.stem for path in paths}))
    paths = [path for path in paths if path.stem in named]
    # Hundreds of them are texts beside the pictures train_1, train_2, ...
    if not paths or len(paths) > _MANY:
        return layout
    names = relative_names([each.path for each in layout.pictures], tree.path)
    index = PictureIndex(names)
    lists = {path: rows for path in paths if (rows := _read_list(path, index))}
    # Of several folders of lists, as of several folds, each picture is in a list of each.
    found = [row for rows in lists.values() for row in rows]
    if len({named[path.stem] for path in lists}) < 2:
        return layout
    shown = list_names(relative_names(list(lists), tree.path), 3)
    if len(set(found)) < len(found):
        note = Decision(f"{shown} share pictures, and are not used as parts")
        return replace(layout, notes=(*layout.notes, note), lists=tuple(lists))
    parts = {row: named[path.stem] for path, rows in lists.items() for row in rows}
    pictures = [replace(each, part=parts.get(row, TRAIN)) for row, each in enumerate(layout.pictures)]
    pictures.sort(key=lambda each: ORDER.index(each.part))
    notes = [*layout.notes, Decision(f"the parts are those that {shown} say")]
    if left := len(pictures) - len(parts):
        notes.append(Decision(f"{left} pictures are in none of these lists, and are to train on"))
    return Layout(tuple(pictures), tuple(notes), layout.tables, tuple(lists))


def _read_list(path: Path, index: PictureIndex) -> list[int]:
    """Return which pictures a file names in its lines; none if it is no list of pictures."""
    try:
        with wrap_errors(path, "list of pictures"):
            if path.stat().st_size > _MAX_BYTES:
                return []
            with open_text(path, detect_encoding(path)) as file:
                lines = [line.strip().strip('"') for line in read_lines(file, path) if line.strip()]
    except DataError:
        return []  # no text at all: it is counted with what is not read
    rows = [row for line in lines if (row := index.find(line)) is not None]
    return rows if lines and len(rows) >= _FOUND * len(lines) else []
