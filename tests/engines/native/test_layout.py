"""Parameters come out as they went in, however they lie in between."""

import numpy as np
import pytest

from inklings import Conv2D, Dense, Flatten, Network
from inklings.engines.native.layout import Layout
from inklings.networks import initial_parameters

WIDTHS = (1, 3, 16, 17, 31, 32, 33, 65)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("width", WIDTHS)
def test_parameters_come_back_as_they_were(width, dtype):
    network = Network((5, 5, 2), (Conv2D(width, 3), Flatten(), Dense(width), Dense(4, "softmax")))
    layout = Layout.of(network, np.dtype(dtype))
    given = {name: value.astype(dtype) for name, value in initial_parameters(network, 0).items()}
    vector = layout.join(given)
    assert vector.ctypes.data % 64 == 0
    assert np.count_nonzero(vector) == sum(np.count_nonzero(value) for value in given.values())
    back = layout.part(vector)
    assert list(back) == list(given)
    for name, value in given.items():
        np.testing.assert_array_equal(back[name], value)
        assert not np.shares_memory(back[name], vector)
