"""How far a study is: what a screen shows of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from inklings.search.trial import Trial


@dataclass(frozen=True)
class Progress:
    """A study at one moment.

    Attributes
    ----------
    wanted : int or None
        Trials in all; None if time alone ends the study.
    finished, pruned, failed : int
    running : mapping of int to str
        The trials at work, and where.
    workers : int
        How many trials can be at work at once.
    best : Trial or None
        With the mean of its configuration's repeats as ``best_figure``.
    seconds : float
        Since this driver began.
    seconds_left : float or None
        Until the end, as far as the trials so far tell.
    latest : tuple of Trial
        Those that ended since the last moment.
    """

    wanted: int | None = None
    finished: int = 0
    pruned: int = 0
    failed: int = 0
    running: Mapping[int, str] = field(default_factory=dict)
    workers: int = 1
    best: Trial | None = None
    best_figure: float | None = None
    seconds: float = 0.0
    seconds_left: float | None = None
    latest: tuple[Trial, ...] = ()

    @property
    def ended(self) -> int:
        """Trials of which nothing more will come."""
        return self.finished + self.pruned + self.failed
