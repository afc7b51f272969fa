"""The preset ``best``: what classifies small images best, from their labels alone, on a laptop.

Everything that was found by trying is in the table at the top; nothing depends on one data set. Why it is as it is, and
what each part is worth: docs/decisions/0024-best.md.
"""

from __future__ import annotations

from math import ceil, exp, log, log2
from numbers import Integral

import numpy as np

from inklings.errors import NetworkError
from inklings.networks import Activation, BatchNorm, Conv2D, Dense, GlobalPool, Layer, MaxPool2D, Network
from inklings.training.augment_strength import AUTO, augmentation_of
from inklings.training.data_facts import DataFacts
from inklings.training.plans import Plan
from inklings.training.recipe import Recipe
from inklings.training.schedule import Schedule

STAGES = ((32, 32), (64, 64), (128,))
"""Filters of the 3 x 3 convolutions, with a pooling after each stage but the last."""
# Chosen on validation images alone; what each part is worth stands in decision 24.
RECIPE = Recipe(
    "adamw",
    learning_rate=3e-3,
    weight_decay=0.01,
    schedule=Schedule("cosine", final=1e-4),
    batch_size=32,
)
EPOCHS = ((100, 230), (2750, 80), (60_000, 17))
"""Training images and epochs; between, the logarithm of one is a straight line in the logarithm of the other."""
LEAST_BATCH, STEPS_PER_EPOCH = 16, 10
"""Few images are divided into so many batches, unless these would have fewer images than that: a few steps an epoch are
not enough, and the means of a handful of images are no good to normalise by."""

LAST_SIDE = 8
"""Poolings halve the shorter side until it has at most so many pixels."""
_SMALLEST_POOLED = 6
_FEWEST_FILTERS = 8
_FEWEST_FILTERS_BEFORE = 16
"""Larger images have more stages, before the others, with half as many filters each time, but not fewer than that."""

FILTERS = STAGES[0][0]


def best(
    input_shape: tuple[int, int, int],
    classes: int,
    *,
    data: DataFacts = DataFacts(),  # noqa: B008 - frozen
    filters: int = FILTERS,
) -> Plan:
    """Return the network and its recipe.

    Parameters
    ----------
    input_shape : (height, width, channels)
    classes : int
    data : DataFacts
        How many images there are to learn from, and what they show.
    filters : int
        Filters of the first stage on images of some 20 x 20 pixels; those of the other stages grow with it.

    Raises
    ------
    NetworkError
        ``filters`` is not a whole number of at least 8.
    """
    if isinstance(filters, bool) or not isinstance(filters, Integral) or filters < _FEWEST_FILTERS:
        expected = f"a whole number of at least {_FEWEST_FILTERS}"
        raise NetworkError(f"is {filters!r}, expected {expected}", setting="filters", found=filters, expected=expected)
    recipe = RECIPE.with_settings(
        epochs=epochs_for(data.images),
        batch_size=batch_size_for(data.images),
        augmentation=augmentation_of(AUTO, input_shape, data.kind),
    )
    network = Network(input_shape, (*_layers(input_shape, filters / FILTERS), Dense(classes, "softmax")))
    return Plan("best", "" if filters == FILTERS else f"{filters} filters", network, recipe)


def filters_of(network: Network) -> int:
    """Return the setting ``filters`` that a network of this preset was made with; 0 if it is none of these."""
    last = next((layer.filters for layer in reversed(network.layers) if isinstance(layer, Conv2D)), 0)
    # The last stage: its filters are always four times the setting, and so never rounded, nor held at a minimum.
    return round(last / STAGES[-1][-1] * FILTERS)


def epochs_for(images: int) -> int:
    """Return how many epochs so many training images are seen in: the fewer there are, the more often.

    >>> epochs_for(20) > epochs_for(2750) > epochs_for(60_000)
    True
    """
    known, epochs = zip(*EPOCHS, strict=True)
    # Beyond either end np.interp keeps the end's number: no more than 230 epochs, no fewer than 17.
    return round(exp(np.interp(log(max(1, images)), np.log(known), np.log(epochs))))


def batch_size_for(images: int) -> int:
    """Return the number of images per step."""
    return min(RECIPE.batch_size, max(LEAST_BATCH, images // STEPS_PER_EPOCH))


def poolings_for(side: int) -> int:
    """Return how often images whose shorter side has so many pixels are halved.

    >>> [poolings_for(side) for side in (4, 8, 20, 28, 32, 64, 96)]
    [0, 1, 2, 2, 2, 3, 4]
    """
    # At least one pooling from 6 pixels on; smaller images would be left with hardly any pixels.
    return 0 if side < _SMALLEST_POOLED else max(1, ceil(log2(side / LAST_SIDE)))


def _layers(input_shape: tuple[int, int, int], factor: float) -> list[Layer]:
    poolings = poolings_for(min(input_shape[:2]))
    layers: list[Layer] = []
    for number, stage in enumerate(_stages(poolings)):
        if 0 < number <= poolings:
            # "same", so that a row or column at an odd side's edge is not thrown away.
            layers.append(MaxPool2D(2, padding="same"))
        for filters in stage:
            scaled = max(_FEWEST_FILTERS, round(factor * filters))
            # No biases: the batch normalisation adds its own.
            layers += [Conv2D(scaled, 3, "same", biases=None), BatchNorm(), Activation("relu")]
    return [*layers, GlobalPool()]


def _stages(poolings: int) -> list[tuple[int, ...]]:
    """Return the filters of each stage: those of the table, and others before them if there are more poolings."""
    before = max(0, poolings + 1 - len(STAGES))
    # FILTERS >> 1 for the stage just before the table's, >> 2 for the one before that.
    halved = [max(_FEWEST_FILTERS_BEFORE, FILTERS >> (before - number)) for number in range(before)]
    return [*((filters, filters) for filters in halved), *STAGES]
