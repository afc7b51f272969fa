"""The same training gives the same bits: every time, in any order, in several threads and processes at once."""

import multiprocessing
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from inklings import Conv2D, Dense, Dropout, Flatten, MaxPool2D, Network
from inklings.engines.native.engine import NativeEngine
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
def test_one_thread_and_two_agree_but_for_rounding(network, trained):
    one, two = (trained(network, threads, "float64") for threads in (1, 2))
    for name, value in one.items():
        np.testing.assert_allclose(two[name], value, rtol=0, atol=1e-10)


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
