"""What is forecast: structure and memory here; that seconds come true, in ``test_timing.py`` and in a slow test."""

import subprocess
import sys

import numpy as np
import pytest

from inklings import Conv2D, Dense, Flatten, MaxPool2D, Network, Recipe, forecast, open_dataset, preset
from inklings.costs import Cost
from inklings.costs.cost import describe_operations, describe_seconds
from inklings.engines import ENGINES, native
from inklings.errors import RecipeError
from inklings.hardware import peak_memory
from inklings.training import fit

MLP, CNN = preset("mlp", (20, 20, 1), 10), preset("cnn2", (20, 20, 1), 10)


def cost(plan=MLP, images=(2750, 1000), engine="auto", **settings):
    return forecast(plan.network, plan.recipe.with_settings(**settings), images, engine=engine)


def test_it_counts_what_the_network_counts():
    found = cost()
    assert found.parameters == 328_810
    assert found.operations_per_image == MLP.network.operations
    assert (found.steps, found.epochs) == (27_500, 500)
    assert found.operations > found.steps * 50 * 2 * found.operations_per_image


def test_steps_may_be_asked_for_in_place_of_epochs():
    found = cost(CNN)
    assert (found.steps, found.epochs) == (1000, 19)


def test_a_wider_network_and_a_larger_batch_take_more_memory():
    wide = preset("mlp", (20, 20, 1), 10, hidden_units=100_000)  # more than this process took before
    assert cost(wide).memory > cost().memory + 1e9
    assert cost(wide).seconds > cost().seconds
    many = 100_000, 1000
    assert cost(CNN, many, batch_size=50_000).memory > cost(CNN, many).memory + 1e9


def test_time_goes_to_compiling_first_and_then_evenly():
    found = Cost(10, 10, 1e3, steps=500, epochs=500, compiling=2.0, seconds=12.0, memory=10)
    assert [found.seconds_until(epoch) for epoch in (0, 250, 500)] == [2, 7, 12]


def test_it_reads_as_a_line():
    assert str(cost()).startswith("328,810 parameters, ")
    assert [describe_operations(count) for count in (5e6, 2.5e9, 3e12, 4e15)] == [
        *("5 Mflop", "2.5 Gflop", "3 Tflop", "4 Pflop")
    ]
    assert [describe_seconds(seconds) for seconds in (0.52, 90, 600, 9000)] == ["0.52 s", "90 s", "10 min", "2.5 h"]


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_s_training_is_forecast(engine):
    layers = (Conv2D(4, 3), MaxPool2D(2), Flatten(), Dense(3, "softmax"))
    found = forecast(Network((9, 9, 3), layers), Recipe("adam", epochs=2), (100, 20), engine=engine)
    assert found.seconds > found.compiling >= 0
    assert (found.compiling > 0) == (engine == "jax")
    assert found.seconds_until(2) == pytest.approx(found.seconds)


def test_a_forecast_loads_no_jax():
    code = (
        "import inklings, sys; plan = inklings.preset('mlp', (20, 20, 1), 10)\n"
        "for engine in 'auto', 'reference':\n"
        "    inklings.forecast(plan.network, plan.recipe, (2750, 1000), engine=engine)\n"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"jax", "optax", "scipy"} & {module.split(".")[0] for module in done.stdout.split()}


@pytest.mark.skipif(peak_memory() is None, reason="this system does not tell")
@pytest.mark.parametrize("engine", ["native", "numpy"])
@pytest.mark.parametrize(
    ("units", "settings"),
    [(5000, {"steps": 4}), (2000, {"optimiser": "lbfgs", "epochs": 2})],
    ids=["steps", "iterations"],
)
def test_a_process_takes_about_as_much_memory_as_was_forecast(engine, units, settings):
    if engine == "native" and not native.is_available():
        pytest.skip(native.why_not())
    code = (
        "from inklings import fit, forecast, open_dataset, preset; from inklings.hardware import peak_memory\n"
        f"plan = preset('mlp', (20, 20, 1), 10, hidden_units={units}).with_recipe(**{settings})\n"
        f"expected = forecast(plan.network, plan.recipe, (2750, 1000), engine='{engine}').memory\n"
        f"fit(plan.network, plan.recipe, open_dataset('digits').split(), engine='{engine}')\n"
        "print(peak_memory() / expected)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 1 / 1.5 < float(done.stdout) < 1.5


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("softmax", {}),
        ("naive", {}),
        ("mlp", {"epochs": 200}),
        ("mlp", {"dropout": True, "epochs": 200}),
        ("cnn1", {}),
        ("cnn2", {}),
    ],
    ids=["softmax", "naive", "mlp", "mlp dropout", "cnn1", "cnn2"],
)
def test_the_forecast_comes_true_within_a_factor_of_1_5(name, settings):
    """On a machine with nothing else to do."""
    split = open_dataset("digits").split()
    recipe = {key: value for key, value in settings.items() if key == "epochs"}
    plan = preset(name, (20, 20, 1), 10, **{key: value for key, value in settings.items() if key != "epochs"})
    plan = plan.with_recipe(**recipe)
    expected = forecast(plan.network, plan.recipe, (2750, 1000))
    fitted = fit(plan.network, plan.recipe, split)
    print(f"\n{name}: forecast {expected.seconds:.2f} s, took {fitted.seconds:.2f} s")
    assert 1 / 1.5 < fitted.seconds / expected.seconds < 1.5


@pytest.mark.parametrize(
    "images", [(2750,), (2750, 1000, 3), ("a", "b"), (2.5, 3), (-1, 0), (0, 0), np.array([5, 5]), 2750, (True, 3)]
)
def test_what_are_no_two_numbers_of_images_are_refused(images):
    plan = preset("softmax", (4, 4, 1), 2)
    with pytest.raises(RecipeError, match="images is"):
        forecast(plan.network, plan.recipe, images)
