"""Training under way in the native engine."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.warps import Warps
from inklings.engines.base import Evaluation, Images, Labels, Optimiser, Weights
from inklings.engines.batches import Chunk, train_chunks
from inklings.engines.native.runtime import Runtime
from inklings.engines.native.workspace import Data, Steps, Workspace
from inklings.engines.objective import Objective
from inklings.engines.optimiser_spec import OptimiserSpec
from inklings.engines.step_chunks import StepChunker
from inklings.networks import Network, Parameters
from inklings.networks.folding import fold_batch_norms


class NativeSession:
    """Training under way in the native engine; see :class:`inklings.engines.Session`.

    The library takes the steps of an optimiser that has a ``spec``, many in one call. Any other optimiser is handed the
    gradients, step by step.
    """

    def __init__(
        self,
        runtime: Runtime,
        network: Network,
        objective: Objective,
        optimiser: Optimiser,
        parameters: Parameters,
        seed: int,
    ) -> None:
        self._runtime, self._network, self._objective, self._optimiser = runtime, network, objective, optimiser
        self._spec: OptimiserSpec | None = getattr(optimiser, "spec", None)
        # The layout does not depend on the batch, and so outlives a workspace that is exchanged for a larger one.
        self._layout, self._seed = runtime.lower(network).layout, seed
        # One step at first, whose time then says how many go together: it may be microseconds or half a second.
        self._pace, self._workspace = StepChunker(1), self._allocate(1)
        self.restore(parameters)

    def _allocate(self, batch_size: int) -> Workspace:
        return self._runtime.workspace(self._network, batch_size, self._objective, training=True, seed=self._seed)

    @property
    def parameters(self) -> Parameters:
        """Copies of the parameters as they are now."""
        return self._layout.part(self._vector)

    @property
    def state(self) -> Parameters:
        """Copies of the optimiser's state, named as the optimiser itself does."""
        state = {name: np.array(value) for name, value in self._state.items()}
        for kind, vector in self._moments.items():
            own = self._layout.part(vector)
            state |= {f"{kind}/{name}": own[name] for name in self._network.trainable_shapes}
        return state

    def restore(self, parameters: Parameters, state: Parameters | None = None) -> None:
        """Go on from parameters and an optimiser's state, as :attr:`state` returns it; without one, a fresh one."""
        self._vector = self._layout.join(parameters)
        # A copy, of which the moments are taken out below.
        self._state: Parameters = dict(self._optimiser.init(self._trainable()) if state is None else state)
        self._moments: dict[str, NDArray[Any]] = {}
        for kind in self._spec.remembered if self._spec else ():
            # What is left of the state are numbers for all parameters together, such as Adam's count of steps.
            own = {name: self._state.pop(f"{kind}/{name}") for name in self._network.trainable_shapes}
            # Laid out as the parameters are: the library walks through both side by side.
            self._moments[kind] = self._layout.join(own)

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
        # Shorter batches use the memory that is there.
        if self._workspace.batch_size < order.shape[1]:
            # The first batch's size is not known before; memory for one image stood in for it.
            self._workspace = self._allocate(order.shape[1])
        take = self._step_by_spec if self._spec else self._step_by_step
        weights = None if weights is None else np.asarray(weights, np.float64)
        losses = np.zeros(0)
        for chunk in train_chunks(self._runtime.place, images, labels, order, weights, warps):
            own = np.empty(len(chunk.order))
            rates, first = learning_rates[chunk.steps], first_step + chunk.steps.start
            done = self._pace.go(partial(take, chunk, rates, first, own), len(own), should_stop)
            losses = np.concatenate([losses, own[:done]])
            if done < len(own):
                break
        return losses

    def _step_by_spec(
        self, chunk: Chunk, rates: NDArray[np.float64], first: int, losses: NDArray[np.float64], start: int, stop: int
    ) -> None:
        assert self._spec is not None
        # Adam's correction depends on how many steps there were before; the others keep no count.
        done = int(self._state.get("count", 0))
        order = chunk.order[start:stop].astype(np.int64)
        steps = Steps(order, rates[start:stop], first + start, done)
        data = Data(chunk.images, chunk.labels, chunk.weights, chunk.warps)
        losses[start:stop] = self._workspace.train(self._vector, self._spec, list(self._moments.values()), data, steps)
        if "count" in self._state:
            self._state["count"] = np.array(done + stop - start)

    def _step_by_step(
        self, chunk: Chunk, rates: NDArray[np.float64], first: int, losses: NDArray[np.float64], start: int, stop: int
    ) -> None:
        data = Data(chunk.images, chunk.labels, chunk.weights, chunk.warps)
        for number in range(start, stop):
            order = chunk.order[number : number + 1].astype(np.int64)
            # The optimiser's step is taken below, in Python, so its count is none of the library's.
            steps = Steps(order, rates[number : number + 1], first + number, 0)
            # BatchNorms' running averages change in self._vector during this call, the trainable parameters below.
            losses[number], vector = self._workspace.gradients(self._vector, data, steps)
            gradients, trainable = self._layout.part(vector), self._trainable()
            own = {name: gradients[name] for name in trainable}
            direction, self._state = self._optimiser.update(own, self._state, trainable)
            self._layout.join({name: trainable[name] - rates[number] * direction[name] for name in own}, self._vector)

    def _trainable(self) -> Parameters:
        parameters = self.parameters
        return {name: parameters[name] for name in self._network.trainable_shapes}

    def evaluate(self, images: Images, labels: Labels) -> Evaluation:
        """Evaluate images with the parameters as they are now."""
        network, vector = self._network, self._vector
        if fold_batch_norms(network).network is not network:  # else the parameters need not be copied
            network, vector = self._runtime.fold(network, self.parameters)
        return self._runtime.evaluate_vector(network, self._objective, vector, images, labels)
