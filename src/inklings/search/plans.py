"""From the settings of a configuration to the network and recipe that are trained."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from inklings.data.augment import LIMITS
from inklings.errors import InklingsError, RecipeError
from inklings.networks import network_from_plain, network_to_plain
from inklings.search.space import AUGMENT, NETWORK, Space
from inklings.search.trial import Measure
from inklings.training.augment_strength import AUTO, augmentation_of
from inklings.training.data_facts import DataFacts
from inklings.training.plans import Plan
from inklings.training.presets import DEFAULT_PRESET, PRESETS, named_plan
from inklings.training.recipe import USED_BY, Recipe
from inklings.training.schedule import Schedule


@dataclass(frozen=True)
class PlanMaker:
    """Makes the plans of a space for images of one kind.

    Parameters
    ----------
    space : Space
    input_shape : (height, width, channels)
    classes : int
    data : DataFacts
    """

    space: Space
    input_shape: tuple[int, int, int]
    classes: int
    data: DataFacts

    def plan(self, settings: Mapping[str, Any], seed: int = 0) -> Plan:
        """Return the network and recipe of some settings.

        Raises
        ------
        NetworkError, RecipeError
            A value is impossible, or the layers do not fit each other.
        """
        values = {**self.space.fixed, **settings}
        if self.space.layers:
            described = {"layers": self.space.build_layers(settings)}
            network = network_from_plain(described, input_shape=self.input_shape, classes=self.classes)
            plan, own = Plan("layers", "", network, Recipe(), self.data), set[str]()
        else:
            name = values.pop(NETWORK, DEFAULT_PRESET)
            own = set(PRESETS[name].settings) if name in PRESETS else set()
            given = {key: values[key] for key in values if key in own}
            plan = named_plan(name, self.input_shape, self.classes, data=self.data, **given)
        # Such as conv2d_1.filters: build_layers has put them into the network already.
        of_layers = {key for key in settings if "." in key}
        rest = {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in values.items()
            if key not in own and key not in of_layers and (key not in settings or self._is_of_recipe(key))
        }
        recipe = self._recipe(plan, rest).with_settings(seed=seed)
        return replace(plan, recipe=recipe)

    def _is_of_recipe(self, name: str) -> bool:
        """Return whether a searched setting is the recipe's, not one that only the layers name."""
        return name in Recipe.__dataclass_fields__ or name in LIMITS or name == AUGMENT

    def _recipe(self, plan: Plan, values: dict[str, Any]) -> Recipe:
        """Return the plan's recipe with the values of a space in place of its own."""
        recipe, known = plan.recipe, Recipe.__dataclass_fields__
        strength = values.pop(AUGMENT, AUTO if plan.name == DEFAULT_PRESET else None)
        augmentation = recipe.augmentation
        if strength is not None:
            augmentation = augmentation_of(strength, self.input_shape, self.data.kind)
        amounts = {name: values[name] for name in LIMITS if name in values}
        changes = {name: value for name, value in values.items() if name in known}
        changes["augmentation"] = replace(augmentation, **amounts) if amounts else augmentation
        if "schedule" in changes:
            kind = changes["schedule"]
            # By a constant ratio no learning rate falls to 0; a hundredth of the initial one is a usual end.
            final = 0.01 if kind == "exponential" and not recipe.schedule.final else recipe.schedule.final
            changes["schedule"] = Schedule(kind, final, recipe.schedule.warm_up)
        return recipe.with_settings(**changes)

    def digest(self) -> str:
        """Return a digest of the networks and recipes of the corners.

        A space's own words do not say all: a network may be in a file, and a name may mean another one some day.
        """
        # Of the corners alone: there may be no end of combinations.
        made = [self.plan(self.space.without_idle(settings)) for _, settings in self.space.corners()]
        described = [[network_to_plain(plan.network), plan.recipe.to_dict()] for plan in made]
        return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()[:16]

    def check(self, measure: Measure = "loss") -> None:
        """Try every value of every dimension, each beside the first values of the others.

        Parameters
        ----------
        measure : {"loss", "accuracy"}
            What trials are to be compared by.

        Raises
        ------
        NetworkError, RecipeError
            One of them is impossible, better now than as failed trials; or their losses cannot be compared. What is
            in the space's file is said with its name.
        """
        losses, recipes = dict[str, str](), list[Recipe]()
        try:
            for plan in self._corner_plans():
                losses.setdefault(plan.recipe.loss, plan.title)
                recipes.append(plan.recipe)
            self._refuse_idle(recipes)
        except InklingsError as error:
            raise (error.within(self.space.source) if self.space.source else error) from None
        if measure == "loss" and len(losses) > 1:
            found = " and ".join(f"{loss} ({title})" for loss, title in losses.items())
            raise RecipeError(
                f"is 'loss', which cannot be compared between {found}",
                suggested={"measure": "accuracy"},
                setting="measure",
                found=measure,
            )

    def _corner_plans(self) -> Iterator[Plan]:
        for name, settings in self.space.corners():
            try:
                plan = self.plan(self.space.without_idle(settings))
            except InklingsError as error:
                if not self.space.dimensions:
                    raise
                where = f"{name} = {settings[name]!r}" if name else "with the first value of each setting"
                raise error.within(where) from None
            yield plan

    def _refuse_idle(self, recipes: Sequence[Recipe]) -> None:
        """Refuse what no recipe uses, as a preset's optimiser may decide: all values would be one training."""
        for name in (*self.space.fixed, *self.space.dimensions):
            if name in Recipe.__dataclass_fields__ and not any(recipe.uses(name) for recipe in recipes):
                users = f" with the optimiser {recipes[0].optimiser}" if name in USED_BY else " beside the others"
                raise RecipeError(f"has no effect{users}", "leave it out, or change what it depends on", setting=name)
