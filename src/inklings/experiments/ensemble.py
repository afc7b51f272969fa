"""Training several networks of one plan, from other seeds on the same split, to let them classify together.

::

    import inklings
    from inklings.experiments import ensemble_to_model

    trained = inklings.train_ensemble("mlp", "digits", members=5)
    print(trained.result.test, [member.result.test for member in trained.members])
    ensemble_to_model(trained).save("five.inkling")
"""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral
from pathlib import Path
from typing import Any

from inklings.arguments import checks_call
from inklings.data.dataset import Dataset
from inklings.data.open import open_dataset
from inklings.data.parts import Split
from inklings.engines import engine_name
from inklings.errors import NetworkError, RecipeError, TrainingDivergedError
from inklings.experiments.lineup import Lineup
from inklings.experiments.reopen import opened_by
from inklings.experiments.repeated_training import RepeatedNetwork
from inklings.experiments.runs import RunStore
from inklings.experiments.sources import seeds_of_repeat
from inklings.experiments.trained_ensemble import TrainedEnsemble, join_members
from inklings.experiments.trained_opponent import is_opponent
from inklings.experiments.trainer import Trainer, Watch
from inklings.models.ensemble import MOST
from inklings.training.data_facts import DataFacts
from inklings.training.fit_result import StopReason
from inklings.training.interruption import Interruption
from inklings.training.plans import Plan
from inklings.training.presets import named_plan
from inklings.training.recipe import IN_A_PLAN


@checks_call(RecipeError, meant=IN_A_PLAN, store=RunStore)
def train_ensemble(
    network: str | Plan,
    data: str | Path | Dataset | Split = "digits",
    *,
    members: int = 5,
    seed: int = 0,
    engine: str = "auto",
    store: RunStore | None = None,
    command: str = "",
    data_options: Mapping[str, Any] | None = None,
    watch: Watch = lambda plan: (),
) -> TrainedEnsemble:
    """Train several networks that differ in their seeds alone, and evaluate what they say together.

    Parameters
    ----------
    network : str or Plan
        A preset's name, the path of a TOML or JSON file, or a plan.
    data : str, Path, Dataset or Split
        A name, a path, images to split, or a split.
    members : int
        How many networks, at least 2.
    seed : int
        Seed of the split, and of the first member; each next one has the next.
    engine, command, data_options, watch
        As in :func:`inklings.compare`.
    store : RunStore, optional
        Where to store each member as a run. Finished runs of the same plan, split and seed that are there already are
        taken, so a repeated call goes on where an interrupted one stopped.

    Raises
    ------
    NetworkError, RecipeError
        The network cannot be trained on these images, or ``members`` is impossible, or the plan has a seed of the
        images' order, which could not be each member's; nothing was trained then.
    DataError
        ``data`` is a split without validation or test images.
    TrainingDivergedError
        A member diverged; the members before it are stored.
    KeyboardInterrupt
        It was interrupted before all members were trained.

    Examples
    --------
    >>> import inklings
    >>> digits = inklings.open_dataset("digits").split(test=0.2, validation=0.7)
    >>> plan = inklings.preset("softmax", (20, 20, 1), 10).with_recipe(steps=50)
    >>> inklings.train_ensemble(plan, digits, members=3, engine="numpy").title
    'softmax (3 networks)'
    """
    if isinstance(members, bool) or not isinstance(members, Integral) or not 2 <= members <= MOST:
        expected = f"a whole number from 2 to {MOST}"
        raise RecipeError(f"is {members!r}, expected {expected}", setting="members", found=members, expected=expected)
    members = int(members)  # NumPy's are numbers too, but no JSON
    images = data if isinstance(data, Dataset | Split) else open_dataset(data)
    split = images if isinstance(images, Split) else None
    facts = {"command": command, "data_options": opened_by(data, data_options)}
    # Continued: members that are stored already are taken.
    trainer = Trainer(engine_name(engine), store, True, watch, facts, splits_are_made_here=split is None)
    plan = network if isinstance(network, Plan) else _named_plan(network, images)
    if (order := plan.recipe.order_seed) is not None:
        problem = f"is {order}, expected none: members differ in the order of the images too"
        raise RecipeError(problem, "leave it out", setting="order_seed", found=order)
    # "split" is not among what varies: all members learn from the same images.
    lineup = Lineup(plan, images, trainer, lambda number: seeds_of_repeat(seed, number, ("order", "init")))
    with Interruption() as interruption:
        repeated = RepeatedNetwork(lineup, 0, interruption)
        repeated.train(range(members))
        trained = [repeated.get(number) for number in range(members)]
        done = tuple(member for member in trained if member is not None)
        if len(done) < members:
            # Those that ended are stored, and are taken from there when it is asked for again.
            raise KeyboardInterrupt(f"interrupted after {len(done)} of {members} networks")
    for member in done:
        if member.fitted.stop_reason is StopReason.DIVERGED:
            # One member of NaN makes the mean NaN.
            raise member.fitted.error or TrainingDivergedError(member.fitted.message)
    return join_members(done, {**facts, "split_options": split.drawn if split else {"seed": seed}})


def _named_plan(network: str, images: Dataset | Split) -> Plan:
    dataset = images.dataset if isinstance(images, Split) else images
    if is_opponent(network):
        raise NetworkError(f"{network} is not a network, expected one", "opponents hardly depend on their seed")
    return named_plan(network, dataset.image_shape, dataset.class_count, data=DataFacts.of(images))
