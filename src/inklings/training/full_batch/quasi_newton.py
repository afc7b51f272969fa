"""Full-batch minimisation of a smooth function: BFGS without its matrix, L-BFGS and conjugate gradients.

The function is any callable on a vector; nothing here knows about networks. A minimisation is an iterator::

    minimisation = Minimisation(objective, start, method="bfgs", iterations=50)
    for iteration in minimisation:
        ...  # record it; break to stop early, and loop again to go on
    minimisation.current, minimisation.reason

Search directions are in :mod:`~inklings.training.full_batch.directions`, step lengths in
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
    DirectionMethod,
    LimitedBfgs,
    StepPair,
    Vector,
    dot,
)
from inklings.training.full_batch.line_search import Point, strong_wolfe

Objective = Callable[[Vector], tuple[float, Vector]]

METHODS: dict[str, Callable[[int], DirectionMethod]] = {
    "bfgs": lambda memory: Bfgs(),
    "lbfgs": lambda memory: LimitedBfgs(memory),
    "cg": lambda memory: ConjugateGradient(),
}


class SolverStop(StrEnum):
    """Why a minimisation ended."""

    CONVERGED = "converged"
    """No component of the gradient is larger than the tolerance."""
    ITERATIONS = "iterations"
    """All iterations are done."""
    LINE_SEARCH = "line search failed"
    """No step along the direction is good enough: the objective's precision is used up, or its gradient is wrong."""
    NOT_FINITE = "not finite"
    """The objective or its gradient is NaN or infinite at the start."""


@dataclass(frozen=True, slots=True, eq=False)
class Iteration:
    """The state of a minimisation after an iteration.

    Attributes
    ----------
    number : int
        Iterations done; 0 is the start.
    x, gradient : ndarray
        The point and the gradient at it, float64 ``(n,)``, read-only.
    value : float
        The objective at the point.
    length : float
        The step's length as a multiple of the method's direction; 0 at the start.
    evaluations : int
        How often the objective was evaluated since the start; value and gradient together count once.
    """

    number: int
    x: Vector
    value: float
    gradient: Vector
    length: float
    evaluations: int

    @property
    def gradient_norm(self) -> float:
        """The largest absolute component of the gradient, which the tolerance is compared with."""
        return float(np.max(np.abs(self.gradient), initial=0.0))


class Minimisation:
    """An iterator that minimises a smooth function and yields an :class:`Iteration` at a time.

    The objective is evaluated once on construction. If anything interrupts an iteration, even an exception in the
    objective, :attr:`current` remains the last complete one, and iterating again repeats the one that was lost.

    Parameters
    ----------
    objective : callable
        ``objective(x) -> (value, gradient)`` with x float64 ``(n,)``, read-only, and a gradient of its shape.
        It may be NaN or infinite: then the step was too long, and the line search tries a shorter one.
    start : ndarray
        The initial point, ``(n,)``.
    method : {"bfgs", "lbfgs", "cg"}
        ``bfgs`` makes the iterates of ``scipy.optimize.minimize(method="BFGS")`` with O(n k) memory after k iterations
        instead of O(n^2), ``cg`` those of its ``"CG"``; ``lbfgs`` has bounded memory.
    iterations : int
        The largest number of iterations.
    gradient_tolerance : float
        Converged when no component of the gradient is larger.
    memory : int
        How many past steps ``lbfgs`` keeps; the other methods ignore it.
    state : mapping, optional
        The :attr:`state` of an earlier minimisation, to continue from; ``start`` is then ignored.

    Attributes
    ----------
    current : Iteration
        The last complete iteration; before the first, the start.
    reason : SolverStop or None
        Why it ended, None until then. It is set together with the last item, except where a line search fails: that
        shows only on the way to an item that never comes.

    Raises
    ------
    RecipeError
        The method is unknown, or a number is out of its range.

    Examples
    --------
    >>> import numpy as np
    >>> minimisation = Minimisation(lambda x: (x @ x, 2 * x), np.array([3.0, 4.0]), method="bfgs", iterations=9)
    >>> [round(iteration.value, 6) for iteration in minimisation]
    [15.9201, 2.86144, 0.0]
    >>> minimisation.reason
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
        self._method = METHODS[method](memory)
        self._iterations = iterations
        self._tolerance = gradient_tolerance
        self._evaluations = 0
        if state is None:
            self.current = self._first(start)
            # The first guess of a length follows from the last gain: pretending that the value fell by half the
            # gradient's norm makes the first step about 1 long in x, as SciPy does.
            self._previous_value = self.current.value + float(np.linalg.norm(self.current.gradient)) / 2
        else:
            self._restore(state)
        self.reason = self._find_stop()

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
        # No exception: it is the usual end of a descent whose objective has no more digits to offer.
        if found is None:
            self.reason = SolverStop.LINE_SEARCH
            raise StopIteration
        step, iteration = found
        # After the search, with the step that was taken, so that an interrupted search leaves the memory as it was.
        self._method.update(step)
        self._previous_value, self.current = self.current.value, iteration
        self.reason = self._find_stop()
        return iteration

    def _step(self) -> tuple[StepPair, Iteration] | None:
        """Search along the next direction, without changing anything yet: an interruption loses no more than this."""
        here = self.current
        direction = self._method.at(here.gradient)
        visited: dict[float, tuple[Vector, float, Vector]] = {}

        def line(length: float) -> tuple[float, float]:
            x = _read_only(here.x + length * direction)
            # Only the newest point is kept, since each has the size of all parameters: a search evaluates last the
            # length that it returns, or step_of evaluates it once more.
            visited.clear()
            visited[length] = (x, *self._evaluate(x))
            _, value, gradient = visited[length]
            return value, dot(gradient, direction)

        def step_of(length: float) -> StepPair:
            if length not in visited:
                line(length)
            return StepPair(direction, length, here.gradient, visited[length][2])

        length = strong_wolfe(
            line,
            Point(0.0, here.value, dot(here.gradient, direction)),
            # Unit steps: with a scaled identity 1 is the natural length, so the previous value is not told.
            None if self._method.starts_with_unit_step else self._previous_value,
            curvature=self._method.curvature,
            accepts=lambda length: self._method.accepts(step_of(length)),
        )
        if length is None:
            return None
        step = step_of(length)
        x, value, gradient = visited[length]
        return step, Iteration(here.number + 1, x, value, gradient, length, self._evaluations)

    def _evaluate(self, x: Vector) -> tuple[float, Vector]:
        self._evaluations += 1
        value, gradient = self._objective(x)
        return float(value), _read_only(np.array(gradient, np.float64))  # copied, since an engine may reuse its array

    def _find_stop(self) -> SolverStop | None:
        here = self.current
        # Only the start can fail this: the line search takes no step where value or gradient is not finite.
        if not (isfinite(here.value) and np.isfinite(here.gradient).all()):
            return SolverStop.NOT_FINITE
        if here.gradient_norm <= self._tolerance:
            return SolverStop.CONVERGED
        return SolverStop.ITERATIONS if here.number >= self._iterations else None

    @property
    def state(self) -> dict[str, Vector]:
        """What another minimisation by the same method needs, as ``state``, to compute the same next iterates."""
        here = self.current
        # In one array of float64, which holds the counts exactly too, for a file that keeps arrays alone.
        # previous_value too: the next first guess depends on it, and with it every later iterate.
        numbers = [here.number, here.value, here.length, here.evaluations, self._previous_value]
        return {
            "x": here.x.copy(),
            "gradient": here.gradient.copy(),
            "numbers": np.array(numbers, np.float64),
            **self._method.state,
        }

    def _restore(self, state: Mapping[str, Vector]) -> None:
        number, value, length, evaluations, self._previous_value = (float(value) for value in state["numbers"])
        x, gradient = (_read_only(np.array(state[name], np.float64)) for name in ("x", "gradient"))
        self._evaluations = int(evaluations)
        self.current = Iteration(int(number), x, value, gradient, length, self._evaluations)
        self._method.restore(state)


def _read_only(vector: Vector) -> Vector:
    # Iterations hand out their arrays without copying them: writing to one would change the minimisation itself.
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
