"""Full-batch minimisation, beside SciPy's."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.optimize import minimize, rosen, rosen_der

from inklings.errors import RecipeError
from inklings.training.full_batch.quasi_newton import Minimisation, SolverStop


def small_network():
    """A 6-5-3 network of sigmoids with summed binary cross-entropy, as a function of one vector."""
    random = np.random.default_rng(3)
    images, targets = random.random((40, 6)), np.eye(3)[random.integers(0, 3, 40)]
    sizes = [(7, 5), (6, 3)]

    def unpack(vector):
        return vector[:35].reshape(sizes[0]), vector[35:].reshape(sizes[1])

    def objective(vector):
        first, second = unpack(vector)
        inputs = np.hstack([np.ones((40, 1)), images])
        hidden = np.hstack([np.ones((40, 1)), 1 / (1 + np.exp(-inputs @ first))])
        outputs = 1 / (1 + np.exp(-hidden @ second))
        cost = -(targets * np.log(outputs) + (1 - targets) * np.log(1 - outputs)).sum() / 40
        delta = (outputs - targets) / 40
        back = (delta @ second.T * hidden * (1 - hidden))[:, 1:]
        return cost, np.concatenate([(inputs.T @ back).ravel(), (hidden.T @ delta).ravel()])

    return SimpleNamespace(objective=objective, start=random.uniform(-0.12, 0.12, 53))


def narrow_bowl():
    """A convex quadratic 10,000 times as steep one way as another, and its minimiser from linear algebra."""
    random = np.random.default_rng(1)
    axes = np.linalg.qr(random.normal(size=(100, 100)))[0]
    matrix, tilt = axes * np.geomspace(1, 1e4, 100) @ axes.T, random.normal(size=100)
    return SimpleNamespace(
        objective=lambda x: (float(x @ matrix @ x / 2 - tilt @ x), matrix @ x - tilt),
        start=np.zeros(100),
        bottom=np.linalg.solve(matrix, tilt),
    )


def rosenbrock(x):
    return rosen(x), rosen_der(x)


def run(method, objective, start, iterations=500, **settings):
    descent = Minimisation(objective, start, method=method, iterations=iterations, **settings)
    return descent, list(descent)


# On a network, conjugate gradients amplify rounding: one unit in the last place of the start moves the 20th iterate of
# SciPy's own by 1e-8 and the 50th by 1e-2. There they are held to SciPy for 20; where rounding stays small, for 50.
@pytest.mark.parametrize(
    ("method", "problem", "iterations", "tolerance"),
    [
        ("bfgs", small_network, 50, 1e-8),
        ("bfgs", narrow_bowl, 50, 1e-8),
        ("cg", small_network, 20, 1e-6),
        ("cg", narrow_bowl, 50, 1e-8),
    ],
)
def test_every_iterate_is_scipys(method, problem, iterations, tolerance):
    problem = problem()
    theirs = []
    minimize(
        problem.objective,
        problem.start,
        jac=True,
        method=method.upper(),
        callback=lambda intermediate_result: theirs.append(intermediate_result.x.copy()),
        options={"maxiter": iterations, "gtol": 1e-12},
    )
    _, ours = run(method, problem.objective, problem.start, iterations, gradient_tolerance=1e-12)
    assert len(ours) == len(theirs) == iterations
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine.x, other, rtol=0, atol=tolerance)


@pytest.mark.parametrize("method", ["bfgs", "lbfgs", "cg"])
def test_each_method_finds_the_bottom_of_a_narrow_bowl(method):
    bowl = narrow_bowl()
    descent, _ = run(method, bowl.objective, bowl.start, 2000)
    assert descent.reason is SolverStop.CONVERGED
    np.testing.assert_allclose(descent.current.x, bowl.bottom, atol=1e-4)


@pytest.mark.parametrize("method", ["bfgs", "lbfgs", "cg"])
def test_each_method_finds_the_bottom_of_rosenbrocks_valley(method):
    descent, iterations = run(method, rosenbrock, np.array([-1.2, 1.0, -0.5, 0.8]), gradient_tolerance=1e-7)
    assert descent.reason is SolverStop.CONVERGED
    np.testing.assert_allclose(iterations[-1].x, 1, atol=1e-5)


def test_the_value_never_rises_and_evaluations_are_counted():
    network = small_network()
    calls = []

    def counted(x):
        calls.append(1)
        return network.objective(x)

    _, iterations = run("bfgs", counted, network.start, 20)
    values = [iteration.value for iteration in iterations]
    assert values == sorted(values, reverse=True)
    assert iterations[-1].evaluations == len(calls)


def test_a_limited_memory_holds_no_more_pairs_than_asked_for():
    network = small_network()
    descent, _ = run("lbfgs", network.objective, network.start, 30, memory=4)
    assert descent.state["steps"].shape == (4, 53)


def test_bfgs_holds_no_matrix():
    size, iterations = 20_000, 8
    scales = np.linspace(1, 9, size)
    descent, done = run("bfgs", lambda x: (scales @ x**2 / 2, scales * x), np.ones(size), iterations)
    assert len(done) == iterations
    assert sum(array.nbytes for array in descent.state.values()) <= (2 * iterations + 3) * size * 8


@pytest.mark.parametrize("method", ["bfgs", "lbfgs", "cg"])
def test_a_minimisation_that_goes_on_from_a_state_makes_the_same_iterates(method):
    network = small_network()
    _, whole = run(method, network.objective, network.start, 20)
    first, _ = run(method, network.objective, network.start, 9)
    _, rest = run(method, network.objective, None, 20, state=first.state)
    assert [iteration.number for iteration in rest] == list(range(10, 21))
    np.testing.assert_array_equal(rest[-1].x, whole[-1].x)
    assert rest[-1].evaluations == whole[-1].evaluations


@pytest.mark.parametrize("method", ["bfgs", "lbfgs", "cg"])
def test_a_state_is_a_copy_that_can_be_changed(method):
    network = small_network()
    _, whole = run(method, network.objective, network.start, 12)
    descent = Minimisation(network.objective, network.start, method=method, iterations=12)
    for _ in descent:
        for array in descent.state.values():
            array.fill(0)
    np.testing.assert_array_equal(descent.current.x, whole[-1].x)


def test_an_interrupted_iteration_is_lost_and_no_more():
    network = small_network()
    _, whole = run("bfgs", network.objective, network.start, 6)
    fail = SimpleNamespace(now=False)

    def objective(x):
        if fail.now:
            raise KeyboardInterrupt
        return network.objective(x)

    descent = Minimisation(objective, network.start, method="bfgs", iterations=6)
    for _ in range(3):
        last = next(descent)
    fail.now = True
    with pytest.raises(KeyboardInterrupt):
        next(descent)
    assert descent.current is last
    fail.now = False
    np.testing.assert_array_equal(list(descent)[-1].x, whole[-1].x)


def test_a_region_that_is_not_finite_is_backed_out_of():
    def barrier(x):
        value = float(x[0])
        if value >= 2:
            return np.nan, np.array([np.nan])
        return -np.log(2 - value) + (value + 30) ** 2 / 1e4 - value, np.array(
            [1 / (2 - value) + (value + 30) / 5e3 - 1]
        )

    descent, _ = run("bfgs", barrier, np.array([-20.0]))
    assert descent.reason is SolverStop.CONVERGED
    assert abs(descent.current.gradient[0]) < 1e-5


def test_a_start_that_is_not_finite_ends_at_once():
    descent, iterations = run("bfgs", lambda x: (np.nan, x), np.ones(2))
    assert (iterations, descent.reason) == ([], SolverStop.NOT_FINITE)


def test_a_wrong_gradient_ends_with_a_failed_line_search():
    descent, iterations = run("bfgs", lambda x: (float(x @ x), -2 * x), np.ones(2))
    assert (iterations, descent.reason) == ([], SolverStop.LINE_SEARCH)


def test_points_cannot_be_changed_by_the_objective():
    with pytest.raises(ValueError, match="read-only"):
        run("bfgs", lambda x: (float(x @ x), np.negative(x, out=x)), np.ones(2))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"method": "bgfs"}, "did you mean 'bfgs'"),
        ({"method": "bfgs", "iterations": -1}, "iterations is -1"),
        ({"method": "bfgs", "gradient_tolerance": float("nan")}, "gradient_tolerance is nan"),
        ({"method": "lbfgs", "memory": 0}, "memory is 0"),
    ],
)
def test_impossible_settings_are_refused(settings, message):
    with pytest.raises(RecipeError, match=message):
        Minimisation(rosenbrock, np.zeros(2), **{"iterations": 5, **settings})
