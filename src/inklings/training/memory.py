"""How much memory training takes, and refusing what would not fit.

The sum of what is held at the peak: the images, all that has the parameters' size, and what lies between a batch's
pixels and its loss. Engines differ most in the last.
"""

from __future__ import annotations

from math import prod

from inklings.engines import engine_name
from inklings.engines.jax import BYTES_AT_ONCE, EVAL_BATCH
from inklings.engines.native.resources import INFERENCE_BATCH, gradient_batch, workspace_bytes
from inklings.engines.numpy.backpropagation import part_size as numpy_part_size
from inklings.engines.numpy.engine import READ_AT_ONCE as NUMPY_READ_AT_ONCE
from inklings.engines.select import NATIVE
from inklings.errors import RecipeError
from inklings.hardware import memory
from inklings.networks import Conv2D, Flatten, Network
from inklings.training.optimisers import vectors_kept
from inklings.training.recipe import Recipe
from inklings.training.step_count import StepCount

_VECTORS = 12
"""Of an engine and a full-batch optimiser together: points, gradients and copies under way."""


def training_bytes(network: Network, recipe: Recipe, images: tuple[int, int], engine: str = "auto") -> int:
    """Estimate the bytes that training takes for images, parameters, optimiser and one batch.

    Parameters
    ----------
    network, recipe
        Of the run.
    images : (int, int)
        How many training and validation images there are, all in memory.
    engine : str
        Which engine trains, of :data:`inklings.engines.ENGINES`.

    Returns
    -------
    int
        Bytes, besides those of the process before training and of the data set itself.
    """
    name = engine_name(engine)
    pixels = 4 * prod(network.input_shape) * sum(images)  # the parts of the split are copies
    if name == "jax":
        pixels *= 2  # JAX has another
    batch_bytes = {"numpy": _numpy_batch, "jax": _jax_batch}.get(name, _native_batch)
    return pixels + _parameter_bytes(network, recipe, name) + batch_bytes(network, recipe, images)


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
    network, recipe, images, engine
        As in :func:`training_bytes`.
    available : int, optional
        Bytes that may still be taken; what the machine and its control groups leave if not given.

    Raises
    ------
    RecipeError
        It needs more; the message says how much, and which setting would fit.
    """
    if available is None:
        available = memory().available
    needed = training_bytes(network, recipe, images, engine)
    # None: the system does not say how much is free. Better to try than to refuse.
    if available is None or needed <= available:
        return
    hint, suggested = _what_fits(network, recipe, images, available, engine)
    raise RecipeError(
        f"training needs {describe_bytes(needed)} of memory, found {describe_bytes(available)} free",
        hint,
        found=available,
        expected=needed,
        suggested=suggested,
    )


def _what_fits(
    network: Network, recipe: Recipe, images: tuple[int, int], available: int, engine: str
) -> tuple[str, dict[str, str | int]]:
    """Return a hint and the setting nearest to the recipe's that fits, if there is one."""
    for setting, value in _smaller(recipe, images[0]):
        needed = training_bytes(network, recipe.with_settings(**{setting: value}), images, engine)
        if needed <= available:
            less = "a smaller batch" if setting == "batch_size" else "another optimiser"
            return f"{describe_bytes(needed)} is enough with {less}", {setting: value}
    hint = "no batch size and no optimiser helps: take a smaller network, fewer or smaller images, "
    return hint + "or a machine with more memory", {}


def _smaller(recipe: Recipe, train: int) -> list[tuple[str, str | int]]:
    """Return settings that take less memory, the nearest first."""
    if recipe.is_full_batch:
        return [("optimiser", name) for name in ("lbfgs", "cg", "adam") if name != recipe.optimiser]
    batch = min(recipe.batch_size, train)
    # Halves down to 1: the first that fits is nearest to what was asked for.
    return [("batch_size", batch >> halvings) for halvings in range(1, batch.bit_length())]


def _parameter_bytes(network: Network, recipe: Recipe, engine: str) -> int:
    """Estimate what has the parameters' size: they themselves, their gradients, and what the optimiser keeps."""
    # bfgs keeps a pair per iteration: how many there will be decides its memory.
    count, kept = network.parameter_count, vectors_kept(recipe, recipe.steps or recipe.epochs)
    if recipe.is_full_batch:
        return 8 * count * (kept + _VECTORS)
    # In float32: the last epoch's parameters, the best one's; those at work with what the optimiser keeps, and two
    # copies of both while a checkpoint is written. The initial ones are in float64.
    copies = 1 + (recipe.early_stopping is not None) + 3 * (1 + kept)
    if engine not in NATIVE:
        copies += 1 + kept  # a step makes gradients, and new state beside the old
    return count * (8 + 4 * copies)


def _native_batch(network: Network, recipe: Recipe, images: tuple[int, int]) -> int:
    """Ask the C library what it takes for a batch."""
    dtype = recipe.dtype
    # Both: an epoch is evaluated while the workspace to train in stays.
    reading = workspace_bytes(network, min(INFERENCE_BATCH, max(images)), training=False, dtype=dtype)
    # A full-batch optimiser adds up parts of the data set, as large as the engine itself cuts them.
    batch = gradient_batch(network, images[0]) if recipe.is_full_batch else StepCount(recipe, images[0]).batch_size
    return reading + workspace_bytes(network, batch, training=True, dtype=dtype)


def _numpy_batch(network: Network, recipe: Recipe, images: tuple[int, int]) -> int:
    """Estimate what the NumPy engine keeps of each layer on the way forward, and makes on the way back."""
    kept, forward, backward = prod(network.input_shape), 0, 0
    for layer, shape in ((layer, shape) for _, layer, shape in network.walk() if not isinstance(layer, Flatten)):
        before, after = prod(shape), prod(layer.output_shape(shape))
        # The output before the activation and after it; a convolution pads a copy of its input.
        kept += 2 * after + (before if isinstance(layer, Conv2D) else 0)
        forward = max(forward, 2 * after)  # a sum, and what is added to it
        backward = max(backward, 3 * after + 2 * before)  # gradients by the output, its activation and the input
    batch = numpy_part_size(network, images[0]) if recipe.is_full_batch else StepCount(recipe, images[0]).batch_size
    reading = (kept + forward) * min(NUMPY_READ_AT_ONCE, max(images))
    return (8 if recipe.dtype == "float64" else 4) * max(reading, (kept + backward) * batch)


def _jax_batch(network: Network, recipe: Recipe, images: tuple[int, int]) -> int:
    """Estimate what JAX holds of layers' outputs, and of their gradients."""
    outputs = network.memory_per_image // 2
    reading = outputs * min(EVAL_BATCH, max(images))
    if not recipe.is_full_batch:
        return max(reading, 2 * outputs * StepCount(recipe, images[0]).batch_size)
    whole = 4 * outputs * images[0]  # in float64
    return max(reading, whole if network.needs_whole_batch else min(whole, 2 * BYTES_AT_ONCE))


def describe_bytes(count: float) -> str:
    """Word an amount of memory in two digits or so."""
    if count >= 1e9:
        return f"{count / 1e9:.1f} GB"
    return f"{round(count / 1e6, -1 if count >= 1e8 else 0):.0f} MB"
