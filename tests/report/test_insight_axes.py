"""Pictures of what networks see: that each pixel is where it belongs, and in the colour that it should have."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from handmade import ensemble_of, linear_model, make_opponent_model, model_of
from inklings import Conv2D, Dataset, Dense, Flatten, MaxPool2D, Network, NetworkError
from inklings.networks import initial_parameters
from inklings.report import (
    Subject,
    plot_classes,
    plot_exciting,
    plot_explanation,
    plot_layer,
    plot_pooling,
    plot_sum,
    plot_weights,
    write_insight,
)
from inklings.report.insight_drawing import AGAINST, FOR, tile
from inklings.report.insight_figures import draw_insight

RANDOM = np.random.default_rng(0)
LAYERS = (Conv2D(3, 3, activation="relu"), MaxPool2D(2), Flatten(), Dense(4, "relu"), Dense(2, "softmax"))


def small(channels=1):
    network = Network((6, 8, channels), LAYERS)
    return model_of(network, initial_parameters(network, 1))


def axes():
    return Figure().subplots()


def drawn(ax, number=0):
    """The numbers or colours of an axes' picture."""
    return np.ma.filled(ax.images[number].get_array(), np.nan)


def test_filters_share_one_scale_with_0_in_its_middle():
    weights = np.zeros((2, 2, 1, 3))
    weights[..., 0], weights[0, 0, 0, 1] = 5, -1
    ax = plot_weights(linear_model(weights), ax=axes())
    assert ax.images[0].get_clim() == (-5, 5)
    values = drawn(ax)
    assert np.nanmax(values) == 5
    assert np.nanmin(values) == -1
    assert (values == 0).sum() == 7
    assert np.isnan(values).any()  # the gaps are no weights


def test_of_many_filters_the_strongest_are_kept_in_their_order():
    weights = np.arange(5.0)[::-1] * np.ones((1, 1, 1, 5))
    ax = plot_weights(linear_model(weights), ax=axes(), most=2)
    assert drawn(ax)[~np.isnan(drawn(ax))].tolist() == [4, 3]
    assert "2 of 5 units" in ax.get_title()


def test_coloured_filters_are_grey_where_they_are_0():
    weights = np.zeros((1, 1, 3, 2))
    weights[0, 0, 0, 0] = 2
    values = drawn(plot_weights(linear_model(weights), ax=axes()))
    assert [1.0, 0.5, 0.5] in values.reshape(-1, 3).tolist()
    assert [0.5, 0.5, 0.5] in values.reshape(-1, 3).tolist()


def test_what_speaks_for_a_class_is_red_and_against_it_blue_at_its_pixel():
    weights = np.zeros((3, 5, 1, 2))
    weights[1, 3, 0, 0], weights[2, 0, 0, 0] = 1, -1
    image = np.zeros((3, 5, 1), np.float32)
    image[1, 3], image[2, 0] = 0.5, 0.5
    values = drawn(plot_explanation(linear_model(weights), image, "gradient", 0, axes()))
    assert values.shape == (3, 5, 3)
    np.testing.assert_allclose(values[1, 3] / values[1, 3].max(), np.array(to_rgb(FOR)) / max(to_rgb(FOR)), atol=0.02)
    blue = np.array(to_rgb(AGAINST))
    np.testing.assert_allclose(values[2, 0] / values[2, 0].max(), blue / blue.max(), atol=0.02)
    assert values[0, 0].min() > 0.9


def test_a_map_that_is_0_everywhere_is_paper():
    values = drawn(plot_explanation(linear_model(np.zeros((2, 2, 1, 2))), np.ones((2, 2)), "saliency", 0, axes()))
    assert np.isfinite(values).all()
    assert np.ptp(values.reshape(-1, 3), axis=0).max() == 0


def test_layers_are_drawn_as_maps_and_as_numbers():
    model, image = small(), RANDOM.random((6, 8))
    assert "3 maps" in plot_layer(model, image, "conv2d_1", axes()).get_title()
    assert "4 numbers" in plot_layer(model, image, "dense_1", axes()).get_title()
    with pytest.raises(NetworkError, match="no layer 'conv2d_3'; did you mean 'conv2d_1'"):
        plot_layer(model, image, "conv2d_3", axes())


def test_a_sum_shows_its_numbers_and_what_they_come_to():
    weights = np.arange(4.0).reshape(2, 2, 1, 1) * [1, 0]
    ax = plot_sum(linear_model(weights, [0.5, 0]), [[1, 2], [3, 4]], "dense_1", 0, ax=axes())
    words = [text.get_text() for text in ax.texts]
    assert words.count("12.0") == 1  # 3 x 4, beside the 1 x 2 and 2 x 3
    assert any("20.00 (all products) + 0.50 (bias) = 20.50" in each for each in words)


def test_of_a_pooling_layer_each_window_and_what_it_keeps_are_marked():
    model, image = small(), RANDOM.random((6, 8))
    ax = plot_pooling(model, image, "maxpool2d_1", 1, axes())
    assert len(ax.patches) == 3 * 4
    with pytest.raises(NetworkError, match="no pixel"):
        plot_pooling(model, image, "conv2d_1", 0, axes())


def test_exciting_images_have_a_row_for_each_unit():
    ax = plot_exciting(small(), RANDOM.random((20, 6, 8, 1)), "conv2d_1", [2, 0], axes(), count=5)
    assert [each.get_text() for each in ax.get_yticklabels()] == ["2", "0"]
    assert drawn(ax).shape == (2 * 4 - 1, 5 * 4 - 1, 3)


def test_each_class_is_named_where_its_images_lie():
    ax = plot_classes(small(), RANDOM.random((20, 6, 8, 1)), np.arange(20) % 2, axes())
    assert [each.get_text() for each in ax.texts] == ["a", "b"]


def test_without_axes_there_is_a_new_figure():
    from matplotlib import pyplot

    ax = plot_weights(small())
    assert ax.figure.number in pyplot.get_fignums()
    pyplot.close(ax.figure)


def test_a_sheet_is_filled_row_by_row():
    sheet = tile(np.arange(6.0).reshape(3, 1, 2), columns=2, fill=9)
    assert sheet.tolist() == [[0, 1, 9, 2, 3], [9] * 5, [4, 5, 9, 9, 9]]


@pytest.mark.parametrize("kind", ["colour", "ensemble", "dense"])
def test_a_folder_holds_every_picture_twice_and_a_page_with_all_of_them(tmp_path, kind):
    shape = (6, 8, 3 if kind == "colour" else 1)
    if kind == "dense":
        model = linear_model(RANDOM.normal(size=(*shape, 2)))
    else:
        model = ensemble_of(small(), small()) if kind == "ensemble" else small(shape[2])
    images = RANDOM.random((20, *shape)).astype(np.float32)
    data = Dataset(images, np.arange(20) % 2, ("a", "b"))
    written = write_insight(model, tmp_path / "new", Subject(images[0], "Image <0>", 1), data)
    names = [each.files[0].stem for each in written]
    expected = ["weights", "why", "layers", "sum", "pooling", "exciting", "classes"]
    assert names == [each for each in expected if kind != "dense" or each != "pooling"]
    page = (tmp_path / "new" / "index.html").read_text()
    for each in written:
        assert [file.suffix for file in each.files] == [".png", ".svg"]
        assert all(file.stat().st_size > 1000 for file in each.files)
        assert each.files[0].name in page
    assert "Image &lt;0&gt;" in page
    assert ("first of 2 networks" in written[0].caption) == (kind == "ensemble")
    for each in (written[2], written[-1]):
        assert ("no hidden layer" in each.caption) == (kind == "dense")


def test_the_picture_of_an_images_way_through_the_layers_has_no_empty_part():
    drawn = draw_insight(small(), Subject(RANDOM.random((6, 8, 1)).astype(np.float32), "an image"), None)
    (figure,) = (figure for name, _, _, figure in drawn if name == "layers")
    spans = [axes.get_subplotspec() for axes in figure.axes]
    assert all(axes.has_data() for axes in figure.axes)
    assert sum(len(span.rowspan) * len(span.colspan) for span in spans) == np.prod(
        spans[0].get_gridspec().get_geometry()
    )


def test_without_images_the_weights_are_drawn(tmp_path):
    assert [each.files[0].name for each in write_insight(small(), tmp_path)] == ["weights.png"]


def test_an_opponent_leaves_no_folder(tmp_path):
    with pytest.raises(NetworkError, match="logistic is not a network"):
        write_insight(make_opponent_model(), tmp_path / "new")
    assert not (tmp_path / "new").exists()
