"""The same training gives the same bits: every time, in any order, by any number of threads, many at once."""

import multiprocessing
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from inklings import Conv2D, Dense, Dropout, Flatten, MaxPool2D, Network, open_dataset, preset
from inklings.engines.native.engine import NativeEngine
from inklings.training.optimisers import build_optimiser
from inklings.training.presets import PRESETS
from inklings.training.training_job import TrainingJob
from specimens import NETWORKS

DENSE = Network((20, 20, 1), (Flatten(), Dropout(0.2), Dense(200, "relu"), Dense(130, "tanh"), Dense(10, "softmax")))
CONVOLUTIONAL = Network(
    (12, 12, 1),
    (Conv2D(20, 3, "same", 1, "relu"), MaxPool2D(2), Conv2D(9, 3, "same", 1, "relu"), Flatten(), Dense(10, "softmax")),
)
LARGE_ENOUGH_TO_SHARE = [DENSE, CONVOLUTIONAL]
BOTH = pytest.mark.parametrize("network", LARGE_ENOUGH_TO_SHARE, ids=["dense", "convolutional"])
forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def check_equal(one, other):
    assert list(one) == list(other)
    for name, value in one.items():
        np.testing.assert_array_equal(other[name], value)


@BOTH
@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_training_twice_gives_the_same_bits(network, threads, dtype, trained):
    first = trained(network, threads, dtype)
    for _ in range(5):
        check_equal(trained(network, threads, dtype), first)


def test_what_was_trained_before_changes_nothing(trained):
    networks = [*LARGE_ENOUGH_TO_SHARE, NETWORKS["convolution normalised"]]
    forward = [trained(network) for network in networks]
    backward = [trained(network) for network in reversed(networks)]
    for one, other in zip(forward, reversed(backward), strict=True):
        check_equal(one, other)


@BOTH
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_any_number_of_threads_gives_the_same_bits(network, dtype, trained):
    one = trained(network, 1, dtype)
    for threads in (2, 3, 5, 8):
        check_equal(trained(network, threads, dtype), one)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_learns_the_same_with_one_thread_and_with_four(name):
    split = open_dataset("digits28" if name.startswith("cnn") else "digits").split()
    plan = preset(name, split.dataset.image_shape, split.dataset.class_count).with_recipe(epochs=1)
    images, labels = split.train.images[:96], split.train.labels[:96]
    found = []
    for threads in (1, 4):
        job = TrainingJob.begin(plan.network, plan.recipe, split, NativeEngine(threads=threads))
        if plan.recipe.is_full_batch:
            found.append(job.engine.gradients(plan.network, job.objective, job.start_parameters, images, labels)[1])
            continue
        session = job.engine.session(
            plan.network, job.objective, build_optimiser(plan.recipe), job.start_parameters, seed=0
        )
        order = np.random.default_rng(1).integers(0, len(images), (3, job.batch_size))
        session.train(images, labels, order, np.full(3, 0.001), 0, lambda: False)
        found.append(session.parameters | session.state)
    check_equal(*found)


def test_threads_of_python_may_train_at_once(trained):
    jobs = [network for network in LARGE_ENOUGH_TO_SHARE for _ in range(6)]
    expected = [trained(network) for network in jobs]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(trained, jobs))
    for one, other in zip(found, expected, strict=True):
        check_equal(one, other)


def test_threads_of_python_may_read_with_one_reader_at_once(data):
    from inklings.networks import initial_parameters

    images, _ = data(CONVOLUTIONAL, 300)
    read = NativeEngine().reader(CONVOLUTIONAL, initial_parameters(CONVOLUTIONAL, 0))
    expected = read(images)
    with ThreadPoolExecutor(4) as pool:
        parts = list(pool.map(lambda start: read(images[start : start + 1 + start % 90]), range(200)))
    for start, outputs in enumerate(parts):
        np.testing.assert_allclose(outputs, expected[start : start + len(outputs)], rtol=1e-5, atol=1e-7)


@forks
# That this process has threads is the point; JAX, which another test may have loaded, is not used by the child.
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:os.fork\\(\\) was called:RuntimeWarning")
@BOTH
def test_a_forked_process_trains_as_its_parent_did(network, trained):
    expected = trained(network)
    receiver, sender = multiprocessing.get_context("fork").Pipe(duplex=False)
    child = multiprocessing.get_context("fork").Process(target=lambda: sender.send(trained(network)))
    child.start()
    assert receiver.poll(60), "the forked process does not come to an end"
    check_equal(receiver.recv(), expected)
    child.join(10)
    check_equal(trained(network), expected)
