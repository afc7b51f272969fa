"""Where the system refuses memory or threads, the engine says so or does with fewer; it never crashes or leaks."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_name("failing.c")

# Each in a process of its own, before which the library that lets things fail is loaded.
BEGIN = """
import ctypes
import numpy as np
from inklings import Conv2D, Dense, Flatten, MaxPool2D, Network, OutOfMemoryError
from inklings.engines.native.engine import NativeEngine
from inklings.training import Recipe
from inklings.training.optimisers import build_optimiser
from inklings.networks import initial_parameters
from specimens import NETWORKS, objective_for

system = ctypes.CDLL(None)
def counter(name, kind=ctypes.c_long):
    return kind.in_dll(system, name)

random = np.random.default_rng(0)
def train(network, threads):
    images = random.normal(size=(40, *network.input_shape)).astype(np.float32)
    labels = random.integers(0, network.output_count, 40)
    engine, optimiser = NativeEngine("float32", threads=threads), build_optimiser(Recipe("adam"))
    session = engine.session(network, objective_for(network), optimiser, initial_parameters(network, 3), seed=7)
    order = np.arange(40).reshape(4, 10)
    losses = session.train(images, labels, order, np.full(4, 0.01), 2, lambda: False, None)
    return losses, session.parameters
"""

EVERY_ALLOCATION = """
for name, network in list(NETWORKS.items())[::5]:
    for failing in range(10_000):
        counter("allocations").value, counter("held").value, counter("failing_allocation").value = 0, 0, failing
        try:
            train(network, 2)
        except OutOfMemoryError as error:  # which whoever expects an InklingsError or a MemoryError catches
            assert "not enough memory" in str(error)
        else:
            break
        finally:
            counter("failing_allocation").value = -1
        import gc; gc.collect()
        assert counter("held").value == 0, (name, failing, counter("held").value)
    assert failing > 5, (name, failing)
"""

NO_THREADS = """
large = Network(
    (12, 12, 1),
    (Conv2D(20, 3, "same", 1, "relu"), MaxPool2D(2), Flatten(), Dense(200, "relu"), Dense(10, "softmax")),
)
for name, network in {**NETWORKS, "large enough to share": large}.items():
    counter("no_threads", ctypes.c_int).value = 1
    random = np.random.default_rng(0)
    alone = train(network, 3)
    counter("no_threads", ctypes.c_int).value = 0
    random = np.random.default_rng(0)
    together = train(network, 3)
    assert (alone[0] == together[0]).all(), name
    assert all((alone[1][key] == together[1][key]).all() for key in alone[1]), name
assert counter("refused_threads").value > 0
"""


@pytest.fixture(scope="module")
def preloaded(tmp_path_factory):
    """Run a program in a process in which the engine can be let fail."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("needs a C compiler, and Linux's way to preload a library")
    library = tmp_path_factory.mktemp("failing") / "failing.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", str(SOURCE), "-o", str(library), "-ldl"], check=True)

    def run(program):
        tests = Path(__file__).parents[2]
        path = os.pathsep.join([str(tests), *sys.path])
        environment = {**os.environ, "LD_PRELOAD": str(library), "PYTHONPATH": path}
        done = subprocess.run(
            [sys.executable, "-c", BEGIN + program], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]

    return run


def test_whichever_allocation_fails_is_told_and_nothing_is_left_behind(preloaded):
    preloaded(EVERY_ALLOCATION)


def test_without_threads_to_be_had_the_same_is_computed_by_one(preloaded):
    preloaded(NO_THREADS)
