"""Training under way in the JAX engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from inklings.data.warps import Warps
from inklings.engines.base import Evaluation, Images, Labels, Optimiser, Weights
from inklings.engines.batches import Chunk, train_chunks
from inklings.engines.jax import programs
from inklings.engines.jax.forward import Arrays
from inklings.engines.jax.optimisers import jax_optimiser
from inklings.engines.jax.programs import TrainingState
from inklings.engines.objective import Objective
from inklings.engines.randomness import mask_keys
from inklings.engines.step_chunks import StepChunker
from inklings.networks import Network, Parameters

if TYPE_CHECKING:
    from inklings.engines.jax.engine import JaxEngine


class JaxSession:
    """Training under way in the JAX engine; see :class:`inklings.engines.Session`."""

    def __init__(
        self,
        engine: JaxEngine,
        network: Network,
        objective: Objective,
        optimiser: Optimiser,
        parameters: Parameters,
        seed: int,
    ) -> None:
        self._engine, self._network, self._objective = engine, network, objective
        self._optimiser, self._chunker = jax_optimiser(optimiser), StepChunker()
        self._keys = mask_keys(seed, len(network.layers))
        self.restore(parameters)

    @property
    def parameters(self) -> Parameters:
        """Copies of the parameters as they are now."""
        now = self._placed
        return {name: np.array(now[name]) for name in self._network.parameter_shapes}

    @property
    def state(self) -> Parameters:
        """Copies of the optimiser's state, named by where each array stands in it."""
        leaves, _ = jax.tree.flatten_with_path(self._state.optimiser)
        return {_name(path): np.array(leaf) for path, leaf in leaves}

    def restore(self, parameters: Parameters, state: Parameters | None = None) -> None:
        """Go on from parameters and the optimiser's state that ``state`` once returned; from a fresh one if None."""
        with self._engine.computing():
            trainable, averages = split_parameters(self._network, self._engine.place(parameters))
            # Needed even where a state is given: it says how the tree is nested, and of which types its arrays are.
            optimiser = self._fresh_optimiser_state(trainable)
            if state is not None:
                leaves, shape = jax.tree.flatten_with_path(optimiser)
                kept = [jnp.array(np.asarray(state[_name(path)], leaf.dtype)) for path, leaf in leaves]
                optimiser = jax.tree.unflatten(shape, kept)
            self._state = TrainingState(trainable, averages, optimiser)

    def _fresh_optimiser_state(self, trainable: Arrays) -> Any:  # noqa: ANN401 - the optimiser's own
        return programs.optimiser_state(self._optimiser)(trainable)

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
        # Of no steps, in the shape of (steps,) or (steps, networks), for an epoch that is stopped before its first.
        losses = [np.zeros(learning_rates[:0].shape)]
        with self._engine.computing():
            for chunk in self._chunks(images, labels, order, weights, warps):
                rates = learning_rates[chunk.steps].astype(self._engine.dtype)
                losses.append(self._train_chunk(chunk, rates, first_step + chunk.steps.start, should_stop))
                # Fewer losses than steps: somebody asked to stop.
                if len(losses[-1]) < len(rates):
                    break
        return np.concatenate(losses)

    def _chunks(
        self,
        images: Images,
        labels: Labels,
        order: NDArray[np.int64],
        weights: Weights | None,
        warps: Warps | None,
    ) -> Iterator[Chunk]:
        """Go through the batches, images augmented and on the device."""
        # A copy of all images, once per epoch: only the native engine changes them within the step.
        images = images if warps is None else warps.apply(images)
        yield from train_chunks(self._engine.cached, images, labels, order, weights)

    def _put(self, values: NDArray[Any]) -> Array:
        """Copy an array to where the parameters are."""
        return jnp.array(values)

    @property
    def _train_chunk(self) -> Callable[..., NDArray[np.float64]]:
        return self._many_at_once if programs.loops_are_fast(self._network) else self._one_by_one

    @property
    def _many_steps(self) -> programs.Program:
        return programs.many_steps(self._network, self._objective, self._optimiser)

    def _many_at_once(
        self, chunk: Chunk, rates: NDArray[np.floating[Any]], first_step: int, should_stop: Callable[[], bool]
    ) -> NDArray[np.float64]:
        """Take as many steps in one call as last a tenth of a second; return the losses of those taken."""
        program, losses = self._many_steps, self._put(np.zeros(rates.shape, self._engine.dtype))
        data = chunk.images, chunk.labels, chunk.weights, chunk.order, rates, first_step

        def take(start: int, stop: int) -> None:
            nonlocal losses
            self._state, losses = program(self._state, losses, *data, start, stop, self._keys)
            # JAX returns before the device has computed: the chunker would time the call
            # alone, and then take all steps at once.
            losses.block_until_ready()

        done = self._chunker.go(take, len(rates), should_stop)
        return np.asarray(losses, np.float64)[:done]

    def _one_by_one(
        self, chunk: Chunk, rates: NDArray[np.floating[Any]], first_step: int, should_stop: Callable[[], bool]
    ) -> NDArray[np.float64]:
        """Take each step in a call of its own; return the losses of those taken."""
        program = programs.one_step(self._network, self._objective, self._optimiser)
        losses: list[Array] = []
        for number, (rows, rate) in enumerate(zip(chunk.order, rates, strict=True)):
            batch = chunk.images, chunk.labels, chunk.weights, rows
            self._state, loss = program(self._state, *batch, rate, np.uint32(first_step + number), self._keys)
            losses.append(loss)
            # One step is handed over while the one before it runs: no pause, and no long queue when asked to stop.
            if number:
                losses[number - 1].block_until_ready()
            if should_stop():
                break
        return np.array(jax.device_get(losses), np.float64)

    def evaluate(self, images: Images, labels: Labels) -> Evaluation:
        """Measure loss and accuracy with the parameters as they are now."""
        with self._engine.computing():
            return self._engine.evaluate_placed(self._network, self._objective, self._placed, images, labels)

    @property
    def _placed(self) -> Arrays:
        return self._state.trainable | self._state.averages


def split_parameters(network: Network, parameters: Arrays) -> tuple[Arrays, Arrays]:
    """Part what gradients change from running averages."""
    trainable = {name: parameters[name] for name in network.trainable_shapes}
    return trainable, {name: value for name, value in parameters.items() if name not in trainable}


def _name(path: Any) -> str:  # noqa: ANN401 - of JAX's keys, whose type depends on the container
    """Name a place in an optimiser's state: ``"trace/dense_1/weights"``."""
    return jax.tree_util.keystr(path, simple=True, separator="/")
