"""A training by the native engine is forecast by rehearsing it."""

import subprocess
import sys

import pytest

from inklings import Conv2D, Dense, Flatten, MaxPool2D, Network, Recipe, fit, forecast, open_dataset, preset
from inklings.costs.kept import measured
from inklings.costs.measured import measure
from inklings.costs.work import Work
from inklings.engines import native
from inklings.hardware import peak_memory, resident_memory

pytestmark = pytest.mark.skipif(not native.is_available(), reason="the native engine was not compiled")

IMAGES = (2750, 1000)
DENSE = Network((20, 20, 1), (Flatten(), Dense(200, "relu"), Dense(10, "softmax")))
CONVOLUTIONAL = Network((20, 20, 1), (Conv2D(8, 5, activation="relu"), MaxPool2D(2), Flatten(), Dense(10, "softmax")))
RECIPE = Recipe("adam", epochs=4)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("INKLINGS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("inklings.hardware.interruptions", lambda: 0)  # whatever else runs
    return tmp_path / "cache" / "measured.json"


# Other programs make a training longer than its forecast, and never shorter: the best of some is held against it.
@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize(
    ("network", "recipe"),
    [
        (DENSE, RECIPE),
        (DENSE, RECIPE.with_settings(optimiser="lbfgs", epochs=10)),
        (DENSE, RECIPE.with_settings(batch_size=1000)),
        (CONVOLUTIONAL, RECIPE.with_settings(optimiser="nesterov", epochs=1)),
    ],
    ids=["steps", "iterations", "large batch", "convolution"],
)
def test_a_training_takes_about_as_long_as_was_forecast(network, recipe):
    split = open_dataset("digits").split()
    ratios = []
    while not ratios or (len(ratios) < 5 and not 1 / 2 < min(ratios) < 2):
        expected = measure(work := Work(network, recipe, IMAGES)).seconds(work)
        ratios.append(fit(network, recipe, split, engine="native").seconds / expected)
    assert 1 / 3 < min(ratios) < 3


@pytest.mark.usefixtures("cache")
def test_nothing_is_compiled_and_time_passes_evenly():
    found = forecast(DENSE, RECIPE, IMAGES, engine="native")
    assert found.compiling == found.seconds_until(0) == 0
    assert found.seconds_until(2) == pytest.approx(found.seconds / 2)


@pytest.mark.usefixtures("cache")
def test_what_is_too_large_to_be_measured_is_carried_on_from_less():
    recipe, (usual, large) = Recipe("sgd", steps=100), (20, 200)
    seconds = [
        forecast(preset("cnn2", (side, side, 1), 10).network, recipe, (500, 100), engine="native").seconds
        for side in (usual, large)
    ]
    assert 30 < seconds[1] / seconds[0] < 300  # a hundred times the pixels


def test_a_training_is_measured_once(cache):
    first = measured(Work(DENSE, RECIPE, IMAGES))
    content = cache.read_text()
    again = Work(DENSE, RECIPE.with_settings(seed=5, learning_rate=0.1, epochs=9), IMAGES)
    assert measured(again) == first
    assert cache.read_text() == content


@pytest.mark.parametrize(
    "other",
    [
        Work(CONVOLUTIONAL, RECIPE, IMAGES),
        Work(DENSE, RECIPE.with_settings(batch_size=51), IMAGES),
        Work(DENSE, RECIPE.with_settings(optimiser="sgd"), IMAGES),
        Work(DENSE, RECIPE, (2750, 900)),
    ],
    ids=["network", "batch", "optimiser", "images"],
)
def test_what_differs_is_measured_itself(cache, other):
    measured(Work(DENSE, RECIPE, IMAGES))
    before = cache.read_text()
    measured(other)
    assert cache.read_text() != before


def test_other_threads_are_another_machine(cache, monkeypatch):
    measured(Work(DENSE, RECIPE, IMAGES))
    before = cache.read_text()
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    measured(Work(DENSE, RECIPE, IMAGES))
    assert cache.read_text() != before


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"key": 5}', "\x00"])
def test_a_damaged_cache_is_replaced(cache, content):
    measured(Work(DENSE, RECIPE, IMAGES))
    key = cache.read_text().split('"')[1]
    cache.write_text(content.replace("key", key))
    found = measured(Work(DENSE, RECIPE, IMAGES))
    assert key in cache.read_text()
    assert measured(Work(DENSE, RECIPE, IMAGES)) == found


def test_without_a_place_to_keep_it_a_training_is_still_measured(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("INKLINGS_CACHE", str(tmp_path / "file"))
    assert measured(Work(DENSE, RECIPE, IMAGES)).step > 0


def test_what_was_measured_beside_other_programs_is_not_kept(cache, monkeypatch):
    counts = iter(range(0, 10**9, 10**6))
    monkeypatch.setattr("inklings.hardware.interruptions", lambda: next(counts))
    assert measured(Work(DENSE, RECIPE, IMAGES)).step > 0
    assert not cache.exists()


def test_the_cache_stays_small(cache):
    for count in range(1, 104):
        measured(Work(Network((2, 2, 1), (Flatten(), Dense(2, "softmax"))), Recipe("sgd", epochs=1), (count, 0)))
    assert cache.stat().st_size < 20_000


@pytest.mark.usefixtures("cache")
def test_what_measuring_took_of_memory_is_given_back():
    network = preset("cnn1", (20, 20, 1), 10).network
    measure(Work(DENSE, RECIPE, IMAGES))
    before = resident_memory()
    if before is None:
        pytest.skip("this system does not tell")
    measure(Work(network, RECIPE, IMAGES))
    assert resident_memory() - before < 2e7


def test_a_forecast_loads_no_jax(tmp_path):
    code = (
        "import inklings, sys; plan = inklings.preset('cnn1', (20, 20, 1), 10)\n"
        "inklings.forecast(plan.network, plan.recipe, (2750, 1000), engine='native'); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"jax", "optax", "scipy"} & {module.split(".")[0] for module in done.stdout.split()}


@pytest.mark.skipif(peak_memory() is None, reason="this system does not tell")
@pytest.mark.parametrize("settings", [{}, {"optimiser": "lbfgs", "epochs": 3}], ids=["steps", "iterations"])
def test_a_process_takes_about_as_much_memory_as_was_forecast(settings):
    code = (
        "from inklings import fit, forecast, open_dataset, preset; from inklings.hardware import peak_memory\n"
        f"plan = preset('mlp', (20, 20, 1), 10, hidden_units=4000).with_recipe(**({{'epochs': 1}} | {settings}))\n"
        "expected = forecast(plan.network, plan.recipe, (2750, 1000), engine='native').memory\n"
        "fit(plan.network, plan.recipe, open_dataset('digits').split(), engine='native')\n"
        "print(peak_memory() / expected)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 1 / 1.5 < float(done.stdout) < 1.5
