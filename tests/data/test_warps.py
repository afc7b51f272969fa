import numpy as np
import pytest

from inklings.data.augment import Augmentation
from inklings.data.warps import CONTROLS, Warps, spline_basis
from inklings.errors import DataError


def test_splines_add_up_to_one_and_reproduce_straight_lines():
    for length in (1, 8, 20, 28, 57):
        basis = spline_basis(length)
        assert basis.shape == (length, CONTROLS)
        assert np.allclose(basis.sum(axis=1), 1, atol=1e-6)
        line = basis @ np.arange(CONTROLS)
        assert np.allclose(np.diff(line), 4 / length, atol=1e-5)


def test_changes_of_some_rows_are_theirs():
    images = np.random.default_rng(0).random((9, 12, 10, 1), np.float32)
    warps = Augmentation(2, 10, 0.1, 5, 1, 0.5, 0.3, 0.5).draw(images.shape, np.random.default_rng(1))
    rows = np.array([7, 2, 2])
    assert np.array_equal(warps.take(rows).apply(images[rows]), warps.apply(images)[rows])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"shifts": np.zeros((3, 2), np.float32)}, r"shifts have shape \(3, 2\), expected \(4, 2\)"),
        ({"strokes": np.zeros((4, 1), np.float32)}, r"strokes have shape \(4, 1\), expected \(4,\)"),
        ({"erased": np.tile(np.int32([0, 0, 6, 5]), (4, 1))}, "reaches beyond images of 5 x 6 pixels"),
        ({"erased": np.tile(np.int32([3, 0, 2, 5]), (4, 1))}, "reaches beyond images"),
    ],
)
def test_changes_that_do_not_fit_the_images_are_refused(changed, message):
    identity = {"matrices": np.tile(np.eye(2, dtype=np.float32), (4, 1, 1)), "shifts": np.zeros((4, 2), np.float32)}
    Warps(**identity).check((4, 5, 6, 1))
    with pytest.raises(DataError, match=message):
        Warps(**(identity | changed)).check((4, 5, 6, 1))
