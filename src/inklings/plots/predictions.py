"""Images, and what a network makes of them in all, on Matplotlib's axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from inklings.arguments import checks_call
from inklings.data.dataset import Dataset
from inklings.data.gallery import choose_examples, count_columns, to_bytes
from inklings.errors import DataError
from inklings.evaluation.calibration import reliability
from inklings.evaluation.evaluate import evaluate_model
from inklings.evaluation.metrics import confusion_matrix
from inklings.experiments.trained import Contender
from inklings.insight.mistakes import worst_mistakes
from inklings.models.model import Model
from inklings.report.evaluation_figures import confusion_on
from inklings.report.figures import MARK
from inklings.report.insight_drawing import picture_axes, show, tile
from inklings.training.fit_result import FitResult
from inklings.training.plot import TRAINING, axes_or_new

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Trained = Model | FitResult | Contender
_KINDS = (Model, FitResult, Contender)


@checks_call(DataError, dataset=Dataset)
def plot_examples(dataset: Dataset, ax: Axes | None = None, *, per_class: int = 10) -> Axes:
    """Draw some images of each class, a row for each.

    Parameters
    ----------
    dataset : Dataset
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.
    per_class : int
        How many of each class, spread over all of it.

    Examples
    --------
    >>> import inklings
    >>> axes = inklings.plots.plot_examples(inklings.open_dataset("digits"))
    """
    height, width, _ = dataset.image_shape
    columns = count_columns(dataset, per_class)
    sheet = np.full((dataset.class_count, columns, height, width, 3), 1.0)
    for label in range(dataset.class_count):
        for place, row in enumerate(choose_examples(dataset, label, columns)):
            sheet[label, place] = _on_paper(dataset.images[row])
    axes = picture_axes(ax)
    show(axes, tile(sheet.reshape(-1, height, width, 3), columns, fill=1.0))
    middles = [number * (height + 1) + (height - 1) / 2 for number in range(dataset.class_count)]
    axes.set_yticks(middles, dataset.class_names, parse_math=False)
    axes.set_title(f"{dataset.source}: examples of each class", parse_math=False)
    return axes


@checks_call(DataError, trained=_KINDS)
def plot_confusion(trained: Trained, data: Dataset | None = None, ax: Axes | None = None) -> Axes:
    """Draw how many images of each class (rows) are predicted as each class (columns); mistakes are coloured.

    Parameters
    ----------
    trained : Model, FitResult or contender of a comparison
    data : Dataset, optional
        Labelled images. By default the test images of the split it was trained on, which a Model does not know.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.

    Raises
    ------
    DataError
        A model is given and no data, or the data are of other classes.

    Examples
    --------
    >>> import inklings
    >>> split, plan = inklings.open_dataset("digits").split(), inklings.preset("softmax", (20, 20, 1), 10)
    >>> fitted = inklings.fit(plan.network, plan.recipe.with_settings(steps=100), split)
    >>> axes = inklings.plots.plot_confusion(fitted)
    """
    found = _judge(trained, data)
    axes = axes_or_new(ax)
    matrix = confusion_matrix(found.labels, found.probabilities.argmax(1), len(found.class_names))
    confusion_on(axes, matrix, found.class_names)
    axes.set_title(f"Confusion matrix of {len(found.labels):,} images")
    return axes


@checks_call(DataError, trained=_KINDS)
def plot_reliability(trained: Trained, data: Dataset | None = None, ax: Axes | None = None) -> Axes:
    """Draw accuracy against confidence, in 15 bins: on the diagonal, probabilities can be taken at their word.

    The parameters and errors are those of :func:`plot_confusion`.

    Examples
    --------
    >>> import inklings
    >>> split, plan = inklings.open_dataset("digits").split(), inklings.preset("softmax", (20, 20, 1), 10)
    >>> fitted = inklings.fit(plan.network, plan.recipe.with_settings(steps=100), split)
    >>> axes = inklings.plots.plot_reliability(fitted)
    """
    found = _judge(trained, data)
    measured, axes = reliability(found.probabilities, found.labels), axes_or_new(ax)
    held = measured.counts > 0
    axes.plot([0, 1], [0, 1], ":", color=MARK, label="perfect calibration")
    axes.plot(measured.confidence[held], measured.accuracy[held], "o-", color=TRAINING, label="measured, 15 bins")
    axes.set_xlabel("Confidence")
    axes.set_ylabel("Accuracy")
    axes.set_title(f"Reliability: ECE {measured.expected_calibration_error:.3f}")
    axes.legend(loc="best", frameon=False)
    return axes


@checks_call(DataError, trained=_KINDS)
def plot_mistakes(trained: Trained, data: Dataset | None = None, ax: Axes | None = None, *, count: int = 24) -> Axes:
    """Draw the misclassified images with the lowest probability of their true class, the worst first.

    Parameters
    ----------
    trained, data, ax
        As of :func:`plot_confusion`.
    count : int
        At most as many.

    Examples
    --------
    >>> import inklings
    >>> split, plan = inklings.open_dataset("digits").split(), inklings.preset("softmax", (20, 20, 1), 10)
    >>> fitted = inklings.fit(plan.network, plan.recipe.with_settings(steps=100), split)
    >>> axes = inklings.plots.plot_mistakes(fitted)
    """
    found = _judge(trained, data)
    worst = worst_mistakes(found.probabilities, found.labels, count)
    axes = picture_axes(ax)
    counted = "worst mistake" if len(worst) == 1 else f"{len(worst)} worst mistakes"
    axes.set_title(f"The {counted}: predicted (true)" if len(worst) else "No mistakes")
    if not len(worst):
        return axes
    height, width = found.data.image_shape[:2]
    columns = min(8, len(worst))
    gap = max(3, height // 3)  # above each image, for what it was taken for
    tall = np.ones((len(worst), height + gap, width, 3))
    for place, row in enumerate(worst.indices):
        tall[place, gap:] = _on_paper(found.data.images[row])
    show(axes, tile(tall, columns, fill=1.0))
    for place, (predicted, label) in enumerate(zip(worst.predicted, worst.labels, strict=True)):
        left, top = place % columns * (width + 1), place // columns * (height + gap + 1)
        words = f"{found.class_names[predicted]} ({found.class_names[label]})"
        axes.text(left + width / 2, top + gap - 1.5, words, ha="center", va="bottom", fontsize=8, parse_math=False)
    return axes


class _Judged(NamedTuple):
    """Labelled images with their class probabilities."""

    data: Dataset
    labels: NDArray[np.int64]
    probabilities: NDArray[np.floating[Any]]
    class_names: tuple[str, ...]


def _judge(trained: Trained, data: Dataset | None) -> _Judged:
    # Its probabilities of the test images are there already; an opponent can give no others.
    if isinstance(trained, Contender) and data is None:
        test = trained.split.test
        return _Judged(test, test.labels, trained.probabilities, tuple(test.class_names))
    if data is None and isinstance(trained, FitResult) and trained.split is not None:
        data = trained.split.test
    if not isinstance(data, Dataset):
        found = "none" if data is None else f"a {type(data).__name__}"
        raise DataError(f"labelled images are needed, found {found}", "pass a Dataset, such as split.test")
    model = _model_of(trained)
    report = evaluate_model(model, data)
    return _Judged(data, report.labels, report.probabilities, report.class_names)


def _model_of(trained: Trained) -> Model:
    if isinstance(trained, Model):
        return trained
    if isinstance(trained, FitResult):
        return trained.to_model()
    model = getattr(trained, "model", None)
    if not isinstance(model, Model):
        raise DataError(f"{trained.title} can be drawn on its own test images alone", "leave data out")
    return model


def _on_paper(image: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Return an image in colours, grey ones as ink on paper, with values 0 to 1."""
    shown: NDArray[np.float64] = to_bytes(image) / 255.0
    return shown
