"""What an engine must do.

Three do it: ``native`` in C, to run; ``compiled`` in JAX, to run where C was not compiled; ``reference`` in plain
NumPy, to read.
Given the same network, parameters, batches and seed, all give the same numbers, up to rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from inklings.engines import native
from inklings.engines.objective import Objective
from inklings.errors import RecipeError
from inklings.networks import Network, Parameters
from inklings.serialise import did_you_mean

Images = NDArray[np.float32]
Labels = NDArray[np.int64]
Weights = NDArray[np.float64]
Floats = NDArray[np.floating[Any]]

ENGINES = ("auto", "native", "compiled", "reference")
DTYPES = ("float32", "float64")


@dataclass(frozen=True)
class Evaluation:
    """How well a network reads images: the mean loss an image without any penalty, and the fraction read right."""

    loss: float
    accuracy: float


class Optimiser(Hashable, Protocol):
    """A pair of pure functions, as in optax, on whichever arrays the engine computes with."""

    def init(self, params: Any) -> Any:  # noqa: ANN401 - the engine's own dict of arrays, and any state
        """Give the state before the first step."""

    def update(self, updates: Any, state: Any, params: Any) -> tuple[Any, Any]:  # noqa: ANN401
        """Turn gradients into the direction that ``learning_rate`` times is subtracted, and give the next state."""


class Session(Protocol):
    """A network while it is trained: the parameters and the optimiser's state, wherever the engine keeps them."""

    @property
    def parameters(self) -> Parameters:
        """Copies of the parameters as they are now."""

    @property
    def state(self) -> Parameters:
        """Copies of the optimiser's state, a flat dict of arrays with names of the engine's choice."""

    def restore(self, parameters: Parameters, state: Parameters | None = None) -> None:
        """Go on from parameters and, if given, an optimiser's state that this engine once gave; else a fresh one."""

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
        """Take a step for each batch.

        Parameters
        ----------
        images, labels : arrays, (n, height, width, channels) and (n,)
            All training images. Engines may keep what they made of the last ones seen, so neither may be changed.
        order : array of int64, (steps, batch_size)
            Which rows make each batch.
        learning_rates : array, (steps,)
            One a step.
        first_step : int
            Steps done since training began; dropout's masks follow from it.
        should_stop : callable
            Asked often; once it says yes, training stops after the batch (or the few compiled together) at hand.
        weights : array, (n,), optional
            How much each image's loss counts, besides its class's weight. Kept and not to be changed, like the images.

        Returns
        -------
        array of float64, (steps done,)
            The objective of each batch before its step.
        """

    def evaluate(self, images: Images, labels: Labels) -> Evaluation:
        """Read images with the parameters as they are now."""


class TogetherSession(Protocol):
    """Several networks of one kind while they are trained side by side."""

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
        """Read images by every network.

        Parameters
        ----------
        images, labels
            What all of them read.
        parts : array of bool, shape (networks, parts, images)
            Which images each network's evaluations are of.

        Returns
        -------
        list of list of Evaluation
            For each network, of each of its parts.
        """


class Engine(Protocol):
    """What computes a network's outputs and gradients."""

    name: str
    dtype: np.dtype[Any]

    def predict(self, network: Network, parameters: Parameters, images: Images) -> Floats:
        """Give the last layer's outputs, shape (n, classes)."""

    def reader(self, network: Network, parameters: Parameters) -> Callable[[Images], Floats]:
        """Give ``images -> outputs``, to predict again and again: parameters are brought where they are used once."""

    def activations(self, network: Network, parameters: Parameters, images: Images) -> dict[str, Floats]:
        """Give every layer's outputs by the layer's name, as at evaluation: no dropout, running averages."""

    def evaluate(
        self, network: Network, objective: Objective, parameters: Parameters, images: Images, labels: Labels
    ) -> Evaluation:
        """Read images; the loss is that of ``objective.plain_loss()``."""

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
        """Give the objective of one batch, as at training, and its gradient by each trainable parameter.

        ``weights`` say how much each image's loss counts; ``seed`` and ``step`` decide dropout's masks. The batch may
        be a whole data set: engines add it up in parts where they can (BatchNorm needs it whole), so that memory stays
        bounded.
        """

    def session(
        self, network: Network, objective: Objective, optimiser: Optimiser, parameters: Parameters, *, seed: int
    ) -> Session:
        """Begin training from parameters."""


def get_engine(name: str = "auto", *, dtype: str = "float32") -> Engine:
    """Give an engine by name.

    Parameters
    ----------
    name : {"auto", "native", "compiled", "reference"}
        C, JAX or NumPy; ``auto`` is ``native`` where that was compiled at installation, else ``compiled``.
    dtype : {"float32", "float64"}
        What it computes in.

    Raises
    ------
    RecipeError
        There is no such engine or dtype, or it does not work here.
    """
    if name not in ENGINES:
        raise RecipeError(f"unknown engine '{name}'", did_you_mean(name, ENGINES))
    if dtype not in DTYPES:
        raise RecipeError(f"unknown dtype '{dtype}'", did_you_mean(dtype, DTYPES))
    name = engine_name(name)
    if name == "native":
        return _native(dtype)
    if name == "reference":
        from inklings.engines.reference import ReferenceEngine

        return ReferenceEngine(dtype)
    from inklings.engines.compiled import CompiledEngine

    return CompiledEngine(dtype)


def side_by_side(
    engine: Engine,
    network: Network,
    objective: Objective,
    optimiser: Optimiser,
    starts: Sequence[Parameters],
    seeds: Sequence[int],
) -> TogetherSession:
    """Begin training a network several times side by side, by the native or the compiled engine.

    Parameters
    ----------
    engine : Engine
    network : Network
        What all of them are; without convolutions.
    objective : Objective
        What each minimises.
    optimiser : Optimiser
        How each step is taken.
    starts : sequence of dict of str to array
        Each network's parameters.
    seeds : sequence of int
        Of each network's dropout.
    """
    if engine.name == "native":
        from inklings.engines.native.parallel_sessions import ParallelSessions

        return ParallelSessions(engine, network, objective, optimiser, starts, seeds)  # type: ignore[arg-type]
    from inklings.engines.together import SideBySide

    return SideBySide(engine, network, objective, optimiser, starts, seeds)  # type: ignore[arg-type]


def engine_name(name: str = "auto") -> str:
    """Give the name of the engine that ``get_engine`` gives for a name: of the one chosen, for ``auto``."""
    return ("native" if native.is_available() else "compiled") if name == "auto" else name


def _native(dtype: str) -> Engine:
    if not native.is_available():
        raise RecipeError(f"there is no native engine: {native.why_not()}", "install a C compiler and Inklings again")
    from inklings.engines.native.engine import NativeEngine

    return NativeEngine(dtype)
