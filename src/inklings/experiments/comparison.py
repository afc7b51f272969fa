"""Many networks on one split: the five experiments, or any others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from inklings.data import Dataset, Split, open_dataset
from inklings.engines import Engine, get_engine
from inklings.errors import InklingsError, NetworkError
from inklings.experiments.environment import peak_memory
from inklings.experiments.results import RANDOM_WEIGHTS, Result, measure, measure_fitted
from inklings.experiments.runs import RunStore, RunWriter
from inklings.experiments.trained import TrainedNetwork, stored_contender
from inklings.networks import initial_parameters
from inklings.training import PRESETS, Callback, FitResult, Plan, StopReason, fit, named_plan
from inklings.training.plans import slug_of
from inklings.training.training_job import TrainingJob

# The variants that a comparison trains of a network which has several. The strength of the penalty is the one of
# 0.00001, 0.0001, 0.0003, 0.001, 0.003 that read most validation images right (digits, seed 0, 500 epochs).
VARIANTS: dict[str, tuple[dict[str, Any], ...]] = {"mlp": ({}, {"dropout": True}, {"l2": 1e-3})}
# A quick comparison shows how things work in some seconds; its figures are not to be quoted.
QUICK_EPOCHS, QUICK_STEPS = 20, 60

Networks = str | Plan | Sequence[str | Plan]
Watch = Callable[[Plan], Sequence[Callback]]
Train = Callable[..., FitResult]
"""Like :func:`inklings.fit`."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """Networks that were trained on one split.

    Attributes
    ----------
    split : Split
    contenders : tuple of TrainedNetwork
        In the order of training.
    results : tuple of Result
        A row each, and one for the naive network's random weights before its own.
    problems : tuple of str
        What went wrong, a line each: a network that diverged, an interruption.
    quick : bool
        Whether training was cut short.
    """

    split: Split
    contenders: tuple[TrainedNetwork, ...]
    results: tuple[Result, ...]
    problems: tuple[str, ...] = ()
    quick: bool = False

    def __repr__(self) -> str:
        titles = ", ".join(contender.plan.title for contender in self.contenders)
        return f"<Comparison of {titles} on {self.split.dataset.source}>"

    @property
    def interrupted(self) -> bool:
        """Whether somebody stopped it before all networks were trained."""
        return any(contender.fitted.ending is StopReason.INTERRUPTED for contender in self.contenders)


def compare(
    networks: Networks | None = None,
    data: str | Path | Dataset | Split = "digits",
    *,
    seed: int = 0,
    quick: bool = False,
    engine: str = "auto",
    store: RunStore | None = None,
    continued: bool = False,
    command: str = "",
    data_options: Mapping[str, Any] | None = None,
    watch: Watch = lambda plan: (),
    train: Train = fit,
) -> Comparison:
    """Train networks on the same images, and measure each once on the test images.

    Parameters
    ----------
    networks : str, Plan or sequence of these, optional
        Names of presets, paths of TOML or JSON files, or plans; ``"mlp"`` stands for its variants plain, dropout and
        L2. All presets if not given.
    data : str, Path, Dataset or Split
        A name, a path, images to split, or a split.
    seed : int
        Of the split, the initial weights, the shuffles and dropout.
    quick : bool
        Train only for a moment.
    engine : {"auto", "native", "numpy", "jax"}
        What computes; see :func:`inklings.get_engine`.
    store : RunStore, optional
        Where to keep the runs.
    continued : bool
        Whether to read what the store holds of an earlier comparison of the same in place of training it again; a
        network whose training was interrupted is trained from its start.
    command : str
        What repeats the comparison, for the runs' facts.
    data_options : mapping, optional
        How the data were opened, for the runs' facts, so that a run can open them again.
    watch : callable
        ``watch(plan) -> callbacks`` for each network's training.
    train : callable
        What trains each, as :func:`inklings.fit` does.

    Returns
    -------
    Comparison

    Raises
    ------
    NetworkError, RecipeError
        A network or its recipe cannot be trained on these images, or two have the same name; nothing was trained then.

    Examples
    --------
    >>> import inklings
    >>> digits = inklings.open_dataset("digits").split(test=0.2, validation=0.7)
    >>> [result.title for result in inklings.compare(["softmax"], digits, quick=True, engine="numpy").results]
    ['softmax']
    """
    chosen = get_engine(engine)
    split = _split(data, seed)
    plans = plan_all(networks, split.dataset, seed=seed, quick=quick)
    _check(plans, split, chosen)
    # Only a split that was made here can be made again from its seed.
    made_here = None if isinstance(data, Split) else {"seed": split.seed}
    begin = (
        partial(store.begin, engine=chosen.name, command=command, data_options=data_options, split_options=made_here)
        if store
        else None
    )
    contenders: list[TrainedNetwork] = []
    results: list[Result] = []
    problems: list[str] = []
    for plan in plans:
        if plan.name == "naive":
            results.append(_random_weights(plan, split, chosen))
        kept = stored_contender(store, plan, split, chosen.name) if store and continued else None
        contender = kept or _train(train, plan, split, chosen, begin, watch(plan))
        contenders.append(contender)
        results.append(contender.result)
        if contender.fitted.message:
            problems.append(f"{plan.title}: {contender.fitted.message}")
        if contender.fitted.ending is StopReason.INTERRUPTED:
            break
    return Comparison(split, tuple(contenders), tuple(results), tuple(problems), quick)


def plan_all(networks: Networks | None, data: Dataset, *, seed: int = 0, quick: bool = False) -> list[Plan]:
    """Give the plans that :func:`compare` trains."""
    plans: list[Plan] = []
    named = [networks] if isinstance(networks, str | Plan) else PRESETS if networks is None else networks
    for network in named:
        plans += [network] if isinstance(network, Plan) else _plans_of(network, data)
    _check_names(plans)
    seeded = [plan.with_recipe(seed=seed) for plan in plans]
    return [_shortened(plan) for plan in seeded] if quick else seeded


def _check_names(plans: Sequence[Plan]) -> None:
    """Refuse two networks that neither a row nor a picture's file could tell apart, and none at all."""
    if not plans:
        raise NetworkError("no networks, expected at least one to train", "leave them out to compare all presets")
    seen: dict[str, str] = {}
    for plan in plans:
        slug = slug_of(plan.title)
        if slug in seen:
            raise NetworkError(
                f"two networks have the names {seen[slug]} and {plan.title}, expected names that differ in letters",
                "rename a file, or leave one out",
            )
        seen[slug] = plan.title


def _plans_of(network: str, data: Dataset) -> list[Plan]:
    shape, classes = data.image_shape, data.class_count
    return [named_plan(network, shape, classes, **settings) for settings in VARIANTS.get(network, ({},))]


def _shortened(plan: Plan) -> Plan:
    recipe = plan.recipe
    if recipe.steps is not None:
        return plan.with_recipe(steps=min(recipe.steps, QUICK_STEPS))
    return plan.with_recipe(epochs=min(recipe.epochs, QUICK_EPOCHS))


def _check(plans: Sequence[Plan], split: Split, engine: Engine) -> None:
    """Refuse a network that cannot be trained before any is: else what the others learnt would be lost."""
    for plan in plans:
        try:
            TrainingJob.begin(plan.network, plan.recipe, split, engine)
        except InklingsError as error:
            raise type(error)(f"{plan.title}: {error.message}", error.hint) from None


def _split(data: str | Path | Dataset | Split, seed: int) -> Split:
    if isinstance(data, Split):
        return data
    return (data if isinstance(data, Dataset) else open_dataset(data)).split(seed=seed)


def _random_weights(plan: Plan, split: Split, engine: Engine) -> Result:
    """Measure the network before training: what guessing scores."""
    parameters = initial_parameters(plan.network, plan.recipe.seed)
    return replace(measure(plan, parameters, split, engine), variant=RANDOM_WEIGHTS)


def _train(
    train: Train,
    plan: Plan,
    split: Split,
    engine: Engine,
    begin: Callable[..., RunWriter] | None,
    callbacks: Sequence[Callback],
) -> TrainedNetwork:
    run = begin(plan, split) if begin else None
    watching = [*callbacks, run] if run else list(callbacks)
    fitted = train(plan.network, plan.recipe, split, engine=engine, callbacks=watching)
    result = measure_fitted(plan, fitted, split, engine)
    if run:
        run.finish(fitted, result.accuracies)
    return TrainedNetwork(plan, fitted, result, split, peak_memory())
