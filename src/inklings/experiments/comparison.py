"""Many networks on one split: the five experiments, or any others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data import Dataset, Split, open_dataset
from inklings.engines import Engine, get_engine
from inklings.experiments.results import RANDOM_WEIGHTS, Result, measure, measure_fitted
from inklings.experiments.runs import OpenRun, RunStore
from inklings.models import Model
from inklings.networks import initial_parameters
from inklings.training import PRESETS, Callback, Ending, Fitted, Plan, fit, preset, read_plan

# The variants that a comparison trains of a network which has several. The strength of the penalty is the one of
# 0.00001, 0.0001, 0.0003, 0.001, 0.003 that read most validation images right (digits, seed 0, 500 epochs).
VARIANTS: dict[str, tuple[dict[str, Any], ...]] = {"mlp": ({}, {"dropout": True}, {"l2": 1e-3})}
# A quick comparison shows how things work in some seconds; its figures are not to be quoted.
QUICK_EPOCHS, QUICK_STEPS = 30, 150

Watch = Callable[[Plan], Sequence[Callback]]


@dataclass(frozen=True, eq=False)
class Contender:
    """A network of a comparison: how it was trained and what came of it."""

    plan: Plan
    fitted: Fitted
    result: Result
    split: Split = field(repr=False)

    @property
    def model(self) -> Model:
        """What was trained, to use."""
        return Model(self.plan.network, self.fitted.parameters, self.split.dataset.class_names)

    @cached_property
    def probabilities(self) -> NDArray[np.floating[Any]]:
        """What it gives each class of each test image, shape (n, classes)."""
        return self.model.predict_proba(self.split.test.images)

    @property
    def read_right(self) -> NDArray[np.bool_]:
        """Whether it reads each test image right, shape (n,)."""
        right: NDArray[np.bool_] = self.probabilities.argmax(1) == self.split.test.labels
        return right


@dataclass(frozen=True, eq=False)
class Comparison:
    """Networks that were trained on one split.

    Attributes
    ----------
    split : Split
    contenders : tuple of Contender
        In the order of training.
    results : tuple of Result
        A row each, and one for the naive network's random weights before its own.
    problems : tuple of str
        What went wrong, a line each: a network that diverged, an interruption.
    quick : bool
        Whether training was cut short.
    """

    split: Split
    contenders: tuple[Contender, ...]
    results: tuple[Result, ...]
    problems: tuple[str, ...] = ()
    quick: bool = False

    @property
    def interrupted(self) -> bool:
        """Whether somebody stopped it before all networks were trained."""
        return any(contender.fitted.ending is Ending.INTERRUPTED for contender in self.contenders)


def compare(
    networks: Sequence[str | Plan] | None = None,
    data: str | Path | Dataset | Split = "digits",
    *,
    seed: int = 0,
    quick: bool = False,
    engine: str = "compiled",
    store: RunStore | None = None,
    command: str = "",
    watch: Watch = lambda plan: (),
) -> Comparison:
    """Train networks on the same images, and measure each once on the test images.

    Parameters
    ----------
    networks : sequence of str or Plan, optional
        Names of presets, paths of TOML or JSON files, or plans; ``"mlp"`` stands for its variants plain, dropout and
        L2. All presets if not given.
    data : str, Path, Dataset or Split
        A name, a path, images to split, or a split.
    seed : int
        Of the split, the initial weights, the shuffles and dropout.
    quick : bool
        Train only for a moment.
    engine : {"compiled", "reference"}
        What computes.
    store : RunStore, optional
        Where to keep the runs.
    command : str
        What repeats the comparison, for the runs' facts.
    watch : callable
        ``watch(plan) -> callbacks`` for each network's training.

    Returns
    -------
    Comparison

    Examples
    --------
    >>> import inklings
    >>> digits = inklings.open_dataset("digits").split(test=0.2, validation=0.7)
    >>> [result.title for result in inklings.compare(["softmax"], digits, quick=True, engine="reference").results]
    ['softmax']
    """
    split = _split(data, seed)
    plans = plan_all(networks, split.dataset, seed=seed, quick=quick)
    chosen = get_engine(engine)
    contenders: list[Contender] = []
    results: list[Result] = []
    problems: list[str] = []
    for plan in plans:
        if plan.name == "naive":
            results.append(_random_weights(plan, split, chosen))
        contender = _train(plan, split, chosen, store, command, watch(plan))
        contenders.append(contender)
        results.append(contender.result)
        if contender.fitted.message:
            problems.append(f"{plan.title}: {contender.fitted.message}")
        if contender.fitted.ending is Ending.INTERRUPTED:
            break
    return Comparison(split, tuple(contenders), tuple(results), tuple(problems), quick)


def plan_all(networks: Sequence[str | Plan] | None, data: Dataset, *, seed: int = 0, quick: bool = False) -> list[Plan]:
    """Give the plans that :func:`compare` trains."""
    plans: list[Plan] = []
    for network in PRESETS if networks is None else networks:
        plans += [network] if isinstance(network, Plan) else _plans_of(network, data)
    seeded = [replace(plan, recipe=replace(plan.recipe, seed=seed)) for plan in plans]
    return [_shortened(plan) for plan in seeded] if quick else seeded


def _plans_of(network: str, data: Dataset) -> list[Plan]:
    shape, classes = data.image_shape, data.class_count
    if network not in PRESETS and Path(network).suffix in (".toml", ".json"):
        return [read_plan(network, shape, classes)]
    return [preset(network, shape, classes, **settings) for settings in VARIANTS.get(network, ({},))]


def _shortened(plan: Plan) -> Plan:
    recipe = plan.recipe
    if recipe.steps is not None:
        return replace(plan, recipe=replace(recipe, steps=min(recipe.steps, QUICK_STEPS)))
    return replace(plan, recipe=replace(recipe, epochs=min(recipe.epochs, QUICK_EPOCHS)))


def _split(data: str | Path | Dataset | Split, seed: int) -> Split:
    if isinstance(data, Split):
        return data
    return (data if isinstance(data, Dataset) else open_dataset(data)).split(seed=seed)


def _random_weights(plan: Plan, split: Split, engine: Engine) -> Result:
    """Measure the network before training: what guessing scores."""
    parameters = initial_parameters(plan.network, plan.recipe.seed)
    return replace(measure(plan, parameters, split, engine), variant=RANDOM_WEIGHTS)


def _train(
    plan: Plan, split: Split, engine: Engine, store: RunStore | None, command: str, callbacks: Sequence[Callback]
) -> Contender:
    run: OpenRun | None = store.begin(plan, split, engine=engine.name, command=command) if store else None
    watching = [*callbacks, run] if run else list(callbacks)
    fitted = fit(plan.network, plan.recipe, split, engine=engine, callbacks=watching)
    result = measure_fitted(plan, fitted, split, engine)
    if run:
        run.finish(fitted, result.accuracies)
    return Contender(plan, fitted, result, split)
