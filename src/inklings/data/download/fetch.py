"""Fetching the files of well-known data sets, once, each checked against its hash."""

from __future__ import annotations

import logging
import shutil
import zipfile
from pathlib import Path

from inklings.data.download.registry import KnownData
from inklings.data.readers.file_errors import refusing
from inklings.errors import DataError

VARIABLE = "INKLINGS_DATA"
"""The environment variable that names the folder in which data sets are kept."""

SECONDS = 30
"""So long a home may be silent before the next is tried."""

log = logging.getLogger(__name__)


def fetch(known: KnownData, root: Path) -> list[Path]:
    """Fetch what is missing of a data set's files into the sub-folder with its name.

    An archive that several data sets share is kept beside, and not fetched again.

    Parameters
    ----------
    known : KnownData
    root : Path
        The folder in which data sets are kept; made if it is not there.

    Returns
    -------
    list of Path
        The four IDX files.

    Raises
    ------
    DataError
        None of its homes answers, or what they send is not what is expected; says which files to put where.
    """
    folder = root / known.name
    for name, digest in known.hashes.items():
        if name.endswith(".zip"):
            family = known.name.partition("-")[0]
            _unpack(_fetch_file(known, name, digest, root / family, folder), known, folder)
        else:
            _fetch_file(known, name, digest, folder, folder)
    return known.files_in(folder)


def _fetch_file(known: KnownData, name: str, digest: str, into: Path, folder: Path) -> Path:
    """Fetch one file from the first home that has it, unless it is there already, and sound."""
    import pooch

    # Pooch says what it does on the screen; the library says it in its log.
    pooch.get_logger().setLevel(logging.WARNING)
    reasons = []
    for home in known.homes:
        log.info("%s: %s from %s", known.name, name, home)
        try:
            downloader = pooch.HTTPDownloader(timeout=SECONDS)
            return Path(pooch.retrieve(home + name, f"sha256:{digest}", name, into, downloader=downloader))
        except (OSError, ValueError) as error:  # requests' errors are OSErrors, a hash that differs is a ValueError
            reasons.append(f"{home} {_in_short(error)}")
    raise DataError(
        f"{known.name}: not on this machine, and could not be fetched: {'; '.join(reasons)}",
        f"put {', '.join(known.file_names)} into {folder}, or set {VARIABLE} to a folder that has them",
    )


def _in_short(error: Exception) -> str:
    from requests import exceptions

    if isinstance(error, exceptions.HTTPError) and error.response is not None:
        return f"answers {error.response.status_code}"
    if isinstance(error, exceptions.Timeout):
        return f"is silent for {SECONDS} s"
    if isinstance(error, exceptions.RequestException):
        return "cannot be reached"
    if isinstance(error, OSError):
        return f"cannot be written to {error.filename} ({error.strerror})"
    return "sends something else than is known (its SHA-256 differs)"


def _unpack(archive: Path, known: KnownData, folder: Path) -> None:
    """Take the data set's four files out of an archive, wherever in it they are."""
    with refusing(archive, "zip file"), zipfile.ZipFile(archive) as members:
        by_name = {Path(member.filename).name: member for member in members.infolist()}
        folder.mkdir(parents=True, exist_ok=True)
        for name in known.file_names:
            if name not in by_name:
                raise DataError(f"{archive}: holds no {name}, found {', '.join(list(by_name)[:5])}")
            # Under its own name, a file is there whole or not at all.
            part = folder / f"{name}.part"
            with members.open(by_name[name]) as packed, part.open("wb") as file:
                shutil.copyfileobj(packed, file)
            part.replace(folder / name)
