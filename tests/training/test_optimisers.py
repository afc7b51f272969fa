import jax
import numpy as np
import optax
import pytest
from scipy.optimize import rosen, rosen_der

from inklings.engines.jax.optimisers import jax_optimiser
from inklings.training import Recipe
from inklings.training.full_batch.quasi_newton import Minimisation
from inklings.training.optimisers import build_optimiser, vectors_kept
from inklings.training.recipe import FULL_BATCH_OPTIMISERS, STEP_OPTIMISERS


def descend(optimiser, gradients, start, learning_rate=0.1):
    params, state, path = dict(start), optimiser.init(start), []
    for gradient in gradients:
        direction, state = optimiser.update(gradient, state, params)
        params = {name: value - learning_rate * direction[name] for name, value in params.items()}
        path.append(params)
    return path


@pytest.fixture
def start():
    random = np.random.default_rng(0)
    return {"dense_1/weights": random.normal(size=(4, 3)), "dense_1/biases": random.normal(size=3)}


@pytest.fixture
def gradients(start):
    random = np.random.default_rng(1)
    return [{name: random.normal(size=value.shape) for name, value in start.items()} for _ in range(20)]


DECAYING = {"dense_1/weights": True, "dense_1/biases": False}
OPTAX = {
    "sgd": optax.identity(),
    "momentum": optax.trace(0.8),
    "nesterov": optax.trace(0.8, nesterov=True),
    "adam": optax.scale_by_adam(0.9, 0.999, 1e-8),
    "adamw": optax.chain(optax.scale_by_adam(0.9, 0.999, 1e-8), optax.add_decayed_weights(0.3, mask=DECAYING)),
}


@pytest.mark.parametrize("name", STEP_OPTIMISERS)
def test_our_optimisers_take_the_20_steps_that_optax_takes(name, start, gradients):
    """In NumPy, and in JAX by their specs."""
    optimiser = build_optimiser(Recipe(name, momentum=0.8, weight_decay=0.3))
    with jax.enable_x64(True):
        expected = descend(OPTAX[name], gradients, start)
        for ours in (optimiser, jax_optimiser(optimiser)):
            for mine, other in zip(descend(ours, gradients, start), expected, strict=True):
                for key in start:
                    np.testing.assert_allclose(mine[key], other[key], rtol=1e-12, atol=1e-14)


def test_nesterov_is_gradient_descent_with_the_gradient_taken_ahead():
    """Sutskever and others (2013): v = m v - rate grad(w + m v), w = w + v; here w + m v is what is stored."""
    rate, momentum = 0.1, 0.9
    ahead, velocity = 3.0, 0.0
    optimiser = build_optimiser(Recipe("nesterov", momentum=momentum))
    stored, state = {"w": np.array(ahead)}, optimiser.init({"w": np.array(ahead)})
    for _ in range(10):
        direction, state = optimiser.update({"w": 2 * stored["w"]}, state, stored)
        stored = {"w": stored["w"] - rate * direction["w"]}
        weight = ahead - momentum * velocity
        velocity = momentum * velocity - rate * 2 * ahead
        ahead = weight + velocity + momentum * velocity
        np.testing.assert_allclose(stored["w"], ahead, rtol=1e-12)


def test_adams_first_step_is_as_long_as_the_learning_rate_whatever_the_gradient():
    for scale in (1e-3, 1.0, 1e3):
        path = descend(build_optimiser(Recipe("adam")), [{"w": np.array([scale, -scale])}], {"w": np.zeros(2)})
        np.testing.assert_allclose(path[0]["w"], [-0.1, 0.1], rtol=1e-4)


@pytest.mark.parametrize("of_engine", [lambda optimiser: optimiser, jax_optimiser], ids=["numpy", "jax"])
def test_adamw_shrinks_weights_and_leaves_biases_and_scales_alone(of_engine):
    start = {name: np.ones(2, np.float32) for name in ("dense_1/weights", "dense_1/biases", "batchnorm_1/scale")}
    still = [{name: np.zeros(2, np.float32) for name in start}]
    after = descend(of_engine(build_optimiser(Recipe("adamw", weight_decay=0.5))), still, start)[0]
    np.testing.assert_allclose(after["dense_1/weights"], 0.95)
    np.testing.assert_array_equal(after["dense_1/biases"], 1)
    np.testing.assert_array_equal(after["batchnorm_1/scale"], 1)


@pytest.mark.parametrize("name", STEP_OPTIMISERS)
def test_numpys_optimisers_keep_the_dtype_and_change_nothing_in_place(name):
    start = {"dense_1/weights": np.ones(3, np.float32)}
    optimiser = build_optimiser(Recipe(name))
    state = optimiser.init(start)
    before = {key: value.copy() for key, value in state.items()}
    gradient = {"dense_1/weights": np.full(3, 0.5, np.float32)}
    direction, after = optimiser.update(gradient, state, start)
    assert direction["dense_1/weights"].dtype == np.float32
    assert {key: value.dtype for key, value in after.items()} == {key: value.dtype for key, value in before.items()}
    for key, value in before.items():
        np.testing.assert_array_equal(state[key], value)
    np.testing.assert_array_equal(start["dense_1/weights"], 1)
    np.testing.assert_array_equal(gradient["dense_1/weights"], 0.5)


@pytest.mark.parametrize("of_engine", [lambda optimiser: optimiser, jax_optimiser], ids=["numpy", "jax"])
def test_equal_settings_make_equal_optimisers_so_that_nothing_is_compiled_again(of_engine):
    def optimiser(name, **settings):
        return of_engine(build_optimiser(Recipe(name, **settings)))

    assert optimiser("adam", seed=1) == optimiser("adam", momentum=0.1)
    assert hash(optimiser("adam", seed=1)) == hash(optimiser("adam", momentum=0.1))
    assert optimiser("momentum") != optimiser("momentum", momentum=0.1)


@pytest.mark.parametrize("name", STEP_OPTIMISERS)
def test_an_optimiser_that_takes_steps_keeps_as_many_vectors_as_it_says(name, start):
    state = build_optimiser(Recipe(name)).init(start)
    values = sum(value.size for value in start.values())
    assert sum(array.size for array in state.values()) // values == vectors_kept(Recipe(name), iterations=1)


@pytest.mark.parametrize("name", FULL_BATCH_OPTIMISERS)
@pytest.mark.parametrize("iterations", [0, 1, 5, 15])
def test_a_full_batch_optimiser_keeps_as_many_vectors_as_it_says(name, iterations):
    start = np.linspace(-1.2, 1, 30)
    descent = Minimisation(lambda x: (rosen(x), rosen_der(x)), start, method=name, iterations=15)
    for _ in zip(range(iterations), descent, strict=False):
        pass
    learnt = [value for key, value in descent.state.items() if key not in ("x", "gradient", "numbers", "weights")]
    assert sum(value.size for value in learnt) == len(start) * vectors_kept(Recipe(name), iterations)
