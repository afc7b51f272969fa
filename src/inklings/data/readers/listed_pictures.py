"""Pictures that a table lists by their paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PureWindowsPath
from typing import Any

from numpy.typing import NDArray

from inklings.data.notes import Decision
from inklings.data.raw import RawArrays, ReadOptions
from inklings.data.readers.folder_tree import relative_names
from inklings.data.readers.image_files import decode
from inklings.data.readers.one_picture import EncodedImage
from inklings.data.readers.picture_index import PictureIndex
from inklings.data.readers.picture_kinds import SUFFIXES
from inklings.data.readers.source_file import is_regular
from inklings.errors import DataError


def read_listed_pictures(
    names: Sequence[str], labels: NDArray[Any] | None, table: Path, options: ReadOptions
) -> tuple[RawArrays, Sequence[int]]:
    """Read pictures by the paths that a table lists.

    Parameters
    ----------
    names : sequence of str
        Paths: relative to the table's folder, absolute, or as Windows writes them; a file that was moved with the
        table is found by its name.
    labels : array or None
        One per path.
    table : Path
        The table.
    options : ReadOptions

    Returns
    -------
    raw : RawArrays
    kept : sequence of int
        Which rows of the table these are: all, unless damaged pictures were left out.

    Raises
    ------
    DataError
        Pictures are missing, named and counted; or what :func:`inklings.data.readers.image_files.decode` raises.
    """
    folders = [table.parent, *_sub_folders(table.parent)]
    found = [find_listed(name, folders) for name in names]
    # Only then: it lists all files of the folders.
    if None in found:
        found = _find_as_beside_a_table(names, found, folders)
    missing = [name for name, place in zip(names, found, strict=True) if place is None]
    if missing:
        raise DataError(
            f"{len(missing):,} of {len(names):,} pictures are missing, such as {missing[0]}, expected beside the table",
            "put them there, or give their paths",
            path=table,
            found=missing[:10],
        )
    places = [place for place in found if place is not None]
    _refuse_same_files(names, places, table)
    decoded = decode([EncodedImage(place.path) for place in places], options)
    notes, kept = list(decoded.notes), decoded.kept
    moved = [name for name, place in zip(names, places, strict=True) if place.moved]
    if moved:
        where = f"{len(moved):,} pictures are not where the table says, and were found by their names near it"
        (there,) = relative_names([places[names.index(moved[0])].path], table.parent)
        notes = [*notes, Decision(f"{where}: {moved[0]} is {there}")]
    # Distinct paths, since a table of boxes has a row for each box.
    repeated = len(places) - len({place.path for place in places})
    if repeated:
        # As in tables of boxes. That images have several labels is reported for every data set.
        notes = [*notes, Decision(f"{repeated:,} of {len(places):,} rows name a picture that another row names")]
    labels = None if labels is None else labels[list(kept)]
    # In the order of the rows that are left.
    called = [names[row] for row in kept]
    raw = RawArrays(decoded.images, labels, table, notes=notes, names=called, upright=True)
    return replace(raw, prepared=decoded.prepared, deep=decoded.deep, backdrop=decoded.backdrop), kept


@dataclass(frozen=True)
class Place:
    """Where a listed picture is, and whether that is another place than the table says."""

    path: Path
    moved: bool = False


def find_listed(name: str, folders: Sequence[Path]) -> Place | None:
    """Return the file that a table means by a path, or None.

    Parameters
    ----------
    name : str
    folders : sequence of Path
        The table's own, and those within, in which a file is looked for by the end of its path.
    """
    written = name.strip()
    forms = (Path(written), Path(PureWindowsPath(written).as_posix()))
    for form in forms:
        if is_regular(folders[0] / form):
            return Place(folders[0] / form)
    # A table from another machine names folders that are not here. As much of the path as fits is kept.
    parts = [part for part in forms[1].parts if part not in (forms[1].anchor, "..", ".")]
    for start in range(1, len(parts)):
        if is_regular(folders[0].joinpath(*parts[start:])):
            return Place(folders[0].joinpath(*parts[start:]), moved=True)
    inner = [folder / parts[-1] for folder in folders[1:] if parts and is_regular(folder / parts[-1])]
    # Of two files of that name, either could be meant.
    return Place(inner[0], moved=True) if len(inner) == 1 else None


def _find_as_beside_a_table(
    names: Sequence[str], found: Sequence[Place | None], folders: Sequence[Path]
) -> list[Place | None]:
    """Look for what was not found as a table in a folder of pictures does: whatever the case of letters."""
    files = [path for folder in folders for path in folder.iterdir() if path.suffix.lower() in SUFFIXES]
    files = [path for path in files if is_regular(path)]
    index = PictureIndex(relative_names(files, folders[0]))

    def look(name: str) -> Place | None:
        number = index.find(name)
        return None if number is None else Place(files[number], moved=True)

    return [place or look(name) for name, place in zip(names, found, strict=True)]


def _sub_folders(folder: Path) -> list[Path]:
    return sorted(each for each in folder.iterdir() if each.is_dir() and not each.name.startswith("."))


def _refuse_same_files(names: Sequence[str], places: Sequence[Place], table: Path) -> None:
    """Refuse different paths of which one file is all that is there: cats/1.png is not dogs/1.png."""
    owners: dict[Path, str] = {}
    for name, place in zip(names, places, strict=True):
        # Only of what was moved: a path that fits as it is written is what it says.
        if place.moved and owners.setdefault(place.path, name) != name:
            raise DataError(
                f"{owners[place.path]} and {name} are two pictures, but only {place.path.name} is there",
                "put the pictures in the folders that the table names",
                path=table,
                found=name,
            )
