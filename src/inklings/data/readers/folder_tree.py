"""What lies in a folder and below it: pictures by their content, tables, and what is neither."""

from __future__ import annotations

import os
import re
import stat
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from inklings.data.readers.picture_kinds import OTHER_PICTURES, START_BYTES, SUFFIXES, picture_kind, why_unreadable
from inklings.errors import DataError

MAX_DEPTH = 32
"""Folders within folders, deeper than anybody sorts pictures."""

TABLES = frozenset((".csv", ".tsv", ".txt", ".json", ".jsonl"))
"""Endings of files that may hold labels or names of classes."""

_JUNK = re.compile(
    r"\._|(\.ds_store|\.localized|\.apdisk|\.directory|thumbs\.db|ehthumbs\.db|desktop\.ini|icon\r"
    r"|__macosx|__pycache__|\.ipynb_checkpoints|\.git|\.gitignore|\.gitattributes|\.gitkeep|\.keep|\.cache"
    r"|\.spotlight-v100|\.trashes|\.trash-[0-9]+|\.fseventsd|\.temporaryitems|\.documentrevisions-v100"
    r"|\.idea|\.vscode)$",
    re.IGNORECASE,
)
"""What systems and programs leave behind; it needs no word. Whatever else is hidden is counted."""

_HIDDEN = "hidden (a name that begins with a dot)"


@dataclass(frozen=True)
class Folder:
    """A folder, as it was found.

    Parameters
    ----------
    path : Path
    pictures, tables : tuple of Path
        Those directly in it, in natural order: 2 before 10.
    unread : tuple of str
        For each other file directly in it, why it is not read.
    folders : tuple of Folder
    """

    path: Path
    pictures: tuple[Path, ...] = ()
    tables: tuple[Path, ...] = ()
    unread: tuple[str, ...] = ()
    folders: tuple[Folder, ...] = ()

    @property
    def name(self) -> str:
        """Its own name."""
        return self.path.name

    @cached_property
    def all_pictures(self) -> tuple[Path, ...]:
        """Its pictures and those of all folders below."""
        return (*self.pictures, *(path for folder in self.folders for path in folder.all_pictures))

    @property
    def all_tables(self) -> Iterator[Path]:
        """Yield its tables and those of all folders below."""
        yield from self.tables
        for folder in self.folders:
            yield from folder.all_tables

    @property
    def all_unread(self) -> Iterator[str]:
        """Yield why files in it and below are not read."""
        yield from self.unread
        for folder in self.folders:
            yield from folder.all_unread

    @cached_property
    def filled(self) -> tuple[Folder, ...]:
        """Its folders in which, or below which, there is a picture."""
        return tuple(folder for folder in self.folders if folder.all_pictures)


def is_junk(name: str) -> bool:
    """Whether a name is one that systems and archives leave behind, such as ``.DS_Store`` or ``__MACOSX``.

    >>> is_junk("._7.png"), is_junk("Thumbs.db"), is_junk("__blank__"), is_junk(".7.png")
    (True, True, False, False)
    """
    return _JUNK.match(name) is not None


def scan_folder(path: Path, above: tuple[tuple[int, int], ...] = ()) -> Folder:
    """List what is in a folder and below it, each file by its first bytes.

    Symbolic links are followed, to files and to folders; one that leads to a folder it lies in is left out.

    Raises
    ------
    DataError
        Folders lie more than :data:`MAX_DEPTH` deep in one another.
    """
    # Links that lead back are found below; this is for folders made to be too deep.
    if len(above) > MAX_DEPTH:
        raise DataError(f"lies {MAX_DEPTH} folders deep, expected fewer", path=path, found=MAX_DEPTH)
    found = path.stat()
    # A folder is known again by its device and number there: through a link it has another path.
    above = (*above, (found.st_dev, found.st_ino))
    pictures, tables, unread, folders = [], [], [], []
    for child in sorted(path.iterdir(), key=natural_order):
        if is_junk(child.name):
            continue
        if child.name.startswith("."):
            unread += [_HIDDEN] * _count_files(child)
        elif child.is_dir():
            inner = child.stat()
            if (inner.st_dev, inner.st_ino) in above:
                unread.append("a link that leads back")
            else:
                folders.append(scan_folder(child, above))
        elif not (why := _why_not_read(child)):
            pictures.append(child)
        # Not a pipe of that name, nor a link to nothing.
        elif child.suffix.lower() in TABLES and why.startswith("no picture"):
            tables.append(child)
        else:
            unread.append(why)
    return Folder(path, tuple(pictures), tuple(tables), tuple(unread), tuple(folders))


def files_below(folder: Path, above: tuple[tuple[int, int], ...] = ()) -> Iterator[Path]:
    """Yield the files in a folder and below it; links are followed as :func:`scan_folder` follows them.

    A link that leads back, or folders too deep, end the way without a word: that is left to who scans the folder.
    """
    found = folder.stat()
    own = (found.st_dev, found.st_ino)
    if own in above or len(above) > MAX_DEPTH:
        return
    for child in folder.iterdir():
        if not child.is_dir():
            yield child
        elif not (child.name.startswith(".") and child.is_symlink()):  # a hidden link may lead anywhere
            yield from files_below(child, (*above, own))


def _count_files(path: Path) -> int:
    """Return how many files there are in a folder and below, links not followed; of a file 1."""
    # Without following links: a hidden link may lead anywhere.
    if not path.is_dir() or path.is_symlink():
        return 1
    return sum(len(files) for _, _, files in os.walk(path))


def natural_order(path: Path) -> tuple[object, ...]:
    """Return a key that sorts numbers in names by their value, and upper case with lower case.

    >>> sorted([Path("a10"), Path("A2"), Path("a1")], key=natural_order)
    [PosixPath('a1'), PosixPath('A2'), PosixPath('a10')]
    """
    # Pairs of a number and a text throughout, so that no number is ever compared with a text.
    words = re.split(r"([0-9]+)", path.name.casefold())
    return (*((int(word) if word.isdecimal() else 0, word) for word in words), path.name)


def describe_unread(reasons: Iterable[str]) -> str:
    """Return how many files are not read, by kind, in one line; empty if there are none.

    >>> describe_unread(["no picture (.pdf)", "no picture (.md)", ".heic (install x)"])
    '3 files not read: 1 .heic (install x), 2 are not pictures (.md, .pdf)'
    """
    counts = Counter(reasons)
    if not counts:
        return ""
    none = [reason for reason in counts if reason.startswith("no picture")]
    kinds = [f"{count} {reason}" for reason, count in sorted(counts.items()) if reason not in none]
    if none:
        endings = sorted(reason[len("no picture (") : -1] for reason in none)
        some = f"{', '.join(endings[:6])}{', ...' if len(endings) > 6 else ''}"
        number = sum(counts[reason] for reason in none)
        kinds.append(f"{number} {'is not a picture' if number == 1 else 'are not pictures'} ({some})")
    total = sum(counts.values())
    return f"{total} file{'' if total == 1 else 's'} not read: {', '.join(kinds)}"


def describe_others(folder: Path, read: Collection[Path]) -> str:
    """Return how many files of a folder and those below are not read, and what they end in; empty if all are."""
    left = set(files_below(folder)).difference(read)
    others = [path for path in left if not any(map(is_junk, path.relative_to(folder).parts))]
    if not others:
        return ""
    endings = sorted({path.suffix.lower() or "without an ending" for path in others})
    some = f"{', '.join(endings[:6])}{', ...' if len(endings) > 6 else ''}"
    return f"{len(others)} file{'' if len(others) == 1 else 's'} not read ({some})"


def relative_names(pictures: Sequence[Path], root: Path) -> list[str]:
    """Return the pictures' names below a folder, with ``/`` on every system."""
    return [path.relative_to(root).as_posix() for path in pictures]


def _why_not_read(path: Path) -> str:
    """Return why a file cannot be read as a picture; empty if it can."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return "a pipe, device or socket"
    except OSError:
        return "a link to nothing"
    try:
        with path.open("rb") as file:
            start = file.read(START_BYTES)
    except OSError as error:
        return f"that cannot be opened ({error.strerror})"
    # By its first bytes, whatever the name says.
    kind, ending = picture_kind(start), path.suffix.lower()
    if kind is not None:
        missing = why_unreadable(kind)
        # Always as an ending: by the dot, reasons of unread pictures are told from those of other files.
        return f"{ending or f'.{kind.lower()}'} ({missing})" if missing else ""
    if ending in SUFFIXES:
        # Told as a picture by its name, so that decoding it says what is wrong with this one.
        return ""
    if ending in OTHER_PICTURES:
        return f"{ending} (save them as PNG)"
    return no_picture(path)


def no_picture(path: Path) -> str:
    """Return why a file that is not a picture is not read."""
    return f"no picture ({path.suffix.lower() or 'without an ending'})"
