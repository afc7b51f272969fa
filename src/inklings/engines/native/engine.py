"""The engine that runs: C compiled for this processor, with nothing to compile or to load when training begins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.engines.array_cache import ArrayCache
from inklings.engines.base import Evaluation, Floats, Images, Labels, Optimiser, Weights
from inklings.engines.batches import eval_chunks
from inklings.engines.native.description import Description, describe
from inklings.engines.native.desk import Data, Desk, Steps
from inklings.engines.native.memory import READ_AT_ONCE, part_size
from inklings.engines.native.session import NativeSession
from inklings.engines.native.threads import usable_threads
from inklings.engines.objective import Objective
from inklings.networks import Network, Parameters


class NativeEngine:
    """C on the processor; see :class:`inklings.engines.Engine`.

    Parameters
    ----------
    dtype : {"float32", "float64"}
        What it computes in.
    threads : int, optional
        How many to share the work among; one for each core if not given.
    """

    name = "native"

    def __init__(self, dtype: str = "float32", *, threads: int | None = None) -> None:
        self.dtype: np.dtype[Any] = np.dtype(dtype)
        self.threads = threads or usable_threads()
        self._copies = ArrayCache(_converted)

    def place(self, values: NDArray[Any]) -> NDArray[Any]:
        """Give an array as the library takes it: itself where that is possible, else a copy, which is kept a while."""
        fits = isinstance(values, np.ndarray) and values.flags.c_contiguous and values.flags.aligned
        return values if fits and values.dtype == _kind(values) else self._copies(values)

    def describe(self, network: Network) -> Description:
        """Describe a network for the library."""
        return describe(network, self.dtype)

    def desk(self, network: Network, images: int, objective: Objective, **settings: Any) -> Desk:  # noqa: ANN401
        """Take memory for batches of so many images; the settings are those of :class:`Desk`."""
        return Desk(self.describe(network), max(1, images), self.threads, objective, **settings)

    def predict(self, network: Network, parameters: Parameters, images: Images) -> Floats:
        """Give the last layer's outputs, shape (n, classes)."""
        return self.reader(network, parameters)(images)

    def reader(self, network: Network, parameters: Parameters) -> Callable[[Images], Floats]:
        """Give ``images -> outputs``, with parameters laid out once."""
        vector = self.describe(network).layout.join(parameters)
        desks: list[Desk] = []  # the last one is large enough

        def read(images: Images) -> Floats:
            wanted = min(len(images), READ_AT_ONCE)
            if not desks or desks[-1].images < wanted:
                desks.append(self.desk(network, wanted, Objective()))
            outputs = np.empty((len(images), network.output_count), self.dtype)
            for start, (pixels,) in eval_chunks(self.place, images):
                outputs[start : start + len(pixels)] = desks[-1].read(vector, pixels)
            return outputs

        return read

    def activations(self, network: Network, parameters: Parameters, images: Images) -> dict[str, Floats]:
        """Give every layer's outputs by the layer's name, as at evaluation."""
        description, pixels = describe(network, self.dtype, quick=False), self.place(images)
        desk = Desk(description, len(pixels), self.threads, Objective())
        outputs = desk.read(description.layout.join(parameters), pixels)
        found: dict[str, Floats] = {}
        values: Floats = pixels.astype(self.dtype)
        for number, (name, layer, shape) in enumerate(network.walk()):
            if number in description.numbers:
                values = desk.outputs(description.numbers.index(number), len(pixels))
            values = values.reshape(-1, *layer.output_shape(shape))
            found[name] = values
        return found | {network.names[-1]: outputs}

    def evaluate(
        self, network: Network, objective: Objective, parameters: Parameters, images: Images, labels: Labels
    ) -> Evaluation:
        """Read images; the loss is that of ``objective.plain_loss()``."""
        vector = self.describe(network).layout.join(parameters)
        return self.evaluate_vector(network, objective, vector, images, labels)

    def evaluate_vector(
        self, network: Network, objective: Objective, vector: NDArray[Any], images: Images, labels: Labels
    ) -> Evaluation:
        """Like :meth:`evaluate`, with parameters that are laid out."""
        desk, sums = self.desk(network, min(len(images), READ_AT_ONCE), objective), np.zeros(2)
        for _, (pixels, answers) in eval_chunks(self.place, images, labels):
            sums += desk.evaluate(vector, Data(pixels, answers))
        loss, right = sums / len(images) if len(images) else (nan, nan)
        return Evaluation(float(loss), float(right))

    def gradients(
        self,
        network: Network,
        objective: Objective,
        parameters: Parameters,
        images: Images,
        labels: Labels,
        *,
        weights: Weights | None = None,
        seed: int = 0,
        step: int = 0,
    ) -> tuple[float, Parameters]:
        """Give the objective of one batch, as at training, and its gradient by each trainable parameter."""
        layout = self.describe(network).layout
        vector, total = layout.join(parameters), layout.empty()
        pixels, answers, shares = self.place(images), self.place(labels), _shares(objective, weights, len(images))
        size, loss = part_size(network, len(images)), 0.0
        desk = self.desk(network, size, objective, training=True, seed=seed)
        aim = replace(objective, reduction="sum")  # the images' weights hold their share of a mean already
        for start in range(0, len(images), size):
            rows = slice(start, start + size)
            part = Data(pixels[rows], answers[rows], shares[rows])
            order = np.arange(len(part.images))[np.newaxis]
            own, gradients = desk.gradients(vector, part, Steps(order, np.ones(1), step, 0), aim)
            loss, total = loss + own, total + gradients
            aim = replace(aim, l1=0.0, l2=0.0)  # the penalty counts once
        found = layout.part(total)
        return loss, {name: found[name] for name in network.trainable_shapes}

    def session(
        self, network: Network, objective: Objective, optimiser: Optimiser, parameters: Parameters, *, seed: int
    ) -> NativeSession:
        """Begin training from parameters."""
        return NativeSession(self, network, objective, optimiser, parameters, seed)


def _kind(values: NDArray[Any]) -> type:
    """Say in what the library takes an array: images in float32, labels in int64, images' weights in float64."""
    if values.ndim > 1:
        return np.float32
    return np.int64 if values.dtype.kind in "iu" else np.float64


def _converted(values: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(values, _kind(values))


def _shares(objective: Objective, weights: Weights | None, images: int) -> Weights:
    """Give how much each image counts in the objective of so many."""
    share = 1 / images if objective.reduction == "mean" else 1.0
    return np.full(images, share) if weights is None else share * np.asarray(weights, np.float64)
