"""The optimisers' steps in JAX, by their specs; the formulas stand in :mod:`inklings.training.optimisers`."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import jax.numpy as jnp
from jax import Array

from inklings.engines.base import Optimiser
from inklings.engines.jax.forward import Arrays
from inklings.engines.optimiser_spec import OptimiserSpec


def jax_optimiser(optimiser: Optimiser) -> Optimiser:
    """Return what computes an optimiser's step on JAX's arrays: the optimiser itself, if it has no spec."""
    spec = getattr(optimiser, "spec", None)
    return optimiser if spec is None else SpecOptimiser(spec)


@dataclass(frozen=True)
class SpecOptimiser:
    """An optimiser by its numbers; its state has the names that the same one in NumPy gives it."""

    spec: OptimiserSpec

    def init(self, params: Arrays) -> Arrays:
        """Begin with zeros: what is remembered, and Adam's count of steps."""
        count = {"count": jnp.zeros((), jnp.int32)} if self.spec.kind == "adam" else {}
        zeros = {f"{kind}/{name}": jnp.zeros_like(w) for kind in self.spec.remembered for name, w in params.items()}
        return count | zeros

    def update(self, updates: Arrays, state: Arrays, params: Arrays) -> tuple[Arrays, Arrays]:
        """Return the direction and the next state."""
        if self.spec.kind == "sgd":
            return updates, state
        if self.spec.kind == "adam":
            return self._adam(updates, state, params)
        return self._momentum(updates, state)

    def _momentum(self, updates: Arrays, state: Arrays) -> tuple[Arrays, Arrays]:
        factor = self.spec.momentum
        trace = {name: factor * state[f"trace/{name}"] + gradient for name, gradient in updates.items()}
        if self.spec.kind == "nesterov":
            # Nesterov's looks ahead, to where the trace will have carried the weights by the next step.
            updates = {name: gradient + factor * trace[name] for name, gradient in updates.items()}
        else:
            updates = trace
        return updates, {f"trace/{name}": value for name, value in trace.items()}

    def _adam(self, updates: Arrays, state: Arrays, params: Arrays) -> tuple[Arrays, Arrays]:
        spec, count = self.spec, state["count"] + 1
        after, direction = {"count": count}, {}
        for name, gradient in updates.items():
            mean = spec.momentum * state[f"mean/{name}"] + (1 - spec.momentum) * gradient
            square = spec.square * state[f"square/{name}"] + (1 - spec.square) * gradient**2
            # Both means began at 0, and are too small by the factor 1 - beta^t: divided by that, they are unbiased.
            root = jnp.sqrt(square / _one_minus_power(spec.square, count))
            direction[name] = mean / _one_minus_power(spec.momentum, count) / (root + spec.epsilon)
            # Decoupled: added behind the division, so that weights with large gradients decay no less than others.
            if spec.decay and name.endswith("/weights"):
                direction[name] = direction[name] + spec.decay * params[name]
            after |= {f"mean/{name}": mean, f"square/{name}": square}
        return direction, after


def _one_minus_power(base: float, count: Array) -> Array:
    # 0.999 in float32 is off by 1e-8, and 1 - 0.999 so by one part in 100,000; by the logarithm no digits are lost.
    return -jnp.expm1(count * log(base))
