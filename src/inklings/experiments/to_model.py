"""From a stored run to a Model, with all that is known about its training."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from inklings.data import Split
from inklings.errors import RunError
from inklings.evaluation.calibration import choose_threshold
from inklings.evaluation.novelty import choose_novelty
from inklings.experiments.runs import RUNNING, Run
from inklings.models import Model
from inklings.models.preparation import Preparation

SURE_AT = 0.99
"""The default target accuracy of confident predictions."""

_KEPT = ("name", "variant", "recipe", "engine", "data", "split", "versions", "created", "command", "stop_reason")


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
    training |= {
        "accuracy": run.results["test"],
        "interval": list(run.results["interval"]),
        "n": len(split.test_rows),
        "validation_accuracy": run.results["validation"],
    }
    names, preparation = split.dataset.class_names, Preparation.of(split.dataset, pictures)
    bare = Model(run.network, run.parameters, names, training, preparation.to_plain())
    return Model(
        run.network,
        run.parameters,
        names,
        {**training, "sure": _sure(bare, split, sure_at)},
        preparation.to_plain(),
        choose_novelty(bare, split.train, split.validation),
    )


def _sure(model: Model, split: Split, asked: float) -> dict[str, Any] | None:
    """Choose the probability threshold of confident predictions."""
    validation = split.validation
    found = choose_threshold(model.predict_proba(validation.images, prepared=True), validation.labels, asked)
    return None if found is None else {"asked": asked, "images": len(validation), **asdict(found)}
