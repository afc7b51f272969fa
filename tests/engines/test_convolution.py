"""Convolution as every engine computes it, against SciPy."""

import numpy as np
import pytest
from scipy.signal import correlate2d

from inklings import Conv2D, Dense, Flatten, Network
from inklings.engines import get_engine, native
from inklings.networks import initial_parameters


@pytest.fixture(params=["numpy", "jax", "native"])
def engine(request):
    if request.param == "native" and (reason := native.why_not()):
        pytest.skip(reason)
    return get_engine(request.param)


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("kernel", [(3, 5), (4, 2), (1, 1)], ids=str)
@pytest.mark.parametrize("channels", [1, 3])
def test_a_convolution_is_a_sum_of_scipys_correlations(engine, channels, kernel, padding):
    network = Network((6, 7, channels), (Conv2D(4, kernel, padding), Flatten(), Dense(3, "softmax")))
    random = np.random.default_rng(3)
    images = random.normal(size=(2, 6, 7, channels)).astype(np.float32)
    kernels = random.normal(size=(*kernel, channels, 4)).astype(np.float32)
    parameters = initial_parameters(network, 0) | {"conv2d_1/weights": kernels, "conv2d_1/biases": np.zeros(4)}
    found = engine.activations(network, parameters, images)["conv2d_1"]
    # The border by our own rule, everything else by SciPy.
    (above, below), (left, right) = network.layers[0].window.border((6, 7, channels))
    framed = np.pad(images, ((0, 0), (above, below), (left, right), (0, 0)))
    for number in range(4):
        expected = sum(
            correlate2d(framed[1, :, :, channel], kernels[:, :, channel, number], mode="valid")
            for channel in range(channels)
        )
        np.testing.assert_allclose(found[1, :, :, number], expected, atol=1e-5)
