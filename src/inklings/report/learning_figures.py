"""Learning curves as a picture and tables."""

from __future__ import annotations

import csv
from io import StringIO
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING

from inklings.experiments.learning_curves import LearningCurves
from inklings.report.figures import MARK, make_panels, save_figure
from inklings.storage import write_atomically
from inklings.training.plot import COLOURS, FAINT, SHADE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MARKERS = "osD^vPX*"  # so that curves can be told apart in print too


def draw_learning_curves(curves: LearningCurves) -> Figure:
    """Draw test accuracy against training images: mean and standard deviation over repeats, each repeat faint behind.

    Dotted lines mark where the means of two cross.
    """
    figure, (panel,) = make_panels(1, 1, size=(7.2, 4.6))
    learning_curves_on(panel, curves)
    return figure


def learning_curves_on(panel: Axes, curves: LearningCurves) -> None:
    """Draw learning curves on axes; see :func:`draw_learning_curves`."""
    from matplotlib.ticker import FuncFormatter, NullLocator

    repeats = len(curves.seeds)
    for number, title in enumerate(curves.titles):
        # (repeats, sizes), in percent.
        values, colour = 100 * curves.accuracies[:, number], COLOURS[number % len(COLOURS)]
        mean = values.mean(axis=0)
        if repeats > 1:
            deviation = values.std(axis=0, ddof=1)
            panel.plot(curves.images, values.T, "-", color=colour, alpha=FAINT, linewidth=0.8)
            panel.fill_between(
                curves.images, mean - deviation, mean + deviation, color=colour, alpha=SHADE, linewidth=0
            )
        panel.plot(curves.images, mean, f"{_MARKERS[number % len(_MARKERS)]}-", color=colour, label=title, markersize=5)
    for crossing in curves.crossings:
        if crossing.images is not None:
            panel.axvline(crossing.images, color=MARK, linestyle=":", linewidth=1)
    # By default sizes double: on a linear axis the first ones would crowd at the left.
    panel.set_xscale("log")
    panel.set_xticks(curves.images)
    # Minor ticks of a logarithmic axis fall on numbers that nobody trained on.
    panel.xaxis.set_minor_locator(NullLocator())
    panel.xaxis.set_major_formatter(FuncFormatter(lambda value, place: f"{value:,.0f}"))
    panel.set_xlabel("Training images")
    panel.set_ylabel("Test accuracy (%)")
    spread = f": mean ± standard deviation of {repeats} repeats" if repeats > 1 else ""
    panel.set_title(f"Learning curves{spread}")
    panel.legend(loc="lower right", frameon=False, fontsize=9)


def write_learning_curves(curves: LearningCurves, folder: str | Path) -> list[Path]:
    """Write ``learning-curves.png``, ``.svg`` and ``.csv``, a row per contender, repeat and number of images."""
    folder = Path(folder)
    files = save_figure(draw_learning_curves(curves), folder, "learning-curves")
    text = StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("network", "seed", "training images", "test accuracy"))
    for place, seed in enumerate(curves.seeds):
        for number, title in enumerate(curves.titles):
            for images, accuracy in zip(curves.images, curves.accuracies[place, number].tolist(), strict=True):
                table.writerow((title, seed, images, "" if isnan(accuracy) else f"{accuracy:.6g}"))
    write_atomically(folder / "learning-curves.csv", text.getvalue())
    return [*files, folder / "learning-curves.csv"]
