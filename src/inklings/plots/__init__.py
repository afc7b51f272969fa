"""Figures of data, trainings, results and of what networks see: each takes Matplotlib's axes and returns them.

::

    from inklings import plots

    plots.plot_confusion(fitted)
    figure, (left, right) = pyplot.subplots(1, 2)
    plots.plot_curves(fitted.history, ax=left)
    plots.plot_mistakes(model, split.test, ax=right)

Without ``ax`` a new figure is made, which a notebook shows.
"""

from inklings.plots.learning import plot_accuracies, plot_learning_curves
from inklings.plots.predictions import plot_confusion, plot_examples, plot_mistakes, plot_reliability
from inklings.report.arithmetic_axes import plot_pooling, plot_sum
from inklings.report.insight_axes import plot_classes, plot_exciting, plot_explanation, plot_layer, plot_weights
from inklings.training.plot import plot_curves

__all__ = [
    "plot_accuracies",
    "plot_classes",
    "plot_confusion",
    "plot_curves",
    "plot_examples",
    "plot_exciting",
    "plot_explanation",
    "plot_layer",
    "plot_learning_curves",
    "plot_mistakes",
    "plot_pooling",
    "plot_reliability",
    "plot_sum",
    "plot_weights",
]
