"""Training curves for the page's script: every run, and the mean of several with its band, against each axis."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.errors import RunError
from inklings.training.bands import AXES, MEASURES, Band, average_curves, axis_of, values_of
from inklings.training.epoch_record import EpochRecord
from inklings.training.history import History

# Fewer points for several runs: there may be forty, drawn over one another.
POINTS_ALONE, POINTS_OF_SEVERAL = 500, 100
"""The most points of a curve on the page: of a single run, and of each where there are several and their band."""

_DIGITS_OF_AXES = 7  # steps and images are counted in millions, and pointing at them shows them

PARTS = ("training", "validation")
COST = {"cost": "loss", "accuracy": "accuracy"}
"""What the page calls each measure."""


def curve_data(title: str, histories: Sequence[History]) -> dict[str, Any]:
    """Return a network's curves as plain values.

    Returns
    -------
    dict
        ``title``; ``runs``, a list with, for each training, its values along each axis (``epochs``, ``steps``,
        ``seconds``, ``images``; the last is missing where an earlier version did not record it) and, for ``cost`` and
        ``accuracy``, those of training and validation images; ``bands``: for each axis the same of several runs, as
        ``x``, ``runs`` (how many are left), means and deviations. Long curves are thinned to evenly spaced records;
        values that are not finite are None.
    """
    points = POINTS_ALONE if len(histories) == 1 else POINTS_OF_SEVERAL
    return {
        "title": title,
        "runs": [_run(history, points) for history in histories],
        # The band of a single run would be a line that is already there.
        "bands": {x: _bands(histories, x, points) for x in _known_axes(histories)} if len(histories) > 1 else {},
    }


def shorten(value: float, digits: int = 4) -> float | None:
    """Round to few significant digits, which keeps the page small; None if there is no number."""
    if not isfinite(value):
        return None
    # Of significant digits, not decimals: losses run from 10 to 0.0001.
    short = float(f"{value:.{digits}g}")
    # JSON writes 12.0 for a float, 12 for an int: two bytes less, thousands of times.
    return int(short) if short.is_integer() else short


def _known_axes(histories: Sequence[Sequence[EpochRecord]]) -> list[str]:
    known = []
    for x in AXES:
        try:
            _ = [axis_of(history, x) for history in histories]
        except RunError:  # recorded by an earlier version
            continue
        known.append(x)
    return known


def _run(history: History, points: int) -> dict[str, Any]:
    kept = [history[place] for place in _thin(len(history), points)]
    return {
        # Which axes this run has: an earlier version's records lack some.
        **{x: _plain(axis_of(kept, x), _DIGITS_OF_AXES) for x in _known_axes([kept])},
        **{
            name: {part: _plain(values_of(kept, field)) for part, field in zip(PARTS, MEASURES[measure], strict=True)}
            for name, measure in COST.items()
        },
    }


def _bands(histories: Sequence[History], x: str, points: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, measure in COST.items():
        for part, field in zip(PARTS, MEASURES[measure], strict=True):
            band = average_curves(histories, field, x=x)
            # None where the measure was not recorded, as of validation without validation images.
            if band is not None:
                found.setdefault(name, {})[part] = _band(band, points)
    return found


def _band(band: Band, points: int) -> dict[str, Any]:
    kept = _thin(len(band.x), points)
    return {
        "x": _plain(band.x[kept], _DIGITS_OF_AXES),
        "runs": band.runs[kept].tolist(),
        "mean": _plain(band.mean[kept]),
        "deviation": _plain(band.deviation[kept]),
    }


def _thin(length: int, points: int) -> NDArray[np.int64]:
    """Choose evenly spaced places, the first and the last among them."""
    # `unique` since rounding may name a place twice.
    return np.unique(np.linspace(0, length - 1, min(length, points)).round().astype(np.int64))


def _plain(values: NDArray[np.float64], digits: int = 4) -> list[float | None]:
    return [shorten(value, digits) for value in values.tolist()]
