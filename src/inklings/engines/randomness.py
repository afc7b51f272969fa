"""The random numbers of training's steps, the same for all engines: the order of the images, and dropout's masks.

Their seed is the recipe's ``seed_of_order``; that of the initial weights, which
:func:`inklings.networks.initial_parameters` draws, may be another. Beside the seed, each stream has a number of its
own: with equal seeds, weights, order and masks still have nothing to do with each other.

A mask must cost next to nothing, and come out the same in NumPy and in a compiled loop. So it is not drawn from a
generator with a state but is a hash of a counter: of the value's place in the batch, the step, the layer and the seed.
"""

from __future__ import annotations

from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

_SHUFFLES, _MASKS = 0x5F1E, 0x3A5C  # keep streams apart that have the same seed
# The 32-bit mixer of least bias that C. Wellons found by search (lowbias32, https://nullprogram.com/blog/2018/07/31/).
_FACTORS = (np.uint32(0x7FEB352D), np.uint32(0x846CA68B))
_GOLDEN = np.uint32(0x9E3779B9)  # 2^32 over the golden ratio: spreads successive steps far apart


class DropoutKey(NamedTuple):
    """What the mask of a Dropout layer follows from in one step of training.

    Parameters
    ----------
    keys : array of uint32, shape (2,)
        The layer's row of :func:`mask_keys`.
    step : array of uint32, shape (1,)
        Steps done since training began.
    """

    keys: Any
    step: Any


def batch_order(seed: int, epoch: int, images: int, batch_size: int) -> NDArray[np.int64]:
    """Shuffle images into batches; a short last batch is dropped, unless it is the only one.

    Parameters
    ----------
    seed, epoch : int
        The same two give the same order.
    images, batch_size : int
        How many there are, and how many go together.

    Returns
    -------
    array of int64, shape (batches, batch_size)
    """
    # A generator for each epoch, so that a training that goes on after epoch 7 needs no state, only the number 7.
    # [seed, stream, epoch] are mixed as three numbers: seed 1 in epoch 2 has nothing to do with seed 2 in epoch 1.
    shuffled = np.random.default_rng([seed, _SHUFFLES, epoch]).permutation(images)
    batch_size = min(batch_size, images)
    # Full batches alone: the order of an epoch is one array, and every step's mean is over as many images.
    batches = images // batch_size
    return shuffled[: batches * batch_size].reshape(batches, batch_size)


def augmentation_random(seed: int, epoch: int) -> np.random.Generator:
    """Return the generator that an epoch's image changes are drawn from."""
    # The last number keeps these draws apart from the epoch's shuffle.
    return np.random.default_rng([seed, _SHUFFLES, epoch, 1])


def mask_keys(seed: int, layers: int) -> NDArray[np.uint32]:
    """Draw two keys for each layer from a seed, shape (layers, 2)."""
    # SeedSequence itself, not a generator's draws: its words stay the same from one NumPy to the next.
    words = np.random.SeedSequence([seed, _MASKS]).generate_state(2 * layers, np.uint32)
    return words.astype(np.uint32, copy=False).reshape(layers, 2)


def dropout_mask(xp: Any, key: DropoutKey, shape: tuple[int, ...], rate: float) -> Any:  # noqa: ANN401 - NumPy or JAX
    """Return which values a Dropout layer keeps.

    Parameters
    ----------
    xp : module
        ``numpy`` or ``jax.numpy``.
    key : DropoutKey
    shape : tuple of int
        Batch and values.
    rate : float
        The share to silence; right to 2^-32.

    Returns
    -------
    array of bool, of ``shape``
        True where a value is kept.
    """
    # The step is an array of one: NumPy's arrays of uint32 wrap around in silence, its scalars warn.
    offset = _mix(key.step * _GOLDEN + key.keys[0])
    # The offset alone would only reorder one sequence of hashes; the second key gives each layer a sequence of its own.
    place = xp.arange(prod(shape), dtype=xp.uint32)
    # A share `rate` of all 32-bit numbers lies below the threshold.
    return (_mix(place ^ offset, key.keys[1]) >= np.uint32(dropout_threshold(rate))).reshape(shape)


def dropout_threshold(rate: float) -> int:
    """Return the 32-bit number that the hash of a value which is kept is at least."""
    return min(round(rate * 2**32), 2**32 - 1)  # a rate just below 1 rounds to 2^32, which takes a 33rd bit


def _mix(x: Any, key: Any = np.uint32(0)) -> Any:  # noqa: ANN401, B008
    # In Python * comes before ^: the key enters between the two rounds.
    x = (x ^ (x >> np.uint32(16))) * _FACTORS[0] ^ key
    x = (x ^ (x >> np.uint32(15))) * _FACTORS[1]
    return x ^ (x >> np.uint32(16))
