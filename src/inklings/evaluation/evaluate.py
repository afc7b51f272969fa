"""Evaluating a model on labelled images that it was not trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from math import nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.dataset import Dataset
from inklings.data.notes import decisions
from inklings.errors import DataError
from inklings.evaluation.calibration import Reliability, brier_score, reliability
from inklings.evaluation.label_order import describe_label_order
from inklings.evaluation.metrics import ClassMetrics, class_metrics, confusion_matrix
from inklings.evaluation.novelty import Coverage, coverage
from inklings.evaluation.statistics import Interval, wilson_interval
from inklings.evaluation.temperature import temperature_of
from inklings.models import Model
from inklings.models.classes import match_classes
from inklings.opponents.temperature import temper
from inklings.reprs import percent


@dataclass(frozen=True, eq=False, repr=False)
class EvaluationReport:
    """A model's predictions for labelled images.

    Parameters
    ----------
    class_names : tuple of str
        In the order of the model's outputs.
    probabilities : array, shape (n, classes)
    labels : array of int64, shape (n,)
        The true classes, as indices of the model's outputs.
    threshold : float or None
        The probability below which a prediction is not confident.
    notes : tuple of str
        What was decided about the meaning of the data, and which of the model's classes they lack.
    familiar : array of bool, shape (n,), optional
        Whether each image is like what the network learnt; None for a model without a measure of novelty.
    temperature : float
        The model's, which its logits were divided by; 1 for one that was not calibrated.

    Examples
    --------
    >>> import numpy as np
    >>> from inklings.experiments import EvaluationReport
    >>> probabilities = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]])
    >>> report = EvaluationReport(("cat", "dog"), probabilities, labels=np.array([0, 1, 1]), threshold=None)
    >>> report
    <EvaluationReport: 66.7% of 3 images (95 % interval 20.8% to 93.9%)>
    >>> report.confusion
    array([[1, 0],
           [1, 1]])
    """

    class_names: tuple[str, ...]
    probabilities: NDArray[np.floating[Any]]
    labels: NDArray[np.int64]
    threshold: float | None
    notes: tuple[str, ...] = ()
    familiar: NDArray[np.bool_] | None = None
    temperature: float = 1.0

    def __repr__(self) -> str:
        if not self.images:
            return "<EvaluationReport: no images>"
        low, high = self.interval
        found = f"{percent(self.accuracy)} of {self.images:,} images (95 % interval {low:.1%} to {high:.1%})"
        return f"<EvaluationReport: {found}>"

    @cached_property
    def predicted(self) -> NDArray[np.int64]:
        """The predicted class of each image, shape (n,)."""
        predicted: NDArray[np.int64] = self.probabilities.argmax(1)
        return predicted

    @property
    def images(self) -> int:
        """Number of images."""
        return len(self.labels)

    @property
    def accuracy(self) -> float:
        """The fraction of images classified correctly; NaN if there are none."""
        return float((self.predicted == self.labels).mean()) if self.images else nan

    @property
    def interval(self) -> Interval:
        """Wilson's 95 % interval of the accuracy; 0 to 1 if there are no images."""
        return wilson_interval(int((self.predicted == self.labels).sum()), self.images)

    @cached_property
    def classes(self) -> tuple[ClassMetrics, ...]:
        """Precision, recall and F1 of each class."""
        return class_metrics(self.labels, self.predicted, self.class_names)

    @cached_property
    def confusion(self) -> NDArray[np.int64]:
        """How many images of each class (rows) are predicted as each class (columns)."""
        return confusion_matrix(self.labels, self.predicted, len(self.class_names))

    @cached_property
    def reliability(self) -> Reliability:
        """The reliability diagram."""
        return reliability(self.probabilities, self.labels)

    @cached_property
    def error_before(self) -> float | None:
        """The expected calibration error without the temperature; None where it is 1."""
        if self.temperature == 1:
            return None
        # Tempering by 1 / T undoes the model's T: what it would have said uncalibrated.
        before = temper(self.probabilities, 1 / self.temperature)
        return reliability(before, self.labels).expected_calibration_error

    @property
    def brier(self) -> float:
        """The Brier score: the mean squared error of the probabilities, summed over classes."""
        return brier_score(self.probabilities, self.labels)

    @property
    def answered(self) -> tuple[float, float | None] | None:
        """Coverage and accuracy of confident predictions; None without a threshold."""
        if self.threshold is None:
            return None
        sure = self.probabilities.max(1) >= self.threshold
        # No accuracy where nothing is answered: a mean of no images is not a number.
        return float(sure.mean()), float((self.predicted == self.labels)[sure].mean()) if sure.any() else None

    @property
    def coverage(self) -> Coverage | None:
        """How many images are like what the network learnt, and the accuracy on those; None without a measure."""
        return None if self.familiar is None else coverage(self.familiar, self.predicted == self.labels)

    def to_plain(self) -> dict[str, Any]:
        """Return the report as plain values, for JSON."""
        bins = self.reliability
        plain: dict[str, Any] = {
            "accuracy": self.accuracy,
            "interval": list(self.interval),
            "n": self.images,
            "notes": list(self.notes),
            "classes": [asdict(each) for each in self.classes],
            "confusion": {"classes": list(self.class_names), "rows": self.confusion.tolist()},
            "calibration": {
                "expected_calibration_error": bins.expected_calibration_error,
                "expected_calibration_error_before": self.error_before,
                "temperature": self.temperature,
                "brier": self.brier,
                "bins": [
                    {"from": low, "to": high, "images": count, "confidence": mean, "accuracy": right}
                    for low, high, count, mean, right in zip(
                        bins.edges[:-1].tolist(),
                        bins.edges[1:].tolist(),
                        bins.counts.tolist(),
                        bins.confidence.tolist(),
                        bins.accuracy.tolist(),
                        strict=True,
                    )
                    if count
                ],
            },
        }
        if self.answered is not None:
            coverage, accuracy = self.answered
            plain["sure"] = {"threshold": self.threshold, "coverage": coverage, "accuracy": accuracy}
        if self.coverage is not None:
            plain["familiar"] = asdict(self.coverage)
        return plain


def evaluate_model(model: Model, dataset: Dataset) -> EvaluationReport:
    """Evaluate a model on labelled images.

    Parameters
    ----------
    model : Model
    dataset : Dataset
        With the network's image size, and the model's classes or some of them, by the same names in any order.

    Warns
    -----
    DataWarning
        Dark and light are swapped, compared with the training images.

    Raises
    ------
    DataError
        The data hold a class that the model does not know, or the image sizes differ.
    """
    if dataset.image_shape != model.input_shape:
        raise DataError(
            f"images have shape {dataset.image_shape}, expected {model.input_shape} as the model was trained on"
        )
    # By name, never by position: data of the same classes in another order are the usual case.
    labels, notes = match_classes(model.class_names, dataset.class_names, dataset.labels)
    probabilities = model.predict_proba(dataset)
    familiar = None if model.novelty is None else model.score_novelty(dataset) <= model.novelty.threshold
    return report_of(model, probabilities, labels, (*decisions(dataset.notes), *notes), familiar)


def report_of(
    model: Model,
    probabilities: NDArray[np.floating[Any]],
    labels: NDArray[np.int64],
    notes: Sequence[str],
    familiar: NDArray[np.bool_] | None,
) -> EvaluationReport:
    """Return the report of a model's predictions; the parameters are those of an EvaluationReport."""
    names, temperature = tuple(model.class_names), temperature_of(model)
    said = (*notes, *describe_label_order(probabilities.argmax(1), labels, names))
    return EvaluationReport(names, probabilities, labels, model.threshold, said, familiar, temperature)
