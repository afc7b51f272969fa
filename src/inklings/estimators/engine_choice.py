"""Which engine is done first: C; without it NumPy, which starts at once, or JAX, which compiles for a second."""

from __future__ import annotations

from inklings.data import Split
from inklings.engines import ENGINES, Engine, engine_name, get_engine
from inklings.errors import EstimatorError
from inklings.networks import Network
from inklings.serialise import did_you_mean
from inklings.training import Recipe
from inklings.training.step_count import StepCount

# Floating-point operations that NumPy does in about the time that JAX takes to compile a training, or a prediction.
TRAINING_BEFORE_COMPILING = 4e9
READING_BEFORE_COMPILING = 2e9
STEP = 4e5
"""What a step's own overhead in NumPy, about 0.2 ms, is worth in operations."""


def engine_to_train(name: str, network: Network, recipe: Recipe, split: Split) -> Engine:
    """Give the engine asked for; ``auto`` is the native one, in float64 for little work.

    What else the process has loaded plays no part: the same call gives the same network anywhere.
    """
    images = len(split.train_rows)
    course = StepCount(recipe, images)
    # Forward and backward are three times forward; every epoch, and before, all images are read.
    read = 3 * course.batch_size * course.steps + (course.epochs + 1) * (images + len(split.validation_rows))
    return _choose(name, read * network.operations + course.steps * STEP <= TRAINING_BEFORE_COMPILING)


def engine_to_read(name: str, network: Network, images: int) -> Engine:
    """Like :func:`engine_to_train`, to read images."""
    return _choose(name, images * network.operations <= READING_BEFORE_COMPILING)


def _choose(name: str, little: bool) -> Engine:
    if name not in ENGINES:
        raise EstimatorError(f"unknown engine '{name}'", did_you_mean(str(name), ENGINES))
    if name == "auto":
        chosen = engine_name()
        name = "reference" if little and chosen == "compiled" else chosen
        return get_engine(name, dtype="float64" if little else "float32")
    return get_engine(name, dtype="float64" if name == "reference" else "float32")
