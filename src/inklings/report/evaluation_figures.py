"""Figures of a contender's predictions over all repeats: confusion matrix, calibration, worst mistakes, flips."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from inklings.data.dataset import Dataset
from inklings.data.gallery import to_bytes
from inklings.evaluation.calibration import Reliability, coverage_curve, reliability
from inklings.experiments.flips import Flips
from inklings.opponents.temperature import temper
from inklings.report.figures import MARK, make_panels
from inklings.report.legibility import letters_at
from inklings.report.over_repeats import Entrant, with_spread
from inklings.training.plot import FAINT, SHADE, TRAINING, VALIDATION

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ACROSS = 8  # pictures side by side
_MOST_COUNTED, _MOST_NAMED = 30, 100  # classes; of more, their counts or names would be illegible
_LONGEST_NAME = 10  # letters above a picture
_FLIPS = 10  # pictures on each side of a pair
_COVERAGES = np.linspace(0.02, 1, 50)  # every 2 %: below that are a handful of images, whose accuracy jumps


def draw_confusion(entrant: Entrant) -> Figure:
    """Draw the confusion matrix of the test images of all repeats; its diagonal is left white, since it is correct."""
    matrix = entrant.confusion
    # Inches: 0.45 for a class, within what a page shows.
    side = max(4.0, min(9.0, 0.45 * len(matrix) + 1.5))
    figure, (panel,) = make_panels(1, 1, size=(side + 0.6, side))
    confusion_on(panel, matrix, entrant.dataset.class_names)
    of = f", {len(entrant.runs)} repeats" if len(entrant.runs) > 1 else ""
    panel.set_title(f"{entrant.title}: confusion matrix (test images{of})")
    return figure


def confusion_on(panel: Axes, matrix: NDArray[np.int64], class_names: Sequence[str]) -> None:
    """Draw a confusion matrix on axes: its mistakes in colour, what is correct in white."""
    # Without the diagonal, whose thousands would leave all mistakes in one pale colour.
    wrong = matrix * (1 - np.eye(len(matrix), dtype=int))
    # At least 1: a matrix without mistakes has no range of colours.
    image = panel.imshow(wrong, cmap="Oranges", vmin=0, vmax=max(int(wrong.max()), 1))
    panel.grid(visible=False)
    if len(matrix) <= _MOST_NAMED:
        ticks, size = range(len(matrix)), 10 if len(matrix) <= _MOST_COUNTED else 4 + 100 / len(matrix)
        level = 0 if max(map(len, class_names)) < 3 and len(matrix) <= _MOST_COUNTED else 90
        panel.set_xticks(ticks, class_names, rotation=level, fontsize=size, parse_math=False)
        panel.set_yticks(ticks, class_names, fontsize=size, parse_math=False)
    if len(matrix) <= _MOST_COUNTED:
        for (row, column), count in np.ndenumerate(matrix):
            colour = MARK if row == column else letters_at(image, float(wrong[row, column]))
            if count:
                panel.text(column, row, str(count), ha="center", va="center", fontsize=8, color=colour)
    panel.set_xlabel("Predicted class")
    # Rows of the matrix are true classes, and matplotlib draws rows from the top.
    panel.set_ylabel("True class")


def draw_calibration(entrant: Entrant) -> Figure:
    """Draw the reliability diagram, and accuracy against coverage, of all repeats together and of each behind."""
    figure, (diagram, coverage) = make_panels(1, 2, size=(7.6, 4.0))
    _draw_reliability(diagram, entrant)
    _draw_coverage(coverage, entrant)
    figure.suptitle(entrant.title)
    return figure


def _draw_reliability(panel: Axes, entrant: Entrant) -> None:
    # The curve of each repeat, and that of all predictions together: its bins hold more images, so it is less ragged.
    each = [reliability(run.probabilities, run.split.test.labels) for run in entrant.runs]
    together = reliability(entrant.probabilities, entrant.labels) if len(each) > 1 else each[0]
    panel.plot([0, 1], [0, 1], ":", color=MARK, label="perfect calibration")
    for found in each if len(each) > 1 else []:
        held = found.counts > 0  # an empty bin has no accuracy
        panel.plot(found.confidence[held], found.accuracy[held], "-", color=TRAINING, alpha=FAINT, linewidth=0.8)
    held = together.counts > 0
    label = f"{'all repeats' if len(each) > 1 else 'measured'}, 15 bins"
    panel.plot(together.confidence[held], together.accuracy[held], "o-", color=TRAINING, label=label)
    panel.set_xlabel("Confidence")
    panel.set_ylabel("Accuracy")
    lines = _calibration_lines(entrant, each)
    panel.set_title("\n".join(lines), fontsize=10 if len(lines) > 1 else None)
    panel.legend(loc="best", frameon=False, fontsize=9)


def _calibration_lines(entrant: Entrant, each: Sequence[Reliability]) -> list[str]:
    """Say what the calibration error is, and what it is with the temperature that a saved model has."""
    lines = [f"Reliability: ECE {with_spread([found.expected_calibration_error for found in each], '.3f')}"]
    temperatures = [run.temperature for run in entrant.networks]
    if all(temperature == 1 for temperature in temperatures):
        return lines
    after = [
        reliability(temper(run.probabilities, temperature), run.split.test.labels).expected_calibration_error
        for run, temperature in zip(entrant.networks, temperatures, strict=True)
    ]
    return [*lines, f"saved, with temperature {with_spread(temperatures, '.2f')}: {with_spread(after, '.3f')}"]


def _draw_coverage(panel: Axes, entrant: Entrant) -> None:
    curves = [coverage_curve(run.probabilities, run.split.test.labels) for run in entrant.runs]
    if len(curves) == 1:
        panel.plot(100 * curves[0].coverage, 100 * curves[0].accuracy, "-", color=TRAINING)
    else:
        # Each repeat has its own coverages, one for every confidence that occurred in it: they are averaged at common
        # ones.
        values = 100 * np.stack([np.interp(_COVERAGES, curve.coverage, curve.accuracy) for curve in curves])
        mean, deviation = values.mean(axis=0), values.std(axis=0, ddof=1)
        panel.plot(100 * _COVERAGES, values.T, "-", color=TRAINING, alpha=FAINT, linewidth=0.8)
        # Accuracy ends at 100 %, though mean + deviation may not.
        high = np.minimum(mean + deviation, 100)
        panel.fill_between(100 * _COVERAGES, mean - deviation, high, color=TRAINING, alpha=SHADE, linewidth=0)
        panel.plot(100 * _COVERAGES, mean, "-", color=TRAINING, label=f"mean ± s.d. of {len(curves)} repeats")
        panel.legend(loc="lower left", frameon=False, fontsize=9)
    panel.set_xlabel("Images answered, most confident first (%)")
    panel.set_ylabel("Accuracy on these (%)")
    panel.set_title("Answering only where it is confident")


def draw_mistakes(entrant: Entrant, count: int = 24) -> Figure:
    """Draw the test images with the lowest mean probability of the true class."""
    data, worst = entrant.dataset, entrant.worst_mistakes(count)
    height, width, _ = data.image_shape
    rows = max(1, -(-len(worst) // _ACROSS))  # rounded up
    long = max(map(len, data.class_names)) > _LONGEST_NAME // 2
    # The caption's lines: on long names, prediction and truth have one each; how many times, if repeated.
    lines = 1 + long + (len(entrant.runs) > 1)
    gap = (1 + lines) * height // 4  # for the caption above each image
    # (height, width, 3) of the whole sheet, white: images of any size are tiled in one array, drawn in one call.
    sheet = np.full((rows * (height + gap), _ACROSS * (width + 4), 3), 255, np.uint8)
    figure, (panel,) = make_panels(1, 1, size=(9.0, 9.0 * sheet.shape[0] / sheet.shape[1] + 0.4))
    for number, row in enumerate(worst.rows):
        top, left = number // _ACROSS * (height + gap) + gap, number % _ACROSS * (width + 4) + 2
        # A grey image broadcasts over the sheet's three channels.
        sheet[top : top + height, left : left + width] = to_bytes(data.images[row])
        label, answer = (_shorten(data.class_names[each[number]]) for each in (worst.labels, worst.answers))
        between = "\n" if long else " "
        words = f"{answer}: {worst.confidence[number]:.0%},{between}{label}: {worst.own[number]:.1%}"
        if len(entrant.runs) > 1:
            words += f"\n{worst.times[number]} of {worst.tested[number]} times"
        panel.text(left + width / 2, top - 1, words, ha="center", va="bottom", fontsize=6.5 if long else 8)
    panel.imshow(sheet)
    panel.set_axis_off()
    panel.set_title(f"{entrant.title}: worst mistakes (prediction and true class with their probabilities)")
    return figure


def _shorten(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def draw_flips(flips: Sequence[Flips], data: Dataset) -> Figure:
    """Draw for each pair the images that only one of two gets right, those that speak most often for it first."""
    figure, panels = make_panels(len(flips), 2, size=(9.6, 0.5 + 0.86 * len(flips)))
    # Panels come row by row, so those of the left column are every second one.
    for each, (left, right) in zip(flips, zip(panels[::2], panels[1::2], strict=True), strict=True):
        for panel, rows, title, times, colour in (
            (left, each.rows_for_first, each.first, each.total_first, TRAINING),
            (right, each.rows_for_second, each.second, each.total_second, VALIDATION),
        ):
            panel.imshow(_strip(rows[:_FLIPS], data))
            panel.set_axis_off()
            panel.set_title(f"only {title} is right: {times:,}", loc="left", fontsize=9, color=colour)
    return figure


def _strip(rows: np.ndarray, data: Dataset) -> np.ndarray:
    """Tile images in a row."""
    height, width, _ = data.image_shape
    strip = np.full((height, _FLIPS * (width + 2), 3), 255, np.uint8)
    for number, row in enumerate(rows):
        strip[:, number * (width + 2) : number * (width + 2) + width] = to_bytes(data.images[row])
    return strip
