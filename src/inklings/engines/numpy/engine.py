"""The engine to read: NumPy, one layer after the other, gradients by hand. The other engines must agree with it.

It trains every network that they do, three to five times slower than the native engine, runs wherever NumPy does, and
computes the same bits every time.
"""

from __future__ import annotations

from collections.abc import Callable
from math import nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.warps import Warps
from inklings.engines.base import Evaluation, Floats, Images, Labels, Optimiser, Weights
from inklings.engines.numpy.backpropagation import batch_gradients, forward, in_parts, logits, losses
from inklings.engines.numpy.layers import ACTIVATIONS, Arrays
from inklings.engines.objective import Objective
from inklings.engines.randomness import mask_keys
from inklings.networks import Network, Parameters

READ_AT_ONCE = 1000  # images, so that a large data set's outputs never stand in memory together


class NumpyEngine:
    """Plain NumPy; see :class:`inklings.engines.Engine`.

    Parameters
    ----------
    dtype : {"float64", "float32"}
        What it computes in.
    """

    name = "numpy"

    def __init__(self, dtype: str = "float64") -> None:
        self.dtype: np.dtype[Any] = np.dtype(dtype)

    def predict(self, network: Network, parameters: Parameters, images: Images) -> Floats:
        """Return the last layer's outputs, shape (n, classes)."""
        return self.reader(network, parameters)(images)

    def reader(self, network: Network, parameters: Parameters) -> Callable[[Images], Floats]:
        """Return a function ``images -> outputs``, with parameters converted once."""
        own, final = self.convert(parameters), ACTIVATIONS[network.output_activation]

        def read(images: Images) -> Floats:
            outputs = np.empty((len(images), network.output_count), self.dtype)
            for part, place in in_parts(READ_AT_ONCE, images, outputs):
                place[:] = final(logits(network, own, part.astype(self.dtype)))
            return outputs

        return read

    def activations(self, network: Network, parameters: Parameters, images: Images) -> dict[str, Floats]:
        """Return every layer's outputs by the layer's name, as at evaluation."""
        outputs, _ = forward(network, self.convert(parameters), images.astype(self.dtype))
        return dict(zip(network.names, outputs, strict=True))

    def evaluate(
        self, network: Network, objective: Objective, parameters: Parameters, images: Images, labels: Labels
    ) -> Evaluation:
        """Measure accuracy and the loss of ``objective.plain_loss()``."""
        own, loss, right = self.convert(parameters), 0.0, 0
        for part, answers in in_parts(READ_AT_ONCE, images, labels):
            # The largest logit is the largest probability too, so the last activation is not needed.
            z = logits(network, own, part.astype(self.dtype))
            # In Python's float64, whatever the engine computes in.
            loss += float(losses(objective.plain_loss(), z, answers)[0].sum())
            right += int((z.argmax(1) == answers).sum())
        return Evaluation(loss / len(images), right / len(images)) if len(images) else Evaluation(nan, nan)

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
        own, keys = self.convert(parameters), mask_keys(seed, len(network.layers))
        loss, gradients, _ = batch_gradients(network, objective, own, images, labels, keys, step, weights)
        return loss, gradients

    def convert(self, parameters: Parameters) -> Arrays:
        """Copy parameters in the engine's dtype."""
        return {name: np.array(value, self.dtype) for name, value in parameters.items()}

    def session(
        self, network: Network, objective: Objective, optimiser: Optimiser, parameters: Parameters, *, seed: int
    ) -> NumpySession:
        """Begin training from parameters."""
        return NumpySession(self, network, objective, optimiser, parameters, seed)


class NumpySession:
    """Training under way in NumPy; see :class:`inklings.engines.Session`."""

    def __init__(
        self,
        engine: NumpyEngine,
        network: Network,
        objective: Objective,
        optimiser: Optimiser,
        parameters: Parameters,
        seed: int,
    ) -> None:
        self._engine, self._network, self._objective, self._optimiser = engine, network, objective, optimiser
        self._keys = mask_keys(seed, len(network.layers))
        self.restore(parameters)

    @property
    def parameters(self) -> Parameters:
        """Copies of the parameters as they are now."""
        return self._engine.convert(self._parameters)

    @property
    def state(self) -> Parameters:
        """Copies of the optimiser's state, a flat dict of arrays."""
        return {name: np.array(value) for name, value in self._state.items()}

    def restore(self, parameters: Parameters, state: Parameters | None = None) -> None:
        """Go on from parameters and the optimiser's state that ``state`` once returned; from a fresh one if None."""
        self._parameters = self._engine.convert(parameters)
        self._state = self._optimiser.init(self._trainable())
        if state is not None:
            # A checkpoint may be of another engine or precision; the fresh state has the types that are wanted here.
            self._state = {name: np.array(state[name], value.dtype) for name, value in self._state.items()}

    def train(
        self,
        images: Images,
        labels: Labels,
        order: NDArray[np.int64],
        learning_rates: NDArray[np.float64],
        first_step: int,
        should_stop: Callable[[], bool],
        weights: Weights | None = None,
        warps: Warps | None = None,
    ) -> NDArray[np.float64]:
        """Take a step for each batch; see :meth:`inklings.engines.Session.train`."""
        losses_seen = []
        for number, (rows, rate) in enumerate(zip(order, learning_rates, strict=True)):
            own = None if weights is None else weights[rows]
            pixels = images[rows] if warps is None else warps.take(rows).apply(images[rows])
            # float(rate): times NumPy's own float64, parameters in float32 would become float64.
            losses_seen.append(self._step(pixels, labels[rows], own, float(rate), first_step + number))
            if should_stop():
                break
        return np.array(losses_seen, np.float64)

    def _step(self, images: Images, labels: Labels, own: Weights | None, learning_rate: float, step: int) -> float:
        """Take one step: forward, backward, and the optimiser's change."""
        loss, gradients, running = batch_gradients(
            self._network, self._objective, self._parameters, images, labels, self._keys, step, own
        )
        # At the weights before the step; AdamW wants these too, since it takes off a share of them.
        direction, self._state = self._optimiser.update(gradients, self._state, self._trainable())
        for name, change in direction.items():
            self._parameters[name] = self._parameters[name] - learning_rate * change
        # Of the same forward pass as the gradients, and so of this batch before the step.
        self._parameters.update(running)
        return loss

    def _trainable(self) -> Arrays:
        return {name: self._parameters[name] for name in self._network.trainable_shapes}

    def evaluate(self, images: Images, labels: Labels) -> Evaluation:
        """Measure loss and accuracy with the parameters as they are now."""
        return self._engine.evaluate(self._network, self._objective, self._parameters, images, labels)
