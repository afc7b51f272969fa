"""The engine that runs: C compiled beforehand, with nothing to compile or load when training begins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from inklings.engines.base import Evaluation, Floats, Images, Labels, Optimiser, Weights
from inklings.engines.batches import eval_chunks
from inklings.engines.native.lowering import lower
from inklings.engines.native.resources import INFERENCE_BATCH, gradient_batch
from inklings.engines.native.runtime import Runtime
from inklings.engines.native.session import NativeSession
from inklings.engines.native.workspace import Data, Steps, Workspace
from inklings.engines.objective import Objective
from inklings.networks import Network, Parameters


class NativeEngine(Runtime):
    """C on the processor; see :class:`inklings.engines.Engine`. The parameters are those of :class:`Runtime`."""

    name = "native"

    def predict(self, network: Network, parameters: Parameters, images: Images) -> Floats:
        """Return the last layer's outputs, shape (n, classes)."""
        return self.reader(network, parameters)(images)

    def reader(self, network: Network, parameters: Parameters) -> Callable[[Images], Floats]:
        """Return ``images -> outputs``, for which the parameters are packed once."""
        # BatchNorms go into the layer before them: at evaluation they are constants.
        network, vector = self.fold(network, parameters)
        kept: list[Workspace] = []  # one, made for the most images that were asked for at once

        def predict(images: Images) -> Floats:
            wanted = min(len(images), INFERENCE_BATCH)
            if not kept or kept[0].batch_size < wanted:
                # Predicting minimises nothing: this Objective only says that no weights are penalised.
                kept[:] = [self.workspace(network, wanted, Objective())]
            outputs = np.empty((len(images), network.output_count), self.dtype)
            for start, (pixels,) in eval_chunks(self.place, images):
                outputs[start : start + len(pixels)] = kept[0].predict(vector, pixels)
            return outputs

        return predict

    def activations(self, network: Network, parameters: Parameters, images: Images) -> dict[str, Floats]:
        """Return every layer's outputs by the layer's name, as at evaluation."""
        # Fused, a convolution's own outputs would lack their activation. One batch of all images, since the library
        # keeps every layer's outputs of the last batch only.
        lowered, pixels = lower(network, self.dtype, self.level, fuse=False), self.place(images)
        workspace = Workspace(lowered, len(pixels), self.threads, Objective())
        outputs = workspace.predict(lowered.layout.join(parameters), pixels)
        found: dict[str, Floats] = {}
        values: Floats = pixels.astype(self.dtype)
        for number, (name, layer, shape) in enumerate(network.walk()):
            # Flatten was not lowered: its output is that of the layer before in another shape.
            if number in lowered.numbers:
                values = workspace.outputs(lowered.numbers.index(number), len(pixels))
            values = values.reshape(-1, *layer.output_shape(shape))
            found[name] = values
        return found | {network.names[-1]: outputs}

    def evaluate(
        self, network: Network, objective: Objective, parameters: Parameters, images: Images, labels: Labels
    ) -> Evaluation:
        """Evaluate a network; the loss is that of ``objective.plain_loss()``."""
        network, vector = self.fold(network, parameters)
        return self.evaluate_vector(network, objective, vector, images, labels)

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
        """Return the objective of one batch, as at training, and its gradient by each trainable parameter."""
        layout = self.lower(network).layout
        vector, total = layout.join(parameters), layout.empty()
        # Class weights stay with the library; a mean's share goes to the images,
        # since a part does not know how many all are.
        pixels, answers, shares = self.place(images), self.place(labels), _shares(objective, weights, len(images))
        size, loss = gradient_batch(network, len(images)), 0.0
        workspace = self.workspace(network, size, objective, training=True, seed=seed)
        its_loss = replace(objective, reduction="sum")  # the images' weights hold their share of a mean already
        for start in range(0, len(images), size):
            rows = slice(start, start + size)
            part = Data(pixels[rows], answers[rows], shares[rows])
            # One step of all rows of the part, in their order: (1, n).
            order = np.arange(len(part.images))[np.newaxis]
            # A rate of 1 and 0 steps done, both unused: without an optimiser, the library
            # keeps the gradients and changes nothing.
            own, gradients = workspace.gradients(vector, part, Steps(order, np.ones(1), step, 0), its_loss)
            # Still packed as the library has them; what fills up panels is zero and adds nothing.
            loss, total = loss + own, total + gradients
            its_loss = replace(its_loss, l1=0.0, l2=0.0)  # the penalty counts once
        found = layout.part(total)
        return loss, {name: found[name] for name in network.trainable_shapes}

    def session(
        self, network: Network, objective: Objective, optimiser: Optimiser, parameters: Parameters, *, seed: int
    ) -> NativeSession:
        """Begin training from parameters."""
        return NativeSession(self, network, objective, optimiser, parameters, seed)


class ReproducibleEngine(NativeEngine):
    """The native engine with the instructions that every processor of a family has: the same bytes on all of them.

    In float32 alone. For float64 the C library's functions are used, whose last digits differ with the processor.
    """

    name = "reproducible"

    def __init__(self, *, threads: int | None = None) -> None:
        super().__init__("float32", threads=threads, level=0)


def _shares(objective: Objective, weights: Weights | None, images: int) -> Weights:
    """Return how much each image counts in the objective of all of them."""
    share = 1 / images if objective.reduction == "mean" else 1.0
    return np.full(images, share) if weights is None else share * np.asarray(weights, np.float64)
