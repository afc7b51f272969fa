"""The files that checkpoints are written to: the last two, at a pace that costs little and loses little."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from inklings.arguments import as_path
from inklings.errors import RunError
from inklings.training.checkpoints import Checkpoint

log = logging.getLogger(__name__)

SECONDS_BETWEEN, SECONDS_AT_FIRST = 10.0, 1.0
"""What a crash may cost at most; a training that has only begun is saved more often, since all of it is at stake."""
SHARE_OF_WRITING = 0.02
"""How much of the time writing may take: where it is slow, as on slow disks, it is done less often."""


class CheckpointFile:
    """The file that checkpoints are written to, and when the next is due. The one before is kept beside it.

    Parameters
    ----------
    path : str or Path, optional
        Without one, no checkpoint is ever due.

    Attributes
    ----------
    problem : RunError or None
        Why the last one could not be written, if it could not: no reason to lose a training that goes on.

    Raises
    ------
    RunError
        The path's folder does not exist.
    """

    def __init__(self, path: str | Path | None) -> None:
        self.problem: RunError | None = None
        self.path: Path | None = None if path is None else as_path(path, "checkpoints", RunError)
        if self.path is not None and not self.path.parent.is_dir():
            raise RunError(f"{self.path}: no folder {self.path.parent} to write checkpoints to", "make it first")
        self._begun = self._written = monotonic()  # unlike time(), never set back
        self._writing_took = 0.0

    @property
    def is_due(self) -> bool:
        """Whether it is time for the next checkpoint: after 1, 2, 4, 8 and 16 seconds, then every ten."""
        # Each checkpoint comes at twice the age of the one before, until every ten seconds are soon enough.
        wait = min(SECONDS_BETWEEN, max(SECONDS_AT_FIRST, self._written - self._begun))
        wait = max(wait, self._writing_took / SHARE_OF_WRITING)
        return self.path is not None and monotonic() - self._written >= wait

    def write(self, make: Callable[[], Checkpoint]) -> None:
        """Write a checkpoint in place of the one before, which is kept; ``make`` is not called if there is no path.

        Where writing fails, a warning says so, and the next is tried when it is due.
        """
        if self.path is None:
            return
        begun = monotonic()
        try:
            make().save(self.path, before=before_of(self.path))
        except RunError as problem:
            if self.problem is None:
                log.warning("%s; training goes on", problem)
            self.problem = problem
        else:
            self.problem = None
        self._written = monotonic()
        self._writing_took = self._written - begun


class FoundCheckpoint(NamedTuple):
    """The newest checkpoint that is whole, and why a newer one could not be used."""

    checkpoint: Checkpoint | None
    problems: tuple[RunError, ...] = ()


def before_of(path: Path) -> Path:
    """Return where the checkpoint before the one in a file is kept: ``checkpoint-before.safetensors``."""
    return path.with_name(f"{path.stem}-before{path.suffix}")


def find_checkpoint(path: Path) -> FoundCheckpoint:
    """Read the checkpoint in a file; if it is damaged or missing, the one before it.

    Raises
    ------
    RunError
        A file is there and may not be read: what it holds should not be trained again.
    """
    problems: list[RunError] = []
    for file in (path, before_of(path)):
        if not file.exists():
            continue
        try:
            return FoundCheckpoint(Checkpoint.load(file), tuple(problems))
        except RunError as problem:
            # Without the right to read it nothing is known of it: the older one would be taken for no reason.
            if not os.access(file, os.R_OK):
                raise
            problems.append(problem)
    return FoundCheckpoint(None, tuple(problems))


def remove_checkpoints(path: Path) -> None:
    """Remove the checkpoint in a file and the one before it, where there are any."""
    for file in (path, before_of(path)):
        file.unlink(missing_ok=True)
