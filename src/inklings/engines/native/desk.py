"""A network with the memory to compute it in, and the library's functions on it."""

from __future__ import annotations

import ctypes
from threading import Lock
from typing import Any, NamedTuple
from weakref import finalize

import numpy as np
from numpy.typing import NDArray

from inklings.engines.base import Images, Labels, Weights
from inklings.engines.native import library
from inklings.engines.native.description import Description
from inklings.engines.objective import Objective
from inklings.engines.optimiser_spec import OptimiserSpec
from inklings.engines.randomness import mask_keys
from inklings.errors import DataError
from inklings.networks.layer import ACTIVATIONS

RULES = ("", "sgd", "momentum", "nesterov", "adam")  # as numbered in optimiser.h


class Data(NamedTuple):
    """Labelled images, as the library takes them: contiguous, in float32, int64 and float64."""

    images: Images
    labels: Labels
    weights: Weights | None = None


class Steps(NamedTuple):
    """Steps to take.

    Parameters
    ----------
    order : array of int64, (steps, batch_size)
        Which images make each batch.
    rates : array of float64, (steps,)
    first : int
        The number of the first one, which decides its dropout.
    done : int
        How many the optimiser has taken.
    """

    order: NDArray[np.int64]
    rates: NDArray[np.float64]
    first: int
    done: int


class Desk:
    """Memory for batches of a network, taken once.

    Parameters
    ----------
    description : Description
    images : int
        How many a batch has at most; when there are more to read, they are read batch by batch.
    threads : int
    objective : Objective
    training : bool
        Whether gradients will be asked for.
    seed : int
        Of dropout's masks.
    """

    def __init__(
        self,
        description: Description,
        images: int,
        threads: int,
        objective: Objective,
        *,
        training: bool = False,
        seed: int = 0,
    ) -> None:
        self.description, self.images, self.objective = description, images, objective
        self.dtype = description.layout.dtype
        self._library = library.load(self.dtype.name)
        layers = description.layers_with(mask_keys(seed, len(description.network.layers)), objective.penalised)
        self._memory = self._library.workspace_create(layers, len(layers), images, threads, training)
        if not self._memory:
            raise MemoryError(f"no memory for a batch of {images} images")
        # Not when Python ends: a thread that was left may still be at work in it.
        finalize(self, self._library.workspace_free, self._memory).atexit = False
        self._lock = Lock()  # the memory holds one batch at a time, whichever of Python's threads asks

    def read(self, vector: NDArray[Any], images: Images) -> NDArray[Any]:
        """Give the last layer's outputs, shape (n, classes)."""
        network = self.description.network
        self._check_shape(images)
        outputs, activation = np.empty((len(images), network.output_count), self.dtype), network.output_activation
        places = _at(vector), _at(images), len(images), ACTIVATIONS.index(activation), _at(outputs)
        with self._lock:
            self._library.predict(self._memory, *places)
        return outputs

    def outputs(self, number: int, images: int) -> NDArray[Any]:
        """Copy what one of the library's layers gave for the last batch, each image's values in a row."""
        layer = self.description.layers[number]
        kind = ctypes.c_float if self.dtype == np.float32 else ctypes.c_double
        place = ctypes.cast(self._library.layer_outputs(self._memory, number), ctypes.POINTER(kind))
        return np.ctypeslib.as_array(place, (images, layer.out_height * layer.out_width * layer.out_channels)).copy()

    def evaluate(self, vector: NDArray[Any], data: Data) -> NDArray[np.float64]:
        """Give the sum of the images' plain losses, and how many are read right."""
        self._check(data, np.zeros(0, np.int64))
        sums, (aim, _kept) = np.zeros(2), _objective(self.objective.plain_loss())
        with self._lock:
            self._library.evaluate(self._memory, _at(vector), aim, _data(data), len(data.images), _at(sums))
        return sums

    def train(
        self, vector: NDArray[Any], rule: OptimiserSpec, remembered: list[NDArray[Any]], data: Data, steps: Steps
    ) -> Any:  # noqa: ANN401
        """Take steps; give the objective before each, an array of float64.

        Parameters
        ----------
        vector : array
            All parameters, changed in place.
        rule : OptimiserSpec
        remembered : list of array
            What the rule remembers, each laid out like the parameters; changed in place.
        data : Data
        steps : Steps
        """
        places = dict(zip(("first_moment", "second_moment"), map(_at, remembered), strict=False))
        numbers = {"momentum": rule.momentum, "beta2": rule.square, "epsilon": rule.epsilon, "weight_decay": rule.decay}
        return self._step(vector, {"rule": RULES.index(rule.kind), **numbers, **places}, data, steps, self.objective)

    def gradients(
        self, vector: NDArray[Any], data: Data, steps: Steps, objective: Objective | None = None
    ) -> tuple[float, NDArray[Any]]:
        """Give the objective of the one batch, and its gradients, laid out like the parameters.

        ``objective`` may differ from the desk's, but for what is penalised.
        """
        gradients = self.description.layout.empty()
        settings = {"rule": 0, "gradients": _at(gradients)}
        losses = self._step(vector, settings, data, steps, objective or self.objective)
        return float(losses[0]), gradients

    def _step(
        self, vector: NDArray[Any], settings: dict[str, Any], data: Data, steps: Steps, objective: Objective
    ) -> NDArray[np.float64]:
        self._check(data, steps.order)
        losses, (aim, _kept) = np.zeros(len(steps.order)), _objective(objective)
        how = library.Optimiser(**settings, l1=objective.l1, l2=objective.l2)
        order, rates = np.ascontiguousarray(steps.order), np.ascontiguousarray(steps.rates)
        batches = _at(order), *order.shape, _at(rates), steps.first, steps.done
        with self._lock:
            self._library.train(self._memory, _at(vector), aim, how, _data(data), *batches, _at(losses))
        return losses

    def _check(self, data: Data, order: NDArray[np.int64]) -> None:
        """Refuse what C would read beyond the end for."""
        self._check_shape(data.images)
        for values, kind in zip(data, (np.float32, np.int64, np.float64), strict=True):
            if values is not None and values.dtype != kind:
                raise DataError(f"found an array of {values.dtype}, expected {np.dtype(kind)}")
        count, classes = len(data.images), self.description.network.output_count
        for name, values, end in (("label", data.labels, classes), ("row", order, count)):
            if values.size and not 0 <= int(values.min()) <= int(values.max()) < end:
                raise DataError(f"a {name} lies between {values.min()} and {values.max()}, expected 0 to {end - 1}")
        if len(data.labels) != count or (data.weights is not None and len(data.weights) != count):
            raise DataError(f"{count} images, expected as many labels and weights")

    def _check_shape(self, images: Images) -> None:
        shape = self.description.network.input_shape
        if images.shape[1:] != shape:
            raise DataError(f"images have shape {images.shape[1:]}, expected {shape}")


def _objective(objective: Objective) -> tuple[library.Objective, Any]:
    """Give the library's structure, and an array that has to live as long."""
    weights = None if objective.class_weights is None else np.array(objective.class_weights, np.float64)
    binary, mean = objective.loss == "binary_crossentropy", objective.reduction == "mean"
    where = None if weights is None else _at(weights)
    return library.Objective(binary, mean, objective.label_smoothing, where), weights


def _data(data: Data) -> library.Dataset:
    return library.Dataset(*(None if each is None else _at(each) for each in data))


def _at(array: NDArray[Any]) -> int:
    """Give where an array's numbers lie."""
    assert array.flags.c_contiguous
    return array.ctypes.data
