"""Refusing a damaged or dangerous file in one line, whatever the library that reads it would have said."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from inklings.errors import DataError, InklingsError
from inklings.storage import refuse_special

MOST_BYTES = 4 * 1024**3
"""More than this, unpacked, is not a data set for small networks; a tiny file can claim it."""


@contextmanager
def refusing(path: Path | str, kind: str) -> Iterator[None]:
    """Turn whatever a reading library raises into one DataError, and silence its warnings.

    Libraries that parse foreign bytes raise nearly anything on damage (TypeError, zlib.error, MemoryError ...), so the
    net is wide on purpose. Errors that Inklings raised itself, which say more, pass through.
    A pipe, a device or a socket is refused before it is opened.

    Parameters
    ----------
    path : Path or str
        The file, or a place in it, for the message.
    kind : str
        What it was read as, such as "MATLAB file".
    """
    refuse_special(path, DataError)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except InklingsError:
        raise
    except FileNotFoundError as error:
        raise DataError(f"{path}: no such file or folder", "check the path") from error
    except PermissionError as error:
        raise DataError(f"{path}: may not be read (permission denied)", "check its permissions") from error
    except Exception as error:
        found = " ".join(str(error).split())[:160] or type(error).__name__
        raise DataError(
            f"{path}: not a sound {kind}: {found}", "it may be cut off or damaged: fetch or make it again"
        ) from error


def check_claim(path: Path, place: str, claimed: int) -> None:
    """Refuse, before anything is allocated, a file that claims to unpack to more than :data:`MOST_BYTES`.

    Raises
    ------
    DataError
        The claim is too large.
    """
    if claimed > MOST_BYTES:
        raise DataError(
            f"{path}: {place} claims {claimed / 1024**3:,.1f} GiB, expected at most {MOST_BYTES / 1024**3:.0f} GiB",
            "keep fewer or smaller images",
        )
