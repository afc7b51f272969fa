"""Which axis is which: every order of axes, those that fit two ways, and the option that decides."""

from itertools import permutations

import numpy as np
import pytest

from inklings.data import from_arrays
from inklings.data.axes import arrange_axes
from inklings.data.raw import RawArrays, ReadOptions
from inklings.errors import DataError, DataWarning


@pytest.fixture(scope="module")
def colours(pixels):
    padded = np.pad(pixels[:40], ((0, 0), (2, 2), (0, 0)))
    return np.stack([padded, padded // 2, 255 - padded], axis=-1)


@pytest.mark.parametrize("axes", [each for each in permutations("nhwc") if each.index("h") < each.index("w")])
def test_every_order_of_four_axes_comes_out_the_same(axes, colours, labels):
    array = colours.transpose(["nhwc".index(letter) for letter in axes])
    expected = colours / 255
    if "".join(axes) in ("nhwc", "nchw", "hwcn", "chwn", "cnhw"):
        np.testing.assert_allclose(from_arrays(array, labels[:40]).images, expected, atol=1e-6)
    else:
        with pytest.raises(DataError, match="images have shape"):
            from_arrays(array, labels[:40])
    np.testing.assert_allclose(from_arrays(array, labels[:40], axes="".join(axes)).images, expected, atol=1e-6)


@pytest.mark.parametrize("last", [False, True])
def test_as_many_images_as_rows_and_columns_are_told_apart_by_their_pixels(last, pixels, labels):
    images = pixels[:28]
    array = np.moveaxis(images, 0, -1) if last else images
    found, other = ("hwn", "nhw") if last else ("nhw", "hwn")
    with pytest.warns(DataWarning, match=f"were read as {found} .pixels show an order.*axes={other} overrides"):
        dataset = from_arrays(array, labels[:28])
    np.testing.assert_allclose(dataset.images[..., 0], images / 255, atol=1e-6)


def test_where_the_pixels_do_not_show_it_the_option_decides():
    noise = np.random.default_rng(0).random((10, 10, 10))
    labels = np.arange(10) % 2
    with pytest.warns(DataWarning, match="the pixels do not show it; axes=hwn overrides"):
        dataset = from_arrays(noise, labels, invert=False)
    np.testing.assert_allclose(dataset.images[..., 0], noise, atol=1e-6)
    dataset = from_arrays(noise, labels, axes="hwn", invert=False)
    np.testing.assert_allclose(dataset.images[..., 0], np.moveaxis(noise, -1, 0), atol=1e-6)


def test_a_square_matrix_of_rows_is_told_from_one_of_columns(pixels, labels):
    small = pixels[:64, 4:24, 4:24].reshape(64, 10, 2, 10, 2).mean(axis=(2, 4))[:, 1:9, 1:9].round().astype(np.uint8)
    for matrix in (small.reshape(64, 64), small.reshape(64, 64).T):
        dataset = from_arrays(matrix, labels[:64], invert=False, column_major=False)
        np.testing.assert_allclose(dataset.images[..., 0], small / 255, atol=0.01)


@pytest.mark.parametrize("shape", [(40, 784, 1), (40, 1, 784)])
def test_rows_with_an_axis_for_the_channel_are_images(shape, pixels, labels):
    dataset = from_arrays(pixels[:40].reshape(shape), labels[:40], invert=False)
    np.testing.assert_allclose(dataset.images[..., 0], pixels[:40] / 255, atol=1e-6)


@pytest.mark.parametrize("planes", [False, True])
@pytest.mark.parametrize("flat", [False, True])
def test_rows_of_three_channels_are_told_apart_by_what_is_smooth(planes, flat, colours, labels):
    square = colours[:, :28]
    rows = np.moveaxis(square, -1, 1).reshape(40, 3, -1) if planes else square.reshape(40, -1, 3)
    dataset = from_arrays(rows.reshape(40, -1) if flat else rows, labels[:40])
    np.testing.assert_allclose(dataset.images, square / 255, atol=1e-6)


@pytest.mark.parametrize("flat", [False, True])
def test_an_opaque_fourth_channel_is_left_out_with_a_word(flat, colours, labels):
    square = colours[:, :28]
    opaque = np.concatenate([square, np.full((40, 28, 28, 1), 255, np.uint8)], axis=-1)
    with pytest.warns(DataWarning, match="left out"):
        dataset = from_arrays(opaque.reshape(40, -1) if flat else opaque, labels[:40])
    np.testing.assert_allclose(dataset.images, square / 255, atol=1e-6)


def test_transparency_that_varies_is_refused(colours, labels):
    with pytest.raises(DataError, match="if the fourth channel is transparency, mix it with a background"):
        from_arrays(np.concatenate([colours, colours[..., :1]], axis=-1), labels[:40])


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        ("nh", "expected one letter for each axis"),
        ("nwh", "expected h before w; column_major=True transposes"),
        ("hwn", "28 images .* but 40 labels"),
    ],
)
def test_axes_that_do_not_fit_are_refused(axes, message, pixels, labels):
    with pytest.raises(DataError, match=message):
        from_arrays(pixels[:40], labels[:40], axes=axes)


def test_axes_of_an_array_that_holds_no_images_are_refused_without_labels_too():
    with pytest.raises(DataError, match=r"images have shape \(3, 2, 4, 5, 6\), expected \(n, features\)"):
        arrange_axes(RawArrays(np.zeros((3, 2, 4, 5, 6)), None, "here"), ReadOptions(axes="nhwcx"))


def test_one_hot_columns_are_taken_as_rows(pixels, labels):
    dataset = from_arrays(pixels, np.eye(10)[labels].T)
    assert np.array_equal(dataset.labels, labels)


def test_as_many_labels_as_columns_are_labels_that_are_missing(pixels, labels):
    with pytest.raises(DataError, match=r"300 images .* but 28 labels.*say so; try axes=hwn"):
        from_arrays(pixels, labels[:28])
    with pytest.raises(DataError, match=r"300 images .* but 784 labels"):
        from_arrays(pixels.reshape(300, -1), np.arange(784) % 2)
    with pytest.raises(DataError, match=r"1 images .* but 28 labels"):
        from_arrays(pixels[:1], labels[:28])


def test_as_many_images_as_columns_in_the_last_axis_are_taken_with_a_word(pixels, labels):
    tall = np.pad(pixels[:28], ((0, 0), (2, 2), (0, 0)))
    with pytest.warns(DataWarning, match="were read as hwn"):
        dataset = from_arrays(np.moveaxis(tall, 0, -1), labels[:28])
    np.testing.assert_allclose(dataset.images[..., 0], tall / 255, atol=1e-6)
