"""Where to go next: the directions of BFGS without its matrix, of limited-memory BFGS and of conjugate gradients.

A direction learns from each step that was taken and turns the gradient at a new point into the way to go from there.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

# What a pair counts for when the gradient did not change over its step; the number is SciPy's.
WEIGHT_WITHOUT_CURVATURE = 1000.0
# A limited memory leaves out a pair whose curvature is lost in rounding, as L-BFGS-B does (Byrd, Lu, Nocedal and Zhu,
# SIAM Journal on Scientific Computing 16 (1995) 1190-1208, section 3).
LEAST_CURVATURE = float(np.finfo(np.float64).eps)
# How many pairs L-BFGS keeps if nothing else is said.
LBFGS_PAIRS = 10
# How steeply conjugate gradients must go down, as a part of steepest descent (Gilbert & Nocedal 1992; SciPy's value).
SUFFICIENT_DESCENT = 0.01


def dot(one: Vector, other: Vector) -> float:
    """Multiply two vectors, in this thread alone.

    BLAS, behind ``numpy.dot``, splits vectors of more than 10,000 values over threads that wait for each other in a
    loop. While another program keeps the cores busy, that made 50 iterations of 10,285 parameters take 26 s, of which
    this takes 0.1.
    """
    return float(np.einsum("i,i", one, other))


class StepPair(NamedTuple):
    """A step along a direction, made or thought of, and the gradients at its two ends."""

    direction: Vector
    length: float
    before: Vector
    after: Vector


class Direction(Protocol):
    """What a method needs to know to say where to go next."""

    curvature: float
    """The constant c2 of the Wolfe conditions: small where the direction's worth depends on an exact search."""

    @property
    def tries_whole_step(self) -> bool:
        """Whether the first length tried is 1, whatever the last iteration gained."""

    def at(self, gradient: Vector) -> Vector:
        """Give the direction from the point with this gradient; shape ``(n,)``, as the gradient."""

    def leads_on(self, move: StepPair) -> bool:
        """Tell whether the direction after such a move would go downhill; asked before it is made."""

    def learn(self, move: StepPair) -> None:
        """Take in a move that was made."""

    def vectors_kept(self, iterations: int) -> int:
        """Return how many vectors of the gradient's size are remembered after so many iterations."""

    @property
    def state(self) -> dict[str, Vector]:
        """What was learnt, as arrays."""

    def restore(self, state: Mapping[str, Vector]) -> None:
        """Know again what :attr:`state` held."""


class Pair(NamedTuple):
    """A step made, the change of the gradient over it, and ``1 / (change . step)``."""

    step: Vector
    change: Vector
    weight: float


class Bfgs:
    """BFGS without the matrix: every pair since the start, in O(n k) time and memory after k iterations.

    The inverse Hessian of BFGS, begun at the identity, is (Nocedal & Wright, equation 6.17)::

        H' = (I - w s y') H (I - w y s') + w s s',    w = 1 / y's

    so applying it to a gradient needs only the pairs ``(s, y)``: the two-loop recursion (algorithm 7.4) over all of
    them with the identity in its middle. L-BFGS puts a scaled identity there and forgets old pairs; leaving both out
    gives the iterates of the dense method itself, but for rounding.
    """

    curvature = 0.9

    def __init__(self, memory: int | None = None) -> None:
        self._pairs: deque[Pair] = deque(maxlen=memory)

    @property
    def tries_whole_step(self) -> bool:
        """No: the first lengths of SciPy's BFGS follow from the last gain."""
        return False

    def at(self, gradient: Vector) -> Vector:
        """Apply the inverse Hessian to the gradient, and turn round."""
        direction = -gradient
        parts = []
        for pair in reversed(self._pairs):
            part = pair.weight * dot(pair.step, direction)
            direction -= part * pair.change
            parts.append(part)
        direction *= self._scale()
        for pair, part in zip(self._pairs, reversed(parts), strict=True):
            direction += (part - pair.weight * dot(pair.change, direction)) * pair.step
        return direction

    def _scale(self) -> float:
        """Give the diagonal of the inverse Hessian that the pairs correct."""
        return 1.0

    def leads_on(self, move: StepPair) -> bool:
        """Take any Wolfe step: it keeps the inverse Hessian positive definite (Nocedal & Wright, section 6.1)."""
        return True

    def learn(self, move: StepPair) -> None:
        """Keep the pair of this move."""
        step, change = move.length * move.direction, move.after - move.before
        curvature = dot(change, step)
        self._pairs.append(Pair(step, change, 1 / curvature if curvature else WEIGHT_WITHOUT_CURVATURE))

    def vectors_kept(self, iterations: int) -> int:
        """Return two for each pair: one an iteration, as far as the memory goes."""
        most = self._pairs.maxlen
        return 2 * (iterations if most is None else min(iterations, most))

    @property
    def state(self) -> dict[str, Vector]:
        """Give the pairs, newest last."""
        if not self._pairs:
            return {}
        steps, changes, weights = zip(*self._pairs, strict=True)
        return {"steps": np.stack(steps), "changes": np.stack(changes), "weights": np.array(weights)}

    def restore(self, state: Mapping[str, Vector]) -> None:
        """Take the pairs back."""
        if "steps" in state:
            rows = zip(state["steps"], state["changes"], state["weights"], strict=True)
            self._pairs.extend(Pair(step, change, float(weight)) for step, change, weight in rows)


class LimitedBfgs(Bfgs):
    """L-BFGS: the last few pairs, and an identity scaled by the newest (Nocedal & Wright, section 7.2)."""

    def __init__(self, memory: int) -> None:
        super().__init__(memory)

    @property
    def tries_whole_step(self) -> bool:
        """Once there is a pair: its scale makes 1 the natural length."""
        return bool(self._pairs)

    def _scale(self) -> float:
        if not self._pairs:
            return 1.0
        newest = self._pairs[-1]
        return 1 / (newest.weight * dot(newest.change, newest.change))

    def learn(self, move: StepPair) -> None:
        """Keep the pair of this move, if it shows any curvature."""
        change = move.after - move.before
        if move.length * dot(change, move.direction) > LEAST_CURVATURE * dot(change, change):
            super().learn(move)


class ConjugateGradient:
    """Nonlinear conjugate gradients of Polak and Ribiere, never below zero (Nocedal & Wright, equation 5.45)."""

    curvature = 0.4
    tries_whole_step = False

    def __init__(self) -> None:
        self._next: Vector | None = None

    def at(self, gradient: Vector) -> Vector:
        """Give steepest descent at the start, then the direction turned by what the last move showed."""
        return -gradient if self._next is None else self._next

    def leads_on(self, move: StepPair) -> bool:
        """Ask for sufficient descent, which strong Wolfe steps do not promise here (Gilbert & Nocedal 1992)."""
        return dot(_turned(move), move.after) <= -SUFFICIENT_DESCENT * dot(move.after, move.after)

    def learn(self, move: StepPair) -> None:
        """Turn the direction of this move."""
        self._next = _turned(move)

    def vectors_kept(self, iterations: int) -> int:
        """Return one: the next direction."""
        return min(iterations, 1)

    @property
    def state(self) -> dict[str, Vector]:
        """Give the next direction."""
        return {} if self._next is None else {"next": self._next.copy()}

    def restore(self, state: Mapping[str, Vector]) -> None:
        """Take the next direction back."""
        self._next = state.get("next")


def _turned(move: StepPair) -> Vector:
    """Give the next direction, ``-g' + max(0, g'(g' - g) / gg) p``."""
    change = move.after - move.before
    beta = max(0.0, dot(change, move.after) / dot(move.before, move.before))
    return beta * move.direction - move.after
