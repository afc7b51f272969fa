"""A network with the memory to compute it in, and the library's functions on it."""

from __future__ import annotations

import ctypes
from threading import Lock
from typing import Any, NamedTuple
from weakref import finalize

import numpy as np
from numpy.typing import NDArray

from inklings.data.warps import Warps, spline_basis
from inklings.engines.base import Images, Labels, Weights
from inklings.engines.native import bindings
from inklings.engines.native.lowering import LoweredNetwork
from inklings.engines.objective import Objective
from inklings.engines.optimiser_spec import OptimiserSpec
from inklings.engines.randomness import mask_keys
from inklings.errors import DataError, OutOfMemoryError
from inklings.networks.layer import ACTIVATIONS

RULES = ("", "sgd", "momentum", "nesterov", "adam")  # as numbered in optimiser.h; the first keeps the gradients


class Data(NamedTuple):
    """Labelled images, as the library takes them: contiguous, in float32, int64 and float64; how each is augmented."""

    images: Images
    labels: Labels
    weights: Weights | None = None
    warps: Warps | None = None


class Steps(NamedTuple):
    """Steps to take.

    Parameters
    ----------
    order : array of int64, (steps, batch_size)
        The images of each batch, by their numbers.
    learning_rates : array of float64, (steps,)
        Of each step.
    first : int
        The first one's number, which decides its dropout.
    done : int
        How many steps the optimiser has taken before.
    """

    order: NDArray[np.int64]
    learning_rates: NDArray[np.float64]
    first: int
    done: int


class Workspace:
    """Memory for batches of a network, allocated once.

    Parameters
    ----------
    lowered : LoweredNetwork
        The network.
    batch_size : int
        Of the largest batch; more images than that are predicted batch by batch.
    threads : int
        How many share the work.
    objective : Objective
        Which weights it regularises cannot change later.
    training : bool
        Whether there is memory for gradients.
    seed : int
        Of dropout's masks.

    Raises
    ------
    OutOfMemoryError
        There is not enough.
    """

    def __init__(
        self,
        lowered: LoweredNetwork,
        batch_size: int,
        threads: int,
        objective: Objective,
        *,
        training: bool = False,
        seed: int = 0,
    ) -> None:
        self.lowered, self.batch_size, self.objective = lowered, batch_size, objective
        self.dtype = lowered.layout.dtype
        self._library = bindings.load(self.dtype.name, lowered.layout.level)
        # Keys for all layers of the network, of which each lowered Dropout takes its own, by its number there.
        layers = lowered.layer_array(mask_keys(seed, len(lowered.network.layers)), objective.penalised)
        self._memory = self._library.workspace_create(layers, len(layers), batch_size, threads, training)
        if not self._memory:
            raise OutOfMemoryError.for_batch(batch_size)
        # Not when Python exits: a thread that was left running may still compute in it.
        finalize(self, self._library.workspace_free, self._memory).atexit = False
        # The memory holds one batch at a time, whichever of Python's threads asks; ctypes releases the GIL.
        self._lock = Lock()

    def predict(self, vector: NDArray[Any], images: Images) -> NDArray[Any]:
        """Return the last layer's outputs, shape (n, classes), for parameters in one array."""
        network = self.lowered.network
        self._check_shape(images)
        outputs, activation = np.empty((len(images), network.output_count), self.dtype), network.output_activation
        # The last activation is not among the lowered layers: only predictions want it.
        arguments = _address(vector), _address(images), len(images), ACTIVATIONS.index(activation), _address(outputs)
        with self._lock:
            self._library.predict(self._memory, *arguments)
        return outputs

    def outputs(self, number: int, images: int) -> NDArray[Any]:
        """Copy the last batch's outputs of one of the lowered layers, shape (images, values per image)."""
        layer = self.lowered.layers[number]
        real = ctypes.c_float if self.dtype == np.float32 else ctypes.c_double
        # The library's own memory, which the next batch writes over: hence the copy.
        address = ctypes.cast(self._library.layer_outputs(self._memory, number), ctypes.POINTER(real))
        values = layer.out_height * layer.out_width * layer.out_channels
        return np.ctypeslib.as_array(address, (images, values)).copy()

    def evaluate(self, vector: NDArray[Any], data: Data) -> NDArray[np.float64]:
        """Return the sum of the images' losses, without weights and penalties, and the number classified correctly."""
        # No rows to check: evaluation takes all images in their order.
        self._check(data, np.zeros(0, np.int64))
        sums, (objective, _kept) = np.zeros(2), _objective(self.objective.plain_loss())
        arguments = _address(vector), objective, _dataset(data, ()), len(data.images), _address(sums)
        with self._lock:
            self._library.evaluate(self._memory, *arguments)
        return sums

    def train(
        self, vector: NDArray[Any], spec: OptimiserSpec, moments: list[NDArray[Any]], data: Data, steps: Steps
    ) -> NDArray[np.float64]:
        """Take steps and return the objective before each.

        Parameters
        ----------
        vector : array
            All parameters, changed in place.
        spec : OptimiserSpec
            How the optimiser changes them.
        moments : list of array
            What the optimiser remembers, each laid out like the parameters; changed in place.
        data : Data
            All images that batches are made of.
        steps : Steps
            The batches.
        """
        # Not strict: sgd remembers nothing, and momentum only one of the two.
        addresses = dict(zip(("first_moment", "second_moment"), map(_address, moments), strict=False))
        numbers = {"momentum": spec.momentum, "beta2": spec.square, "epsilon": spec.epsilon, "weight_decay": spec.decay}
        return self._step(vector, {"spec": RULES.index(spec.kind), **numbers, **addresses}, data, steps, self.objective)

    def gradients(
        self, vector: NDArray[Any], data: Data, steps: Steps, objective: Objective | None = None
    ) -> tuple[float, NDArray[Any]]:
        """Return the objective of the one batch, and its gradient, laid out like the parameters.

        ``objective`` may differ from the workspace's, but for which weights it regularises.
        """
        gradients = self.lowered.layout.empty()
        fields = {"spec": 0, "gradients": _address(gradients)}
        losses = self._step(vector, fields, data, steps, objective or self.objective)
        return float(losses[0]), gradients

    def _step(
        self, vector: NDArray[Any], fields: dict[str, Any], data: Data, steps: Steps, objective: Objective
    ) -> NDArray[np.float64]:
        self._check(data, steps.order)
        losses, (its_loss, _kept) = np.zeros(len(steps.order)), _objective(objective)
        optimiser = bindings.Optimiser(**fields, l1=objective.l1, l2=objective.l2)
        # Taken column by column out of an array for several networks, they need not be contiguous.
        order, rates = np.ascontiguousarray(steps.order), np.ascontiguousarray(steps.learning_rates)
        batches = _address(order), *order.shape, _address(rates), steps.first, steps.done
        # The structures hold addresses alone: the arrays have to live until the library is done.
        warped = _warp_arrays(data.warps, data.images.shape)
        arguments = _address(vector), its_loss, optimiser, _dataset(data, warped), *batches, _address(losses)
        with self._lock:
            self._library.train(self._memory, *arguments)
        return losses

    # Python's exceptions end here: an index out of range would read, or in `train` write, whatever lies there.
    def _check(self, data: Data, order: NDArray[np.int64]) -> None:
        """Refuse anything for which C would read beyond the end of an array."""
        self._check_shape(data.images)
        for values, kind in zip(data[:3], (np.float32, np.int64, np.float64), strict=True):
            if values is not None and values.dtype != kind:
                raise DataError(f"found an array of {values.dtype}, expected {np.dtype(kind)}")
        count, classes = len(data.images), self.lowered.network.output_count
        for name, values, end in (("label", data.labels, classes), ("row", order, count)):
            # Negative ones too, which NumPy would count from the end: in C they lie before the array.
            if values.size and not 0 <= int(values.min()) <= int(values.max()) < end:
                raise DataError(f"a {name} lies between {values.min()} and {values.max()}, expected 0 to {end - 1}")
        if len(data.labels) != count or (data.weights is not None and len(data.weights) != count):
            raise DataError(f"{count} images, expected as many labels and weights")
        if data.warps is not None:
            data.warps.check(data.images.shape)

    def _check_shape(self, images: Images) -> None:
        shape = self.lowered.network.input_shape
        if images.shape[1:] != shape:
            raise DataError(f"images have shape {images.shape[1:]}, expected {shape}")


def _objective(objective: Objective) -> tuple[bindings.Objective, NDArray[np.float64] | None]:
    """Return the library's structure, and the array it points to, which has to live as long."""
    weights = None if objective.class_weights is None else np.array(objective.class_weights, np.float64)
    binary, mean = objective.loss == "binary_crossentropy", objective.reduction == "mean"
    address = None if weights is None else _address(weights)
    return bindings.Objective(binary, mean, objective.label_smoothing, address), weights


def _warp_arrays(warps: Warps | None, shape: tuple[int, ...]) -> tuple[NDArray[Any] | None, ...]:
    """Return the arrays of the library's structure, contiguous; none at all if nothing is changed."""
    if warps is None:
        return ()
    kinds = (np.float32, np.float32, np.float32, np.float32, np.int32)
    # A null pointer in the structure says that this change is left out.
    arrays = zip((warps.matrices, warps.shifts, warps.fields, warps.strokes, warps.erased), kinds, strict=True)
    own = tuple(None if array is None else np.ascontiguousarray(array, kind) for array, kind in arrays)
    return own if warps.fields is None else (*own, spline_basis(shape[1]), spline_basis(shape[2]))


def _dataset(data: Data, warped: tuple[NDArray[Any] | None, ...]) -> bindings.Dataset:
    images, labels, weights = (None if each is None else _address(each) for each in data[:3])
    addresses = (None if each is None else _address(each) for each in warped)
    warps = ctypes.pointer(bindings.Warps(*data.images.shape[1:], *addresses)) if warped else None
    return bindings.Dataset(images, labels, weights, warps)


def _address(array: NDArray[Any]) -> int:
    """Return where an array's numbers lie."""
    assert array.flags.c_contiguous
    return array.ctypes.data
