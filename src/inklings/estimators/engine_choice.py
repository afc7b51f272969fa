"""Which engine an estimator trains and predicts with, and in which dtype."""

from __future__ import annotations

from inklings.data.parts import Split
from inklings.engines import ENGINES, Engine, engine_name, get_engine
from inklings.engines.select import RENAMED
from inklings.errors import EstimatorError
from inklings.networks import Network
from inklings.serialise import did_you_mean
from inklings.training.recipe import Recipe
from inklings.training.step_count import StepCount

# Floating-point operations that are over in a moment in float64 too, which needs no thought about rounding then.
LITTLE_TRAINING, LITTLE_PREDICTION = 4e9, 2e9
STEP = 4e5
"""What a step's own overhead in NumPy, about 0.2 ms, is worth in operations."""


def engine_to_train(name: str, network: Network, recipe: Recipe, split: Split) -> Engine:
    """Return the engine asked for; ``auto`` computes in float64 where there is little work.

    What else the process has loaded plays no part: the same call trains the same network anywhere.
    """
    images = len(split.train_rows)
    course = StepCount(recipe, images)
    # Forward and backward are three times forward; every epoch, and before, all images are classified.
    classified = 3 * course.batch_size * course.steps + (course.epochs + 1) * (images + len(split.validation_rows))
    return _choose(name, classified * network.operations + course.steps * STEP <= LITTLE_TRAINING)


def engine_to_predict(name: str, network: Network, images: int) -> Engine:
    """Like :func:`engine_to_train`, to classify images."""
    # Quietly: training has already given every notice about the engine.
    return _choose(name, images * network.operations <= LITTLE_PREDICTION, quietly=True)


def _choose(name: str, little: bool, *, quietly: bool = False) -> Engine:
    if name not in (*ENGINES, *RENAMED):
        raise EstimatorError(f"unknown engine '{name}'", did_you_mean(str(name), ENGINES))
    chosen = engine_name(name)
    if name == "auto":
        return get_engine(chosen if little or quietly else name, dtype="float64" if little else "float32")
    return get_engine(chosen if quietly else name, dtype="float64" if chosen == "numpy" else "float32")
