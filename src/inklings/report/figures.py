"""Figures of training and results: histories and results in, figures out.

The colours are Okabe and Ito's, which can be distinguished with any kind of colour vision
(https://jfly.uni-koeln.de/color/); lines also differ in their dashes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inklings.experiments import Result
from inklings.experiments.results import RANDOM_WEIGHTS
from inklings.training import History, best_record

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TRAINING, VALIDATION, MARK = "#0072B2", "#D55E00", "#555555"
FORMATS = ("png", "svg")
STYLE: dict[Any, Any] = {
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "svg.hashsalt": "inklings",  # so that the same figure gives the same file
    "svg.fonttype": "none",
}


def draw_over_fitting(histories: Mapping[str, History]) -> Figure:
    """Draw training and validation cost against epochs, one panel per history, on common axes.

    Parameters
    ----------
    histories : mapping of str to History
        Histories by title.
    """
    figure, panels = make_panels(1, len(histories), size=(4.2 * len(histories), 3.8), share=True)
    for panel, (title, history) in zip(panels, histories.items(), strict=True):
        _draw_cost(panel, history)
        panel.set_title(title)
        panel.legend(loc="upper right", edgecolor="none", fontsize=9)
    panels[0].set_ylabel("Cost (mean per image)")
    _fit_to_all(panels, list(histories.values()))
    return figure


def draw_over_fitting_panel(title: str, histories: Mapping[str, History]) -> Figure:
    """Draw one of several histories, on the axes common to all."""
    figure, (panel,) = make_panels(1, 1, size=(4.4, 3.8))
    _draw_cost(panel, histories[title])
    panel.set_title(title)
    panel.set_ylabel("Cost (mean per image)")
    panel.legend(loc="upper right", edgecolor="none")
    _fit_to_all([panel], list(histories.values()))
    return figure


def draw_curves(title: str, history: History) -> Figure:
    """Draw cost and accuracy of training and validation images against epochs."""
    from matplotlib.ticker import LogFormatter

    figure, (cost, accuracy) = make_panels(1, 2, size=(7.6, 3.4))
    _draw_cost(cost, history)
    cost.set_title(f"{title}: cost")
    cost.set_ylabel("Cost (mean per image)")
    cost.set_yscale("log")
    cost.yaxis.set_major_formatter(LogFormatter())
    cost.yaxis.set_minor_formatter(LogFormatter(minor_thresholds=(2, 0.5)))
    cost.legend(loc="best", frameon=False)
    epochs = [row.epoch for row in history]
    for label, colour, dashes, values in (
        ("training", TRAINING, "-", [100 * row.train_accuracy for row in history]),
        ("validation", VALIDATION, "--", [100 * row.validation_accuracy for row in history]),
    ):
        accuracy.plot(epochs, values, dashes, color=colour, label=label)
    accuracy.set_title(f"{title}: accuracy")
    _count_epochs(accuracy)
    accuracy.set_ylabel("Accuracy (%)")
    accuracy.legend(loc="lower right", frameon=False)
    return figure


def draw_accuracies(results: Sequence[Result]) -> Figure:
    """Draw every trained network's test accuracy with its interval."""
    shown = [result for result in results if result.variant != RANDOM_WEIGHTS]
    figure, (panel,) = make_panels(1, 1, size=(5.6, 1.2 + 0.42 * len(shown)))
    for place, result in enumerate(shown):
        low, high = (100 * bound for bound in result.interval)
        panel.plot([low, high], [place, place], "-", color=TRAINING, linewidth=2.5, solid_capstyle="butt")
        panel.plot(100 * result.test, place, "o", color=TRAINING)
        panel.annotate(
            f"{result.test:.1%}",
            (100 * result.test, place),
            (0, 6),
            textcoords="offset points",
            ha="center",
            fontsize=9,
        )
    panel.set_yticks(range(len(shown)), [result.title for result in shown])
    panel.set_ylim(len(shown) - 0.4, -0.7)
    panel.set_xlabel("Test accuracy (%), with 95 % interval")
    panel.set_title("Test accuracy of each network")
    return figure


def save_figure(figure: Figure, folder: Path, name: str) -> list[Path]:
    """Write a figure as PNG and SVG, and return the paths."""
    import matplotlib as mpl

    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{name}.{kind}" for kind in FORMATS]
    with mpl.rc_context(STYLE):
        for file in files:
            # Without a date in it, the same figure gives the same file.
            metadata = {"Date": None} if file.suffix == ".svg" else None
            figure.savefig(file, dpi=150, metadata=metadata)
            figure.set_layout_engine(
                "none"
            )  # laid out for the first format already; doing it again takes as long as drawing
    return files


def make_panels(
    rows: int, columns: int, *, size: tuple[float, float], share: bool = False
) -> tuple[Figure, list[Axes]]:
    """Create a figure with axes that needs no display."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with mpl.rc_context(STYLE):
        figure = Figure(figsize=size, layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots(rows, columns, sharex=share, sharey=share, squeeze=False)
    return figure, list(axes.flat)


def _draw_cost(panel: Axes, history: History) -> None:
    """Draw both costs and mark where the validation cost was lowest."""
    epochs = [row.epoch for row in history]
    panel.plot(epochs, [row.train_loss for row in history], "-", color=TRAINING, label="training")
    panel.plot(epochs, [row.validation_loss for row in history], "--", color=VALIDATION, label="validation")
    best = best_record(history)
    # Not clipped, so that both show when the minimum is at the very end.
    panel.axvline(
        best.epoch,
        color=MARK,
        linewidth=1.6,
        linestyle=":",
        label=f"lowest validation (epoch {best.epoch})",
        clip_on=False,
    )
    panel.plot(
        best.epoch, best.validation_loss, "o", color=VALIDATION, mec="white", markersize=7, clip_on=False, zorder=5
    )
    _count_epochs(panel)


def _count_epochs(panel: Axes) -> None:
    """Label an axis of epochs with whole numbers."""
    from matplotlib.ticker import MaxNLocator

    panel.set_xlabel("Epoch")
    panel.xaxis.set_major_locator(MaxNLocator(integer=True))


def _fit_to_all(panels: Sequence[Axes], histories: Sequence[History]) -> None:
    """Set common axes that keep the end of training legible although the losses begin far above it."""
    validation: list[Any] = [row.validation_loss for history in histories for row in history[1:] or history]
    ends = [max(row.validation_loss for row in history[len(history) // 10 :]) for history in histories]
    epochs = max(history[-1].epoch for history in histories)
    for panel in panels:
        panel.set_xlim(0, max(epochs, 1))
        panel.set_ylim(0, min(max(validation), 1.6 * max(ends)))
