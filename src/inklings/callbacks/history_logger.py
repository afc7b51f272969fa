"""What all loggers share: that a history cannot be written is no reason to lose a training of hours."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from inklings.errors import RunError
from inklings.training.callbacks import Callback

log = logging.getLogger(__name__)


class HistoryLogger(Callback):
    """A callback that writes a training's history elsewhere.

    Parameters
    ----------
    place : Path or str
        Where to: a file or folder, or what else it is called.
    *expected : type of Exception
        What writing there may raise.

    Attributes
    ----------
    problem : RunError or None
        Why something could not be written, if it could not. The log warns once, and training goes on.
    """

    def __init__(self, place: Path | str, *expected: type[Exception]) -> None:
        self.problem: RunError | None = None
        self._place, self._expected = place, expected

    @contextmanager
    def beginning(self, hint: str = "") -> Iterator[None]:
        """Refuse what cannot be written to, before training starts."""
        self.problem = None
        try:
            yield
        except self._expected as problem:
            raise self._describe(problem, hint) from None

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Let training go on, whatever comes of writing."""
        try:
            yield
        except self._expected as problem:
            said = self._describe(problem)
            # Once: a full disk fails at every epoch.
            if self.problem is None:
                log.warning("%s; training goes on", said)
            self.problem = said

    def _describe(self, problem: Exception, hint: str = "") -> RunError:
        reason = getattr(problem, "strerror", None) or " ".join(str(problem).split())[:200] or type(problem).__name__
        if isinstance(self._place, Path):
            return RunError(f"cannot be written ({reason})", hint, path=self._place)
        return RunError(f"{self._place} cannot be written to ({reason})", hint)
