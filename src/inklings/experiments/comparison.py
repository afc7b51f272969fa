"""Many networks, and opponents that are none, on one split: the five experiments, or any others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from inklings.arguments import checks_call
from inklings.data.dataset import Dataset
from inklings.data.open import open_dataset
from inklings.data.parts import Split
from inklings.engines import Engine, get_engine
from inklings.errors import RecipeError
from inklings.experiments.contender_plans import Networks, plan_all
from inklings.experiments.failed_opponent import FailedOpponent
from inklings.experiments.reopen import opened_by
from inklings.experiments.results import RANDOM_WEIGHTS, Result, ShownByResults, measure
from inklings.experiments.runs import RunStore
from inklings.experiments.trained import Contender, TrainedNetwork
from inklings.experiments.trained_opponent import TrainedOpponent
from inklings.experiments.trainer import Trainer, Watch
from inklings.networks import initial_parameters
from inklings.opponents import Opponent
from inklings.training.history import History
from inklings.training.interruption import Interruption
from inklings.training.plans import Plan
from inklings.training.recipe import IN_A_PLAN

Announce = Callable[[Opponent], None]


@dataclass(frozen=True, eq=False)
class Comparison(ShownByResults):
    """Networks, and opponents that are none, that were trained on one split.

    Attributes
    ----------
    split : Split
    trained_networks : tuple of TrainedNetwork
        In the order of training.
    results : tuple of Result
        One row per network, one for the naive network's random weights before its own, one per opponent, and one
        without accuracies per opponent that could not be fitted.
    problems : tuple of str
        What went wrong, one line each: a network that diverged, an opponent that could not be fitted, an interruption,
        a run that could not be stored.
    quick : bool
        Whether training was shortened.
    stopped : bool
        Whether it was interrupted between two networks.
    opponents : tuple of TrainedOpponent
        In the order of fitting.
    failed_opponents : tuple of FailedOpponent
        Those that could not be fitted; the others are compared without them.

    Examples
    --------
    >>> import inklings
    >>> split = inklings.open_dataset("digits").split()
    >>> comparison = inklings.compare(["softmax"], split, quick=True)
    >>> comparison.results[0].title, comparison.results[0].parameters
    ('softmax', 4010)
    """

    split: Split
    trained_networks: tuple[TrainedNetwork, ...]
    results: tuple[Result, ...]
    problems: tuple[str, ...] = ()
    quick: bool = False
    stopped: bool = False
    opponents: tuple[TrainedOpponent, ...] = ()
    failed_opponents: tuple[FailedOpponent, ...] = ()

    def __repr__(self) -> str:
        titles = ", ".join(contender.title for contender in self.contenders)
        return f"<Comparison of {titles} on {self.split.dataset.source}>"

    @property
    def contenders(self) -> tuple[Contender, ...]:
        """Networks, then opponents."""
        return (*self.trained_networks, *self.opponents)

    @property
    def histories(self) -> dict[str, History]:
        """How each network was trained, by its title: :func:`inklings.plot_curves` draws them."""
        return {trained.title: trained.fitted.history for trained in self.trained_networks}

    @property
    def interrupted(self) -> bool:
        """Whether it was interrupted before all networks were trained."""
        return self.stopped or any(trained.interrupted for trained in self.trained_networks)


@checks_call(RecipeError, meant=IN_A_PLAN)
def compare_once(
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
    announce: Announce = lambda opponent: None,
) -> Comparison:
    """Train networks on the same images, and evaluate each once on the test images.

    Parameters
    ----------
    networks : str, Network, Plan, Opponent or sequence of these, optional
        Names of presets, paths of TOML or JSON files, or plans; ``"mlp"`` stands for its variants plain, dropout and
        L2. A network of your own is trained by the default recipe, and called "network"; a plan names it and has its
        recipe. Names of opponents (:data:`inklings.opponents.OPPONENTS`), or :class:`inklings.Opponent` for any
        classifier of scikit-learn's. All presets, ``"best"`` for a fifth of its epochs, and the two strongest opponents
        if not given (one of them if quick).
    data : str, Path, Dataset or Split
        A name, a path, images to split, or a split.
    seed : int
        Seed of the split, the initial weights, the shuffles and dropout.
    quick : bool
        Train for a few epochs only, and take the first settings of each opponent.
    engine : {"auto", "native", "reproducible", "numpy", "jax"}
        The engine; see :func:`inklings.get_engine`.
    store : RunStore, optional
        Where to store the runs, and a model of each opponent that has a safe form.
    continued : bool
        Whether to take finished trainings of an earlier, identical comparison from the store instead of repeating
        them, opponents' too; a network whose training was interrupted is trained from the start.
    command : str
        The command that repeats the comparison, for the runs' manifests.
    data_options : mapping, optional
        How the data were opened, for the runs' manifests, so that a run can open them again; a name or path alone is
        kept by itself.
    watch : callable
        ``watch(plan) -> callbacks`` for each network's training.
    announce : callable
        ``announce(opponent)`` before each opponent is fitted.

    Returns
    -------
    Comparison

    Raises
    ------
    NetworkError, RecipeError
        A network or its recipe cannot be trained on these images, or two have the same name; nothing was trained then.
        Or there are opponents alone, and none of them can be fitted.
    DataError
        ``data`` is a split without validation or test images.
    """
    chosen = get_engine(engine)
    split = _split(data, seed)
    trainer = Trainer(
        chosen.name,
        store,
        continued,
        watch,
        {"command": command, "data_options": opened_by(data, data_options)},
        splits_are_made_here=not isinstance(data, Split),
    )
    # Checked before anything is trained: a name that is wrong in the fifth place would else cost four trainings.
    plans, opponents = plan_all(networks, split, seed=seed, quick=quick)
    entries = trainer.prepare(plans, split)
    trained: list[TrainedNetwork] = []
    fitted: list[TrainedOpponent | FailedOpponent] = []
    # A signal that arrives after a network's training waits until it is evaluated and stored.
    with Interruption() as interruption:
        for entry in entries:
            trained.append(trainer.find_stored(entry) or trainer.train(entry))
            if trained[-1].interrupted or interruption.requested:
                break  # an interrupted training is kept, and noted as such
        for opponent in opponents:
            if interruption.requested or (trained and trained[-1].interrupted):
                break
            fitted.append(trainer.fit(opponent, split, announce))
        stopped = len(trained) + len(fitted) < len(entries) + len(opponents)
        return comparison_of_trained(trained, chosen.name, opponents=fitted, quick=quick, stopped=stopped)


def comparison_of_trained(
    trained: Sequence[TrainedNetwork],
    engine: str,
    *,
    opponents: Sequence[TrainedOpponent | FailedOpponent] = (),
    quick: bool = False,
    stopped: bool = False,
) -> Comparison:
    """Return a comparison of what was trained on one split, with the naive network's random weights before it.

    Raises
    ------
    InklingsError
        Nothing was trained, and no opponent could be fitted: why the first one could not.
    """
    # Rows of the table keep the order in which they were asked for, failed ones among them; everything else wants only
    # those that answered.
    fitted = tuple(each for each in opponents if isinstance(each, TrainedOpponent))
    failed = tuple(each for each in opponents if isinstance(each, FailedOpponent))
    # A table of failures alone compares nothing: the first one's reason is the answer.
    if failed and not trained and not fitted:
        raise failed[0].error
    results: list[Result] = []
    for network in trained:
        # What training is worth is seen against no training: guessing, about 1 in the number of classes.
        if network.plan.name == "naive":
            results.append(_random_weights(network.plan, network.split, get_engine(engine)))
        results.append(network.result)
    results += [opponent.result for opponent in opponents]
    split = (*trained, *fitted)[0].split  # of whichever is there: all share one split
    problems = tuple(
        f"{each.plan.title}: {problem}"
        for each in trained
        for problem in (each.fitted.message, each.storage_problem)
        if problem
    )
    problems += tuple(f"{each.title}: {each.storage_problem}" for each in fitted if each.storage_problem)
    problems += tuple(each.problem for each in failed)
    return Comparison(split, tuple(trained), tuple(results), problems, quick, stopped, fitted, failed)


def leave_out(comparison: Comparison, titles: Collection[str]) -> Comparison:
    """Return a comparison without these opponents, which failed elsewhere: all repeats are of the same contenders.

    What failed in this very comparison stays noted.
    """
    lost = set(titles) - {each.title for each in comparison.failed_opponents}
    return replace(
        comparison,
        opponents=tuple(each for each in comparison.opponents if each.title not in lost),
        results=tuple(each for each in comparison.results if each.title not in lost),
    )


def _split(data: str | Path | Dataset | Split, seed: int) -> Split:
    if isinstance(data, Split):
        return data
    return (data if isinstance(data, Dataset) else open_dataset(data)).split(seed=seed)


def _random_weights(plan: Plan, split: Split, engine: Engine) -> Result:
    """Evaluate the network before training: the accuracy of guessing."""
    # The same weights that training began with, by the same seed.
    parameters = initial_parameters(plan.network, plan.recipe.seed)
    return replace(measure(plan, parameters, split, engine), variant=RANDOM_WEIGHTS)
