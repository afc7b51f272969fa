"""From a stored run, or a fitted opponent, to a Model, with all that is known about its training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inklings.arguments import checks_call
from inklings.data.parts import Split
from inklings.engines import get_engine
from inklings.errors import InklingsError, RunError
from inklings.experiments.completed import SURE_AT, bare_model, completed, describe_origin, origin_of
from inklings.experiments.reopen import check_split, reopen_split
from inklings.experiments.results import measure_fitted
from inklings.experiments.run import RUNNING, Run
from inklings.experiments.trained_ensemble import TrainedEnsemble
from inklings.experiments.trained_opponent import Kept, TrainedOpponent
from inklings.experiments.weights_to_model import weights_to_model
from inklings.models import Model
from inklings.training.fit_result import FitResult
from inklings.training.plans import Plan
from inklings.training.stored_facts import describe_parts


@checks_call(RunError)
def to_model(
    run: Run,
    split: Split | None = None,
    *,
    complete: bool = True,
    sure_at: float = SURE_AT,
    pictures: str | None = None,
) -> Model:
    """Convert a run to a model, and calibrate its probabilities (:mod:`inklings.evaluation.temperature`).

    Parameters
    ----------
    run : Run
        A finished run.
    split : Split, optional
        The split it was trained on; by default it is opened again (:func:`inklings.experiments.reopen_split`).
    complete : bool
        False needs no images, as where a run was copied to another machine: the model has weights, classes,
        accuracies and how raw pixels become images, and no calibration, threshold or measure of novelty.
    sure_at : float
        The target accuracy of confident predictions; the probability threshold is chosen on the validation images
        (:func:`inklings.evaluation.calibration.choose_threshold`).
    pictures : {"character", "whole"}, optional
        How pictures are preprocessed; None detects it by the images.

    Returns
    -------
    Model
        Its ``training`` holds the run's manifest; ``accuracy`` with its ``interval`` on ``n`` test images;
        ``calibration``, its temperature; and ``sure``, None where there are too few validation images, or too many
        errors, to guarantee the target.

    Raises
    ------
    RunError
        The run has no results, or was trained on another split: its accuracies, and what is chosen on the validation
        images here, would be of images that it was trained on. Or, not ``complete``, how pictures are preprocessed is
        not given and not known.
    DataError
        No split is given, and the images are not where they were.

    Examples
    --------
    >>> import tempfile
    >>> import inklings
    >>> from inklings.experiments import to_model
    >>> few = inklings.open_dataset("digits").take(range(0, 5000, 20)).split()
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = inklings.RunStore(folder)
    ...     comparison = inklings.compare(["softmax"], few, quick=True, store=store)
    ...     model = to_model(store.runs()[0], few)
    >>> model.training["n"], model.training["accuracy"] == comparison.results[0].test
    (62, True)
    """
    if run.stop_reason == RUNNING or "test" not in run.results:
        raise RunError(f"{run.id} is not finished, expected a run with results", "train it to its end first")
    if not complete:
        return weights_to_model(run, pictures)
    split = _reopen(run) if split is None else check_split(run, split)
    training = origin_of(run)
    training["split"] = {**training["split"], "parts": describe_parts(split)}
    return completed(bare_model(run.network, run.parameters, training, run.results, split, pictures), split, sure_at)


def _reopen(run: Run) -> Split:
    try:
        return reopen_split(run)
    except InklingsError as problem:
        raise problem.advising("pass the split, or complete=False for a model that needs no images") from None


@checks_call(RunError)
def fitted_to_model(
    fitted: FitResult, split: Split, *, sure_at: float = SURE_AT, pictures: str | None = None, name: str = "network"
) -> Model:
    """Convert a trained network that is not a stored run to a model, as complete as :func:`to_model` makes one.

    Parameters
    ----------
    fitted : FitResult
    split : Split
        What it was trained on.
    sure_at, pictures
        As for :func:`to_model`.
    name : str
        What the model is called.

    Examples
    --------
    >>> from inklings import fit, open_dataset, preset
    >>> split = open_dataset("digits").split(train=200, validation=60, test=100)
    >>> plan = preset("softmax", split.dataset.image_shape, 10)
    >>> model = fitted_to_model(fit(plan.network, plan.recipe.with_settings(steps=50), split), split)
    >>> model.training["n"]
    100
    """
    result = measure_fitted(Plan(name, "", fitted.network, fitted.recipe), fitted, split, get_engine())
    training: dict[str, Any] = {
        "name": name,
        "variant": "",
        "recipe": fitted.recipe.to_dict(),
        "engine": fitted.engine,
        **describe_origin(split, "", None, None),
        "stop_reason": str(fitted.stop_reason),
    }
    bare = bare_model(fitted.network, fitted.parameters, training, result.accuracies, split, pictures)
    return completed(bare, split, sure_at)


@checks_call(RunError)
def opponent_to_model(
    trained: TrainedOpponent,
    *,
    sure_at: float = SURE_AT,
    pictures: str | None = None,
    command: str = "",
    data_options: Mapping[str, Any] | None = None,
    split_options: Mapping[str, Any] | None = None,
    with_novelty: bool = True,
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
    with_novelty : bool
        Whether to fit the measure of novelty, which takes some seconds.

    Raises
    ------
    RunError
        There is no safe form for its estimator.

    Examples
    --------
    >>> from sklearn.linear_model import RidgeClassifier
    >>> import inklings
    >>> from inklings.experiments import opponent_to_model
    >>> split = inklings.open_dataset("digits").split()
    >>> opponent = inklings.Opponent("ridge", RidgeClassifier(), {"alpha": [1.0, 10.0]})
    >>> (trained,) = inklings.compare([opponent], split).opponents
    >>> opponent_to_model(trained, with_novelty=False).predict(split.test).shape
    (1250,)
    """
    split, kept = trained.split, trained.kept
    if not isinstance(kept, Kept):
        raise trained.refusal or RunError(f"{trained.title} cannot be saved")
    training = {
        "name": trained.title,
        "variant": "",
        "settings": {name: _plain(value) for name, value in trained.chosen.items()},
        **describe_origin(split, command, data_options, split_options),
        "results": {**trained.result.accuracies, "seconds": trained.result.seconds},
    }
    bare = bare_model(kept.form, kept.arrays, training, trained.result.accuracies, split, pictures)
    return completed(bare, split, sure_at, with_novelty=with_novelty)


@checks_call(RunError)
def ensemble_to_model(trained: TrainedEnsemble, *, sure_at: float = SURE_AT, pictures: str | None = None) -> Model:
    """Convert a trained ensemble to a model, with one temperature for its mean probabilities.

    Parameters
    ----------
    trained : TrainedEnsemble
    sure_at, pictures
        As for :func:`to_model`.

    Returns
    -------
    Model
        Its ``training`` has ``members``: each one's seed, run, and validation and test accuracy; else as of
        :func:`to_model`.

    Examples
    --------
    >>> import inklings
    >>> from inklings.experiments import ensemble_to_model
    >>> few = inklings.open_dataset("digits").take(range(0, 5000, 20)).split()
    >>> plan = inklings.preset("softmax", (20, 20, 1), 10)
    >>> model = ensemble_to_model(inklings.train_ensemble(plan, few, members=2))
    >>> len(model.training["members"])
    2
    """
    split, first, result = trained.split, trained.members[0], trained.result
    training: dict[str, Any] = {
        "name": result.network,
        "variant": result.variant,
        "recipe": first.plan.recipe.to_dict(),
        "engine": first.fitted.engine,
        "members": [
            {
                "seed": member.plan.recipe.seed,
                "run": member.run,
                "validation": member.result.validation,
                "test": member.result.test,
            }
            for member in trained.members
        ],
        **describe_origin(split, **trained.facts),
    }
    together = trained.model
    bare = bare_model(together.classifier, together.parameters, training, result.accuracies, split, pictures)
    return completed(bare, split, sure_at)


def _plain(value: object) -> object:
    """Return a chosen setting as JSON can hold it."""
    return value if isinstance(value, str | int | float | bool | None) else str(value)
