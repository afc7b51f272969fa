import numpy as np
import pytest

from inklings.data import from_arrays
from inklings.errors import DataError, DataWarning


@pytest.fixture(scope="module")
def colours():
    """Twelve smooth 8 x 8 images in three clearly different channels."""
    y, x = np.mgrid[0:8, 0:8]
    channels = [x * 20, y * 25, 200 - x * y * 3]
    return np.stack([np.stack(channels, -1) + shift for shift in range(12)]).astype(np.uint8)


TWO = np.arange(12) % 2


@pytest.mark.parametrize(
    ("name", "arrange"),
    [
        ("n h w", lambda a: a),
        ("h w n", lambda a: np.moveaxis(a, 0, -1)),
        ("n h w 1", lambda a: a[..., None]),
        ("n 1 h w", lambda a: a[:, None]),
        ("n features", lambda a: a.reshape(len(a), -1)),
        ("features n", lambda a: a.reshape(len(a), -1).T),
    ],
)
def test_grey_images_of_every_usual_shape_are_the_same_images(name, arrange, pixels, labels, digits28):
    dataset = from_arrays(arrange(pixels), labels)
    assert np.allclose(dataset.images, digits28.images[:300], atol=1e-6)


@pytest.mark.parametrize(
    ("name", "arrange"),
    [
        ("n h w c", lambda a: a),
        ("n c h w", lambda a: np.moveaxis(a, 3, 1)),
        ("h w c n", lambda a: np.moveaxis(a, 0, -1)),
        ("flat, pixel by pixel", lambda a: a.reshape(len(a), -1)),
        ("flat, plane by plane", lambda a: np.moveaxis(a, 3, 1).reshape(len(a), -1)),
    ],
)
def test_coloured_images_of_every_usual_shape_are_the_same_images(name, arrange, colours):
    dataset = from_arrays(arrange(colours), TWO)
    assert np.allclose(dataset.images, colours / 255, atol=1e-6)


def test_colours_are_mixed_to_grey_on_request(colours):
    dataset = from_arrays(colours, TWO, colour=False, invert=False)
    expected = (colours @ [0.299, 0.587, 0.114]) / 255
    assert np.allclose(dataset.images[..., 0], expected, atol=1e-5)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([0, 51, 255], np.uint8), [0, 0.2, 1]),
        (np.array([0, 51, 250], np.uint8), [0, 0.2, 250 / 255]),
        (np.array([0, 51.0, 255]), [0, 0.2, 1]),
        (np.array([-25.5, 51, 280.5]), [-0.1, 0.2, 1.1]),
        (np.array([0, 4, 16], np.int64), [0, 0.25, 1]),
        (np.array([0, 13107, 65535], np.uint16), [0, 0.2, 1]),
        (np.array([False, False, True]), [0, 0, 1]),
        (np.array([0, 0, 1], np.uint8), [0, 0, 1]),
        (np.array([-0.13, 0.2, 1.13]), [-0.13, 0.2, 1.13]),
        (np.array([-1, -0.6, 1.0]), [0, 0.2, 1]),
        (np.array([-0.42, 0.24, 2.88]), [0, 0.2, 1]),
        (np.array([-128, -77, 127], np.int8), [0, 0.2, 1]),
    ],
)
def test_any_range_of_values_comes_to_0_to_1(values, expected):
    images = np.full((2, 5, 5), values[0])
    images[:, 2, 1:4] = values
    dataset = from_arrays(images, [0, 1])
    assert dataset.images[0, 2, 1:4, 0] == pytest.approx(expected, abs=1e-6)


def test_a_light_background_is_inverted_and_noted(pixels, labels, digits28):
    dataset = from_arrays(255 - pixels, labels)
    assert np.allclose(dataset.images, digits28.images[:300], atol=1e-6)
    assert any("were inverted, since their background was light" in note for note in dataset.notes)


def test_inverting_can_be_overridden_both_ways(pixels, labels, digits28):
    kept = from_arrays(255 - pixels, labels, invert=False, column_major=False)
    turned = from_arrays(pixels, labels, invert=True, column_major=False)
    for dataset in (kept, turned):
        assert np.allclose(dataset.images, 1 - digits28.images[:300], atol=1e-6)


def test_colour_images_are_not_inverted_unless_requested(colours):
    light = np.maximum(colours, 200)
    assert np.allclose(from_arrays(light, TWO).images, light / 255, atol=1e-6)


def test_images_are_resized_on_request_as_the_bundled_digits_are(pixels, labels, digits28):
    dataset = from_arrays(pixels, labels, size=20)
    from inklings.data import open_dataset

    assert np.allclose(dataset.images, open_dataset("digits").images[:300], atol=1e-6)
    assert from_arrays(pixels, labels, size=(10, 16)).image_shape == (10, 16, 1)


def test_given_class_names_name_labels_from_0():
    dataset = from_arrays(np.zeros((3, 4, 4)), [0, 2, 2], class_names=["a", "b", "c"])
    assert dataset.class_names == ("a", "b", "c")
    assert dataset.labels.tolist() == [0, 2, 2]


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (np.zeros((3, 4, 4)), [0, 1], r"3 images \(shape \(3, 4, 4\)\) but 2 labels"),
        (np.zeros((0, 4, 4)), [0, 1], "no images"),
        (np.zeros((2, 4, 4)), [], "no labels"),
        (np.zeros((2, 17)), [0, 1], "rows of 17 numbers"),
        (np.zeros((2, 4, 4, 4)), [0, 1], "expected .* with c 1 or 3"),
        (np.zeros(2), [0, 1], r"images have shape \(2,\)"),
        (np.full((2, 4, 4), "ink"), [0, 1], "images are of type <U3, expected numbers"),
        (np.full((2, 4, 4), np.nan), [0, 1], "image 0 .of 2 such. holds NaN"),
        (np.zeros((2, 4, 4)), [1, 1], "the one class '1'"),
    ],
)
def test_what_is_not_a_usable_set_is_refused_with_the_source(images, labels, message):
    with pytest.raises(DataError, match=rf"^the drawer: .*{message}"):
        from_arrays(images, labels, source="the drawer")


def test_values_too_large_for_float32_are_scaled_before_they_are_stored():
    images = np.zeros((2, 4, 4))
    images[0, 1, 1] = 1e300
    assert from_arrays(images, [0, 1]).images.max() == 1


@pytest.mark.parametrize("size", [0, -3, (5, 0), 100_000])
def test_an_impossible_size_is_refused(size):
    with pytest.raises(DataError, match=r"expected 1 to 4096 pixels each way"):
        from_arrays(np.zeros((2, 4, 4)), [0, 1], size=size)


def test_one_class_only_is_refused_however_many_have_names():
    with pytest.raises(DataError, match="all 2 images have the one class 'dot'"):
        from_arrays(np.zeros((2, 4, 4)), [1, 1], class_names=["bar", "dot"])


def test_masked_pixels_are_refused_and_their_number_is_said(pixels, labels):
    masked = np.ma.masked_equal(pixels, pixels.max())
    with pytest.raises(
        DataError, match=r"^arrays: [\d,]+ of [\d,]+ pixels are masked, expected none; say what they are"
    ):
        from_arrays(masked, labels)
    assert len(from_arrays(np.ma.array(pixels), labels)) == len(pixels)


def test_rows_of_pandas_are_paired_by_position_and_another_order_of_one_index_is_told(digits28):
    pandas = pytest.importorskip("pandas")
    images = pandas.DataFrame(digits28.images[:100].reshape(100, -1))
    labels = pandas.Series(digits28.labels[:100])
    order = np.random.default_rng(0).permutation(100)
    said = "images and labels have the same index in another order; they are paired by position"
    alike = [(images.iloc[order], labels.iloc[order]), (images, labels.set_axis(range(100, 200))), (images, [*labels])]
    assert not [note for pair in alike for note in from_arrays(*pair).notes if said in note]
    with pytest.warns(DataWarning, match=said):
        from_arrays(images, labels.iloc[order])
    names = [*range(99), "last"]  # which have no order
    with pytest.warns(DataWarning, match=said):
        from_arrays(images.set_axis(names), labels.set_axis(names).iloc[order])
