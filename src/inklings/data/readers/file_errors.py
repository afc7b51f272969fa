"""One line for every damaged or dangerous file, whatever the library that reads it would have said.

A mistake of this package is never told as damage: see :func:`is_own_fault`.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import current_thread, main_thread
from traceback import walk_tb

import numpy as np

from inklings.errors import DataError, InklingsError
from inklings.storage import refuse_special

MAX_BYTES = 4 * 1024**3
"""No data set for small networks is larger once decompressed; a tiny file can claim to be."""

MAX_VARIABLES = 10_000
"""A file of more arrays than this is not a data set that anybody made on purpose; each takes time to look at."""

OWN_FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    NameError,
    TypeError,
    ValueError,
)
"""What a programming mistake raises. Parsing libraries raise the same on damaged bytes: the place tells them apart."""

_OURS = str(Path(__file__).parents[2])
_NUMPY = str(Path(np.__file__).parent)
_NUMPY_PARSERS = ("format", "npyio")


@contextmanager
def wrap_errors(path: Path | None, kind: str, part: str = "") -> Iterator[None]:
    """Turn whatever a reading library raises into one DataError, and silence its warnings.

    A pipe, a device or a socket is refused before it is opened. An error of this package's own code passes through.

    Parameters
    ----------
    path : Path or None
        The file; None for bytes.
    kind : str
        What it is read as, such as "MATLAB file".
    part : str
        Which part of the file, for the message, such as "image 3".
    """
    prefix = f"{part}: " if part else ""
    if path is not None:
        refuse_special(path, DataError)
    try:
        with silenced():
            yield
    except InklingsError:
        # Raised by this package on purpose; it says more than a library can.
        raise
    except Exception as error:
        # Deliberately broad: on damaged bytes, parsers raise nearly anything (TypeError, zlib.error, struct.error ...).
        if is_own_fault(error):
            raise
        raise _refusal(error, path, kind, prefix) from error


@contextmanager
def silenced() -> Iterator[None]:
    """Silence warnings, in the main thread alone.

    Python's way of it is one for all threads: of two at once, the one that ends last would put back what the other had
    set, and silence warnings for good. So other threads leave it to the one that started them.
    """
    if current_thread() is not main_thread():
        yield
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def is_own_fault(error: Exception) -> bool:
    """Whether an error is a mistake in this package, and not what a library found in a file.

    It is one if it is of a kind that programming mistakes have, and the innermost frame is ours: a library that parses
    bytes has frames of its own below ours. NumPy counts as ours, since it computes what we tell it to, except where it
    parses files. Text that cannot be decoded is always the file's.
    """
    if not isinstance(error, OWN_FAULTS) or isinstance(error, UnicodeError):
        return False
    # From the innermost frame out: NumPy's own frames, called with our arguments, pass the blame to whoever called
    # them.
    for frame, _ in reversed(list(walk_tb(error.__traceback__))):
        place = frame.f_code.co_filename
        if place.startswith(_OURS):
            return True
        if not place.startswith(_NUMPY) or any(parser in Path(place).name for parser in _NUMPY_PARSERS):
            return False
    return False


def _refusal(error: Exception, path: Path | None, kind: str, prefix: str) -> DataError:
    if isinstance(error, FileNotFoundError):
        return DataError(f"{prefix}no such file or folder", "check the path", path=path)
    if isinstance(error, PermissionError):
        return DataError(f"{prefix}cannot be read (permission denied)", "check its permissions", path=path)
    if isinstance(error, MemoryError):
        return DataError(f"{prefix}a {kind} that needs more memory than there is, or claims to", path=path)
    if isinstance(error, OSError) and error.errno is not None:
        # With a number it comes from the system; what parsers raise as OSError has none.
        return DataError(f"{prefix}cannot be read ({error.strerror})", path=path, found=error.strerror)
    # Of bytes from memory, libraries give the address.
    said = re.sub(r" ?<\S+ object at 0x[0-9a-f]+>", "", str(error))
    found = " ".join(said.split())[:160] or type(error).__name__
    return DataError(
        f"{prefix}not a valid {kind}: {found}",
        "it may be truncated or damaged: download or create it again",
        path=path,
        found=found,
        expected=kind,
    )


class Claim:
    """What the parts of one file claim to take in memory, added up, so that many small claims are not a way round.

    Parameters
    ----------
    path : Path or None
        The file, for messages.
    """

    def __init__(self, path: Path | None) -> None:
        self.path: Path | None = path
        self.total: int = 0
        self.count: int = 0

    def add(self, what: str, claimed: int) -> None:
        """Add the claim of a part, in bytes, before anything is allocated for it.

        Raises
        ------
        DataError
            All so far claim more than :data:`MAX_BYTES`, or are more than :data:`MAX_VARIABLES`.
        """
        self.count += 1
        self.add_to_total(what, claimed)
        check_count(self.path, "variables", self.count)

    def add_to_total(self, what: str, claimed: int) -> None:
        """Add the claim of something within a part, which does not count as a part.

        Raises
        ------
        DataError
            All so far claim more than :data:`MAX_BYTES`.
        """
        check_claimed_size(self.path, what, claimed)
        self.total += claimed
        check_claimed_size(self.path, f"the file, up to {what},", self.total)


def check_claimed_size(path: Path | None, what: str, claimed: int) -> None:
    """Refuse, before anything is allocated, a file that claims to decompress to more than :data:`MAX_BYTES`.

    Parameters
    ----------
    path : Path or None
    what : str
        What makes the claim, such as "variable 'X'".
    claimed : int
        In bytes.

    Raises
    ------
    DataError
        The claim is too large.
    """
    if claimed > MAX_BYTES:
        raise DataError(
            f"{what} claims {claimed / 1024**3:,.1f} GiB, expected at most {MAX_BYTES / 1024**3:.0f} GiB",
            "keep fewer or smaller images",
            path=path,
            found=claimed,
            expected=MAX_BYTES,
        )


def check_count(path: Path | None, what: str, count: int, most: int = MAX_VARIABLES) -> None:
    """Refuse a file of more parts than anybody makes on purpose, before each of them is looked at.

    Raises
    ------
    DataError
        There are more than ``most``.
    """
    if count > most:
        raise DataError(
            f"holds {count:,} {what} or more, expected at most {most:,}",
            "join them",
            path=path,
            found=count,
            expected=most,
        )
