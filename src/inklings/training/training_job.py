"""What ``fit`` is asked to do, checked before anything is computed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np

from inklings.data import Split
from inklings.engines import Engine, Objective, get_engine
from inklings.errors import DataError, NetworkError, RecipeError
from inklings.networks import Network, Parameters, initial_parameters, network_to_plain
from inklings.training.footprint import MOST_IMAGE_BYTES, check_memory
from inklings.training.recipe import Recipe
from inklings.training.step_count import StepCount


@dataclass(frozen=True, eq=False)
class TrainingJob:
    """A network, a recipe, images and an engine that suit each other; and where to start, if not afresh.

    Raises
    ------
    DataError
        The images are not divided into training, validation and test images.
    NetworkError
        The network reads other images, or tells other classes apart, or has other parameters than the start.
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
                f"fit got a {type(self.split).__name__} to learn from, expected a Split",
                "divide the images first: dataset.split()",
            )
        data = self.split.dataset
        if self.network.input_shape != data.image_shape:
            raise NetworkError(
                f"the network reads images of {self.network.input_shape}, found images of {data.image_shape}",
                f"make it with input_shape={data.image_shape}",
            )
        if self.network.output_count != data.class_count:
            raise NetworkError(
                f"the network tells {self.network.output_count} classes apart, found {data.class_count}",
                f"end it with Dense({data.class_count}, '{self.network.output_activation}')",
            )
        if self.start is not None:
            self.network.check_parameters(self.start)
        if self.recipe.early_stopping and not self.has_validation:
            raise RecipeError(
                "early_stopping watches the validation loss, found no validation images", "set some aside"
            )
        check_memory(self.network, self.recipe, self.images, engine=self.engine.name)
        _ = self.objective  # made now, so that what does not suit is refused now

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
        """Choose the engine by name; a full-batch optimiser gets it in float64, as its line search needs."""
        chosen = get_engine(engine) if isinstance(engine, str) else engine
        if recipe.is_full_batch and chosen.dtype != "float64":
            chosen = get_engine(chosen.name, dtype="float64")
        return cls(network, recipe, split, chosen, start, state)

    @property
    def start_parameters(self) -> Parameters:
        """Where training starts: what was given, or initial parameters drawn from the recipe's seed."""
        return initial_parameters(self.network, self.recipe.seed) if self.start is None else self.start

    @property
    def has_validation(self) -> bool:
        """Whether there are validation images."""
        return len(self.split.validation_rows) > 0

    @cached_property
    def objective(self) -> Objective:
        """What is minimised."""
        return self.recipe.objective(self.network, self.split.train.labels)

    @property
    def images(self) -> tuple[int, int]:
        """How many training and validation images stand in memory together."""
        split = self.split
        found = len(split.train_rows), len(split.validation_rows)
        if isinstance(split.dataset.images, np.ndarray):
            return found
        most = MOST_IMAGE_BYTES // (4 * prod(self.network.input_shape))  # what is larger is read part by part
        return min(found[0], most), min(found[1], most)

    @property
    def course(self) -> StepCount:
        """How many steps there will be, on how many images each."""
        return StepCount(self.recipe, len(self.split.train_rows))

    @property
    def batch_size(self) -> int:
        """Images a step."""
        return self.course.batch_size

    @property
    def steps(self) -> int:
        """How many steps there will be at most."""
        return self.course.steps

    @property
    def epochs(self) -> int:
        """How many epochs there will be at most; the last may be cut short."""
        return self.course.epochs

    @property
    def images_per_loss(self) -> int:
        """How many images' losses the objective of a batch adds up."""
        return self.batch_size if self.recipe.reduction == "sum" else 1

    @property
    def engine_title(self) -> str:
        """Engine and dtype: ``"native, float32"``."""
        return f"{self.engine.name}, {self.engine.dtype}"

    @property
    def origin(self) -> dict[str, Any]:
        """What a checkpoint belongs to, in plain values."""
        origin = {
            "network": network_to_plain(self.network),
            "recipe": self.recipe.to_dict(),
            "data": self.split.dataset.fingerprint,
            "split": self.split.fingerprint,
            "engine": self.engine_title,
        }
        for name, arrays in (("start", self.start), ("state", self.state)):
            if arrays is not None:
                values = b"".join(np.ascontiguousarray(arrays[key]).tobytes() for key in sorted(arrays))
                origin[name] = hashlib.sha256(values).hexdigest()
        return origin

    def per_image(self, objective: float) -> float:
        """Give the mean an image of a batch's objective."""
        return objective / self.images_per_loss
