"""What an engine must do: the protocols, and the arrays that go in and out.

Three engines do it: ``native`` in C, to train with; ``numpy``, to read, and wherever the native one was not compiled;
``jax``, for graphics processors and other accelerators. With the same network, parameters, batches and seed, all
compute the same numbers, up to rounding. :mod:`inklings.engines.select` knows them by name.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from inklings.data.warps import Warps
from inklings.engines.objective import Objective
from inklings.networks import Network, Parameters

# float32 holds every byte and 16-bit value exactly, at half of float64's memory; weights are few, and summed.
Images = NDArray[np.float32]
Labels = NDArray[np.int64]
Weights = NDArray[np.float64]
Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Evaluation:
    """How well a network classifies images: the mean loss per image without penalties, and the accuracy (0 to 1).

    Both are NaN of no images.

    Examples
    --------
    >>> import inklings
    >>> from inklings.engines import Objective
    >>> from inklings.networks import initial_parameters
    >>> network, digits = inklings.preset("softmax", (20, 20, 1), 10).network, inklings.open_dataset("digits")
    >>> weights = initial_parameters(network, 0)  # all zero: every class is as probable as any other
    >>> inklings.get_engine("numpy").evaluate(network, Objective(), weights, digits.images, digits.labels)
    Evaluation(loss=2.302585205078125, accuracy=0.1)
    """

    loss: float
    accuracy: float


class Optimiser(Hashable, Protocol):
    """A pair of pure functions, on whichever arrays the engine computes with.

    One with an attribute ``spec`` (an :class:`inklings.engines.optimiser_spec.OptimiserSpec`) says its step in numbers
    too: the native and the JAX engine then take it themselves. Any other is called with the gradients of each step; for
    the JAX engine it has to compute on JAX's arrays, as optax's do.

    Examples
    --------
    >>> import inklings
    >>> from inklings.engines import Objective
    >>> from inklings.networks import initial_parameters
    >>> class Downhill:
    ...     def init(self, params):
    ...         return {}
    ...     def update(self, updates, state, params):
    ...         return updates, state
    >>> network = inklings.preset("softmax", (20, 20, 1), 10).network
    >>> engine = inklings.get_engine("numpy")
    >>> session = engine.session(network, Objective(), Downhill(), initial_parameters(network, 0), seed=0)
    >>> session.state
    {}
    """

    def init(self, params: Any) -> Any:  # noqa: ANN401 - the engine's own dict of arrays, and any state
        """Return the state before the first step."""

    def update(self, updates: Any, state: Any, params: Any) -> tuple[Any, Any]:  # noqa: ANN401
        """Return the direction, of which ``learning_rate`` times is subtracted, and the next state."""


class Session(Protocol):
    """A network while it is trained: the parameters and the optimiser's state, wherever the engine keeps them.

    Examples
    --------
    >>> import numpy as np
    >>> import inklings
    >>> from inklings.engines import Objective
    >>> from inklings.networks import initial_parameters
    >>> from inklings.training.optimisers import build_optimiser
    >>> network, digits = inklings.preset("softmax", (20, 20, 1), 10).network, inklings.open_dataset("digits")
    >>> optimiser, order = build_optimiser(inklings.Recipe("sgd")), np.arange(500).reshape(10, 50)
    >>> engine, start = inklings.get_engine("numpy"), initial_parameters(network, 0)
    >>> session = engine.session(network, Objective(), optimiser, start, seed=0)
    >>> losses = session.train(digits.images, digits.labels, order, np.full(10, 0.01), 0, lambda: False)
    >>> losses.shape, session.evaluate(digits.images, digits.labels).loss < 2.3  # log(10) where it guesses
    ((10,), True)
    """

    @property
    def parameters(self) -> Parameters:
        """Copies of the parameters as they are now."""

    @property
    def state(self) -> Parameters:
        """Copies of the optimiser's state, a flat dict of arrays."""

    def restore(self, parameters: Parameters, state: Parameters | None = None) -> None:
        """Go on from parameters and the optimiser's state that ``state`` once returned; from a fresh one if None."""

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
        """Take a step for each batch.

        Parameters
        ----------
        images, labels : arrays, (n, height, width, channels) and (n,)
            All training images. Engines may keep what they made of the last ones seen, so neither may be changed.
        order : array of int64, (steps, batch_size)
            Which rows make each batch.
        learning_rates : array, (steps,)
            One per step.
        first_step : int
            Steps done since training began; dropout's masks follow from it.
        should_stop : callable
            Asked often; once it says yes, training stops after the batch (or the few taken together) at hand.
        weights : array, (n,), optional
            How much each image's loss counts, besides its class's weight. May not be changed either.
        warps : Warps, of n images, optional
            How each image is augmented.

        Returns
        -------
        array of float64, (steps done,)
            The objective of each batch before its step.
        """

    def evaluate(self, images: Images, labels: Labels) -> Evaluation:
        """Measure loss and accuracy with the parameters as they are now."""


class MultiSession(Protocol):
    """Several networks of one architecture while they are trained side by side.

    Examples
    --------
    >>> import numpy as np
    >>> import inklings
    >>> from inklings.engines import Objective, multi_session
    >>> from inklings.networks import initial_parameters
    >>> from inklings.training.optimisers import build_optimiser
    >>> network, digits = inklings.preset("softmax", (20, 20, 1), 10).network, inklings.open_dataset("digits")
    >>> optimiser, order = build_optimiser(inklings.Recipe("sgd")), np.arange(1000).reshape(10, 2, 50)
    >>> engine, starts = inklings.get_engine("numpy"), [initial_parameters(network, seed) for seed in (0, 1)]
    >>> session = multi_session(engine, network, Objective(), optimiser, starts, seeds=[0, 1])
    >>> [member["dense_1/weights"].shape for member in session.members]
    [(400, 10), (400, 10)]
    """

    @property
    def members(self) -> list[Parameters]:
        """Copies of each network's parameters as they are now."""

    def train(
        self,
        images: Images,
        labels: Labels,
        order: NDArray[np.int64],
        learning_rates: NDArray[np.float64],
        first_step: int,
        should_stop: Callable[[], bool],
        weights: Weights | None = None,
    ) -> NDArray[np.float64]:
        """Take a step of every network for each batch.

        Parameters
        ----------
        images, labels
            What all of them learn from.
        order : array of int64, shape (steps, networks, batch_size)
            Which images make each network's batch.
        learning_rates : array of float64, shape (steps, networks)
        first_step : int
            Steps done before.
        should_stop : callable
            Asked every tenth of a second or so.
        weights : array, (n,), optional
            How much each image's loss counts.

        Returns
        -------
        array of float64, shape (steps, networks)
            The objectives, of the steps taken.
        """

    def evaluate_parts(self, images: Images, labels: Labels, parts: NDArray[np.bool_]) -> list[list[Evaluation]]:
        """Measure loss and accuracy of every network.

        Parameters
        ----------
        images, labels
            What all of them classify.
        parts : array of bool, shape (networks, parts, images)
            Which images each evaluation of each network is about.

        Returns
        -------
        list of list of Evaluation
            For each network, of each of its parts.
        """


class Engine(Protocol):
    """What computes a network's outputs and gradients.

    Examples
    --------
    >>> import inklings
    >>> from inklings.engines import Engine
    >>> from inklings.networks import initial_parameters
    >>> engine: Engine = inklings.get_engine("numpy")
    >>> network = inklings.preset("softmax", (20, 20, 1), 10).network
    >>> images = inklings.open_dataset("digits").images[:3]
    >>> engine.predict(network, initial_parameters(network, 0), images).shape
    (3, 10)
    """

    name: str
    dtype: np.dtype[Any]

    def predict(self, network: Network, parameters: Parameters, images: Images) -> Floats:
        """Return the last layer's outputs, shape (n, classes)."""

    def reader(self, network: Network, parameters: Parameters) -> Callable[[Images], Floats]:
        """Return a function ``images -> outputs``, to predict again and again with parameters converted once."""

    def activations(self, network: Network, parameters: Parameters, images: Images) -> dict[str, Floats]:
        """Return every layer's outputs by the layer's name, as at evaluation: no dropout, running averages."""

    def evaluate(
        self, network: Network, objective: Objective, parameters: Parameters, images: Images, labels: Labels
    ) -> Evaluation:
        """Measure accuracy and the loss of ``objective.plain_loss()``."""

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
        """Return the objective of one batch, as at training, and its gradient by each trainable parameter.

        ``weights`` say how much each image's loss counts; ``seed`` and ``step`` decide dropout's masks. The batch may
        be a whole data set: engines add it up in parts where they can (BatchNorm needs it whole), so that memory stays
        bounded.
        """

    def session(
        self, network: Network, objective: Objective, optimiser: Optimiser, parameters: Parameters, *, seed: int
    ) -> Session:
        """Begin training from parameters; ``seed`` decides dropout's masks."""
