"""One line for every damaged or dangerous file, whatever the library that reads it would have said."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from inklings.errors import DataError, InklingsError
from inklings.storage import refuse_special

MAX_BYTES = 4 * 1024**3
"""No data set for small networks is larger once decompressed; a tiny file can claim to be."""


@contextmanager
def wrap_errors(path: Path | None, kind: str, part: str = "") -> Iterator[None]:
    """Turn whatever a reading library raises into one DataError, and silence its warnings.

    A pipe, a device or a socket is refused before it is opened.

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
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except InklingsError:
        # Raised by this package on purpose; it says more than a library can.
        raise
    except FileNotFoundError as error:
        raise DataError(f"{prefix}no such file or folder", "check the path", path=path) from error
    except PermissionError as error:
        raise DataError(f"{prefix}cannot be read (permission denied)", "check its permissions", path=path) from error
    except Exception as error:
        # Deliberately broad: on damaged bytes, parsers raise nearly anything (TypeError, zlib.error, MemoryError ...).
        found = " ".join(str(error).split())[:160] or type(error).__name__
        raise DataError(
            f"{prefix}not a sound {kind}: {found}",
            "it may be truncated or damaged: download or create it again",
            path=path,
            found=found,
            expected=kind,
        ) from error


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
