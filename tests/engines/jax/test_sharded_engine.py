"""One training over several devices is the training of one: same batches, same curve, and one process that speaks."""

import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import inklings
from inklings import RecipeError
from inklings.engines import get_engine
from inklings.engines.jax.processes import find_processes

# The curves of one device and of two, in float64: what differs is the order of sums alone, and in float32 a network
# with BatchNorm makes half a per cent of that within an epoch.
CURVES = """
import json, sys
import numpy as np
from inklings import BatchNorm, Conv2D, Dense, Dropout, Flatten, MaxPool2D, Network, Recipe, open_dataset
from inklings.data.build import from_arrays
from inklings.data.augment import Augmentation
from inklings.data.lazy_images import ImageStack
from inklings.engines import batches, get_engine
from inklings.training import fit

random = np.random.default_rng(1)
labels = np.arange(130) % 3
images = random.normal(size=(130, 8, 8, 1)).astype(np.float32) * 0.3
images[np.arange(130), 2 * labels, 2 * labels] += 2
DENSE = (Flatten(), Dropout(0.2), Dense(12, "relu"), BatchNorm(), Dropout(0.5), Dense(3, "softmax"))
CONVOLUTIONAL = (
    Conv2D(4, 3, "same", 1, "relu"), BatchNorm(), MaxPool2D(2), Flatten(), Dropout(0.5), Dense(3, "softmax")
)
split = from_arrays(images, labels).split(seed=0)

def curve(layers, engine, dtype="float32", **settings):
    recipe = Recipe(**{"batch_size": 10, "epochs": 3, "learning_rate": 0.01, **settings})
    history = fit(Network((8, 8, 1), layers), recipe, split, engine=engine).history
    return [[each.train_loss, each.validation_loss, each.train_accuracy] for each in history]
"""


def run(code, **environment):
    """Run code in a process of its own, since JAX counts its devices once; return what it printed, as JSON."""
    settings = {**os.environ, "JAX_PLATFORMS": "cpu", "XLA_FLAGS": "--xla_force_host_platform_device_count=2"}
    done = subprocess.run(
        [sys.executable, "-c", code], env={**settings, **environment}, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
def test_two_devices_have_the_curve_of_one_with_batch_norm_dropout_convolutions_and_augmentation():
    code = (
        CURVES
        + """
plans = [(DENSE, {}), (CONVOLUTIONAL, {"optimiser": "adam", "augmentation": Augmentation(rotate=10)}),
         (DENSE, {"optimiser": "momentum", "class_weights": "balanced"})]
found = []
for layers, settings in plans:
    engines = get_engine("jax", dtype="float64"), get_engine("jax", dtype="float64", devices=2)
    found.append([curve(layers, engine, **settings) for engine in engines])
print(json.dumps(found))
"""
    )
    for one, two in run(code):
        np.testing.assert_allclose(two, one, rtol=1e-5)
        assert one[0][0] > one[-1][0]  # it learnt


def test_two_devices_have_the_curve_of_one_from_memory_and_from_a_file():
    code = (
        CURVES
        + """
from dataclasses import replace
alone = curve(DENSE, get_engine("jax", dtype="float64"))
in_memory = curve(DENSE, get_engine("jax", dtype="float64", devices=2))
batches.WHOLE, batches.PART = 0, 1 << 12
stacked = replace(split.dataset, images=ImageStack(split.dataset.images))
split = replace(split, dataset=stacked)
print(json.dumps([alone, in_memory, curve(DENSE, get_engine("jax", dtype="float64", devices=2))]))
"""
    )
    alone, in_memory, in_file = run(code)
    np.testing.assert_allclose(in_memory, alone, rtol=1e-5)
    np.testing.assert_allclose(in_file, alone, rtol=1e-5)
    assert alone[0][0] > alone[-1][0]  # it learnt


def test_a_device_is_handed_its_own_rows_alone():
    code = """
import json
import numpy as np
from inklings.engines import get_engine

class Seen:
    shape, ndim, dtype, asked = (100, 2), 2, np.dtype(np.float32), []
    def __getitem__(self, rows):
        self.asked.append(rows.tolist())
        return np.repeat(rows[:, None], 2, 1).astype(np.float32)

seen, rows = Seen(), np.arange(12).reshape(3, 4)
placed = get_engine("jax", devices=2).shard(seen, rows)
print(json.dumps([sorted(seen.asked), np.asarray(placed)[..., 0].tolist()]))
"""
    asked, placed = run(code)
    assert asked == [[0, 1, 4, 5, 8, 9], [2, 3, 6, 7, 10, 11]]
    assert placed == np.arange(12).reshape(3, 4).tolist()


def test_devices_that_are_not_there_or_cannot_share_are_refused_in_a_line():
    with pytest.raises(RecipeError, match=r"devices is 64, found \d+ "):
        get_engine("jax", devices=64)
    with pytest.raises(RecipeError, match="devices are for the engine jax, found engine 'numpy'"):
        get_engine("numpy", devices=2)
    code = (
        CURVES
        + """
from inklings import InklingsError
said = []
for settings in ({"batch_size": 9}, {"optimiser": "lbfgs", "batch_size": 10}):
    try:
        curve(DENSE, get_engine("jax", devices=2), **settings)
    except InklingsError as error:
        said.append(str(error))
print(json.dumps(said))
"""
    )
    batch, full = run(code)
    assert batch.startswith("batch_size is 9, expected a multiple of 2")
    assert "try batch_size=" in batch
    assert "optimiser is lbfgs, which trains on one device" in full


SLURM = {
    "SLURM_JOB_ID": "4711",
    "SLURM_STEP_ID": "2",
    "SLURM_PROCID": "3",
    "SLURM_NTASKS": "8",
    "SLURM_STEP_NODELIST": "node[007-010],gpu1",
}
OPEN_MPI = {
    "OMPI_COMM_WORLD_RANK": "1",
    "OMPI_COMM_WORLD_SIZE": "4",
    "OMPI_MCA_orte_hnp_uri": "1531576320.0;tcp://10.96.0.1,10.148.0.1:34911",
}


@pytest.mark.parametrize(
    ("environment", "address", "number", "count"),
    [
        (SLURM, ("node007", 61440 + 4713 % 4096), 3, 8),
        ({**SLURM, "SLURM_STEP_NODELIST": "gpu1"}, ("gpu1", 61440 + 4713 % 4096), 3, 8),
        (OPEN_MPI, ("10.96.0.1", 61440 + (1531576320 >> 12) % 4096), 1, 4),
    ],
    ids=["slurm", "slurm, one node", "open mpi"],
)
def test_launchers_say_who_trains_together(environment, address, number, count):
    found = find_processes(environment=environment)
    assert (found.address, found.number, found.count) == (address, number, count)
    typed = find_processes("head:9000", environment=environment)
    assert (typed.address, typed.number, typed.count) == (("head", 9000), number, count)
    assert find_processes(num_processes=1, environment=environment) is None


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (("node1:9000", None, 2), "process_id is missing"),
        ((None, 0, 2), "coordinator is missing"),
        (("node1", 0, 2), "coordinator is 'node1', expected process 0's host and a free port"),
        (("node1:99999", 0, 2), "coordinator is 'node1:99999'"),
        (("node1:9000", 2, 2), "process_id is 2, expected 0 to 1"),
    ],
)
def test_what_is_typed_has_to_be_whole(typed, message):
    with pytest.raises(RecipeError, match=message):
        find_processes(*typed, environment={})
    assert find_processes(environment={}) is None


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def start(tmp_path, port, number, *options, count=2):
    who = ["--coordinator", f"127.0.0.1:{port}", "--process-id", str(number), "--num-processes", str(count)]
    command = [sys.executable, "-m", "inklings", "train", "mlp", "--epochs", "2", "--runs", "runs", *who, *options]
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(inklings.__file__).parents[1]),
        "JAX_PLATFORMS": "cpu",
        "XLA_FLAGS": "",
    }
    return subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.slow
def test_two_processes_have_the_curve_of_one_and_the_first_alone_prints_and_stores(tmp_path):
    port = free_port()
    processes = [start(tmp_path, port, number, "--hidden-units", "20") for number in (1, 0)]
    (out, err), (first_out, first_err) = (each.communicate(timeout=300) for each in processes)
    assert [each.returncode for each in processes] == [0, 0], err + first_err
    assert (out, err) == ("", "")
    assert "test" in first_out
    assert "[Gloo]" not in first_out
    alone = [sys.executable, "-m", "inklings", "train", "mlp", "--epochs", "2", "--hidden-units", "20"]
    subprocess.run([*alone, "--engine", "jax", "--runs", "alone"], cwd=tmp_path, check=True, capture_output=True)
    curves = []
    for folder in ("runs", "alone"):
        (history,) = (tmp_path / folder).glob("*/history.jsonl")
        curves.append([json.loads(line)["train_loss"] for line in history.read_text().splitlines()])
    np.testing.assert_allclose(curves[0], curves[1], rtol=1e-5)


@pytest.mark.slow
def test_processes_that_differ_or_do_not_come_are_named_in_a_line(tmp_path):
    port = free_port()
    processes = [start(tmp_path, port, 1, "--seed", "1"), start(tmp_path, port, 0)]
    said = [each.communicate(timeout=300)[1].splitlines()[-1] for each in processes]
    assert [each.returncode for each in processes] == [5, 5]
    assert all("processes 0 and 1 differ in the recipe or --seed and the split" in line for line in said)


def test_a_process_does_not_wait_for_ever(tmp_path):
    from inklings.engines.jax.processes import Processes, join

    address = f"127.0.0.1:{free_port()}"
    with pytest.raises(RecipeError, match="waited for process 1 and 2, which did not come"):
        join(Processes(address, 0, 3), {}, seconds=0.3)
    with pytest.raises(RecipeError, match="process 0 did not answer there in time"):
        join(Processes(address, 1, 3), {}, seconds=0.3)


def test_whoever_else_speaks_at_the_port_is_not_listened_to(tmp_path):
    from inklings.engines.jax.processes import Processes, join

    port = free_port()

    def speak():
        for said in (b"GET / HTTP/1.1\r\n\r\n", b'{"process_id": "x", "num_processes": 2, "about": {}}\n', b"[1]\n"):
            with socket.create_connection(("127.0.0.1", port), 5) as stranger:
                stranger.sendall(said)
                stranger.recv(1)  # until it is hung up

    waiting = threading.Timer(0.3, speak)
    waiting.start()
    with pytest.raises(RecipeError, match="waited for process 1, which did not come"):
        join(Processes(f"127.0.0.1:{port}", 0, 2), {}, seconds=2)
    waiting.join()
