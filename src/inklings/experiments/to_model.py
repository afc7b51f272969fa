"""From a stored run, or a fitted opponent, to a Model, with all that is known about its training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from inklings.data import Split
from inklings.data.lazy_images import spread_rows, take_rows
from inklings.errors import RunError
from inklings.evaluation.calibration import choose_threshold
from inklings.evaluation.novelty import choose_novelty
from inklings.experiments.environment import versions
from inklings.experiments.manifest import describe_data, describe_split
from inklings.experiments.runs import RUNNING, Run
from inklings.experiments.trained_opponent import TrainedOpponent
from inklings.models import Model
from inklings.models.preparation import Preparation
from inklings.opponents.freeze import freeze

SURE_AT = 0.99
"""The default target accuracy of confident predictions."""

_KEPT = ("name", "variant", "recipe", "engine", "data", "split", "versions", "created", "command", "stop_reason")
_COMPARED = 100  # images that a kept opponent's answers are held against scikit-learn's for


def to_model(run: Run, split: Split, *, sure_at: float = SURE_AT, pictures: str | None = None) -> Model:
    """Convert a run to a model.

    Parameters
    ----------
    run : Run
        A finished run.
    split : Split
        The split it was trained on.
    sure_at : float
        The target accuracy of confident predictions; the probability threshold is chosen on the validation images
        (:func:`inklings.evaluation.calibration.choose_threshold`).
    pictures : {"character", "whole"}, optional
        How pictures are preprocessed; None detects it.

    Returns
    -------
    Model
        Its ``training`` holds the run's manifest; ``accuracy`` with its ``interval`` on ``n`` test images; and
        ``sure``, None where there are too few validation images, or too many errors, to guarantee the target.

    Raises
    ------
    RunError
        The run has no results.
    """
    if run.stop_reason == RUNNING or "test" not in run.results:
        raise RunError(f"{run.id} is not finished, expected a run with results", "train it to its end first")
    training: dict[str, Any] = {name: run.facts[name] for name in _KEPT}
    names, preprocessing = split.dataset.class_names, Preparation.of(split.dataset, pictures).to_plain()
    bare = Model(run.network, run.parameters, names, training | _accuracies(run.results, split), preprocessing)
    return _complete(bare, split, sure_at)


def opponent_to_model(
    trained: TrainedOpponent,
    *,
    sure_at: float = SURE_AT,
    pictures: str | None = None,
    command: str = "",
    data_options: Mapping[str, Any] | None = None,
    split_options: Mapping[str, Any] | None = None,
) -> Model:
    """Convert a fitted opponent to a model, which needs no scikit-learn.

    Parameters
    ----------
    trained : TrainedOpponent
    sure_at, pictures
        As for :func:`to_model`.
    command : str
        The command that repeats it.
    data_options, split_options : mapping, optional
        How the data were opened and split, in plain values.

    Raises
    ------
    RunError
        There is no safe form for its estimator.
    """
    split, fitted = trained.split, trained.fitted
    part = split.validation if len(split.validation) else split.train
    seen = take_rows(part.images, spread_rows(len(part), _COMPARED))[:]
    form, arrays = freeze(fitted, seen, split.dataset.image_shape)
    training = {
        "name": trained.title,
        "variant": "",
        "settings": {name: _plain(value) for name, value in fitted.settings.items()},
        "data": {**describe_data(split), "options": dict(data_options or {})},
        "split": {**describe_split(split), "options": dict(split_options or {})},
        "versions": versions(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command,
    }
    preprocessing = Preparation.of(split.dataset, pictures).to_plain()
    training |= _accuracies(trained.result.accuracies, split)
    return _complete(Model(form, arrays, split.dataset.class_names, training, preprocessing), split, sure_at)


def _accuracies(results: Mapping[str, Any], split: Split) -> dict[str, Any]:
    return {
        "accuracy": results["test"],
        "interval": list(results["interval"]),
        "n": len(split.test_rows),
        "validation_accuracy": results["validation"],
    }


def _complete(bare: Model, split: Split, sure_at: float) -> Model:
    """Add the threshold of confident predictions, and the measure of novelty."""
    novelty = choose_novelty(bare, split.train, split.validation)
    return replace(bare, training={**bare.training, "sure": _sure(bare, split, sure_at)}, novelty=novelty)


def _sure(model: Model, split: Split, asked: float) -> dict[str, Any] | None:
    """Choose the probability threshold of confident predictions."""
    validation = split.validation
    if not len(validation):
        return None
    found = choose_threshold(model.predict_proba(validation.images, prepared=True), validation.labels, asked)
    return None if found is None else {"asked": asked, "images": len(validation), **asdict(found)}


def _plain(value: object) -> object:
    """Return a chosen setting as JSON can hold it."""
    return value if isinstance(value, str | int | float | bool | None) else str(value)
