"""From an estimator's parameters to a Plan: the shape of the images, the network and its recipe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from math import isqrt, prod
from numbers import Integral
from typing import Any

from inklings.errors import DataError, EstimatorError, NetworkError, RecipeError
from inklings.networks import Conv2D, GlobalPool, Layer, MaxPool2D, Network
from inklings.training.data_facts import DataFacts
from inklings.training.plans import Plan, default_plan
from inklings.training.presets import preset
from inklings.training.recipe import Recipe

Shape = tuple[int, int, int]
Choice = str | Network | Sequence[Layer]

# These have scikit-learn's names: class_weight and random_state.
_OTHERWISE = "class_weights", "seed", "order_seed"
RECIPE_SETTINGS = tuple(field.name for field in fields(Recipe) if field.name not in _OTHERWISE)
SPATIAL_LAYERS = (Conv2D, MaxPool2D, GlobalPool)


@contextmanager
def refusals() -> Iterator[None]:
    """Turn errors of data, network and recipe into an EstimatorError with the same message and hint."""
    try:
        yield
    except (DataError, NetworkError, RecipeError) as error:
        raise error.into(EstimatorError) from None


def find_image_shape(given: tuple[int, ...], asked: Any, network: Choice, settings: Mapping[str, Any]) -> Shape:  # noqa: ANN401
    """Return the shape of the images that the rows of X are.

    Parameters
    ----------
    given : tuple of int
        The shape of a row of X: (features,), (height, width) or (height, width, channels).
    asked : (height, width), (height, width, channels) or None
        The estimator's ``image_shape``.
    network, settings
        The estimator's network, which may have an input shape, and the preset's settings.

    Raises
    ------
    EstimatorError
        The rows cannot be such images.
    """
    if asked is None and isinstance(network, Network):
        asked = network.input_shape
    if asked is not None:
        return _check_asked(given, asked)
    if len(given) > 1:
        height, width, channels = given if len(given) == 3 else (*given, 1)
        return height, width, channels
    if not _looks_at_neighbours(network, settings):
        return 1, given[0], 1  # for a network that flattens its input, one row of pixels is as good as any shape
    side = isqrt(given[0])
    if side * side != given[0]:
        raise EstimatorError(
            f"X has {given[0]} features, which make no square image for the convolutions or poolings of this network",
            "give image_shape=(height, width, channels), or X of the shape (n, height, width) or with channels last",
        )
    return side, side, 1


def _check_asked(given: tuple[int, ...], asked: Any) -> Shape:  # noqa: ANN401 - whatever the user gave
    sizes = tuple(asked) if isinstance(asked, list | tuple) else ()
    if len(sizes) not in (2, 3) or not all(isinstance(size, Integral) and int(size) > 0 for size in sizes):
        raise EstimatorError(f"image_shape is {asked!r}, expected (height, width) or (height, width, channels)")
    height, width, channels = map(int, sizes if len(sizes) == 3 else (*sizes, 1))
    shape = height, width, channels
    if prod(given) != prod(shape) or (len(given) > 1 and given not in (shape, shape[:2])):
        raise EstimatorError(f"a row of X has the shape {given}, expected an image of {shape}")
    return shape


def _looks_at_neighbours(network: Choice, settings: Mapping[str, Any]) -> bool:
    """Return whether it matters to a network which pixels are neighbours."""
    if isinstance(network, str):
        network = build_plan(network, settings, (8, 8, 1), 2).network  # its kinds of layers are the same for any shape
    layers: Any = network.layers if isinstance(network, Network) else network
    return isinstance(layers, list | tuple) and any(isinstance(layer, SPATIAL_LAYERS) for layer in layers)


def build_plan(
    network: Choice,
    settings: Mapping[str, Any],
    shape: Shape,
    classes: int,
    data: DataFacts = DataFacts(),  # noqa: B008 - frozen
) -> Plan:
    """Return the network for images of a shape, with its recipe.

    Raises
    ------
    EstimatorError
        There is no such preset or setting, or the layers do not fit the images or each other.
    """
    with refusals():
        if isinstance(network, str):
            return preset(network, shape, classes, data=data, **settings)
        if settings:
            raise NetworkError("network_settings are those of a preset, found a network of your own", "leave them out")
        if not isinstance(network, Network):
            if not isinstance(network, list | tuple):
                raise NetworkError(f"network is {network!r}, expected a preset's name, a Network or a list of layers")
            network = Network(shape, tuple(network))
        return default_plan(network)
