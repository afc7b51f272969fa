"""What starting costs: heavy libraries load where they are used."""

import subprocess
import sys

import pytest

HEAVY = {"jax", "optax", "scipy", "sklearn", "matplotlib", "PIL", "rich", "jinja2", "h5py", "pyarrow", "safetensors"}


def run(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


def loaded_by(code):
    return packages(run(f"{code}\nimport sys; print(*sys.modules)"))


def packages(modules):
    """Return the packages of the modules that a program names at its end."""
    return {module.split(".")[0] for module in modules.split()}


@pytest.mark.parametrize(
    "code",
    [
        "import inklings",
        "import inklings; inklings.open_dataset, inklings.Network, inklings.Recipe, inklings.fit, inklings.Model",
        "from inklings.cli import main",
    ],
)
def test_importing_loads_numpy_and_nothing_heavier(code):
    assert not loaded_by(code) & HEAVY


def test_reading_and_describing_images_loads_no_jax():
    loaded = loaded_by("import inklings; inklings.describe(inklings.open_dataset('digits28'))")
    assert not loaded & {"jax", "matplotlib", "sklearn"}


def test_training_and_measuring_a_network_load_no_more_than_they_need():
    code = (
        "from inklings import fit, open_dataset, preset\n"
        "from inklings.engines import get_engine\n"
        "from inklings.experiments import measure_fitted\n"
        "split, plan = open_dataset('digits').split(), preset('softmax', (20, 20, 1), 10).with_recipe(steps=1)\n"
        "measure_fitted(plan, fit(plan.network, plan.recipe, split), split, get_engine())"
    )
    assert not loaded_by(code) & {"jax", "optax", "scipy", "sklearn", "matplotlib", "h5py", "pyarrow"}


def test_the_command_loads_no_more_than_it_needs_to_train(tmp_path):
    code = (
        "import atexit, os, sys\n"
        f"os.chdir({str(tmp_path)!r})\n"
        "sys.stdout = open(os.devnull, 'w')\n"
        "atexit.register(lambda: print(*sys.modules, file=sys.__stdout__))\n"
        "from inklings.cli import main\n"
        "sys.argv = ['inklings', 'train', 'softmax', '--epochs', '1', '--quiet']\n"
        "main()"
    )
    said = run(code)
    loaded = packages(said)
    assert "numpy" in loaded
    assert not loaded & {"jax", "optax", "scipy", "sklearn", "matplotlib", "rich", "jinja2", "h5py", "pyarrow"}
    # NumPy's own masked arrays, which it loads where np.unique is called, and which take a fifth of its time.
    assert "numpy.ma" not in said.split()


def test_the_help_answers_at_once():
    resource = pytest.importorskip("resource", reason="not on this system")

    def seconds():  # of the processor, since what else runs meanwhile makes the clock's longer
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    before = seconds()
    for _ in range(5):
        subprocess.run([sys.executable, "-m", "inklings", "--help"], capture_output=True, check=True)
    assert 0 < (seconds() - before) / 5 < 0.3


def test_parts_of_the_package_are_found_without_being_imported():
    assert run("import inklings; print(inklings.export.to_onnx.__name__)").strip() == "to_onnx"


def test_a_misspelt_name_is_answered_with_the_one_that_was_meant():
    code = "import inklings\ntry: inklings.open_data\nexcept AttributeError as error: print(error)"
    assert run(code).strip() == "module 'inklings' has no attribute 'open_data'; did you mean 'open_dataset'?"
