"""Shapes that are no multiple of anything, and every level of instructions that this processor has."""

import numpy as np
import pytest

from inklings import Activation, BatchNorm, Conv2D, Dense, Flatten, GlobalPool, MaxPool2D, Network
from inklings.engines import get_engine
from inklings.engines.gradcheck import compare_engines
from inklings.engines.native import bindings
from inklings.engines.native.engine import NativeEngine
from inklings.networks import initial_parameters
from specimens import NETWORKS


def picture(shape, *layers):
    return Network(shape, (*layers, Flatten(), Dense(3, "softmax")))


def dense(*widths, shape=(5, 7, 1)):
    return Network(shape, (Flatten(), *(Dense(width, "elu") for width in widths), Dense(3, "softmax")))


ODD = {
    "one pixel": picture((1, 1, 1), Conv2D(17, 1)),
    "kernel larger than the image": picture((1, 1, 1), Conv2D(17, 3, "same")),
    "kernel far larger than the image": picture(
        (2, 3, 2), Conv2D(5, 7, "same", 1, "tanh"), Conv2D(3, (9, 1), "same", 2)
    ),
    "stride larger than the kernel": picture((9, 8, 3), Conv2D(17, 2, "valid", 3), MaxPool2D(1, 2)),
    "stride larger than the kernel with a border": picture(
        (9, 8, 3), Conv2D(33, 1, "same", 3), Conv2D(19, 2, "same", 3)
    ),
    "leftovers": picture((10, 11, 1), Conv2D(31, 3, "valid", 2), MaxPool2D(3, 2)),
    "one filter": picture((6, 5, 1), Conv2D(1, 3, "same"), Conv2D(1, 3, "valid")),
    "many channels": picture((4, 3, 67), Conv2D(41, 3, "same", 1, "relu"), Conv2D(2, 3, "same")),
    "many filters": picture((9, 13, 32), Conv2D(67, 3, "same", 1, "relu"), Conv2D(64, 3, "valid", 1, "tanh")),
    "tiles of 5 x 5, of one image and of several": picture(
        (10, 9, 19),
        *(Conv2D(17, 3, "same", 1, "relu"), BatchNorm(), Activation("relu"), MaxPool2D(2)),
        *(Conv2D(18, 3, "same", biases=None), BatchNorm(), Activation("tanh")),
    ),
    "a row": picture((1, 23, 1), Conv2D(9, (1, 4), "same", (1, 2)), MaxPool2D((1, 3))),
    "widths of one": dense(1, 1),
    **{f"widths around {width}": dense(width - 1, width, width + 1) for width in (4, 8, 16, 32, 64, 128)},
    "two convolutions, then normalised": picture(
        (7, 7, 1), Conv2D(5, 3), MaxPool2D(2), Conv2D(6, 3, biases=None), BatchNorm(), Activation("relu")
    ),
    "nothing to learn but the end": Network((3, 2, 1), (MaxPool2D(1), Flatten(), Dense(2, "softmax"))),
    "normalised before anything else": picture((9, 7, 2), BatchNorm(), Conv2D(1, 3, "same", 4)),
    "averages of all": Network((5, 5, 3), (GlobalPool("average"), Dense(2, "softmax"))),
}
ALL = {**NETWORKS, **ODD}


def compare(network, count, engine):
    random = np.random.default_rng(0)
    images = random.normal(size=(count, *network.input_shape)).astype(np.float32)
    labels = random.integers(0, network.output_count, count)
    return compare_engines(network, second=engine, images=images, labels=labels).worst


@pytest.mark.parametrize(("name", "count"), [(name, count) for name in ODD for count in (1, 2, 15, 33)])
def test_every_shape_and_batch_has_the_references_gradients(name, count):
    for threads in (1, 2, 3):
        assert compare(ODD[name], count, NativeEngine("float64", threads=threads)) < 1e-9


@pytest.mark.parametrize("name", ODD)
def test_images_are_read_as_the_reference_reads_them(name, data):
    network = ODD[name]
    images, _ = data(network, 70)
    parameters = initial_parameters(network, 0)
    expected = get_engine("numpy", dtype="float64").activations(network, parameters, images)
    found = get_engine("native", dtype="float64").activations(network, parameters, images)
    assert list(found) == list(expected)
    for key, values in expected.items():
        np.testing.assert_allclose(found[key], values, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("side", [5, 7, 10, 20, 28])
def test_tiles_of_any_size_err_in_float32_by_less_than_a_hundred_thousandth_of_the_largest_output(side):
    network = picture((side, side, 32), Conv2D(32, 3, "same", biases=None))
    random = np.random.default_rng(side)
    images = random.normal(size=(20, *network.input_shape)).astype(np.float32)
    parameters = initial_parameters(network, 1)
    exact, found = (
        get_engine(name, dtype=dtype).activations(network, parameters, images)["conv2d_1"]
        for name, dtype in (("numpy", "float64"), ("native", "float32"))
    )
    errors = np.abs(found - exact) / np.abs(exact).max()
    assert errors.max() < 1e-5
    assert errors.mean() < 5e-7


def test_gradients_fit_between_a_normalisation_of_large_images_and_much_smaller_layers():
    network = Network((40, 40, 3), (BatchNorm(), Conv2D(2, 3, "same"), GlobalPool(), Dense(3, "softmax")))
    assert compare(network, 64, NativeEngine("float64", threads=2)) < 1e-9


LEVELS = (0, 3, 4)


@pytest.fixture(params=LEVELS)
def level(request, monkeypatch):
    """One level of instructions at a time, among those that were compiled and this processor has."""
    from inklings.engines.native.lowering import lower

    has = bindings.processor_level()
    built = bindings.FOLDER / f"native_float_{request.param}.so"
    if request.param > has or not built.exists():
        pytest.skip(f"not compiled, or not of this processor, which has level {has}")
    with monkeypatch.context() as patch:
        patch.setattr(bindings, "processor_level", lambda: request.param)
        bindings.load.cache_clear(), lower.cache_clear()
        yield request.param
    bindings.load.cache_clear(), lower.cache_clear()


@pytest.mark.parametrize("name", ALL)
def test_every_level_of_instructions_gives_the_references_gradients(name, level):
    assert compare(ALL[name], 9, NativeEngine("float64")) < 1e-9
    assert compare(ALL[name], 9, NativeEngine("float32")) < 5e-4  # NumPy's own float32 errs by as much
