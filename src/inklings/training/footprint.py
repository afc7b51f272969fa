"""How much memory training takes, and refusing what would not fit."""

from __future__ import annotations

from math import prod

from inklings.engines import engine_name
from inklings.engines.native.memory import READ_AT_ONCE, desk_bytes, part_size
from inklings.errors import RecipeError
from inklings.hardware import memory
from inklings.networks import Network
from inklings.training.full_batch.directions import LBFGS_PAIRS
from inklings.training.recipe import Recipe

MOST_IMAGE_BYTES = 1 << 30
"""Images mapped from a file that take more than this are read part by part (inklings.engines.batches.WHOLE)."""

_BYTES_AT_ONCE = 1 << 28  # of layers' outputs that a whole data set's gradient holds
_READ_AT_ONCE = 1000  # images, by NumPy; JAX takes fewer of large ones
_MOMENTS = {"sgd": 0, "momentum": 1, "nesterov": 1, "adam": 2, "adamw": 2}
_VECTORS = 12
"""Of the native engine and a full-batch optimiser together: points, gradients and copies under way."""


def footprint(network: Network, recipe: Recipe, images: tuple[int, int], engine: str = "auto") -> int:
    """Estimate the bytes that training takes for images, parameters, optimiser and one batch.

    Parameters
    ----------
    network, recipe
        Of the run.
    images : (int, int)
        How many training and validation images there are, all in memory.
    engine : {"auto", "native", "numpy", "jax"}
        What computes.
    """
    pixels = 4 * prod(network.input_shape) * sum(images)  # the parts of the split are copies
    if engine_name(engine) == "native":
        return pixels + _native_parameters(network, recipe) + _native_batch(network, recipe, images[0])
    # The engine has another copy of the images.
    return 2 * pixels + _of_parameters(network, recipe) + _of_batch(network, recipe, images[0])


def check_memory(
    network: Network,
    recipe: Recipe,
    images: tuple[int, int],
    available: int | None = None,
    engine: str = "auto",
) -> None:
    """Refuse a training that would not fit into memory.

    Parameters
    ----------
    network, recipe, images
        As in :func:`footprint`.
    available : int, optional
        Bytes that may still be taken; what the machine and its control groups leave if not given.
    engine : {"auto", "native", "numpy", "jax"}
        What computes.

    Raises
    ------
    RecipeError
        It needs more; the message says how much, and which setting would fit.
    """
    if available is None:
        available = memory().available
    needed = footprint(network, recipe, images, engine)
    if available is None or needed <= available:
        return
    raise RecipeError(
        f"training needs {describe_bytes(needed)} of memory, found {describe_bytes(available)} free",
        _what_fits(network, recipe, images, available, engine),
    )


def _what_fits(network: Network, recipe: Recipe, images: tuple[int, int], available: int, engine: str) -> str:
    """Name the setting nearest to the recipe's that fits."""
    for setting, value in _smaller(recipe, images[0]):
        needed = footprint(network, recipe.with_settings(**{setting: value}), images, engine)
        if needed <= available:
            return f"{setting}={value!r} fits, with {describe_bytes(needed)}"
    return (
        "no batch size and no optimiser helps: take a smaller network, fewer or smaller images, "
        "or a machine with more memory"
    )


def _smaller(recipe: Recipe, train: int) -> list[tuple[str, str | int]]:
    """Give settings that take less memory, the nearest first."""
    if recipe.is_full_batch:
        return [("optimiser", name) for name in ("lbfgs", "cg", "adam") if name != recipe.optimiser]
    batch = min(recipe.batch_size, train)
    return [("batch_size", batch >> halvings) for halvings in range(1, batch.bit_length())]


def _of_parameters(network: Network, recipe: Recipe) -> int:
    count = network.parameter_count
    kept = 8 + 3 * 4  # the initial ones in float64; the last and the best epoch's, and a copy under way
    if not recipe.is_full_batch:
        return count * (kept + 4 * (2 + _MOMENTS[recipe.optimiser]))
    pairs = {"bfgs": recipe.steps or recipe.epochs, "lbfgs": LBFGS_PAIRS}.get(recipe.optimiser, 1)
    return count * (2 * kept + 8 * (2 * pairs + 10))


def _of_batch(network: Network, recipe: Recipe, train: int) -> int:
    values = prod(network.input_shape) + sum(prod(layer.output_shape(shape)) for _, layer, shape in network.walk())
    reading = 4 * values * min(_READ_AT_ONCE, train)
    if not recipe.is_full_batch:
        return max(reading, 2 * 4 * values * min(recipe.batch_size, train))
    whole = 2 * 8 * values * train
    return max(reading, whole if network.needs_whole_batch else min(whole, 2 * _BYTES_AT_ONCE))


def _native_parameters(network: Network, recipe: Recipe) -> int:
    count = network.parameter_count
    if not recipe.is_full_batch:
        # The initial ones in float64 and the last epoch's, the best one's; those at work with what the optimiser keeps,
        # copies of both while a checkpoint is written, and the file's content.
        copies = 1 + (recipe.early_stopping is not None) + 3 * (1 + _MOMENTS[recipe.optimiser])
        return count * (8 + 4 * copies)
    return 8 * count * (2 * _pairs(recipe) + _VECTORS)


def _native_batch(network: Network, recipe: Recipe, train: int) -> int:
    dtype = "float64" if recipe.is_full_batch else "float32"
    reading = desk_bytes(network, min(READ_AT_ONCE, train), training=False, dtype=dtype)
    batch = part_size(network, train) if recipe.is_full_batch else min(recipe.batch_size, train)
    return reading + desk_bytes(network, batch, training=True, dtype=dtype)


def _pairs(recipe: Recipe) -> int:
    """Count the pairs of vectors that a full-batch optimiser remembers at the end."""
    iterations = recipe.steps or recipe.epochs
    return {"bfgs": iterations, "lbfgs": min(iterations, LBFGS_PAIRS), "cg": 2}[recipe.optimiser]


def describe_bytes(count: float) -> str:
    """Word an amount of memory."""
    if count >= 1e9:
        return f"{count / 1e9:.1f} GB"
    return f"{round(count / 1e6, -1 if count >= 1e8 else 0):.0f} MB"
