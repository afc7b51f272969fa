"""Line search: how far to go along a direction to satisfy the strong Wolfe conditions.

A line is a function of one number, ``line(step) -> (value, slope)``: the objective and its derivative along the
direction. A step is accepted (Nocedal & Wright, *Numerical Optimization*, 2nd ed., equation 3.7) when::

    value(step) <= value(0) + decrease * step * slope(0)        sufficient decrease
    |slope(step)| <= curvature * |slope(0)|                      the direction is used up

Two searches find one. :func:`more_thuente` is the method of J. J. Moré and D. J. Thuente, "Line search algorithms with
guaranteed sufficient decrease", ACM Transactions on Mathematical Software 20 (1994) 286-307, with the constants of
their MINPACK-2 program, so that it tries the same steps as the search inside SciPy's BFGS. Where rounding defeats it,
:func:`strong_wolfe` falls back on SciPy's public search, as SciPy does.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from math import inf, isfinite, sqrt

Line = Callable[[float], tuple[float, float]]

# The constants of the paper's section 4 and of its program: extrapolation goes 1.1 to 4 times as far again, a bracket
# that does not shrink to 0.66 of its size in two trials is halved, and one as narrow as this, relatively, is given up.
LEAST_EXTRAPOLATION, MOST_EXTRAPOLATION = 1.1, 4.0
SHRINKAGE = 0.66
NARROWEST = 1e-14
# Not in the paper: after a step where the objective is not finite, this fraction of the way is tried.
RETREAT = 0.1
TRIALS = 100


@dataclass(frozen=True, slots=True)
class Point:
    """Value and slope of a line at one step."""

    step: float
    value: float
    slope: float

    def tilted(self, by: float) -> Point:
        """Return the same point of the line minus a straight line of slope ``by``: the paper's auxiliary function."""
        return Point(self.step, self.value - self.step * by, self.slope - by)


def strong_wolfe(
    line: Line,
    start: Point,
    previous_value: float | None = None,
    *,
    decrease: float = 1e-4,
    curvature: float = 0.9,
    accepts: Callable[[float], bool] = lambda step: True,
) -> float | None:
    """Find a step that satisfies the strong Wolfe conditions, by the two searches that SciPy's BFGS uses.

    Parameters
    ----------
    line : callable
        ``line(step) -> (value, slope)``. Where these are not finite, the step counts as too long.
    start : Point
        The line at step 0; its slope must be negative.
    previous_value : float, optional
        The objective one iteration earlier: the first trial is the step that would gain as much again, at most 1
        (Nocedal & Wright, equation 3.60). Without it the first trial is 1.
    decrease, curvature : float
        The constants c1 and c2 of the conditions, ``0 < decrease < curvature < 1``.
    accepts : callable
        ``accepts(step) -> bool``: a further condition on a step, checked after the line is evaluated there.

    Returns
    -------
    float or None
        The step, or None if neither search found one.
    """
    if not start.slope < 0:
        return None
    guess = first_guess(start, previous_value)
    step = more_thuente(line, start, guess, decrease=decrease, curvature=curvature)
    if step is not None and accepts(step):
        return step
    # In SciPy's order: its public search only where that of Moré and Thuente has given up.
    return _scipy_search(line, start, previous_value, decrease, curvature, accepts)


def first_guess(start: Point, previous_value: float | None) -> float:
    """Return the step that would gain as much as the last one: Nocedal & Wright, equation 3.60 and the text below."""
    if previous_value is None:
        return 1.0
    # 2 comes from the parabola through both values with this slope; 1.01 lets the guess reach 1, the natural length of
    # a quasi-Newton step, as convergence becomes superlinear. A negative guess means that the value rose: useless.
    guess = min(1.0, 2.02 * (start.value - previous_value) / start.slope)
    return guess if guess >= 0 else 1.0


def more_thuente(
    line: Line, start: Point, guess: float, *, decrease: float = 1e-4, curvature: float = 0.9, trials: int = TRIALS
) -> float | None:
    """Find a strong Wolfe step by the search of Moré and Thuente (1994).

    The interval that must contain such a step is narrowed, or moved outwards while none is known, by cubics and
    parabolas through the best point so far and the newest. Until a point is low enough and its slope positive, the
    search works on the line minus its allowed decrease (the paper's psi), a minimiser of which satisfies the first
    condition.

    Parameters
    ----------
    line, start, decrease, curvature
        As in :func:`strong_wolfe`.
    guess : float
        The first step to try, positive.
    trials : int
        The largest number of evaluations of the line.

    Returns
    -------
    float or None
        The step, at which the line was evaluated last; None if none is found within the trials, the line does not
        fall at its start, or the interval shrinks to nothing.
    """
    if not start.slope < 0 or not guess > 0:
        return None
    allowed_slope = decrease * start.slope
    interval = _Interval(start, guess)
    step, low_and_rising = guess, False
    for _ in range(trials):
        point = Point(step, *line(step))
        if not (isfinite(point.value) and isfinite(point.slope)):
            # NaN tells the interpolation nothing: retreat towards the best point, without narrowing the interval.
            step = interval.best.step + RETREAT * (step - interval.best.step)
            if step == interval.best.step:
                return None
            continue
        # On the straight line that falls from the start with a small part of its slope.
        allowed = start.value + step * allowed_slope
        if point.value <= allowed and abs(point.slope) <= -curvature * start.slope:
            return step
        low_and_rising = low_and_rising or (point.value <= allowed and point.slope >= 0)
        # Where the paper works on psi: higher than allowed, but lower than the best point so far.
        auxiliary = not low_and_rising and allowed < point.value <= interval.best.value
        step = interval.narrow(point, allowed_slope if auxiliary else 0.0)
        if interval.is_exhausted(step):
            return None
    return None


class _Interval:
    """The interval of the paper's section 2: its best end, its other end, and how far the next trial may go."""

    def __init__(self, start: Point, guess: float) -> None:
        self.best = self.other = start
        self.bracketed = False
        # How far an unbracketed search may go at its next trial; with a bracket, its two ends.
        self.lower, self.upper = 0.0, guess + MOST_EXTRAPOLATION * guess
        self._width, self._width_before = inf, inf

    def narrow(self, point: Point, tilt: float) -> float:
        """Update the interval with a new point and return the next step to try (section 2, and section 4)."""
        best, other, new = (each.tilted(tilt) for each in (self.best, self.other, point))
        # Higher or turned: in either case a minimum lies between, and from now on there is a bracket.
        higher = new.value > best.value
        turned = new.slope * best.slope < 0
        self.bracketed, had_bracket = self.bracketed or higher or turned, self.bracketed
        step = _next_step(best, other, new, had_bracket, self.lower, self.upper)
        if higher:
            self.other = point
        else:
            # Where the slope has turned, the minimum lies behind the new point: the best so far becomes the far end.
            self.best, self.other = point, self.best if turned else self.other
        return self._bounded(step)

    def _bounded(self, step: float) -> float:
        """Halve a bracket that shrinks too slowly, and set how far the trial after this one may go."""
        if not self.bracketed:
            onward = step - self.best.step
            self.lower, self.upper = step + LEAST_EXTRAPOLATION * onward, step + MOST_EXTRAPOLATION * onward
            return step
        width = abs(self.other.step - self.best.step)
        if width >= SHRINKAGE * self._width_before:
            step = self.best.step + 0.5 * (self.other.step - self.best.step)
        self._width, self._width_before = width, self._width
        self.lower, self.upper = sorted((self.best.step, self.other.step))
        return step

    def is_exhausted(self, step: float) -> bool:
        """Return whether rounding leaves nothing to try: the step is on the edge, or the bracket is too narrow."""
        if not self.bracketed:
            return step == self.best.step or not isfinite(step)
        # At an end of the bracket there is no step left to try between the two.
        return not self.lower < step < self.upper or self.upper - self.lower <= NARROWEST * self.upper


def _next_step(best: Point, other: Point, new: Point, bracketed: bool, lower: float, upper: float) -> float:
    """Choose the next step from the four cases of the paper's section 4."""
    # Case 1: the value rose, so a minimum lies between the two.
    if new.value > best.value:
        return _step_from_higher(best, new)
    # Case 2: lower, and the slope has turned, so it lies between them too: the bolder of two estimates.
    if new.slope * best.slope < 0:
        cubic, secant = _cubic(new, best)[0], _secant(new, best)
        return cubic if abs(cubic - new.step) > abs(secant - new.step) else secant
    limit = upper if new.step > best.step else lower
    if abs(new.slope) < abs(best.slope):
        return _step_from_flatter(best, other, new, limit, bracketed, (lower, upper))
    # Case 4: lower and no flatter, so the minimum is farther off: interpolate with the far end, or go to the limit.
    return _cubic(new, other)[0] if bracketed else limit


def _step_from_higher(best: Point, new: Point) -> float:
    """Case 1, a higher value: the cubic's minimiser, or half-way to the parabola's if that is nearer to the best."""
    gap = new.step - best.step
    cubic = _cubic(best, new)[0]
    parabola = best.step + best.slope / ((best.value - new.value) / gap + best.slope) / 2 * gap
    if abs(cubic - best.step) <= abs(parabola - best.step):
        return cubic
    return cubic + (parabola - cubic) / 2


def _step_from_flatter(
    best: Point, other: Point, new: Point, limit: float, bracketed: bool, bounds: tuple[float, float]
) -> float:
    """Case 3, lower and flatter: the cubic may have no minimiser ahead, so it is compared with the secant step."""
    cubic, exists = _cubic(new, best)
    ahead = (cubic - new.step) * (new.step - best.step) > 0
    cubic = cubic if exists and ahead else limit
    secant = _secant(new, best)
    # By how far each is from the new point, whichever side it lies on.
    nearer, farther = sorted((secant, cubic), key=lambda step: abs(step - new.step))
    if not bracketed:
        return min(max(farther, bounds[0]), bounds[1])
    # At most 0.66 of the way to the far end, so that the bracket shrinks.
    furthest = new.step + SHRINKAGE * (other.step - new.step)
    return min(furthest, nearer) if new.step > best.step else max(furthest, nearer)


def _cubic(base: Point, far: Point) -> tuple[float, bool]:
    """Minimise the cubic through two points (Nocedal & Wright, equation 3.59); return also if it has one."""
    gap = far.step - base.step
    # theta and gamma (here root) of MINPACK-2's program.
    theta = 3 * (base.value - far.value) / gap + base.slope + far.slope
    # Divided by the largest first, since squares can overflow where the slopes themselves do not.
    scale = max(abs(theta), abs(base.slope), abs(far.slope)) or 1.0
    discriminant = (theta / scale) ** 2 - (base.slope / scale) * (far.slope / scale)
    root = scale * sqrt(max(0.0, discriminant))
    signed = root if gap > 0 else -root  # of the cubic's two flat points, the minimum
    below = signed - base.slope + signed + far.slope
    ratio = (signed - base.slope + theta) / below if below else 0.5
    return base.step + ratio * gap, root > 0


def _secant(base: Point, far: Point) -> float:
    """Return where the slope would be zero if it changed linearly between two points."""
    return base.step + base.slope / (base.slope - far.slope) * (far.step - base.step)


def _scipy_search(
    line: Line,
    start: Point,
    previous_value: float | None,
    decrease: float,
    curvature: float,
    accepts: Callable[[float], bool],
) -> float | None:
    """Search with SciPy's public function (Nocedal & Wright, algorithms 3.5 and 3.6), given the line as its space."""
    import numpy as np
    from scipy.optimize import line_search

    # Value and slope come together but are asked for one after the other: the line is evaluated once for both.
    seen: dict[float, tuple[float, float]] = {}

    def at(step: float) -> tuple[float, float]:
        if step not in seen:
            value, slope = line(step)
            # Infinity is what makes that search bisect backwards; NaN would pass every comparison it makes.
            seen[step] = (value, slope) if isfinite(value) and isfinite(slope) else (inf, inf)
        return seen[step]

    with warnings.catch_warnings():
        # None says that it found nothing; it need not warn too. The warning's class is not public, so match its text.
        warnings.filterwarnings("ignore", message="The line search algorithm|Rounding errors", category=RuntimeWarning)
        # The line has one dimension, so a point is its step: from 0 in the direction 1.
        step, *_ = line_search(
            lambda x: at(float(x[0]))[0],
            lambda x: np.array([at(float(x[0]))[1]]),
            np.zeros(1),
            np.ones(1),
            np.array([start.slope]),
            start.value,
            previous_value,
            c1=decrease,
            c2=curvature,
            extra_condition=lambda step, x, value, slope: accepts(float(step)),
        )
    # Out of trials, that search returns its last step unchecked: take it only if the objective did not rise.
    return float(step) if step is not None and at(float(step))[0] <= start.value else None
