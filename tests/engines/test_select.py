"""Engines by name: those there are, those by old names, and those that are missing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import inklings
from inklings import MissingDependencyError, RecipeError
from inklings.engines import ENGINES, engine_name, get_engine, native


@pytest.mark.parametrize("name", ["numpy", "jax", "native"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_an_engine_has_the_name_and_the_dtype_that_were_asked_for(name, dtype):
    if name == "native" and (reason := native.why_not()):
        pytest.skip(reason)
    engine = get_engine(name, dtype=dtype)
    assert (engine.name, engine.dtype) == (name, np.dtype(dtype))


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"name": "nmpy"}, "did you mean 'numpy'"), ({"dtype": "float16"}, "unknown dtype 'float16'")],
)
def test_unknown_engines_and_dtypes_are_refused(settings, message):
    with pytest.raises(RecipeError, match=message):
        get_engine(**settings)


@pytest.mark.parametrize(("old", "new"), [("reference", "numpy"), ("compiled", "jax")])
def test_old_names_are_accepted_with_a_line_that_says_the_new_one(old, new):
    with pytest.warns(FutureWarning, match=f"the engine '{old}' is now called '{new}'"):
        assert get_engine(old).name == new
    assert engine_name(old) == new
    assert old not in ENGINES


def test_jax_that_is_not_installed_is_asked_for_by_the_extra_s_name(monkeypatch):
    monkeypatch.setitem(sys.modules, "jax", None)  # as Python says that there is none
    with pytest.raises(
        MissingDependencyError, match=r"needs JAX, which is not installed; pip install 'inklings\[jax\]'"
    ):
        get_engine("jax")


SCRIPT = """
import warnings
import numpy as np
from inklings import Dataset, Dense, Flatten, Network, Recipe, fit, fit_together, get_engine, load
from inklings.errors import NativeEngineMissingWarning
from inklings.models import Model

random = np.random.default_rng(0)
data = Dataset(random.random((60, 4, 4, 1), np.float32), np.arange(60) % 3, ["a", "b", "c"], "noise").split()
network = Network((4, 4, 1), (Flatten(), Dense(3, "softmax")))
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("default")
    fitted = fit(network, Recipe(epochs=2), data)
    many = fit_together(network, [Recipe(epochs=2, seed=seed) for seed in (0, 1)], data)
print({str(warning.message) for warning in caught if warning.category is NativeEngineMissingWarning})
print([each.engine for each in (fitted, *many)], len(caught))
print(all(np.allclose(many[0].parameters[name], value, atol=1e-6) for name, value in fitted.parameters.items()))
warnings.simplefilter("error")
print(Model(network, fitted.parameters, ["a", "b", "c"]).predict(data.test.images).shape == data.test.labels.shape)
try:
    get_engine("native")
except Exception as error:
    print(error)
"""


@pytest.fixture(scope="module")
def without_native(tmp_path_factory):
    """What a program says in a copy of the package in which the native engine was not compiled."""
    folder = tmp_path_factory.mktemp("sources")
    package = Path(inklings.__file__).parent
    shutil.copytree(package, folder / "inklings", ignore=shutil.ignore_patterns("native_*", "__pycache__"))
    environment = os.environ | {"PYTHONPATH": str(folder)}
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_without_the_native_engine_auto_is_numpy_and_says_why_and_what_to_do(without_native):
    told, trained, same, classified, refused = without_native
    assert "training with NumPy in float32, three to five times slower, since there is no native engine: it was" in told
    assert "inklings doctor says what to do" in told
    assert told.count("training with NumPy") == 1
    assert trained.startswith("['numpy, float32', 'numpy, float32', 'numpy, float32']")
    assert (same, classified) == ("True", "True")
    assert "or train with the engine 'numpy'" in refused
