"""Runs as bytes, for workers that do not see the study's folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from inklings.errors import RunError
from inklings.experiments.run_writer import CHECKPOINT, FACTS, HISTORY, WEIGHTS
from inklings.storage import write_atomically, writing

PackedRun = Mapping[str, bytes]
"""The content of a run's files by their names."""

_FILES = (HISTORY, WEIGHTS, CHECKPOINT, FACTS)
"""The manifest last: a run that has one has the others too."""


def pack_run(folder: Path) -> PackedRun:
    """Return a run's files; none of a run that does not exist."""
    return {name: (folder / name).read_bytes() for name in _FILES if (folder / name).is_file()}


def unpack_run(packed: PackedRun, folder: Path) -> None:
    """Write a run's files.

    Raises
    ------
    RunError
        A file has another name than those of a run, or the folder cannot be written.
    """
    for name in packed:
        if name not in _FILES:  # what comes from another machine chooses no paths here
            raise RunError(f"a worker sent a file '{name}', expected those of a run", path=folder)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        # What an earlier part of the training left there and the later one has not: a checkpoint beside newer weights
        # would be resumed.
        for name in (CHECKPOINT, WEIGHTS):
            if name not in packed:
                (folder / name).unlink(missing_ok=True)
        for name in _FILES:
            if name in packed:
                write_atomically(folder / name, packed[name])
