"""What is looked into: the networks of a model, the images they are shown, and the classes asked about."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inklings.arguments import checks_call
from inklings.data.dataset import Dataset
from inklings.errors import DataError, NetworkError
from inklings.models.ensemble import Ensemble, part_parameters
from inklings.models.inputs import Inputs
from inklings.models.model import Model
from inklings.models.network_predictor import NetworkPredictor
from inklings.networks import Network
from inklings.serialise import did_you_mean

Images = NDArray[np.float32]
Floats = NDArray[np.floating[Any]]
Integers = NDArray[np.int64]


def members_of(model: Model) -> tuple[NetworkPredictor, ...]:
    """Return the networks that a model classifies with: one, or all members of an ensemble.

    Raises
    ------
    NetworkError
        The model is of an opponent, which has no layers.
    """
    form, parameters = model.classifier, model.parameters
    if isinstance(form, Network):
        return (NetworkPredictor(form, parameters),)
    if isinstance(form, Ensemble):
        return tuple(NetworkPredictor(form.network, own) for own in part_parameters(form.members, parameters))
    name = model.training.get("name", "this model")
    raise NetworkError(
        f"{name} is not a network: it has no filters, layers or gradients to look into",
        "`inklings evaluate` shows what it confuses; a network of the same data: inklings train best",
    )


def member_of(model: Model, number: int = 1) -> NetworkPredictor:
    """Return one of the networks that a model classifies with, counted from 1; a NetworkError if there is none."""
    members = members_of(model)
    if not 1 <= number <= len(members):
        raise NetworkError(f"is {number}, expected 1 to {len(members)}", setting="member", found=number)
    return members[number - 1]


def layer_number(network: Network, name: str) -> int:
    """Return the place of a layer by its name; a NetworkError that names the nearest if there is none."""
    if name not in network.names:
        raise NetworkError(f"the network has no layer '{name}'", did_you_mean(name, network.names))
    return network.names.index(name)


@checks_call(DataError, model=Model)
def layer_outputs(model: Model, images: ArrayLike, *, member: int = 1) -> dict[str, Floats]:
    """Return what goes through a network: the images themselves as ``"input"``, then every layer's output by its name.

    As at evaluation, by the quickest engine there is; all engines give the same.

    Parameters
    ----------
    model : Model
        Of a network or an ensemble.
    images : array, (n, height, width, channels) or one without the first axis
        Prepared, as a Dataset's images are.
    member : int
        Which member of an ensemble, from 1.

    Returns
    -------
    dict of str to array
        (n, height, width, channels), or (n, units) once there is no image any more.

    Raises
    ------
    NetworkError
        There is no such member, or the model is of an opponent, which has no layers.
    DataError
        The images are of another size.

    Examples
    --------
    >>> import inklings
    >>> from inklings.insight import layer_outputs
    >>> from inklings.networks import initial_parameters
    >>> layers = inklings.Conv2D(8, 5), inklings.MaxPool2D(2), inklings.Flatten(), inklings.Dense(10, "softmax")
    >>> network, digits = inklings.Network((20, 20, 1), layers), inklings.open_dataset("digits")
    >>> model = inklings.Model(network, initial_parameters(network, seed=0), digits.class_names)
    >>> images = digits.images[::100]
    >>> outputs = layer_outputs(model, images[0])
    >>> list(outputs), outputs["conv2d_1"].shape
    (['input', 'conv2d_1', 'maxpool2d_1', 'flatten_1', 'dense_1'], (1, 20, 20, 8))
    """
    pixels = check_images(model, images)
    return {"input": pixels, **member_of(model, member).activations(pixels)}


def check_images(model: Model, images: ArrayLike | Dataset) -> Images:
    """Return prepared images as an array (n, height, width, channels); one alone may lack the first axis.

    Raises
    ------
    DataError
        They are of another size or no numbers, there is none, or they hold NaN or infinity.
    """
    shape = model.input_shape
    try:
        # A data set, too, as Model.predict takes it.
        pixels = np.asarray(images.images[:] if isinstance(images, Dataset) else images, np.float32)
    except (TypeError, ValueError):
        hint = "give an array, a data set or a part of a split, such as split.test"
        raise DataError(f"found a {type(images).__name__}, expected images", hint) from None
    # (height, width) too, of one grey image.
    if pixels.shape == shape or (*pixels.shape, 1) == shape:
        pixels = pixels[np.newaxis]
    # Without an interpretation: prepared images are only checked and shaped.
    return Inputs(shape, None).shaped(pixels)


def check_targets(model: Model, images: Images, targets: ArrayLike | None) -> Integers:
    """Return a class for each image, (n,): those asked for, one for all or one each, else the most probable ones.

    Raises
    ------
    DataError
        There is no such class, or their number is not that of the images.
    """
    if targets is None:
        return model.predict(images, prepared=True, as_index=True)
    found, count = np.asarray(targets), len(model.class_names)
    if found.dtype.kind not in "iu" or found.shape not in ((), (1,), (len(images),)):
        raise DataError(
            f"classes of {found.dtype} and shape {found.shape}, expected one whole number, or one for each of "
            f"{len(images)} images"
        )
    if not ((found >= 0) & (found < count)).all():
        raise DataError(f"class {int(found.max() if found.max() >= count else found.min())}, expected 0 to {count - 1}")
    # astype copies: what broadcast_to returns is one number seen many times, and cannot be written to.
    return np.broadcast_to(found, len(images)).astype(np.int64)
