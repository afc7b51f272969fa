"""What starting costs: heavy libraries load where they are used."""

import subprocess
import sys
import time

import pytest

HEAVY = {"jax", "optax", "scipy", "sklearn", "matplotlib", "PIL", "rich", "jinja2", "h5py", "pyarrow", "safetensors"}


def run(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


def loaded_by(code):
    modules = run(f"{code}\nimport sys; print(*sys.modules)").split()
    return {module.split(".")[0] for module in modules}


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


def test_training_a_network_loads_no_more_than_it_needs(tmp_path):
    words = ["inklings", "train", "softmax", "--steps", "1", "--runs", str(tmp_path), "--quiet"]
    code = f"import sys; sys.argv = {words}\nfrom inklings.cli import main\ntry: main()\nexcept SystemExit: pass"
    assert not loaded_by(code) & {"jax", "optax", "scipy", "sklearn", "matplotlib", "h5py", "pyarrow"}
    assert list(tmp_path.glob("*/run.json"))


def test_the_help_answers_at_once():
    def seconds():
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-m", "inklings", "--help"], capture_output=True, check=True)
        return time.perf_counter() - begun

    assert min(seconds() for _ in range(5)) < 0.3
