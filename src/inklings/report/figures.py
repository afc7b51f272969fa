"""Figures of training and results: histories and results in, figures out.

Several trainings of one network are a mean with a band, all of them faint behind (:mod:`inklings.training.plot`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from inklings.experiments.results import RANDOM_WEIGHTS, Result
from inklings.reprs import percent
from inklings.training.bands import Band
from inklings.training.epoch_record import EpochRecord, best_record
from inklings.training.plot import (
    DASHES,
    SHADE,
    TRAINING,
    VALIDATION,
    Runs,
    as_runs,
    describe_band,
    draw_runs,
    label_axes,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARK = "#555555"
FORMATS = ("png", "svg")  # PNG for documents and screens, SVG for whoever wants to enlarge or edit
STYLE: dict[Any, Any] = {
    "font.size": 10,
    "axes.titlesize": 11,
    # The page's own paper, so that figures are no white holes in it.
    "figure.facecolor": "#fffdf8",
    "axes.facecolor": "#fffdf8",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "svg.hashsalt": "inklings",  # so that the same figure gives the same file
    "svg.fonttype": "none",  # letters as text, which can be searched and edited
    "text.parse_math": False,  # a class called "$_$" is not a formula
}


def draw_over_fitting(histories: Mapping[str, Runs]) -> Figure:
    """Draw training and validation cost against epochs, one panel per network, on common axes.

    Parameters
    ----------
    histories : mapping of str to History or sequence of History
        A network's training, or its trainings, by title.
    """
    figure, panels = make_panels(1, len(histories), size=(4.2 * len(histories), 3.8), share=True)
    for panel, (title, runs) in zip(panels, histories.items(), strict=True):
        _draw_cost(panel, runs)
        panel.set_title(title)
        panel.legend(loc="upper right", edgecolor="none", fontsize=9)
        panel.set_ylabel("")
    panels[0].set_ylabel("Cost (mean per image)")
    # Once all are drawn: the common axes depend on the longest training and the highest loss.
    _fit_to_all(panels, list(histories.values()))
    return figure


def draw_over_fitting_panel(title: str, histories: Mapping[str, Runs]) -> Figure:
    """Draw one of several networks, on the axes common to all."""
    # The others are given too, so that this one's axes are theirs.
    figure, (panel,) = make_panels(1, 1, size=(4.4, 3.8))
    _draw_cost(panel, histories[title])
    panel.set_title(title)
    panel.legend(loc="upper right", edgecolor="none")
    _fit_to_all([panel], list(histories.values()))
    return figure


def draw_curves(title: str, histories: Runs) -> Figure:
    """Draw cost and accuracy of training and validation images against epochs."""
    from matplotlib.ticker import LogFormatter

    figure, (cost, accuracy) = make_panels(1, 2, size=(7.6, 3.4))
    _draw_cost(cost, histories)
    cost.set_title(f"{title}: cost")
    # A loss of exactly 0 has no logarithm: the line has a gap there. "clip" would draw a cliff to the bottom.
    cost.set_yscale("log", nonpositive="mask")
    cost.yaxis.set_major_formatter(LogFormatter())
    # By default only powers of ten are labelled where there are two of them, as from 2 down to 0.05: too few to read.
    cost.yaxis.set_minor_formatter(LogFormatter(minor_thresholds=(2, 0.5)))
    cost.legend(loc="best", frameon=False, fontsize=9)
    runs = as_runs(histories)
    for part, colour, dashes in zip(("training", "validation"), (TRAINING, VALIDATION), DASHES, strict=True):
        field = f"{'train' if part == 'training' else part}_accuracy"
        draw_runs(accuracy, runs, field, x="epochs", colour=colour, dashes=dashes, label=part)
    accuracy.set_title(f"{title}: accuracy")
    label_axes(accuracy, x="epochs", measure="accuracy")
    accuracy.legend(loc="lower right", frameon=False, fontsize=9)
    return figure


def draw_accuracies(results: Sequence[Result]) -> Figure:
    """Draw every trained network's and opponent's test accuracy with its interval."""
    shown = [result for result in results if result.variant != RANDOM_WEIGHTS and not result.failed]
    figure, (panel,) = make_panels(1, 1, size=(5.6, 1.2 + 0.42 * len(shown)))
    accuracies_on(panel, shown)
    return figure


def accuracies_on(panel: Axes, shown: Sequence[Result]) -> None:
    """Draw test accuracies with their intervals on axes."""
    for place, result in enumerate(shown):
        low, high = (100 * bound for bound in result.interval)
        # The interval as a bar, the accuracy as a dot on it.
        panel.plot([low, high], [place, place], "-", color=TRAINING, linewidth=2.5, solid_capstyle="butt")
        panel.plot(100 * result.test, place, "o", color=TRAINING)
        panel.annotate(
            percent(result.test),
            (100 * result.test, place),
            (0, 6),
            textcoords="offset points",
            ha="center",
            fontsize=9,
        )
    panel.set_yticks(range(len(shown)), [result.title for result in shown], parse_math=False)
    # The larger end first: the first row stands at the top, as in the table.
    panel.set_ylim(len(shown) - 0.4, -0.7)
    panel.set_xlabel("Test accuracy (%), with 95 % interval")
    panel.set_title("Test accuracy")


def save_figure(figure: Figure, folder: Path, name: str, *, photographs: bool = False) -> list[Path]:
    """Write a figure as PNG and SVG, and return the paths.

    Parameters
    ----------
    figure : Figure
    folder : Path
        Created if missing.
    name : str
        Of the files, without ending.
    photographs : bool
        Whether it holds pictures in colour. Others get a palette of 256 colours, which a third of the bytes suffices
        for.
    """
    import matplotlib as mpl
    from matplotlib.text import Text

    folder.mkdir(parents=True, exist_ok=True)
    png, svg = (folder / f"{name}.{kind}" for kind in FORMATS)
    for text in figure.findobj(Text):  # those that were made outside this style
        text.set_parse_math(False)
    with mpl.rc_context(STYLE):
        _write_png(figure, png, palette=not photographs)
        _write_svg(figure, svg)
    return [png, svg]


def _write_png(figure: Figure, path: Path, *, palette: bool) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    figure.set_dpi(150)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]
    # (height, width, 4), of which alpha is dropped: figures have a paper of their own.
    pixels = np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]
    picture = Image.fromarray(pixels[..., :3])
    if palette:
        # Without dithering: flat areas of few colours, where dots would show, and compress badly.
        picture = picture.quantize(256, dither=Image.Dither.NONE)
    picture.save(path, dpi=(150, 150))


def _write_svg(figure: Figure, path: Path) -> None:
    """Write a figure that was drawn, and so laid out, before."""
    # Doing that again takes as long as drawing, and for "none" it would still be drawn twice.
    figure.set_layout_engine(None)
    figure.savefig(path, metadata={"Date": None})  # without a date, the same figure gives the same file


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


def _draw_cost(panel: Axes, histories: Runs) -> None:
    """Draw both costs and mark where the validation cost was lowest; of several runs, where its mean was."""
    runs = as_runs(histories)
    draw_runs(panel, runs, "train_loss", x="epochs", colour=TRAINING, dashes=DASHES[0], label="training")
    band = draw_runs(
        panel, runs, "validation_loss", x="epochs", colour=VALIDATION, dashes=DASHES[1], label="validation"
    )
    epoch, loss = _lowest(runs, band)
    # Not clipped, so that both show when the minimum is at the very end.
    mark: dict[str, Any] = {"color": MARK, "linewidth": 1.6, "linestyle": ":", "clip_on": False}
    panel.axvline(epoch, label=f"lowest validation ({runs[0][-1].unit} {epoch})", **mark)
    panel.plot(epoch, loss, "o", color=VALIDATION, mec="white", markersize=7, clip_on=False, zorder=5)
    if band is not None:
        panel.fill_between([], [], color="#777777", alpha=SHADE, linewidth=0, label=_short(band))
    label_axes(panel, x="epochs", measure="loss")


def _lowest(runs: Sequence[Sequence[EpochRecord]], band: Band | None) -> tuple[int, float]:
    """Return the epoch of the lowest validation loss, and that loss."""
    if band is not None:
        place = int(np.argmin(band.mean))
        return round(band.x[place]), float(band.mean[place])
    best = best_record(runs[0])
    return best.epoch, best.validation_loss


def _short(band: Band) -> str:
    """Say in a small legend what a band is."""
    return describe_band(band).replace("standard deviation", "s.d.").replace(", of fewer", "\nof fewer")


def _fit_to_all(panels: Sequence[Axes], histories: Sequence[Runs]) -> None:
    """Set common axes that keep the end of training legible although the losses begin far above it."""
    every = [run for runs in histories for run in as_runs(runs)]
    # Without the record before training, whose loss lies far above; for the ends also without the first tenth, in which
    # it falls fast.
    validation: list[Any] = [row.validation_loss for run in every for row in run[1:] or run]
    ends = [max(row.validation_loss for row in run[len(run) // 10 :]) for run in every]
    epochs = max(run[-1].epoch for run in every)
    for panel in panels:
        panel.set_xlim(0, max(epochs, 1))
        panel.set_ylim(0, min(max(validation), 1.6 * max(ends)))
