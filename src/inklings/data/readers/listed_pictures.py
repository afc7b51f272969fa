"""Pictures that a table lists by their paths."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PureWindowsPath
from typing import Any

from numpy.typing import NDArray

from inklings.data.raw import RawArrays, ReadOptions
from inklings.data.readers.image_files import EncodedImage, read_images
from inklings.errors import DataError


def read_listed_pictures(
    names: Sequence[str], labels: NDArray[Any] | None, table: Path, options: ReadOptions
) -> RawArrays:
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

    Raises
    ------
    DataError
        Pictures are missing, named and counted; or what :func:`inklings.data.readers.image_files.read_images` raises.
    """
    found = [find_listed(name, table.parent) for name in names]
    missing = [name for name, path in zip(names, found, strict=True) if path is None]
    if missing:
        raise DataError(
            f"{len(missing):,} of {len(names):,} pictures are missing, such as {missing[0]}, expected beside the table",
            "put them there, or give their paths",
            path=table,
            found=missing[:10],
        )
    images, notes = read_images([EncodedImage(path) for path in found if path is not None], options)
    return RawArrays(images, labels, table, notes=notes, names=list(names), upright=True)


def find_listed(name: str, folder: Path) -> Path | None:
    """Return the file that a table means by a path, or None.

    Parameters
    ----------
    name : str
    folder : Path
        The table's own.
    """
    written = name.strip()
    forms = [Path(written), Path(PureWindowsPath(written).as_posix())]
    # A table from another machine names folders that are not here: the file's own name, beside the table, comes last.
    candidates = [folder / form for form in forms] + [folder / PureWindowsPath(written).name]
    return next((path for path in candidates if path.is_file()), None)
