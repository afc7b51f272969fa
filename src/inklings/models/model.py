"""A trained network, ready to use, with its classes, its training and its preprocessing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inklings.data.lazy_images import Images
from inklings.engines import Engine, engine_name, get_engine
from inklings.errors import DataError, InklingsError, NetworkError
from inklings.models.file import Contents, read_model, unusable, write_model
from inklings.models.last_hidden import FeaturesAndLogits, features_and_logits
from inklings.models.novelty import Novelty
from inklings.networks import Network, Parameters

if TYPE_CHECKING:
    from inklings.models.preparation import Preparation

_AT_ONCE = 1000
"""Images whose novelty is measured together."""

Reader = Callable[[NDArray[np.float32]], NDArray[np.floating[Any]]]


@dataclass(frozen=True, eq=False)
class Model:
    """A network with its parameters, class names and metadata.

    Parameters
    ----------
    network : Network
    parameters : dict of str to array
        ``"layer_name/kind"`` to values, which may not be changed afterwards.
    class_names : sequence of str
        In the order of the network's outputs.
    training : mapping, optional
        How it was trained, as plain values: recipe, data, accuracy with its interval.
    preprocessing : mapping, optional
        How pictures must be preprocessed, as plain values.
    novelty : Novelty, optional
        What tells images like those that it learnt from others.

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
    novelty: Novelty | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "class_names", tuple(self.class_names))
        self.network.check_parameters(self.parameters)
        if len(self.class_names) != self.network.output_count:
            raise DataError(f"{len(self.class_names)} class names for a network of {self.network.output_count} outputs")

    @cached_property
    def preparation(self) -> Preparation:
        """The preprocessing of pictures; a DataError if the model was saved without it."""
        from inklings.models.preparation import Preparation

        return Preparation.from_plain(self.preprocessing)

    @property
    def threshold(self) -> float | None:
        """The probability below which a prediction is not confident; None if none was chosen."""
        sure = self.training.get("sure")
        return float(sure["threshold"]) if sure else None

    def predict_proba(self, images: ArrayLike) -> NDArray[np.floating[Any]]:
        """Return class probabilities.

        Parameters
        ----------
        images : array, shape (n, height, width, channels), (n, height, width) or (n, height * width * channels)
            Paper 0 and ink 1, of the network's size.

        Returns
        -------
        array, shape (n, classes)
            Rows sum to 1; sigmoid outputs, each a probability of its own, are divided by their sum.

        Raises
        ------
        DataError
            The images are of another size, or hold NaN or infinity.
        NetworkError
            The weights are so large that an output is NaN or infinite.
        """
        pixels = self._shaped(images)
        return probabilities(self.network, self.parameters, self._outputs(pixels))

    def predict(self, images: ArrayLike) -> NDArray[np.int64]:
        """Return the most probable class of each image, as its number, shape (n,)."""
        classes: NDArray[np.int64] = self.predict_proba(images).argmax(1)
        return classes

    def activations(self, images: ArrayLike) -> dict[str, NDArray[np.floating[Any]]]:
        """Return every layer's output for each image, by the layer's name."""
        pixels = self._shaped(images)
        return self._engine.activations(self.network, self.parameters, pixels)

    def features_and_logits(self, images: Images) -> tuple[NDArray[np.floating[Any]] | None, NDArray[np.floating[Any]]]:
        """Return the last hidden layer's outputs, None for a network without one, and the logits of prepared images."""
        return self._features(images)

    def score_novelty(self, images: Images) -> NDArray[np.floating[Any]]:
        """Return how unlike what it learnt each image is; above ``novelty.threshold`` it is novel.

        Parameters
        ----------
        images : array of float32, shape (n, height, width, channels)
            Paper 0 and ink 1, of the network's size.

        Raises
        ------
        DataError
            The model has no measure of novelty.
        """
        if self.novelty is None:
            raise DataError("the model has no measure of novelty", "save it anew from its run")
        parts = [images[start : start + _AT_ONCE] for start in range(0, len(images), _AT_ONCE)]
        return np.concatenate([self.novelty.score(part, *self.features_and_logits(part)) for part in parts])

    def save(self, path: str | Path) -> None:
        """Write the model to one file, which :func:`inklings.load` reads; see :mod:`inklings.models.file`.

        Raises
        ------
        RunError
            The file cannot be written there.
        """
        contents = Contents(
            self.network, self.parameters, self.class_names, self.training, self.preprocessing, self.novelty
        )
        write_model(Path(path), contents)

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
        # By its own name: a prediction needs no note on the slower engine where the native one is missing.
        return get_engine(engine_name())

    @cached_property
    def _features(self) -> FeaturesAndLogits:
        return features_and_logits(self._engine, self.network, self.parameters)

    @cached_property
    def _outputs(self) -> Reader:
        """A function from images to outputs, made when it is first needed."""
        reader = self._engine.reader(self.network, self.parameters)
        return reader if self._engine.name == "native" else _without_warnings(reader)


def load(path: str | Path) -> Model:
    """Load a model that :meth:`Model.save` wrote.

    Raises
    ------
    RunError
        The file is missing, is something else, was altered or truncated, or has a newer version.
    """
    path = Path(path)
    contents = read_model(path)
    try:
        return Model(*contents)
    except InklingsError as problem:
        raise unusable(path, problem) from None


def probabilities(
    network: Network, parameters: Parameters, outputs: NDArray[np.floating[Any]]
) -> NDArray[np.floating[Any]]:
    """Make probabilities of a network's outputs, shape (n, classes): sigmoids are divided by their sum.

    Raises
    ------
    NetworkError
        An output is NaN or infinite; names the largest of the parameters.
    """
    # A sum of squares in half a microsecond: NaN and infinity survive it, and only then it is looked which they are.
    if not isfinite(np.vdot(outputs, outputs)):
        _check_finite(parameters, outputs)
    if network.output_activation == "softmax":
        return outputs
    total = outputs.sum(1, keepdims=True)
    return np.where(total > 0, outputs / np.where(total > 0, total, 1), 1 / outputs.shape[1])


def _without_warnings(reader: Reader) -> Reader:
    """Leave out NumPy's warnings of an overflow: what comes of one is refused in a sentence."""

    def read(images: NDArray[np.float32]) -> NDArray[np.floating[Any]]:
        with np.errstate(all="ignore"):
            return reader(images)

    return read


def _check_finite(parameters: Parameters, outputs: NDArray[np.floating[Any]]) -> None:
    bad = ~np.isfinite(outputs).all(1)
    if bad.any():
        largest = max(parameters, key=lambda name: float(np.abs(parameters[name]).max(initial=0)))
        raise NetworkError(
            f"the outputs are NaN or infinite for {bad.sum():,} of {len(bad):,} images: the values of '{largest}', "
            f"up to {np.abs(parameters[largest]).max():.3g}, are too large to compute with",
            "train the network anew with a smaller learning rate",
        )
