"""A model's temperature: its logits are divided by it, so that its probabilities say how often it is right.

It is chosen on validation images, which the network was not fitted to, and is part of the parameters afterwards: every
engine, ONNX graph and script computes calibrated probabilities without knowing of it.

Source: C. Guo, G. Pleiss, Y. Sun and K. Weinberger, On calibration of modern neural networks, ICML 2017.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.dataset import Dataset
from inklings.errors import NetworkError
from inklings.evaluation.calibration import reliability
from inklings.models import Model
from inklings.models.ensemble import Ensemble
from inklings.networks import Network
from inklings.networks.logit_scale import divide_logits
from inklings.opponents.temperature import LEAST, as_logits, choose_significant_temperature, soften

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Calibration:
    """How a model's temperature was chosen; kept in its ``training``.

    Attributes
    ----------
    temperature : float
        1 leaves the probabilities as they are; more makes them less certain, less more certain.
    images : int
        Validation images that it was chosen on.
    error_before, error_after : float or None
        The expected calibration error on these images; None where no temperature was chosen.
    reason : str
        Why no temperature was chosen; else empty.
    """

    temperature: float
    images: int
    error_before: float | None = None
    error_after: float | None = None
    reason: str = ""

    def to_plain(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        plain: dict[str, Any] = {"temperature": self.temperature, "images": self.images}
        if self.reason:
            return {**plain, "reason": self.reason}
        return {**plain, "expected_calibration_error": {"before": self.error_before, "after": self.error_after}}


def calibrate(model: Model, validation: Dataset) -> Model:
    """Return a model with calibrated probabilities; its predictions stay what they were.

    The temperature is the most probable one, given the validation images and
    :data:`inklings.opponents.temperature.SPREAD`: close to the one with the smallest negative log-likelihood where
    images are many. It stays 1 where none fits significantly better. Choose novelty and the threshold of confident
    predictions after it.

    Parameters
    ----------
    model : Model
        Not calibrated yet. An opponent's is returned as it is: where one has scores in place of probabilities, its
        temperature was chosen when it was fitted.
    validation : Dataset
        Prepared images that the network was not trained on.

    Returns
    -------
    Model
        Its ``training["calibration"]`` says how the temperature was chosen, or why none was.

    Examples
    --------
    >>> import inklings
    >>> from inklings.evaluation.temperature import calibrate
    >>> split, plan = inklings.open_dataset("digits").split(), inklings.preset("softmax", (20, 20, 1), 10)
    >>> model = inklings.Model.from_fit(inklings.fit(plan.network, plan.recipe, split), split)
    >>> calibrated = calibrate(model, split.validation)
    >>> (calibrated.predict(split.test) == model.predict(split.test)).all()
    np.True_
    """
    # An opponent brings a temperature of its own.
    if not isinstance(model.classifier, Network | Ensemble):
        return model
    if len(validation) < LEAST:
        return _leave(model, validation, f"{len(validation)} validation images, expected at least {LEAST}")
    probabilities, labels = model.predict_proba(validation), validation.labels
    scores = as_logits(probabilities)
    temperature = choose_significant_temperature(scores, labels)
    if temperature is None:
        return _leave(model, validation, "no temperature fits the validation images significantly better")
    # The division may find nothing to divide, as behind a bounded activation: then the reason is kept.
    try:
        calibrated = _divide(model, temperature)
    except NetworkError as problem:
        return _leave(model, validation, problem.message)
    # Before and after on the images that it was chosen on: told as such, and no estimate for new ones.
    before, after = (_error(each, labels) for each in (probabilities, soften(scores, temperature)))
    chosen = Calibration(temperature, len(validation), before, after).to_plain()
    return replace(calibrated, training={**model.training, "calibration": chosen})


def temperature_of(model: Model) -> float:
    """Return the temperature that a model's logits were divided by; 1 for one that was never calibrated."""
    return float(model.training.get("calibration", {}).get("temperature", 1.0))


def _divide(model: Model, temperature: float) -> Model:
    classifier = model.classifier
    network = classifier.network if isinstance(classifier, Ensemble) else model.network
    if network.output_activation != "softmax":
        raise NetworkError(f"its outputs are {network.output_activation}, expected softmax")
    if isinstance(classifier, Ensemble):
        # An ensemble's is applied to the mean of probabilities, which no weights hold.
        return replace(model, classifier=replace(classifier, temperature=temperature))
    return replace(model, parameters=divide_logits(network, model.parameters, temperature))


def _leave(model: Model, validation: Dataset, reason: str) -> Model:
    left = Calibration(1.0, len(validation), reason=reason)
    return replace(model, training={**model.training, "calibration": left.to_plain()})


def _error(probabilities: Floats, labels: NDArray[np.int64]) -> float:
    return reliability(probabilities, labels).expected_calibration_error
