"""The optimisers that take a step per batch, written out in NumPy.

Each also has a ``spec``, its step in numbers, by which the native and the JAX engine take the step themselves.

An optimiser is a pair of pure functions. ``init(params)`` returns the state before the first step; ``update(gradients,
state, params)`` returns the direction and the next state. The engine then does ``params -= learning_rate * direction``,
so there is no learning rate in here, and gradient descent itself leaves the gradient as it is.

With gradient g, weights w and step t, the direction is::

    sgd        g
    momentum   v                       v = m v + g
    nesterov   g + m v                 v as above
    adam       a' / (sqrt(s') + e)     a = b1 a + (1 - b1) g,      a' = a / (1 - b1^t)
                                       s = b2 s + (1 - b2) g^2,    s' = s / (1 - b2^t)
    adamw      adam's + weight_decay w

Nesterov's momentum is in the form of Sutskever and others (2013, equations 3 and 4), rearranged so that gradients are
taken where the weights are (as in Lasagne, and Bengio and others, 2013, section 3.5). Adam is algorithm 1 of Kingma and
Ba (2015) with its constants; the decoupled decay of AdamW is that of Loshchilov and Hutter (2019, algorithm 2), on
weights but not on biases and BatchNorm's scales.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inklings.engines.optimiser_spec import OptimiserSpec
from inklings.networks import Parameters
from inklings.training.full_batch.directions import LBFGS_PAIRS
from inklings.training.full_batch.quasi_newton import METHODS
from inklings.training.recipe import Recipe

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8

State = Parameters
"""A flat dict of arrays: ``"trace/dense_1/weights"``."""


@dataclass(frozen=True)
class GradientDescent:
    """Go straight down."""

    spec = OptimiserSpec("sgd")

    def init(self, params: Parameters) -> State:
        """Return no state: there is nothing to remember."""
        return {}

    def update(self, updates: Parameters, state: State, params: Parameters) -> tuple[Parameters, State]:
        """Return the gradients themselves."""
        return updates, state


@dataclass(frozen=True)
class Momentum:
    """Roll on: add up past gradients, each step's counting ``decay`` times that of the next."""

    decay: float
    nesterov: bool = False

    @property
    def spec(self) -> OptimiserSpec:
        """The step in numbers."""
        return OptimiserSpec("nesterov" if self.nesterov else "momentum", ("trace",), self.decay)

    def init(self, params: Parameters) -> State:
        """Begin at rest."""
        return {f"trace/{name}": np.zeros_like(value) for name, value in params.items()}

    def update(self, updates: Parameters, state: State, params: Parameters) -> tuple[Parameters, State]:
        """Add the gradients to the trace, and with ``nesterov`` look one step ahead."""
        trace = {name: self.decay * state[f"trace/{name}"] + gradient for name, gradient in updates.items()}
        ahead = {name: gradient + self.decay * trace[name] for name, gradient in updates.items()}
        return (ahead if self.nesterov else trace), {f"trace/{name}": value for name, value in trace.items()}


@dataclass(frozen=True)
class Adam:
    """Divide the mean of past gradients by the root of their mean square."""

    @property
    def spec(self) -> OptimiserSpec:
        """The step in numbers."""
        return OptimiserSpec("adam", ("mean", "square"), BETA_1, BETA_2, EPSILON)

    def init(self, params: Parameters) -> State:
        """Begin with both means at zero."""
        means = {f"mean/{name}": np.zeros_like(value) for name, value in params.items()}
        squares = {f"square/{name}": np.zeros_like(value) for name, value in params.items()}
        return {"count": np.array(0), **means, **squares}

    def update(self, updates: Parameters, state: State, params: Parameters) -> tuple[Parameters, State]:
        """Bring both means forward, and undo their bias towards the zeros they began with."""
        count = state["count"] + 1
        # Python's int: a power by NumPy's integer is a float64 that would make everything here float64 too.
        step = int(count)
        direction, after = {}, {"count": count}
        for name, gradient in updates.items():
            mean = BETA_1 * state[f"mean/{name}"] + (1 - BETA_1) * gradient
            # The mean square about 0, not the variance: gradients whose signs keep changing make short steps.
            square = BETA_2 * state[f"square/{name}"] + (1 - BETA_2) * gradient**2
            # Epsilon stands outside the root and behind the correction, as in algorithm 1.
            direction[name] = mean / (1 - BETA_1**step) / (np.sqrt(square / (1 - BETA_2**step)) + EPSILON)
            after |= {f"mean/{name}": mean, f"square/{name}": square}
        return direction, after


@dataclass(frozen=True)
class AdamW(Adam):
    """Adam, and every weight shrinks a little by itself."""

    weight_decay: float

    @property
    def spec(self) -> OptimiserSpec:
        """The step in numbers."""
        return super().spec._replace(decay=self.weight_decay)

    def update(self, updates: Parameters, state: State, params: Parameters) -> tuple[Parameters, State]:
        """Add a share of each weight to Adam's direction."""
        direction, after = super().update(updates, state, params)
        for name, values in params.items():
            # By the name: all biases, and BatchNorm's scales and shifts, stay as they are.
            if name.endswith("/weights"):
                direction[name] = direction[name] + self.weight_decay * values
        return direction, after


StepOptimiser = GradientDescent | Momentum | Adam


def build_optimiser(recipe: Recipe) -> StepOptimiser:
    """Return the recipe's optimiser, for any engine.

    Parameters
    ----------
    recipe : Recipe
        Of which ``optimiser``, ``momentum`` and ``weight_decay`` are used; one that takes a step per batch.

    Returns
    -------
    GradientDescent, Momentum, Adam or AdamW
    """
    momentum = recipe.momentum if recipe.uses("momentum") else 0.0
    weight_decay = recipe.weight_decay if recipe.uses("weight_decay") else 0.0
    known: dict[str, StepOptimiser] = {
        "sgd": GradientDescent(),
        "momentum": Momentum(momentum),
        "nesterov": Momentum(momentum, nesterov=True),
        "adam": Adam(),
        "adamw": AdamW(weight_decay),
    }
    return known[recipe.optimiser]


def vectors_kept(recipe: Recipe, iterations: int) -> int:
    """Return how many vectors of the parameters' size an optimiser keeps from one step to the next.

    Parameters
    ----------
    recipe : Recipe
        With any optimiser: the full-batch ones too, whose directions are in :mod:`inklings.training.full_batch`.
    iterations : int
        How many are done. BFGS keeps a pair of vectors of each; an optimiser that takes a step per batch keeps the
        same number throughout.

    Examples
    --------
    >>> [vectors_kept(Recipe(name), 50) for name in ("sgd", "nesterov", "adam", "cg", "lbfgs", "bfgs")]
    [0, 1, 2, 1, 20, 100]
    """
    if recipe.is_full_batch:
        return METHODS[recipe.optimiser](LBFGS_PAIRS).vectors_kept(iterations)
    return len(build_optimiser(recipe).spec.remembered)
