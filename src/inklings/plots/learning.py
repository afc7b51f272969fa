"""Results of several networks, on Matplotlib's axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inklings.arguments import checks_call
from inklings.errors import RunError
from inklings.experiments.comparison import Comparison
from inklings.experiments.learning_curves import LearningCurves
from inklings.experiments.repeated_comparison import RepeatedComparison
from inklings.experiments.results import RANDOM_WEIGHTS
from inklings.report.figures import accuracies_on
from inklings.report.learning_figures import learning_curves_on
from inklings.training.plot import axes_or_new

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@checks_call(RunError, comparison=(Comparison, RepeatedComparison))
def plot_accuracies(comparison: Comparison | RepeatedComparison, ax: Axes | None = None) -> Axes:
    """Draw the test accuracy of each contender of a comparison, with its 95 % interval.

    Parameters
    ----------
    comparison : Comparison or RepeatedComparison
        What :func:`inklings.compare` returns.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.

    Examples
    --------
    >>> import inklings
    >>> compared = inklings.compare(["softmax"], "digits", quick=True, engine="numpy")
    >>> axes = inklings.plots.plot_accuracies(compared)
    """
    shown = [result for result in comparison.results if result.variant != RANDOM_WEIGHTS and not result.failed]
    axes = axes_or_new(ax)
    accuracies_on(axes, shown)
    return axes


@checks_call(RunError, curves=LearningCurves)
def plot_learning_curves(curves: LearningCurves, ax: Axes | None = None) -> Axes:
    """Draw test accuracy against training images, with the spread over repeats.

    Parameters
    ----------
    curves : LearningCurves
        What :func:`inklings.experiments.learning_curves` returns.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.

    Examples
    --------
    >>> import inklings
    >>> digits = inklings.open_dataset("digits")
    >>> plan = inklings.preset("softmax", digits.image_shape, 10).with_recipe(steps=20)
    >>> axes = inklings.plots.plot_learning_curves(inklings.experiments.learning_curves([plan], digits))
    """
    axes = axes_or_new(ax)
    learning_curves_on(axes, curves)
    return axes
