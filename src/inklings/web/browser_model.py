"""A model as the engine for browsers takes it: a header in JSON, and the weights as bytes.

::

    network        input_shape and layers, as :func:`inklings.networks.network_to_plain` gives them
    members        of an ensemble: how many networks of that form are averaged
    temperature    of an ensemble: divides the logarithms of the mean probabilities
    class_names    in the order of the outputs
    preparation    kind, size, channels, invert and backdrop (white or black under transparent parts, null if training
                   had none): how a picture becomes the input
    title, accuracy, interval
    weights        of each array its name, shape, dtype, and the offset of its first byte; little-endian, C order; of
                   whole numbers the scale that they are to be multiplied by

Where size matters, weights are whole numbers of 16 bits with one scale for each array. Of as many bits, float16 keeps
digits for tiny weights, which no sum needs, at the cost of the large ones: with it, the answers of cnn2 on the
bundled digits changed ten times as much.

Batch normalisations are folded where the native engine folds them, so that a browser computes what Python does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from inklings.errors import RunError
from inklings.models.classifier import predictor_of
from inklings.models.ensemble import Ensemble, join_parameters, part_parameters
from inklings.models.model import Model
from inklings.networks import Network, Parameters, network_to_plain
from inklings.networks.folding import fold_batch_norms

Precision = Literal["float32", "int16"]

LARGEST_CHANGE = 5e-4
"""By which rounding weights may change a probability: half of what a page may differ from Python at all."""

_PROBES = 200
_BEGINS_AT = 8  # JavaScript reads numbers only at multiples of their size


@dataclass(frozen=True)
class BrowserModel:
    """A model for browsers.

    Parameters
    ----------
    header : dict
        Plain values, for JSON; as this module describes them.
    weights : bytes
    """

    header: dict[str, Any]
    weights: bytes


def browser_model(model: Model, *, title: str | None = None, precision: Precision = "float32") -> BrowserModel:
    """Return a model as the engine for browsers takes it.

    Parameters
    ----------
    model : Model
        Of a network, or of an ensemble of networks.
    title : str, optional
        What people call it; the name that it was trained under if not given.
    precision : {"float32", "int16"}
        Of the layers' weights; biases stay float32, and a browser computes in float32 with either.

    Raises
    ------
    RunError
        It is the model of an opponent, which no browser can compute.
    """
    # Folded, so that the engine for browsers has less to compute.
    network, parameters = _folded(model)
    header: dict[str, Any] = {"network": network_to_plain(network)}
    if isinstance(model.classifier, Ensemble):
        header |= {"members": model.classifier.members, "temperature": model.classifier.temperature}
    places, weights = _to_bytes(parameters, precision)
    about = {name: model.training.get(name) for name in ("accuracy", "interval")}
    header |= {
        "class_names": list(model.class_names),
        "preparation": {
            **{name: model.preprocessing.get(name) for name in ("kind", "size", "channels", "invert")},
            "backdrop": None if model.interpretation is None else model.interpretation.backdrop,
        },
        "title": title or str(model.training.get("name") or "network"),
        **about,
        "weights": places,
    }
    return BrowserModel(header, weights)


def smallest_browser_model(
    model: Model, *, title: str | None = None, images: NDArray[np.float32] | None = None
) -> BrowserModel:
    """Return a model with weights of 16 bits where its answers stay, else of 32.

    They stay if no probability changes by more than :data:`LARGEST_CHANGE` on images.

    Parameters
    ----------
    model : Model
    title : str, optional
    images : array, shape (n, height, width, channels), optional
        As the network takes them; strokes and blots drawn at random if not given.
    """
    tried = _random_strokes(model.input_shape) if images is None else images
    precision: Precision = "int16" if _largest_change(model, tried) <= LARGEST_CHANGE else "float32"
    return browser_model(model, title=title, precision=precision)


def _folded(model: Model) -> tuple[Network, Parameters]:
    """Return the network without the batch normalisations that can be folded, and its parameters or all members'."""
    classifier = model.classifier
    if isinstance(classifier, Ensemble):
        folded = fold_batch_norms(classifier.network)
        members = [folded.parameters(own) for own in part_parameters(classifier.members, model.parameters)]
        return folded.network, join_parameters(members)
    if not isinstance(classifier, Network):
        name = model.training.get("name", "this model")
        raise RunError(
            f"{name} is not a network, expected one: browsers can compute networks only",
            "export it to ONNX, or train a network: inklings train cnn2 --save digits.inkling",
        )
    folded = fold_batch_norms(classifier)
    return folded.network, folded.parameters(model.parameters)


def _to_bytes(parameters: Mapping[str, NDArray[Any]], precision: Precision) -> tuple[list[dict[str, Any]], bytes]:
    places, parts, offset = list[dict[str, Any]](), list[bytes](), 0
    for name, values in parameters.items():
        place: dict[str, Any] = {"name": name, "shape": list(values.shape), "dtype": "float32", "offset": offset}
        stored: NDArray[Any] = np.ascontiguousarray(values, "<f4")
        if precision == "int16" and _is_rounded(name):
            stored, scale = _round(values)
            place |= {"dtype": "int16", "scale": scale}
        content = stored.tobytes()
        # Zeros up to the next multiple of eight.
        content += bytes(-len(content) % _BEGINS_AT)
        places.append(place)
        parts.append(content)
        offset += len(content)
    return places, b"".join(parts)


def _is_rounded(name: str) -> bool:
    # Biases and the like are few: rounding them would save next to nothing.
    return name.endswith("/weights")


def _round(values: NDArray[Any]) -> tuple[NDArray[np.int16], float]:
    """Return an array as whole numbers, and the scale that they are to be multiplied by."""
    scale = float(np.abs(values).max(initial=0)) / 32767 or 1.0  # where all are 0, any scale will do
    return np.rint(values / scale).astype("<i2"), scale


def _largest_change(model: Model, images: NDArray[np.float32]) -> float:
    """Return by how much rounding changes any class's probability."""
    network, parameters = _folded(model)
    rounded = dict(parameters)
    for name in filter(_is_rounded, parameters):
        whole, scale = _round(parameters[name])
        rounded[name] = (whole * scale).astype(np.float32)
    form: Network | Ensemble = network
    if isinstance(model.classifier, Ensemble):
        form = Ensemble(network, model.classifier.members, model.classifier.temperature)
    after = predictor_of(form, rounded).predict_proba(images)
    return float(np.abs(predictor_of(model.classifier, model.parameters).predict_proba(images) - after).max())


def _random_strokes(shape: tuple[int, int, int]) -> NDArray[np.float32]:
    """Draw images that are something like writing, so that a network is tried where it is asked."""
    random = np.random.default_rng(0)
    height, width, channels = shape
    rows, columns = np.mgrid[:height, :width][..., None]
    images = np.zeros((_PROBES, height, width, channels), np.float32)
    for image in images:
        # A path of a dozen pen positions, each a blot of about two pixels.
        path = random.uniform(0.2, 0.8, (3, 2, channels))
        along = np.linspace(0, 2, 12)[:, None, None]
        pens = np.where(along < 1, path[0] + along * (path[1] - path[0]), path[1] + (along - 1) * (path[2] - path[1]))
        for y, x in pens:
            distance = (rows - y * height) ** 2 + (columns - x * width) ** 2
            np.maximum(image, np.exp(-distance / 2), out=image)
    return images
