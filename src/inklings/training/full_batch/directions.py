"""Search directions: of BFGS without its matrix, of limited-memory BFGS and of conjugate gradients.

A method is updated with each step that was taken, and turns the gradient at the new point into the next direction::

    direction = method.at(gradient)
    step = StepPair(direction, length, gradient, gradient_after)    # length by a line search
    method.update(step)
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

# The weight of a pair over which the gradient did not change, where 1 / (change . step) is infinite; SciPy's number.
WEIGHT_WITHOUT_CURVATURE = 1000.0
# L-BFGS skips a pair whose curvature is lost in rounding, as L-BFGS-B does (Byrd, Lu, Nocedal and Zhu,
# SIAM Journal on Scientific Computing 16 (1995) 1190-1208, section 3).
LEAST_CURVATURE = float(np.finfo(np.float64).eps)
# How many pairs L-BFGS keeps by default.
LBFGS_PAIRS = 10
# How steeply conjugate gradients must descend, as a fraction of steepest descent (Gilbert & Nocedal 1992; as in SciPy).
SUFFICIENT_DESCENT = 0.01


def dot(one: Vector, other: Vector) -> float:
    """Return the dot product of two vectors, computed in this thread only."""
    # BLAS, behind numpy.dot, splits vectors of more than 10,000 values over threads that wait for each other in a busy
    # loop. While another program keeps the cores busy, that made 50 iterations of 10,285 parameters take 26 s instead
    # of 0.1.
    return float(np.einsum("i,i", one, other))


class StepPair(NamedTuple):
    """A step along a direction, taken or proposed, and the gradients before and after it."""

    direction: Vector
    length: float
    before: Vector
    after: Vector


class DirectionMethod(Protocol):
    """A method that chooses search directions, with its memory of earlier steps."""

    curvature: float
    """The constant c2 of the Wolfe conditions: small for a method whose directions need an accurate line search."""

    @property
    def starts_with_unit_step(self) -> bool:
        """Whether the line search tries the length 1 first, whatever the last iteration gained."""

    def at(self, gradient: Vector) -> Vector:
        """Return the direction from the point with this gradient; shape ``(n,)``, as the gradient."""

    def accepts(self, step: StepPair) -> bool:
        """Return whether the direction after such a step would descend; asked before the step is taken."""

    def update(self, step: StepPair) -> None:
        """Remember a step that was taken."""

    def vectors_kept(self, iterations: int) -> int:
        """Return how many vectors of the gradient's size are remembered after a number of iterations."""

    @property
    def state(self) -> dict[str, Vector]:
        """The memory, as arrays."""

    def restore(self, state: Mapping[str, Vector]) -> None:
        """Take back the memory that :attr:`state` held."""


class CurvaturePair(NamedTuple):
    """The vector of a step, the change of the gradient over it, and ``1 / (change . step)``."""

    step: Vector
    change: Vector
    weight: float


class Bfgs:
    """BFGS without the matrix: all pairs since the start, in O(n k) time and memory after k iterations.

    The inverse Hessian of BFGS, begun at the identity, is (Nocedal & Wright, equation 6.17)::

        H' = (I - w s y') H (I - w y s') + w s s',    w = 1 / y's

    so applying it to a gradient needs only the pairs ``(s, y)``: the two-loop recursion (algorithm 7.4) over all of
    them, with the identity in its middle. L-BFGS scales that identity and forgets old pairs; without either, the
    iterates are those of the dense method, up to rounding.
    """

    curvature = 0.9

    def __init__(self, memory: int | None = None) -> None:
        self._pairs: deque[CurvaturePair] = deque(maxlen=memory)  # which drops the oldest pair by itself

    @property
    def starts_with_unit_step(self) -> bool:
        """No: as in SciPy's BFGS, the first length follows from what the last iteration gained."""
        return False

    def at(self, gradient: Vector) -> Vector:
        """Return minus the inverse Hessian times the gradient."""
        direction = -gradient
        parts = []
        # First loop: the right-hand factors (I - w y s'), from the newest pair to the oldest ...
        for pair in reversed(self._pairs):
            part = pair.weight * dot(pair.step, direction)
            direction -= part * pair.change  # q = (I - w y s') q
            parts.append(part)
        direction *= self._scale()  # ... the matrix that BFGS started from ...
        # ... and second loop: the left-hand factors and w s s', from the oldest pair to the newest.
        for pair, part in zip(self._pairs, reversed(parts), strict=True):
            direction += (part - pair.weight * dot(pair.change, direction)) * pair.step
        return direction

    def _scale(self) -> float:
        """Return the diagonal of the initial inverse Hessian."""
        return 1.0

    def accepts(self, step: StepPair) -> bool:
        """Accept every Wolfe step: it keeps the inverse Hessian positive definite (Nocedal & Wright, section 6.1)."""
        return True

    def update(self, step: StepPair) -> None:
        """Remember the pair of this step."""
        # s and y of the textbook: where the step went, and what the gradient did on the way.
        vector, change = step.length * step.direction, step.after - step.before
        curvature = dot(change, vector)
        self._pairs.append(CurvaturePair(vector, change, 1 / curvature if curvature else WEIGHT_WITHOUT_CURVATURE))

    def vectors_kept(self, iterations: int) -> int:
        """Return two for each pair, of which there is one per iteration up to the memory's size."""
        most = self._pairs.maxlen
        return 2 * (iterations if most is None else min(iterations, most))

    @property
    def state(self) -> dict[str, Vector]:
        """The pairs, newest last."""
        if not self._pairs:
            return {}
        # As three arrays, which a checkpoint can hold: (pairs, n), (pairs, n) and (pairs,).
        steps, changes, weights = zip(*self._pairs, strict=True)
        return {"steps": np.stack(steps), "changes": np.stack(changes), "weights": np.array(weights)}

    def restore(self, state: Mapping[str, Vector]) -> None:
        """Take the pairs back."""
        if "steps" in state:
            pairs = zip(state["steps"], state["changes"], state["weights"], strict=True)
            self._pairs.extend(CurvaturePair(step, change, float(weight)) for step, change, weight in pairs)


class LimitedBfgs(Bfgs):
    """L-BFGS: the last few pairs, and an identity scaled by the newest one (Nocedal & Wright, section 7.2)."""

    def __init__(self, memory: int) -> None:
        super().__init__(memory)

    @property
    def starts_with_unit_step(self) -> bool:
        """Yes, once there is a pair: the scale it gives makes 1 the natural length."""
        return bool(self._pairs)

    def _scale(self) -> float:
        if not self._pairs:
            return 1.0
        newest = self._pairs[-1]
        # y's / y'y, an estimate of the inverse Hessian's size along the last step (Nocedal & Wright, equation 7.20).
        return 1 / (newest.weight * dot(newest.change, newest.change))

    def update(self, step: StepPair) -> None:
        """Remember the pair of this step, if it has any curvature."""
        change = step.after - step.before
        # y's > eps y'y: also false where y's is negative, which would cost positive definiteness.
        if step.length * dot(change, step.direction) > LEAST_CURVATURE * dot(change, change):
            super().update(step)


class ConjugateGradient:
    """Nonlinear conjugate gradients of Polak and Ribiere, never below zero (Nocedal & Wright, equation 5.45)."""

    curvature = 0.4
    starts_with_unit_step = False

    def __init__(self) -> None:
        self._next: Vector | None = None

    def at(self, gradient: Vector) -> Vector:
        """Return steepest descent at the start, then the conjugate direction that the last step led to."""
        # `update` has worked the next one out; the gradient that is passed belongs to the same point.
        return -gradient if self._next is None else self._next

    def accepts(self, step: StepPair) -> bool:
        """Require sufficient descent, which strong Wolfe steps do not promise here (Gilbert & Nocedal 1992)."""
        # At the trial point: whether the direction that would follow from it still goes down.
        return dot(_conjugate(step), step.after) <= -SUFFICIENT_DESCENT * dot(step.after, step.after)

    def update(self, step: StepPair) -> None:
        """Compute the direction that follows this step."""
        self._next = _conjugate(step)

    def vectors_kept(self, iterations: int) -> int:
        """Return one: the next direction."""
        return min(iterations, 1)

    @property
    def state(self) -> dict[str, Vector]:
        """The next direction."""
        return {} if self._next is None else {"next": self._next.copy()}

    def restore(self, state: Mapping[str, Vector]) -> None:
        """Take back the next direction."""
        self._next = state.get("next")


def _conjugate(step: StepPair) -> Vector:
    """Return the direction after a step, ``-g' + max(0, g'(g' - g) / gg) p``."""
    change = step.after - step.before
    # Where beta would be negative, the method restarts from steepest descent; without that it need not converge.
    # Where little was gained, g' is nearly g and beta nearly 0: so the method restarts by itself.
    beta = max(0.0, dot(change, step.after) / dot(step.before, step.before))
    return beta * step.direction - step.after
