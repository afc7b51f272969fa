"""Pictures of how a network reads: which classes it takes for which, how far it can be believed, its worst mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from inklings.data.gallery import to_bytes
from inklings.evaluation.calibration import coverage_curve, reliability
from inklings.evaluation.metrics import confusion_matrix
from inklings.experiments import TrainedNetwork
from inklings.insight.mistakes import worst_mistakes
from inklings.report.figures import MARK, TRAINING, make_panels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ACROSS = 8
_MOST_NAMED = 30  # classes whose names and counts can still be read


def draw_confusion(contender: TrainedNetwork) -> Figure:
    """Draw how many test images of each class are taken for each class; the diagonal is left white, it is right."""
    test = contender.split.test
    matrix = confusion_matrix(test.labels, contender.answers, test.class_count)
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
    panel.set_xlabel("Taken for")
    panel.set_ylabel("Class")
    panel.set_title(f"{contender.plan.title}: test images of each class")
    return figure


def draw_calibration(contender: TrainedNetwork) -> Figure:
    """Draw the reliability diagram, and the accuracy that is gained by answering only where the network is sure."""
    test = contender.split.test
    found = reliability(contender.probabilities, test.labels)
    curve = coverage_curve(contender.probabilities, test.labels)
    figure, (diagram, coverage) = make_panels(1, 2, size=(7.6, 4.0))
    held = found.counts > 0
    diagram.plot([0, 1], [0, 1], ":", color=MARK, label="as sure as it should be")
    diagram.plot(found.confidence[held], found.accuracy[held], "o-", color=TRAINING, label="found, in 15 bins")
    diagram.set_xlabel("Probability of the answer")
    diagram.set_ylabel("Share of such answers that are right")
    diagram.set_title(f"Reliability: ECE {found.expected_error:.3f}")
    diagram.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2, frameon=False, fontsize=9)
    coverage.plot(100 * curve.coverage, 100 * curve.accuracy, "-", color=TRAINING)
    coverage.set_xlabel("Images answered, the surest first (%)")
    coverage.set_ylabel("Of these read right (%)")
    coverage.set_title("Answering only where it is sure")
    figure.suptitle(contender.plan.title)
    return figure


def draw_mistakes(contender: TrainedNetwork, count: int = 24) -> Figure:
    """Draw the test images whose own class was given the least probability."""
    test = contender.split.test
    worst = worst_mistakes(contender.probabilities, test.labels, count)
    height, width, _ = test.image_shape
    rows = max(1, -(-len(worst) // _ACROSS))
    gap = height // 2  # for the words above each image
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
    panel.set_title(f"{contender.plan.title}: worst mistakes (answer and class with their probabilities)")
    return figure
