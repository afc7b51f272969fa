"""What a comparison trains: from names, files and plans to plans and opponents, checked together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from inklings.costs.workload import step_operations
from inklings.data.dataset import Dataset
from inklings.data.parts import Split
from inklings.errors import NetworkError
from inklings.experiments.sources import Seeds
from inklings.experiments.trained_opponent import choose_opponents, is_opponent
from inklings.networks import Network
from inklings.opponents import OPPONENTS, Opponent
from inklings.serialise import did_you_mean
from inklings.training.data_facts import DataFacts
from inklings.training.plans import Plan, default_plan, slug_of
from inklings.training.presets import DEFAULT_PRESET, PRESETS, named_plan
from inklings.training.step_count import StepCount

# The variants of a network that a comparison trains. The L2 strength is the one of 0.00001, 0.0001, 0.0003, 0.001 and
# 0.003 with the highest validation accuracy (digits, seed 0, 500 epochs).
VARIANTS: dict[str, tuple[dict[str, Any], ...]] = {"mlp": ({}, {"dropout": True}, {"l2": 1e-3})}
# A quick comparison shows how things work within seconds; its figures should not be quoted.
QUICK_EPOCHS, QUICK_STEPS = 20, 60
QUICK_OPERATIONS = 6e11
"""About three seconds of training on two cores: networks whose epochs would take longer get so many steps instead."""
PART_OF_EPOCHS = 5
"""A comparison of all presets takes the most accurate, which takes longest, for a fifth of its epochs."""

Named = str | Network | Plan | Opponent
"""What a comparison is asked to train; what came of it is a Contender."""
Networks = Named | Sequence[Named]


def plan_all(
    networks: Networks | None, data: Dataset | Split, *, seed: int = 0, quick: bool = False
) -> tuple[list[Plan], list[Opponent]]:
    """Return the plans that :func:`compare` trains on a split, or on usual splits of the data, and its opponents."""
    known = DataFacts.of(data)
    data = data.dataset if isinstance(data, Split) else data
    named = as_list(networks)
    # Not an iterator: the networks are gone through several times, and the second time it would hold none.
    if named is not None and (not isinstance(named, Iterable) or isinstance(named, Iterator)):
        found = type(named).__name__
        expected = "a list of names, Networks, Plans or Opponents"
        raise NetworkError(f"networks is of type {found}, expected {expected}", found=named)
    opponents = choose_opponents(named, data, seed=seed, quick=quick)
    plans: list[Plan] = []
    unnamed = 0
    # Networks in the order given; opponents come after them whatever their place, as in the table.
    for network in PRESETS if named is None else named:
        if isinstance(network, Plan):
            plans.append(network)
        elif isinstance(network, Network):
            unnamed += 1
            plans.append(default_plan(network, "network" if unnamed == 1 else f"network {unnamed}"))
        elif isinstance(network, str):
            plans += [] if is_opponent(network) else _plans_of(network, data, known)
        elif not isinstance(network, Opponent):
            raise NetworkError(
                f"{type(network).__name__} cannot be compared, expected a name, a Network, a Plan or an Opponent",
                "a classifier of scikit-learn's takes part as inklings.Opponent(name, classifier)",
                found=network,
            )
    if named is None and not quick:
        plans = [_for_a_part(plan) if plan.name == DEFAULT_PRESET else plan for plan in plans]
    _check_names([*plans, *opponents])
    seeded = plans_with_seeds(plans, Seeds(seed, seed, seed))
    return ([_shortened(plan, known.images) for plan in seeded] if quick else seeded), opponents


def as_list(networks: Networks | None) -> Sequence[Named] | None:
    """Return what is to be compared as a list, also where it is one thing alone."""
    return [networks] if isinstance(networks, Named) else networks


def plans_with_seeds(plans: Sequence[Plan], seeds: Seeds) -> list[Plan]:
    """Return plans with other seeds of their weights and, where it matters to them, of their images' order."""
    # Where no order is drawn, an order seed would make the recipe another, not to be found among stored runs.
    both, weights = seeds.recipe_settings, {"seed": seeds.init, "order_seed": None}
    return [plan.with_recipe(**both if plan.recipe.uses("order_seed") else weights) for plan in plans]


def _check_names(contenders: Sequence[Plan | Opponent]) -> None:
    """Refuse duplicate names, which neither a table nor file names could distinguish, and an empty list."""
    if not contenders:
        raise NetworkError("no networks, expected at least one to train", "leave them out to compare all presets")
    seen: dict[str, str] = {}
    for each in contenders:
        # By slug, not title: files are named by it, and two titles may come to one.
        slug = slug_of(each.title)
        if slug in seen:
            raise NetworkError(
                f"two contenders have the names {seen[slug]} and {each.title}, expected names that differ in letters",
                "rename a file or an opponent, or leave one out",
            )
        seen[slug] = each.title


def check_is_known(name: str) -> None:
    """Refuse what is neither a network's name nor an opponent's, nor the path of a network's description.

    Raises
    ------
    NetworkError
        With the nearest name, or all.
    """
    path = Path(name)
    # A missing mine.toml is refused where it is read: it was meant as a file.
    if name in PRESETS or name in OPPONENTS or path.suffix.lower() in (".toml", ".json") or path.is_file():
        return
    hint = did_you_mean(name, (*PRESETS, *OPPONENTS))
    raise NetworkError(f"no network or opponent is called '{name}'", hint, found=name)


def _plans_of(network: str, data: Dataset, known: DataFacts) -> list[Plan]:
    shape, classes = data.image_shape, data.class_count
    check_is_known(network)
    return [named_plan(network, shape, classes, data=known, **settings) for settings in VARIANTS.get(network, ({},))]


def _shortened(plan: Plan, images: int) -> Plan:
    recipe = plan.recipe
    # Steps are asked for: the recipe has no epochs to cut.
    if recipe.steps is not None:
        return plan.with_recipe(steps=min(recipe.steps, QUICK_STEPS))
    short = plan.with_recipe(epochs=min(recipe.epochs, QUICK_EPOCHS))
    if recipe.is_full_batch:
        return short
    # Forward and backward of one image, times the images of a step.
    a_step = step_operations(plan.network) * recipe.batch_size
    # At least as many steps as networks that ask for steps get: a large image would otherwise leave a handful.
    most = max(QUICK_STEPS, int(QUICK_OPERATIONS / a_step))
    return short if StepCount(short.recipe, images).steps <= most else short.with_recipe(steps=most)


def _for_a_part(plan: Plan) -> Plan:
    epochs = max(1, plan.recipe.epochs // PART_OF_EPOCHS)
    return replace(plan.with_recipe(epochs=epochs), variant=f"{epochs} of {plan.recipe.epochs} epochs")
