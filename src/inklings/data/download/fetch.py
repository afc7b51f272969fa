"""Downloading the files of well-known data sets, once, each verified by its SHA-256."""

from __future__ import annotations

import logging
import shutil
import zipfile
from pathlib import Path

from inklings.data.download.registry import KnownData
from inklings.data.readers.file_errors import wrap_errors
from inklings.errors import DataError

VARIABLE = "INKLINGS_DATA"
"""The environment variable that names the folder in which data sets are kept."""

TIMEOUT = 30
"""Seconds without an answer after which the next mirror is tried."""

log = logging.getLogger(__name__)


def fetch(known: KnownData, root: Path) -> list[Path]:
    """Download a data set's missing files into the sub-folder with its name.

    An archive that several data sets share is kept beside it and downloaded once for all of them.

    Parameters
    ----------
    known : KnownData
    root : Path
        The folder in which data sets are kept; created if necessary.

    Returns
    -------
    list of Path
        The four IDX files.

    Raises
    ------
    DataError
        No mirror answers, or none sends what is expected; the message says which files to put where.
    """
    folder = root / known.name
    for name, digest in known.hashes.items():
        if name.endswith(".zip"):
            # One archive holds all of EMNIST: kept under "emnist", so that the second data set finds it.
            family = known.name.partition("-")[0]
            _extract(_fetch_file(known, name, digest, root / family, folder), known, folder)
        else:
            _fetch_file(known, name, digest, folder, folder)
    return known.files_in(folder)


def _fetch_file(known: KnownData, name: str, digest: str, into: Path, folder: Path) -> Path:
    """Download one file from the first mirror that has it, unless it is there already and its hash is right."""
    import pooch

    # Pooch announces its downloads on the screen; a library does so in its log.
    pooch.get_logger().setLevel(logging.WARNING)
    reasons = []
    for mirror in known.mirrors:
        log.info("%s: %s from %s", known.name, name, mirror)
        try:
            downloader = pooch.HTTPDownloader(timeout=TIMEOUT)
            # By the hash that is known beforehand: a mirror that was taken over, or a login page, is noticed.
            return Path(pooch.retrieve(mirror + name, f"sha256:{digest}", name, into, downloader=downloader))
        # The errors of requests are OSErrors; a hash that differs is a ValueError.
        except (OSError, ValueError) as error:
            reasons.append(f"{mirror} {_describe(error)}")
    raise DataError(
        f"not on this machine, and could not be downloaded: {'; '.join(reasons)}",
        f"put {', '.join(known.file_names)} into {folder}, or set {VARIABLE} to a folder that has them",
        found=reasons,
        expected=known.file_names,
    ).within(known.name)


def _describe(error: Exception) -> str:
    """Say in a few words what a mirror did."""
    from requests import exceptions

    if isinstance(error, exceptions.HTTPError) and error.response is not None:
        return f"answers {error.response.status_code}"
    if isinstance(error, exceptions.Timeout):
        return f"is silent for {TIMEOUT} s"
    if isinstance(error, exceptions.RequestException):
        return "cannot be reached"
    if isinstance(error, OSError):
        return f"cannot be written to {error.filename} ({error.strerror})"
    return "sends something else than is known (its SHA-256 differs)"


def _extract(archive: Path, known: KnownData, folder: Path) -> None:
    """Extract the data set's four files from an archive, wherever in it they are."""
    with wrap_errors(archive, "zip file"), zipfile.ZipFile(archive) as members:
        # By file name alone: some archives have a folder in between.
        by_name = {Path(member.filename).name: member for member in members.infolist()}
        folder.mkdir(parents=True, exist_ok=True)
        for name in known.file_names:
            if name not in by_name:
                found = list(by_name)[:5]
                raise DataError(f"holds no {name}, found {', '.join(found)}", path=archive, found=found, expected=name)
            # Written under another name and renamed, so that an interruption leaves no half file behind.
            part = folder / f"{name}.part"
            with members.open(by_name[name]) as compressed, part.open("wb") as file:
                shutil.copyfileobj(compressed, file)
            part.replace(folder / name)
