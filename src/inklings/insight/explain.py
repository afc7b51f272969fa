"""Why a model gives an image a class, as one map over it: quick enough for a click."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from inklings.arguments import checks_call
from inklings.data.pixels import border_pixels
from inklings.errors import DataError
from inklings.insight.gradients import input_times_gradient, integrated_gradients, saliency
from inklings.insight.members import Images, check_images
from inklings.insight.occlusion import occlusion
from inklings.models.model import Model
from inklings.serialise import did_you_mean

STEPS = 16
"""Points of integrated gradients, half as many as elsewhere: of 12 digits, maps by cnn2 and best had a correlation of
0.999 with those by 256 points."""

Method = Callable[[Model, Images, int | None], Images]


@checks_call(DataError, model=Model)
def explain(model: Model, image: ArrayLike, kind: str = "integrated", target: int | None = None) -> Images:
    """Return a map of which pixels speak for a class, and which against it.

    Parameters
    ----------
    model : Model
    image : array, (height, width, channels) or (height, width)
        One prepared image.
    kind : {"saliency", "gradient", "integrated", "occlusion"}
        How it is found: see :func:`inklings.insight.gradients.saliency`,
        :func:`~inklings.insight.gradients.input_times_gradient`,
        :func:`~inklings.insight.gradients.integrated_gradients` and :func:`inklings.insight.occlusion.occlusion`.
        The baseline of the last three is the image's :func:`background`.
    target : int, optional
        Which class; the most probable one if not given.

    Returns
    -------
    array of float32, (height, width)
        Above 0 for the class, below 0 against it; saliency, which tells nothing about the direction, is at least 0.

    Raises
    ------
    DataError
        There is no such kind or class, or it is not an image of the model's size.
    NetworkError
        The model is of an opponent, for which only occlusion works.

    Examples
    --------
    >>> import inklings
    >>> from inklings.insight import explain
    >>> from inklings.networks import initial_parameters
    >>> layers = inklings.Conv2D(8, 5), inklings.MaxPool2D(2), inklings.Flatten(), inklings.Dense(10, "softmax")
    >>> network, digits = inklings.Network((20, 20, 1), layers), inklings.open_dataset("digits")
    >>> model = inklings.Model(network, initial_parameters(network, seed=0), digits.class_names)
    >>> images = digits.images[::100]
    >>> explain(model, images[0], "occlusion").shape
    (20, 20)
    """
    if kind not in KINDS:
        raise DataError(f"no map of kind '{kind}'", did_you_mean(kind, KINDS))
    pixels = check_images(model, image)
    if len(pixels) != 1:
        raise DataError(f"{len(pixels)} images, expected one")
    # [0]: the maps are made for any number of images.
    found: Images = KINDS[kind](model, pixels, target)[0]
    return found


@checks_call(DataError)
def background(image: Images) -> Images:
    """Return what an image shows along its border, by channel: the median, (channels,); 0 where writing has a margin.

    Examples
    --------
    >>> image = np.zeros((5, 5, 1), np.float32)
    >>> image[1:4, 2] = 1
    >>> background(image)
    array([0.], dtype=float32)
    """
    if np.ndim(image) != 3:
        raise DataError(f"an image of shape {np.shape(image)}, expected (height, width, channels)")
    median: Images = np.median(border_pixels(np.asarray(image)[np.newaxis]), axis=(0, 1, 2)).astype(np.float32)
    return median


def _gradient(model: Model, images: Images, target: int | None) -> Images:
    # Summed over the channels: one number for each pixel, whatever its colour.
    product: Images = input_times_gradient(model, images, target, background(images[0])).sum(-1)
    return product


def _integrated(model: Model, images: Images, target: int | None) -> Images:
    total: Images = integrated_gradients(model, images, target, background(images[0]), steps=STEPS).attributions.sum(-1)
    return total


KINDS: dict[str, Method] = {
    "saliency": saliency,
    "gradient": _gradient,
    "integrated": _integrated,
    "occlusion": lambda model, images, target: occlusion(model, images, target, background(images[0])),
}
"""The maps by name."""
