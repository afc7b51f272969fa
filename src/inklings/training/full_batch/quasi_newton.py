"""Full-batch minimisation of a smooth function: BFGS without its matrix, L-BFGS and conjugate gradients.

The function is any callable on a vector; nothing here knows of networks. One iteration is one item of a loop::

    descent = Minimisation(objective, start, method="bfgs", iterations=50)
    for iteration in descent:
        ...  # write a row; break to stop early, and loop again to go on
    descent.current, descent.reason

Which way to go is in :mod:`~inklings.training.full_batch.directions`, how far in
:mod:`~inklings.training.full_batch.line_search`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite

import numpy as np

from inklings.errors import RecipeError
from inklings.serialise import did_you_mean
from inklings.training.full_batch.directions import (
    LBFGS_PAIRS,
    Bfgs,
    ConjugateGradient,
    Direction,
    LimitedBfgs,
    StepPair,
    Vector,
    dot,
)
from inklings.training.full_batch.line_search import Point, strong_wolfe

Objective = Callable[[Vector], tuple[float, Vector]]

METHODS: dict[str, Callable[[int], Direction]] = {
    "bfgs": lambda memory: Bfgs(),
    "lbfgs": lambda memory: LimitedBfgs(memory),
    "cg": lambda memory: ConjugateGradient(),
}


class SolverStop(StrEnum):
    """Why a minimisation ended."""

    CONVERGED = "converged"
    """No component of the gradient is larger than the tolerance."""
    ITERATIONS = "iterations"
    """The iterations asked for are done."""
    LINE_SEARCH = "line search failed"
    """No step along the direction is good enough: the objective's precision is used up, or its gradient is wrong."""
    NOT_FINITE = "not finite"
    """The objective is NaN or infinite at the start, or its gradient is."""


@dataclass(frozen=True, slots=True, eq=False)
class Iteration:
    """Where a minimisation stands after one iteration.

    Attributes
    ----------
    number : int
        Iterations done; 0 is the start.
    x, gradient : ndarray
        The point and the gradient there, float64 ``(n,)``, read-only.
    value : float
        The objective there.
    length : float
        The step's length as a multiple of the method's direction; 0 at the start.
    evaluations : int
        How often the objective was evaluated since the start, its value and gradient together counting once.
    """

    number: int
    x: Vector
    value: float
    gradient: Vector
    length: float
    evaluations: int

    @property
    def steepest(self) -> float:
        """The largest absolute component of the gradient, which the tolerance is compared with."""
        return float(np.max(np.abs(self.gradient), initial=0.0))


class Minimisation:
    """An iterator that minimises a smooth function, one :class:`Iteration` an item.

    The objective is evaluated once on construction. Whatever interrupts an iteration, an exception in the objective
    included, leaves :attr:`current` at the last one that was finished; iterating again repeats the one that was lost.

    Parameters
    ----------
    objective : callable
        ``objective(x) -> (value, gradient)`` with x float64 ``(n,)``, read-only, and a gradient of its shape.
        Where it is not finite it need not warn: such points are steps too long, and the search turns back.
    start : ndarray
        Where to begin, ``(n,)``.
    method : {"bfgs", "lbfgs", "cg"}
        ``bfgs`` makes the iterates of ``scipy.optimize.minimize(method="BFGS")`` with O(n k) memory after k iterations
        instead of O(n^2), ``cg`` those of its ``"CG"``; ``lbfgs`` has bounded memory.
    iterations : int
        How many at most.
    gradient_tolerance : float
        Converged when no component of the gradient is larger.
    memory : int
        How many past steps ``lbfgs`` keeps; the others do not use it.
    state : mapping, optional
        The :attr:`state` of an earlier minimisation, to go on from; ``start`` is then not looked at.

    Attributes
    ----------
    current : Iteration
        The last iteration finished; the start, before the first.
    reason : SolverStop or None
        Why it ended, None until then. Known together with the last item, unless a line search failed: that is found
        out on the way to an item that never comes.

    Raises
    ------
    RecipeError
        The method is unknown, or a number is out of its range.

    Examples
    --------
    >>> import numpy as np
    >>> descent = Minimisation(lambda x: (x @ x, 2 * x), np.array([3.0, 4.0]), method="bfgs", iterations=9)
    >>> [round(iteration.value, 6) for iteration in descent]
    [15.9201, 2.86144, 0.0]
    >>> descent.reason
    <SolverStop.CONVERGED: 'converged'>
    """

    def __init__(
        self,
        objective: Objective,
        start: Vector,
        *,
        method: str,
        iterations: int,
        gradient_tolerance: float = 1e-5,
        memory: int = LBFGS_PAIRS,
        state: Mapping[str, Vector] | None = None,
    ) -> None:
        _check(method, iterations, gradient_tolerance, memory)
        self._objective = objective
        self._direction = METHODS[method](memory)
        self._iterations = iterations
        self._tolerance = gradient_tolerance
        self._evaluations = 0
        if state is None:
            self.current = self._first(start)
            # A step of about 1 in x is the first guess, as in SciPy.
            self._previous_value = self.current.value + float(np.linalg.norm(self.current.gradient)) / 2
        else:
            self._restore(state)
        self.reason = self._ended()

    def _first(self, start: Vector) -> Iteration:
        x = _read_only(np.array(start, np.float64))
        value, gradient = self._evaluate(x)
        return Iteration(0, x, value, gradient, 0.0, self._evaluations)

    def __iter__(self) -> Minimisation:
        return self

    def __next__(self) -> Iteration:
        if self.reason is not None:
            raise StopIteration
        found = self._step()
        if found is None:
            self.reason = SolverStop.LINE_SEARCH
            raise StopIteration
        move, iteration = found
        self._direction.learn(move)
        self._previous_value, self.current = self.current.value, iteration
        self.reason = self._ended()
        return iteration

    def _step(self) -> tuple[StepPair, Iteration] | None:
        """Search along the next direction; nothing is changed yet, so that an interruption loses no more than this."""
        here = self.current
        direction = self._direction.at(here.gradient)
        visited: dict[float, tuple[Vector, float, Vector]] = {}

        def line(length: float) -> tuple[float, float]:
            x = _read_only(here.x + length * direction)
            visited.clear()  # a search asks last for the length it gives, or asks for it again
            visited[length] = (x, *self._evaluate(x))
            _, value, gradient = visited[length]
            return value, dot(gradient, direction)

        def move_of(length: float) -> StepPair:
            if length not in visited:
                line(length)
            return StepPair(direction, length, here.gradient, visited[length][2])

        length = strong_wolfe(
            line,
            Point(0.0, here.value, dot(here.gradient, direction)),
            None if self._direction.tries_whole_step else self._previous_value,
            curvature=self._direction.curvature,
            accepts=lambda length: self._direction.leads_on(move_of(length)),
        )
        if length is None:
            return None
        move = move_of(length)
        x, value, gradient = visited[length]
        return move, Iteration(here.number + 1, x, value, gradient, length, self._evaluations)

    def _evaluate(self, x: Vector) -> tuple[float, Vector]:
        self._evaluations += 1
        value, gradient = self._objective(x)
        return float(value), _read_only(np.array(gradient, np.float64))

    def _ended(self) -> SolverStop | None:
        here = self.current
        if not (isfinite(here.value) and np.isfinite(here.gradient).all()):
            return SolverStop.NOT_FINITE
        if here.steepest <= self._tolerance:
            return SolverStop.CONVERGED
        return SolverStop.ITERATIONS if here.number >= self._iterations else None

    @property
    def state(self) -> dict[str, Vector]:
        """All that another minimisation of the same method needs, as ``state``, to make the same next iterates."""
        here = self.current
        numbers = [here.number, here.value, here.length, here.evaluations, self._previous_value]
        return {
            "x": here.x.copy(),
            "gradient": here.gradient.copy(),
            "numbers": np.array(numbers, np.float64),
            **self._direction.state,
        }

    def _restore(self, state: Mapping[str, Vector]) -> None:
        number, value, length, evaluations, self._previous_value = (float(value) for value in state["numbers"])
        x, gradient = (_read_only(np.array(state[name], np.float64)) for name in ("x", "gradient"))
        self._evaluations = int(evaluations)
        self.current = Iteration(int(number), x, value, gradient, length, self._evaluations)
        self._direction.restore(state)


def _read_only(vector: Vector) -> Vector:
    vector.flags.writeable = False
    return vector


def _check(method: str, iterations: int, gradient_tolerance: float, memory: int) -> None:
    if method not in METHODS:
        raise RecipeError(f"unknown full-batch optimiser '{method}'", did_you_mean(method, METHODS))
    if iterations < 0:
        raise RecipeError(f"iterations is {iterations}, expected at least 0")
    if not gradient_tolerance >= 0:
        raise RecipeError(f"gradient_tolerance is {gradient_tolerance}, expected a number of at least 0")
    if memory < 1:
        raise RecipeError(f"memory is {memory}, expected at least 1 past step")
