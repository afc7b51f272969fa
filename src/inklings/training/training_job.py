"""A training before it is done: everything that ``fit`` needs, checked before anything is computed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np

from inklings.data.parts import Split
from inklings.engines import Engine, Objective, get_engine
from inklings.engines.batches import WHOLE
from inklings.errors import DataError, NetworkError, RecipeError
from inklings.networks import Network, Parameters, initial_parameters, network_to_plain
from inklings.training.memory import check_memory
from inklings.training.recipe import Recipe
from inklings.training.step_count import StepCount


@dataclass(frozen=True, eq=False)
class TrainingJob:
    """A network, a recipe, images and an engine that suit each other, and where to start if not afresh.

    Raises
    ------
    DataError
        ``split`` is not a Split.
    NetworkError
        The network expects other images, has another number of outputs, or other parameters than ``start``.
    RecipeError
        The recipe does not suit the network, asks for validation images where there are none, or for more memory than
        there is.
    """

    network: Network
    recipe: Recipe
    split: Split
    engine: Engine
    start: Parameters | None = None
    state: Parameters | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.split, Split):
            raise DataError(
                f"fit got a {type(self.split).__name__}, expected a Split",
                "split the images first: dataset.split()",
            )
        data = self.split.dataset
        if self.network.input_shape != data.image_shape:
            raise NetworkError(
                f"the network expects images of {self.network.input_shape}, found {data.image_shape}",
                f"make it with input_shape={data.image_shape}",
            )
        if self.network.output_count != data.class_count:
            raise NetworkError(
                f"the network has {self.network.output_count} outputs, found {data.class_count} classes",
                f"end it with Dense({data.class_count}, '{self.network.output_activation}')",
            )
        for name, values in (("start", self.start), ("state", self.state)):
            if not isinstance(values, Mapping | None):
                raise RecipeError(f"is of type {type(values).__name__}, expected a dict of arrays", setting=name)
        if self.start is not None:
            self.network.check_parameters(self.start)
        if self.recipe.early_stopping and not self.has_validation:
            raise RecipeError(
                "watches the validation loss, found no validation images", "set some aside", setting="early_stopping"
            )
        check_devices(self.recipe, getattr(self.engine, "devices", 1))
        # Checked by the numbers alone; nothing is allocated yet.
        check_memory(self.network, self.recipe, self.images, engine=self.engine.name)
        _ = self.objective  # computed and cached now, so that what does not suit is refused now

    @classmethod
    def begin(
        cls,
        network: Network,
        recipe: Recipe,
        split: Split,
        engine: str | Engine,
        start: Parameters | None = None,
        state: Parameters | None = None,
    ) -> TrainingJob:
        """Choose the engine by its name and check that all suits each other.

        A full-batch optimiser gets the engine in float64 (:attr:`inklings.Recipe.dtype`).
        """
        _check_kinds(network, recipe, engine)
        chosen = get_engine(engine) if isinstance(engine, str) else engine
        check_devices(recipe, getattr(chosen, "devices", 1))
        # An engine that was given in float64 stays so: then any recipe is trained in it.
        if recipe.is_full_batch and chosen.dtype != recipe.dtype:
            chosen = get_engine(chosen.name, dtype=recipe.dtype)
        return cls(network, recipe, split, chosen, start, state)

    @property
    def start_parameters(self) -> Parameters:
        """The parameters to start from: those given, or drawn from the recipe's seed."""
        return initial_parameters(self.network, self.recipe.seed) if self.start is None else self.start

    @property
    def has_validation(self) -> bool:
        """Whether there are validation images."""
        return len(self.split.validation_rows) > 0

    @cached_property
    def objective(self) -> Objective:
        """What is minimised."""
        # Not split.train's labels: that would copy the training images of every job that waits for its turn.
        labels = self.split.dataset.labels[self.split.train_rows]
        return self.recipe.objective(self.network, labels)

    @property
    def images(self) -> tuple[int, int]:
        """How many training and validation images are in memory at once."""
        split = self.split
        found = len(split.train_rows), len(split.validation_rows)
        if isinstance(split.dataset.images, np.ndarray):
            return found
        most = WHOLE // (4 * prod(self.network.input_shape))  # what is larger is read part by part
        return min(found[0], most), min(found[1], most)

    @property
    def step_count(self) -> StepCount:
        """How many steps training takes, on how many images each."""
        return StepCount(self.recipe, len(self.split.train_rows))

    @property
    def batch_size(self) -> int:
        """Images per step."""
        return self.step_count.batch_size

    @property
    def steps(self) -> int:
        """The largest number of steps that training may take."""
        return self.step_count.steps

    @property
    def epochs(self) -> int:
        """The largest number of epochs that training may take; the last may be cut short."""
        return self.step_count.epochs

    @property
    def engine_title(self) -> str:
        """Engine and dtype: ``"native, float32"``."""
        return f"{self.engine.name}, {self.engine.dtype}"

    @property
    def origin(self) -> dict[str, Any]:
        """What a checkpoint of this training belongs to, in plain values."""
        origin = {
            "network": network_to_plain(self.network),
            "recipe": self.recipe.to_dict(),
            "data": self.split.dataset.fingerprint,
            "split": self.split.fingerprint,
            "engine": self.engine_title,
        }
        for name, arrays in (("start", self.start), ("state", self.state)):
            if arrays is not None:
                # Arrays do not belong into a description; their digest tells them apart as well. Sorted, since equal
                # dicts may differ in their order.
                values = b"".join(np.ascontiguousarray(arrays[key]).tobytes() for key in sorted(arrays))
                origin[name] = hashlib.sha256(values).hexdigest()
        return origin

    def per_image(self, objective: float) -> float:
        """Return a batch's objective as a mean per image, whatever the recipe's reduction."""
        return objective / self.batch_size if self.recipe.reduction == "sum" else objective


def check_devices(recipe: Recipe, devices: int) -> None:
    """Refuse several devices to a full-batch optimiser."""
    if recipe.is_full_batch and devices != 1:
        # Its line search branches on the last digits of a sum, in which processes on unlike machines may differ.
        hint = "leave the devices out, or take an optimiser that goes by batches, such as adam"
        raise RecipeError(f"is {recipe.optimiser}, which trains on one device", hint, setting="optimiser")


def _check_kinds(network: object, recipe: object, engine: object) -> None:
    """Refuse what is neither a network nor a recipe: the name of a preset is often passed in their place."""
    if not isinstance(network, Network):
        found = f"'{network}'" if isinstance(network, str) else f"of type {type(network).__name__}"
        hint = "plan = inklings.preset(name, image_shape, classes) has a network and a recipe"
        raise NetworkError(f"the network is {found}, expected an inklings.Network", hint, found=network)
    if not isinstance(recipe, Recipe):
        raise RecipeError(f"the recipe is of type {type(recipe).__name__}, expected an inklings.Recipe", found=recipe)
    if not isinstance(engine, str) and not hasattr(engine, "session"):
        raise RecipeError(f"is of type {type(engine).__name__}, expected a name or an Engine", setting="engine")
