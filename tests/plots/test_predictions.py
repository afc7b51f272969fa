"""Figures of images and predictions: each takes axes and returns them."""

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure

import inklings
from inklings import DataError, RunError, plots
from inklings.reprs import percent


@pytest.fixture(scope="module")
def split():
    return inklings.open_dataset("digits").split(train=300, validation=200, test=300)


@pytest.fixture(scope="module")
def compared(split):
    return inklings.compare(["softmax", "knn"], split, quick=True, engine="numpy")


@pytest.fixture
def axes():
    return Figure().subplots()


@pytest.fixture(autouse=True)
def close():
    yield
    pyplot.close("all")


def texts(axes):
    return [each.get_text() for each in axes.texts]


def test_a_confusion_matrix_counts_the_test_images(compared, split, axes):
    fitted = compared.trained_networks[0].fitted
    assert plots.plot_confusion(fitted, ax=axes) is axes
    right = (fitted.predict(split.test) == split.test.labels).sum()
    drawn = {text.get_position(): int(text.get_text()) for text in axes.texts}
    assert sum(drawn.values()) == len(split.test)
    assert sum(count for (column, row), count in drawn.items() if row == column) == right


@pytest.mark.parametrize("draw", [plots.plot_confusion, plots.plot_reliability, plots.plot_mistakes])
def test_a_model_a_training_and_a_contender_give_the_same_figure(draw, compared, split):
    network = compared.trained_networks[0]
    given = [(network, None), (network.fitted, None), (network.model, split.test)]
    drawn = [draw(each, data, Figure().subplots()) for each, data in given]
    assert len({tuple(texts(axes)) for axes in drawn}) == 1
    lines = [[line.get_ydata() for line in axes.lines] for axes in drawn]
    assert all(np.allclose(one, other) for each in lines for one, other in zip(each, lines[0], strict=True))


def test_names_that_look_like_formulas_are_drawn_as_they_are():
    images = np.random.default_rng(0).random((60, 8, 8), np.float32)
    data, figure = inklings.from_arrays(images, ["$_$", "b"] * 30), Figure()
    plots.plot_examples(data, figure.subplots())
    figure.canvas.draw()


def test_mistakes_name_the_predicted_and_the_true_class(compared, split, axes):
    network = compared.trained_networks[0]
    plots.plot_mistakes(network, ax=axes, count=5)
    wrong = {
        f"{split.dataset.class_names[p]} ({split.dataset.class_names[t]})"
        for p, t in zip(network.answers, split.test.labels, strict=True)
        if p != t
    }
    assert len(texts(axes)) == 5
    assert set(texts(axes)) <= wrong


def test_examples_have_a_row_for_each_class(split, axes):
    plots.plot_examples(split.test, axes, per_class=3)
    assert [label.get_text() for label in axes.get_yticklabels()] == list(split.dataset.class_names)


def test_more_examples_than_there_are_take_no_more_room(split, axes):
    plots.plot_examples(split.test, axes, per_class=10**9)
    assert axes.images[0].get_array().shape[1] <= (split.test.image_shape[1] + 1) * split.test.class_sizes.max() + 1


def test_accuracies_are_those_of_the_comparison(compared, axes):
    plots.plot_accuracies(compared, axes)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["softmax", "knn"]
    assert texts(axes) == [percent(result.test) for result in compared.results]


def test_without_axes_there_is_a_new_figure(compared):
    before = pyplot.get_fignums()
    drawn = plots.plot_confusion(compared.contenders[1])
    assert len(pyplot.get_fignums()) == len(before) + 1
    assert drawn.figure.number not in before


@pytest.mark.parametrize(
    ("call", "error", "told"),
    [
        (lambda c, s: plots.plot_confusion(c.trained_networks[0].model), DataError, "labelled images are needed"),
        (lambda c, s: plots.plot_confusion(3), DataError, "trained is 3, expected inklings.Model"),
        (lambda c, s: plots.plot_confusion(c.contenders[1], s.validation), DataError, "leave data out"),
        (lambda c, s: plots.plot_examples(s.test, per_class=0), DataError, "0 examples of each class were asked for"),
        (lambda c, s: plots.plot_examples(s.test, per_class="3"), DataError, "'3' examples of each class"),
        (
            lambda c, s: plots.plot_mistakes(c.contenders[1], count=-1),
            DataError,
            "count is -1, expected a whole number",
        ),
        (lambda c, s: plots.plot_examples(s), DataError, "dataset is of type Split"),
        (lambda c, s: plots.plot_accuracies(c, ax=3), RunError, "ax is of type int, expected Matplotlib's Axes"),
        (lambda c, s: plots.plot_confusion(c, axis=3), DataError, "did you mean 'ax'?"),
    ],
)
def test_what_cannot_be_drawn_is_refused(call, error, told, compared, split):
    with pytest.raises(error) as raised:
        call(compared, split)
    assert told in str(raised.value)
