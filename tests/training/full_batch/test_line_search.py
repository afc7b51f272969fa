"""The line search beside the one inside SciPy's BFGS, on the functions of Moré and Thuente (1994, section 5)."""

from math import cos, inf, nan, pi, sin, sqrt

import pytest
from scipy.optimize._linesearch import scalar_search_wolfe1

from inklings.training.full_batch.line_search import Point, first_guess, more_thuente, strong_wolfe


def rational(a, b=2.0):
    return -a / (a * a + b), (a * a - b) / (a * a + b) ** 2


def steep(a, b=0.004):
    return (a + b) ** 5 - 2 * (a + b) ** 4, 5 * (a + b) ** 4 - 8 * (a + b) ** 3


def oscillating(a, b=0.01, frequency=39):
    if a <= 1 - b:
        value, slope = 1 - a, -1.0
    elif a >= 1 + b:
        value, slope = a - 1, 1.0
    else:
        value, slope = (a - 1) ** 2 / (2 * b) + b / 2, (a - 1) / b
    wave = frequency * pi / 2
    return value + 2 * (1 - b) / (frequency * pi) * sin(wave * a), slope + (1 - b) * cos(wave * a)


def yanai(first, second):
    def gamma(b):
        return sqrt(1 + b * b) - b

    def line(a):
        left, right = sqrt((1 - a) ** 2 + second**2), sqrt(a * a + first**2)
        value = gamma(first) * left + gamma(second) * right
        return value, gamma(first) * (a - 1) / left + gamma(second) * a / right

    return line


LINES = {
    "1": rational,
    "2": steep,
    "3": oscillating,
    "4": yanai(1e-3, 1e-3),
    "5": yanai(1e-2, 1e-3),
    "6": yanai(1e-3, 1e-2),
}


@pytest.mark.parametrize("guess", [1e-3, 1e-1, 1e1, 1e3])
@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize(("decrease", "curvature"), [(1e-4, 0.9), (1e-4, 0.4), (1e-3, 1e-2)])
def test_it_tries_the_same_steps_as_scipy_and_ends_at_the_same(name, guess, decrease, curvature):
    line = LINES[name]
    start = Point(0.0, *line(0.0))
    ours, theirs = [], []

    def watched(seen):
        def evaluate(step):
            seen.append(float(step))
            return line(float(step))

        return evaluate

    step = more_thuente(watched(ours), start, guess, decrease=decrease, curvature=curvature)
    values, slopes = {}, {}

    def value(at):
        values[at], slopes[at] = watched(theirs)(at)
        return values[at]

    # SciPy takes its first step from the previous value: min(1, 1.01 * 2 (f - f_before) / slope); reach beyond 1
    # by measuring the line in units of the guess.
    scaled = scalar_search_wolfe1(
        lambda at: value(at * guess),
        lambda at: slopes.get(at * guess, line(at * guess)[1]) * guess,
        start.value,
        None,
        start.slope * guess,
        c1=decrease,
        c2=curvature,
        amax=1e10,
        amin=0,
    )[0]
    assert scaled is not None
    assert step == pytest.approx(scaled * guess, rel=1e-9)
    assert ours == pytest.approx(theirs, rel=1e-9)
    found = Point(step, *line(step))
    assert found.value <= start.value + decrease * step * start.slope
    assert abs(found.slope) <= curvature * abs(start.slope)


@pytest.mark.parametrize(
    ("guess", "evaluations", "found"), [(1e-3, 6, 1.4), (1e-1, 3, 1.4), (1e1, 1, 10), (1e3, 4, 37)]
)
def test_it_takes_the_evaluations_of_the_papers_first_table(guess, evaluations, found):
    seen = []

    def line(step):
        seen.append(step)
        return rational(step)

    step = more_thuente(line, Point(0.0, *rational(0.0)), guess, decrease=1e-3, curvature=1e-1)
    assert len(seen) == evaluations
    assert float(f"{step:.2g}") == found


def test_steps_where_the_line_is_not_finite_are_too_long():
    def line(step):
        return ((step - 0.5) ** 2, 2 * (step - 0.5)) if step < 1 else (nan, nan)

    step = more_thuente(line, Point(0.0, 0.25, -1.0), 30.0)
    assert 0 < step < 1


@pytest.mark.parametrize("line", [lambda step: (-step, -1.0), lambda step: (nan, nan), lambda step: (inf, inf)])
def test_a_line_without_such_a_step_gives_none(line):
    assert more_thuente(line, Point(0.0, 0.0, -1.0), 1.0) is None


def test_where_nothing_is_finite_neither_search_finds_a_step():
    assert strong_wolfe(lambda step: (nan, nan), Point(0.0, 0.0, -1.0)) is None


def test_a_line_that_rises_is_not_searched():
    assert strong_wolfe(rational, Point(0.0, 0.0, 1.0)) is None


def test_a_step_that_is_refused_is_searched_on_from():
    start = Point(0.0, *rational(0.0))
    assert strong_wolfe(rational, start) == 1
    step = strong_wolfe(rational, start, accepts=lambda step: step > 1.41)
    assert step > 1.41
    found = Point(step, *rational(step))
    assert found.value <= start.value + 1e-4 * step * start.slope
    assert abs(found.slope) <= 0.9 * abs(start.slope)


def test_the_first_guess_gains_as_much_as_the_last_step_did():
    start = Point(0.0, 1.0, -10.0)
    assert first_guess(start, None) == 1
    assert first_guess(start, 1.5) == pytest.approx(0.101)
    assert first_guess(start, 100.0) == 1
