"""Figures of a network's predictions: confusion matrix, calibration, worst mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from inklings.data.gallery import to_bytes
from inklings.evaluation.calibration import coverage_curve, reliability
from inklings.evaluation.metrics import confusion_matrix
from inklings.experiments import Contender
from inklings.insight.mistakes import worst_mistakes
from inklings.report.figures import MARK, TRAINING, make_panels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ACROSS = 8
_MOST_NAMED = 30  # more classes, and their names and counts would be illegible


def draw_confusion(trained: Contender) -> Figure:
    """Draw the confusion matrix of the test images; the diagonal is left white, since it is correct."""
    test = trained.split.test
    matrix = confusion_matrix(test.labels, trained.answers, test.class_count)
    wrong = matrix * (1 - np.eye(len(matrix), dtype=int))
    side = max(4.0, min(9.0, 0.45 * len(matrix) + 1.5))
    figure, (panel,) = make_panels(1, 1, size=(side + 0.6, side))
    panel.imshow(wrong, cmap="Oranges", vmin=0, vmax=max(int(wrong.max()), 1))
    panel.grid(visible=False)
    if len(matrix) <= _MOST_NAMED:
        ticks = range(len(matrix))
        panel.set_xticks(ticks, test.class_names, rotation=0 if max(map(len, test.class_names)) < 3 else 90)
        panel.set_yticks(ticks, test.class_names)
        for (row, column), count in np.ndenumerate(matrix):
            dark = wrong[row, column] > 0.6 * wrong.max()
            colour = "white" if dark else "black" if row != column else MARK
            if count:
                panel.text(column, row, str(count), ha="center", va="center", fontsize=8, color=colour)
    panel.set_xlabel("Predicted class")
    panel.set_ylabel("True class")
    panel.set_title(f"{trained.title}: confusion matrix (test images)")
    return figure


def draw_calibration(trained: Contender) -> Figure:
    """Draw the reliability diagram, and accuracy against coverage."""
    test = trained.split.test
    found = reliability(trained.probabilities, test.labels)
    curve = coverage_curve(trained.probabilities, test.labels)
    figure, (diagram, coverage) = make_panels(1, 2, size=(7.6, 4.0))
    held = found.counts > 0
    diagram.plot([0, 1], [0, 1], ":", color=MARK, label="perfect calibration")
    diagram.plot(found.confidence[held], found.accuracy[held], "o-", color=TRAINING, label="measured, 15 bins")
    diagram.set_xlabel("Confidence")
    diagram.set_ylabel("Accuracy")
    diagram.set_title(f"Reliability: ECE {found.expected_calibration_error:.3f}")
    diagram.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2, frameon=False, fontsize=9)
    coverage.plot(100 * curve.coverage, 100 * curve.accuracy, "-", color=TRAINING)
    coverage.set_xlabel("Coverage: images answered, the most confident first (%)")
    coverage.set_ylabel("Accuracy on these (%)")
    coverage.set_title("Answering only where it is confident")
    figure.suptitle(trained.title)
    return figure


def draw_mistakes(trained: Contender, count: int = 24) -> Figure:
    """Draw the test images with the lowest probability of the true class."""
    test = trained.split.test
    worst = worst_mistakes(trained.probabilities, test.labels, count)
    height, width, _ = test.image_shape
    rows = max(1, -(-len(worst) // _ACROSS))
    gap = height // 2  # for the caption above each image
    sheet = np.full((rows * (height + gap), _ACROSS * (width + 4), 3), 255, np.uint8)
    figure, (panel,) = make_panels(1, 1, size=(9.0, 9.0 * sheet.shape[0] / sheet.shape[1] + 0.4))
    for number, row in enumerate(worst.indices):
        top, left = number // _ACROSS * (height + gap) + gap, number % _ACROSS * (width + 4) + 2
        sheet[top : top + height, left : left + width] = to_bytes(test.images[row])
        label, answer = (test.class_names[each[number]] for each in (worst.labels, worst.predicted))
        taken, own = worst.predicted_probabilities[number], worst.label_probabilities[number]
        words = f"{answer}: {taken:.0%}, {label}: {own:.1%}"
        panel.text(left + width / 2, top - 1, words, ha="center", va="bottom", fontsize=8)
    panel.imshow(sheet)
    panel.set_axis_off()
    panel.set_title(f"{trained.title}: worst mistakes (prediction and true class with their probabilities)")
    return figure
