"""A trained network that people can use: it knows its classes, how it was trained, and what pictures it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inklings.engines import Engine, engine_name, get_engine
from inklings.errors import DataError
from inklings.networks import Network, Parameters

if TYPE_CHECKING:
    from inklings.models.preparation import Preparation


@dataclass(frozen=True, eq=False)
class Model:
    """A network, its parameters and what belongs to them.

    Parameters
    ----------
    network : Network
    parameters : dict of str to array
        ``"layer_name/kind"`` to values, which may not be changed afterwards.
    class_names : sequence of str
        In the order of the network's outputs.
    training : mapping, optional
        How it was trained, in plain values: recipe, data, accuracy with its interval.
    preprocessing : mapping, optional
        How pictures must be prepared, in plain values.

    Raises
    ------
    NetworkError
        The parameters do not fit the network.
    DataError
        There are not as many class names as the network has outputs.
    """

    network: Network
    parameters: Parameters
    class_names: Sequence[str]
    training: Mapping[str, Any] = field(default_factory=dict)
    preprocessing: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "class_names", tuple(self.class_names))
        self.network.check_parameters(self.parameters)
        if len(self.class_names) != self.network.output_count:
            raise DataError(f"{len(self.class_names)} class names for a network of {self.network.output_count} outputs")

    @cached_property
    def preparation(self) -> Preparation:
        """What is done to a picture; a DataError if the model was saved without."""
        from inklings.models.preparation import Preparation

        return Preparation.from_plain(self.preprocessing)

    @property
    def threshold(self) -> float | None:
        """The probability below which it is not sure of an answer; None if none was chosen."""
        sure = self.training.get("sure")
        return float(sure["threshold"]) if sure else None

    def predict_proba(self, images: ArrayLike) -> NDArray[np.floating[Any]]:
        """Give each class's probability.

        Parameters
        ----------
        images : array, shape (n, height, width, channels), (n, height, width) or (n, height * width * channels)
            Paper 0 and ink 1, of the network's size.

        Returns
        -------
        array, shape (n, classes)
            Rows sum to 1; sigmoid outputs, each a probability of its own, are divided by their sum.
        """
        pixels = self._shaped(images)
        return probabilities(self.network, self._outputs(pixels))

    def predict(self, images: ArrayLike) -> NDArray[np.int64]:
        """Give the most probable class of each image, as its number, shape (n,)."""
        classes: NDArray[np.int64] = self.predict_proba(images).argmax(1)
        return classes

    def activations(self, images: ArrayLike) -> dict[str, NDArray[np.floating[Any]]]:
        """Give every layer's output for each image, by the layer's name."""
        pixels = self._shaped(images)
        return self._engine.activations(self.network, self.parameters, pixels)

    def save(self, path: str | Path) -> None:
        """Write the model to one file, which :func:`inklings.load` reads; see :mod:`inklings.models.file`."""
        from inklings.models.file import save

        save(self, path)

    def _shaped(self, images: ArrayLike) -> NDArray[np.float32]:
        """Bring images into the shape (n, height, width, channels), or refuse them."""
        pixels = np.asarray(images, np.float32)
        shape = self.network.input_shape
        if pixels.shape[1:] not in (shape, (shape[0] * shape[1] * shape[2],)) and (*pixels.shape[1:], 1) != shape:
            raise DataError(f"images have shape {pixels.shape}, expected (n, {shape[0]}, {shape[1]}, {shape[2]})")
        if not len(pixels):
            raise DataError("no images, expected at least one")
        if not np.isfinite(pixels).all():
            raise DataError("the images hold NaN or infinity, expected numbers")
        return pixels.reshape(-1, *shape)

    @cached_property
    def _engine(self) -> Engine:
        # By its own name, since no word need be lost on the slower engine where the native one is missing.
        return get_engine(engine_name())

    @cached_property
    def _outputs(self) -> Callable[[NDArray[np.float32]], NDArray[np.floating[Any]]]:
        """What turns images into outputs, made when it is first asked for."""
        return self._engine.reader(self.network, self.parameters)


def probabilities(network: Network, outputs: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """Make probabilities of a network's outputs, shape (n, classes): sigmoids are divided by their sum."""
    if network.output_activation == "softmax":
        return outputs
    total = outputs.sum(1, keepdims=True)
    return np.where(total > 0, outputs / np.where(total > 0, total, 1), 1 / outputs.shape[1])
