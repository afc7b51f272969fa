"""Curves of trainings on matplotlib's axes: one training as lines, several as a mean with a band, all runs behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from inklings.arguments import checks_call
from inklings.errors import RunError
from inklings.training.bands import AXES, MEASURES, Band, Floats, average_curves, axis_of, values_of
from inklings.training.epoch_record import EpochRecord

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Runs = Sequence[EpochRecord] | Sequence[Sequence[EpochRecord]]
"""One history, or several of the same recipe."""


class Trained(Protocol):
    """What knows how its networks were trained: a comparison, of one split or repeated."""

    @property
    def histories(self) -> Mapping[str, Runs]:
        """Each network's training, or its trainings, by title."""


TRAINING, VALIDATION = "#0072B2", "#D55E00"
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8C6D1F", "#7F7F7F")
"""Okabe and Ito's, which can be told apart with any kind of colour vision (https://jfly.uni-koeln.de/color/)."""
DASHES = ("-", "--")
"""Of training and of validation images."""
FAINT, SHADE = 0.22, 0.18
"""Opacity of single runs behind a mean, and of its band."""
LABELS = {"loss": "Cost (mean per image)", "accuracy": "Accuracy (%)"}


@checks_call(RunError)
def plot_curves(
    histories: Runs | Mapping[str, Runs] | Trained,
    ax: Axes | None = None,
    *,
    x: str = "epochs",
    measure: str = "loss",
) -> Axes:
    """Draw training curves: of one training its lines, of several their mean with a band, and all runs faint behind.

    The band is one standard deviation over the runs on either side of the mean. It ends where fewer than two thirds of
    the runs are left, since they may have stopped early; each run's own line goes to its end.

    Parameters
    ----------
    histories : History, sequence of History, mapping of str to either, or a comparison
        One training, several of the same recipe, or those of several networks by their titles: ``result.history`` of
        what :func:`inklings.fit` returns, or that itself. Of what :func:`inklings.compare` returns, or the same
        repeated, those of its networks.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.
    x : {"epochs", "steps", "seconds", "images"}
        What to draw against; ``"images"`` are those seen since training began.
    measure : {"loss", "accuracy"}
        Of training images (solid) and validation images (dashed).

    Returns
    -------
    Axes

    Raises
    ------
    RunError
        There is no such axis or measure, nothing to draw, or a history does not know its values.

    Examples
    --------
    >>> import inklings
    >>> split, plan = inklings.open_dataset("digits").split(), inklings.preset("softmax", (20, 20, 1), 10)
    >>> fitted = inklings.fit(plan.network, plan.recipe.with_settings(epochs=3), split)
    >>> inklings.plot_curves(fitted.history, measure="accuracy").get_ylabel()
    'Accuracy (%)'
    """
    if measure not in MEASURES:
        names = tuple(MEASURES)
        message = f"is '{measure}', expected one of: {', '.join(names)}"
        raise RunError(message, setting="measure", found=measure, expected=names)
    groups = _groups_of(histories)
    axes = axes_or_new(ax)
    for number, (title, runs) in enumerate(groups.items()):
        _draw_group(axes, title, runs, COLOURS[number % len(COLOURS)], x=x, measure=measure, alone=len(groups) == 1)
    label_axes(axes, x=x, measure=measure)
    axes.legend(frameon=False, fontsize=9)
    return axes


def _groups_of(histories: Runs | Mapping[str, Runs] | Trained) -> dict[str, list[Sequence[EpochRecord]]]:
    """Return the runs of each network by its title; the title of one alone is empty."""
    # Whatever knows its histories, a comparison or a result of fit; else what was given is a history already.
    given: Any = getattr(histories, "histories", getattr(histories, "history", histories))
    named: Mapping[str, Any] = given if isinstance(given, Mapping) else {"": given}
    if not all(isinstance(found, Sequence) for found in named.values()):
        kinds = " and ".join(sorted({type(found).__name__ for found in named.values()}))
        hint = "such as result.history of what inklings.fit returns, a list of these, or a comparison"
        raise RunError(f"is {kinds}, expected histories of trainings", hint, setting="histories", found=histories)
    groups = {title: as_runs(found) for title, found in named.items()}
    runs = [run for found in groups.values() for run in found]
    if not groups or not all(groups.values()) or not all(runs):
        hint = "opponents have none" if given is not histories else ""
        raise RunError("has no epoch to draw, expected at least one of each", hint, setting="histories")
    strangers = {type(row).__name__ for run in runs for row in (run if isinstance(run, Sequence) else [run])}
    if strangers != {EpochRecord.__name__}:
        hint = "such as result.history of what inklings.fit returns"
        kinds = " and ".join(sorted(strangers))
        raise RunError(f"holds {kinds}, expected histories of trainings", hint, setting="histories", found=histories)
    return groups


def draw_runs(
    axes: Axes, runs: Sequence[Sequence[EpochRecord]], field: str, *, x: str, colour: str, dashes: str, label: str
) -> Band | None:
    """Draw one field: a single run as a line, several as their mean with a band and themselves faint behind.

    Accuracies are drawn in per cent.
    """
    scale = 100 if field.endswith("accuracy") else 1
    band = average_curves(runs, field, x=x)
    faint: dict[str, Any] = {} if len(runs) == 1 else {"alpha": FAINT, "linewidth": 0.8}
    # Where runs end apart, a dot marks each end: the mean alone would hide that some stopped early.
    ends_differ = len({len(run) for run in runs}) > 1
    for number, run in enumerate(runs):
        name = label if len(runs) == 1 else f"_{label} {number}"  # matplotlib leaves names with _ out of legends
        place, values = axis_of(run, x), scale * values_of(run, field)
        axes.plot(place, values, dashes, color=colour, label=name, **faint)
        if ends_differ:
            axes.plot(place[-1], values[-1], ".", color=colour, alpha=0.6, markersize=4)
    if band is not None:
        # Scaled after the limits, which are of fractions.
        low, high = _within_range(band, field)
        axes.fill_between(band.x, scale * low, scale * high, color=colour, alpha=SHADE, linewidth=0)
        axes.plot(band.x, scale * band.mean, dashes, color=colour, label=label)
    return band


def label_axes(axes: Axes, *, x: str, measure: str) -> None:
    """Name both axes; whole numbers along one that counts."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.set_xlabel(AXES[x][1])
    axes.set_ylabel(LABELS[measure])
    if x != "seconds":
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, place: f"{value:,.0f}"))


def describe_band(band: Band | None) -> str:
    """Say what a band is of, and where runs are missing from it; empty without one.

    >>> describe_band(None)
    ''
    """
    if band is None:
        return ""
    if band.thins_at is None:
        return band.label
    return f"{band.label}, of fewer beyond {band.thins_at:,.4g}, to {band.x[-1]:,.4g}"


def _draw_group(
    axes: Axes,
    title: str,
    runs: Sequence[Sequence[EpochRecord]],
    colour: str,
    *,
    x: str,
    measure: str,
    alone: bool,
) -> None:
    colours = (TRAINING, VALIDATION) if alone else (colour, colour)
    band = None
    for part, field, dashes, own in zip(("training", "validation"), MEASURES[measure], DASHES, colours, strict=True):
        # Nothing known, as without validation images: no line, and no entry in the legend.
        if np.isfinite(np.concatenate([values_of(run, field) for run in runs])).any():
            label = f"{title}, {part}" if title else part
            found = draw_runs(axes, runs, field, x=x, colour=own, dashes=dashes, label=label)
            band = band or found
    if band is not None:
        title = describe_band(band) if alone else f"{title}: {describe_band(band)}"
        shade = "#777777" if alone else colour
        # Of nothing: only for the legend, which has one entry for all bands of a group.
        axes.fill_between([], [], color=shade, alpha=SHADE, linewidth=0, label=title)


def as_runs(found: Runs) -> list[Sequence[EpochRecord]]:
    """Return one history as a list of it alone, and several as they are."""
    if found and isinstance(found[0], EpochRecord):
        return [found]  # type: ignore[list-item]
    return list(found)  # type: ignore[arg-type]


def _within_range(band: Band, field: str) -> tuple[Floats, Floats]:
    """Return a band's edges; a fraction stays within 0 and 1, a loss above 0."""
    low = np.maximum(band.mean - band.deviation, 0)
    high = band.mean + band.deviation
    return low, np.minimum(high, 1) if field.endswith("accuracy") else high


def axes_or_new(ax: Axes | None) -> Axes:
    """Return the axes given, or those of a new figure, which a notebook shows.

    Raises
    ------
    RunError
        What is given is something else.
    """
    if ax is not None:
        if not hasattr(ax, "plot"):
            raise RunError(f"is of type {type(ax).__name__}, expected Matplotlib's Axes", setting="ax", found=ax)
        return ax
    from matplotlib import pyplot

    _, axes = pyplot.subplots(layout="constrained")
    return axes
