"""Several trainings of one recipe as a mean with a band: what of a curve is the recipe, and what is chance.

The band is one standard deviation over the runs (with n - 1) on either side of the mean: how far one more training is
likely to be from it. It is no confidence interval of the mean, which would be narrower by the square root of n for
independent runs, and of runs on overlapping splits would have to know how far these overlap.

Runs may end at different epochs, by early stopping say, and at different seconds always. A run is never extended beyond
its end. Where some have ended, the mean is one of those still training, which are no random choice; so it goes on only
while two thirds of the runs are left, and :class:`Band` says from where on it is of fewer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from inklings.errors import RunError
from inklings.training.epoch_record import EpochRecord

Floats = NDArray[np.float64]

AXES = {
    "epochs": ("epoch", "Epoch"),
    "steps": ("step", "Steps"),
    "seconds": ("seconds", "Seconds of training"),
    "images": ("images", "Training images seen"),
}
"""What curves can be drawn against: the record's field, and the axis's label."""

MEASURES = {"loss": ("train_loss", "validation_loss"), "accuracy": ("train_accuracy", "validation_accuracy")}
"""The fields of training and of validation images."""

ENOUGH = 2 / 3
"""The share of runs that must still be training for a mean and a band."""

GRID = 200
"""Points at which runs are compared whose epochs do not coincide."""


@dataclass(frozen=True, eq=False)
class Band:
    """The mean of several runs, and their standard deviation, along an axis.

    Attributes
    ----------
    x : array, shape (points,)
        Ends where fewer than two thirds of the runs, or fewer than two, are left.
    mean, deviation : arrays, shape (points,)
    runs : array of int64, shape (points,)
        How many runs each point is of.
    total : int
        How many runs there are.
    """

    x: Floats
    mean: Floats
    deviation: Floats
    runs: NDArray[np.int64]
    total: int

    @property
    def label(self) -> str:
        """What the band is, for a legend."""
        return f"mean ± standard deviation of {self.total} runs"

    @property
    def thins_at(self) -> float | None:
        """The last point at which all runs are there, if the band goes on beyond it."""
        whole = np.flatnonzero(self.runs == self.total)
        # Nothing to say where no point has all runs, or where all points have.
        return None if not len(whole) or len(whole) == len(self.x) else float(self.x[whole[-1]])


def values_of(history: Sequence[EpochRecord], field: str) -> Floats:
    """Return a field of every record, NaN where it is unknown, shape (epochs,)."""
    found = (getattr(record, field) for record in history)
    return np.array([np.nan if value is None else value for value in found], np.float64)


def axis_of(history: Sequence[EpochRecord], x: str) -> Floats:
    """Return where a history's records are along an axis, shape (epochs,).

    Raises
    ------
    RunError
        There is no such axis, or the history does not know its values.
    """
    if x not in AXES:
        raise RunError(f"is '{x}', expected one of: {', '.join(AXES)}", setting="x", found=x, expected=tuple(AXES))
    values = values_of(history, AXES[x][0])
    if np.isnan(values).any():
        raise RunError(
            f"is '{x}', which this history does not know: it was made by an earlier version",
            "draw against epochs, or train again",
            setting="x",
            found=x,
        )
    return values


def average_curves(histories: Sequence[Sequence[EpochRecord]], field: str, *, x: str = "epochs") -> Band | None:
    """Return the mean and standard deviation of a field over several runs.

    Parameters
    ----------
    histories : sequence of histories
        Of the same recipe on other seeds or splits.
    field : str
        Of :class:`EpochRecord`, such as ``"validation_loss"``.
    x : {"epochs", "steps", "seconds", "images"}

    Returns
    -------
    Band or None
        None of fewer than two runs, or of a field that nowhere two of them know. Where the runs' points do not
        coincide, as seconds never do, each run is interpolated linearly between its own; nothing is extrapolated.

    Raises
    ------
    RunError
        There is no such axis, or a history does not know its values.
    """
    if len(histories) < 2:
        return None
    places = [axis_of(history, x) for history in histories]
    grid = _common_grid(places)
    # (runs, points): NaN where a run has not begun or has ended, since nothing is extrapolated.
    values = np.stack(
        [
            np.interp(grid, place, values_of(history, field), left=np.nan, right=np.nan)
            for place, history in zip(places, histories, strict=True)
        ]
    )
    # A loss that overflowed is as unknown as one that is missing: one infinite run would take the mean with it.
    values[~np.isfinite(values)] = np.nan
    runs = np.isfinite(values).sum(axis=0)
    # Before all have begun the mean would be that of the quickest alone.
    begun = grid >= max(place[0] for place in places)  # in seconds, runs also begin at different points
    kept = np.flatnonzero(begun & (runs >= max(2, ceil(ENOUGH * len(histories)))))
    if not len(kept):
        return None
    there = values[:, kept]
    # n - 1 (ddof) as for any sample: these runs stand for those that were not made.
    mean, deviation = np.nanmean(there, axis=0), np.nanstd(there, axis=0, ddof=1)
    return Band(grid[kept], mean, deviation, runs[kept].astype(np.int64), len(histories))


def _common_grid(places: Sequence[Floats]) -> Floats:
    """Return the points of the longest run if all runs share them as far as they go, else evenly spaced ones.

    Evenly spaced ones include every run's begin and end, where the number of runs changes.
    """
    longest = max(places, key=len)
    # Array by array, not in sum: a run that stopped early is a prefix of the longest one.
    if all(np.array_equal(place, longest[: len(place)]) for place in places):
        return longest
    ends = [end for place in places for end in (place[0], place[-1])]
    # With every run's own ends, so that no run is cut off between two points of the grid.
    return np.unique(np.concatenate([np.linspace(min(ends), max(ends), GRID), ends]))
