"""What ``inklings predict`` is given: pictures, also those of folders and archives, and files of other data."""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from inklings.cli.option_names import as_option, describe_note
from inklings.errors import DataError

if TYPE_CHECKING:
    from inklings.models.preparation import Preparation

_FLAGS = ("drop_missing", "skip_damaged")


@dataclass
class Subjects:
    """What is to be classified.

    Parameters
    ----------
    pictures : list of Path
        In the order of their folders' names.
    files : list of Path
        Files and folders of other data.
    unpacked : dict of str to str
        The temporary folder of each archive whose pictures these are, and the archive.
    """

    pictures: list[Path] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    unpacked: dict[str, str] = field(default_factory=dict)

    def as_given(self, text: object) -> str:
        """Return a path, or a message about one, as it was given: in an archive, not where that is unpacked."""
        shown = str(text)
        for folder, archive in self.unpacked.items():
            shown = shown.replace(folder, archive)
        return shown


def sort_subjects(words: Sequence[str], opened: ExitStack) -> Subjects:
    """Tell pictures from other data; an archive of pictures is unpacked until ``opened`` is closed.

    Raises
    ------
    DataError
        A folder holds neither.
    """
    found = Subjects()
    for path in map(Path, words):
        if path.is_dir():
            _sort_folder(path, found)
        elif path.is_file() and _is_archive(path):
            _sort_archive(path, found, opened)
        elif path.is_file() and path.suffix.lower() not in picture_suffixes() and not _begins_as_picture(path):
            found.files.append(path)
        else:
            # A path that leads to nothing too: whoever opens it says so.
            found.pictures.append(path)
    return found


def check_picture_options(preparation: Preparation, given: Mapping[str, Any]) -> None:
    """Refuse options that were typed and change nothing about pictures.

    Parameters
    ----------
    preparation : Preparation
        How the model takes pictures.
    given : mapping
        Each option's value.
    """
    from inklings.models.preparation import WHOLE

    whole, grey = preparation.kind == WHOLE, preparation.channels == 1
    effective = {"skip_damaged", *(["invert"] if whole else ["keep_lines"])}
    effective |= {"as_found"} if whole and grey else set()
    for name, value in given.items():
        # invert=False was typed; False for a flag is that it was not.
        typed = bool(value) if name in (*_FLAGS, "as_found", "keep_lines") else value not in (None, ())
        if typed and name not in effective:
            option = describe_note(f"{name}={value}") if isinstance(value, bool) else as_option(name)
            why = "they are taken whole" if name == "keep_lines" else "it is for other data"
            if name in ("invert", "as_found"):
                why = "those in colour are taken as they are" if whole else "the ink is found in each of them"
            raise click.UsageError(f"{option} has no effect on pictures: {why}", click.get_current_context())


def picture_suffixes() -> Collection[str]:
    """Return the endings of pictures' names."""
    from inklings.data.readers.picture_kinds import SUFFIXES

    return SUFFIXES


def data_suffixes() -> Collection[str]:
    """Return the endings of data files' names."""
    from inklings.data.sources import SUFFIXES

    return SUFFIXES.keys()


def _sort_folder(path: Path, found: Subjects) -> None:
    from inklings.data.readers.array_folder import list_array_files
    from inklings.data.readers.idx import list_idx_files
    from inklings.data.readers.shards import list_shards

    inside, unread = _list_pictures(path)
    # The whole folder is pictures if it has any: what else lies there was said.
    found.pictures += inside
    if inside:
        return
    # Files of labels are there beside those of images, to learn from.
    tables = [file for file in list_idx_files(path) if "label" not in file.name.lower()]
    if not tables and (list_shards(path) or list_array_files(path)):
        tables = [path]
    if not tables:
        raise _no_pictures(path, unread)
    found.files += tables


def _no_pictures(path: Path, unread: str) -> DataError:
    from inklings.data.readers.image_files import list_names
    from inklings.data.readers.parts import TEST, part_of
    from inklings.data.readers.table_folder import list_tables

    tables = list_tables(path)
    if not tables:
        return DataError(f"no pictures in this folder{f' ({unread})' if unread else ''}", path=path)
    # Of a contest's tables, the one to be answered; the training table would be classified as well, for nothing.
    asked = next((table for table in tables if (part_of(table.stem) or ("",))[0] == TEST), tables[0])
    holds = f"{len(tables)} tables" if len(tables) > 1 else "a table"
    return DataError(
        f"holds {holds} ({list_names([table.name for table in tables])}) and no pictures",
        f"tables are taken one at a time: name a file, such as {asked}",
        path=path,
        found=[table.name for table in tables],
    )


def _sort_archive(path: Path, found: Subjects, opened: ExitStack) -> None:
    """Take an archive as the folder of pictures that it holds, else as a file of data."""
    from inklings.data.readers.archive import unpacked

    with ExitStack() as unpacking:
        folder, left_out = unpacking.enter_context(unpacked(path))
        inside, _ = _list_pictures(folder)
        if not inside:
            found.files.append(path)
            return
        # The pictures are read later: their folder goes when the caller is done.
        opened.push(unpacking.pop_all())
    for note in left_out:
        click.echo(f"note: {path}: {note}", err=True)
    found.pictures += inside
    found.unpacked[str(folder)] = str(path)


def _is_archive(path: Path) -> bool:
    """Whether a file is a ZIP or TAR archive, and not one of arrays."""
    from inklings.data.readers.archive import is_tar, list_zip
    from inklings.data.readers.source_file import read_start

    # A TAR's mark stands at byte 257 of its first block.
    if is_tar(read_start(path, 520)):
        return True
    # NPZ files are ZIP archives too.
    return zipfile.is_zipfile(path) and any(Path(name).suffix.lower() in picture_suffixes() for name in list_zip(path))


def _list_pictures(folder: Path) -> tuple[list[Path], str]:
    """Return the pictures in a folder, however deep, and what else is there, in words; said if some are pictures."""
    from inklings.data.readers.folder_tree import describe_unread, no_picture, scan_folder

    tree = scan_folder(folder)
    unread = describe_unread([*tree.all_unread, *map(no_picture, tree.all_tables)])
    if unread and tree.all_pictures:
        click.echo(f"note: {unread}", err=True)
    return list(tree.all_pictures), unread


def _begins_as_picture(path: Path) -> bool:
    """Whether a file without a picture's ending is one all the same."""
    from inklings.data.readers.picture_kinds import START_BYTES, picture_kind

    with path.open("rb") as file:
        return picture_kind(file.read(START_BYTES)) is not None
