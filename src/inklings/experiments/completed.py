"""What a model knows beside its weights: its origin, its accuracies, and what is chosen by images after training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from inklings.data.parts import Split
from inklings.evaluation.calibration import choose_threshold
from inklings.evaluation.novelty import choose_novelty
from inklings.evaluation.temperature import calibrate
from inklings.experiments.environment import versions
from inklings.experiments.run import Run
from inklings.models import Model
from inklings.models.classifier import PredictingClassifier
from inklings.models.preparation import Preparation
from inklings.models.training_split import describe_training_split
from inklings.networks import Network, Parameters

SURE_AT = 0.99
"""The default target accuracy of confident predictions."""

_OF_MANIFEST = ("name", "variant", "recipe", "engine", "data", "split", "versions", "created", "command", "stop_reason")


def describe_origin(
    split: Split, command: str, data_options: Mapping[str, Any] | None, split_options: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return from what images, by what and when it was made, as a run's manifest has it."""
    known = describe_training_split(split)
    return {
        "data": {**known["data"], "options": dict(data_options or {})},
        "split": {**known["split"], "options": dict(split_options or {})},
        "versions": versions(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command,
    }


def origin_of(run: Run) -> dict[str, Any]:
    """Return the same of a stored run, with what was trained, as its manifest has them."""
    return {name: run.facts[name] for name in _OF_MANIFEST}


def describe_accuracies(results: Mapping[str, Any], test_images: int) -> dict[str, Any]:
    """Return what a model keeps of how accurate it was, by the results of its training."""
    return {
        "accuracy": results["test"],
        "interval": list(results["interval"]),
        "n": test_images,
        "validation_accuracy": results["validation"],
    }


def bare_model(
    classifier: Network | PredictingClassifier,
    parameters: Parameters,
    training: Mapping[str, Any],
    results: Mapping[str, Any],
    split: Split,
    pictures: str | None,
) -> Model:
    """Return what was trained as a model with its accuracies, and with all that needs no look at an image."""
    accuracies = describe_accuracies(results, len(split.test_rows))
    preprocessing = Preparation.of(split.dataset, pictures).to_plain()
    return Model(classifier, parameters, split.dataset.class_names, {**training, **accuracies}, preprocessing)


def completed(raw: Model, split: Split, sure_at: float, *, with_novelty: bool = True) -> Model:
    """Calibrate, then add the threshold of confident predictions and the measure of novelty."""
    # Calibrated first: the threshold of confident predictions is one of calibrated probabilities.
    bare = calibrate(raw, split.validation)
    # By training and validation images alone: on the test images both are judged.
    novelty = choose_novelty(bare, split.train, split.validation) if with_novelty else None
    return replace(bare, training={**bare.training, "sure": _sure(bare, split, sure_at)}, novelty=novelty)


def _sure(model: Model, split: Split, asked: float) -> dict[str, Any] | None:
    """Choose the probability threshold of confident predictions."""
    validation = split.validation
    # On validation images: a threshold chosen on the test images would promise what it had looked up.
    found = choose_threshold(model.predict_proba(validation.images, prepared=True), validation.labels, asked)
    return None if found is None else {"asked": asked, "images": len(validation), **asdict(found)}
