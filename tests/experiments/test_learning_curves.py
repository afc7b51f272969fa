import csv

import numpy as np
import pytest

from inklings import open_dataset
from inklings.experiments import learning_curve, learning_curves
from inklings.report.learning_figures import draw_learning_curves, write_learning_curves
from inklings.training import Callback, named_plan


@pytest.fixture(scope="module")
def digits():
    return open_dataset("digits").take(np.arange(0, 5000, 10))


@pytest.fixture(scope="module")
def softmax(digits):
    return named_plan("softmax", digits.image_shape, 10).with_recipe(steps=20)


@pytest.fixture(scope="module")
def curves(digits, softmax):
    return learning_curves([softmax, "logistic"], digits, repeats=2, shares=(0.3, 1.0), engine="numpy")


def test_networks_and_opponents_learn_from_the_same_parts(curves):
    assert curves.titles == ("softmax", "logistic")
    assert curves.accuracies.shape == (2, 2, 2)
    assert curves.images == (82, 275)
    assert (curves.accuracies.mean(axis=0)[:, 1] > curves.accuracies.mean(axis=0)[:, 0]).all()
    assert not curves.interrupted


def test_they_are_drawn_as_means_with_bands_and_written_as_a_table(curves, tmp_path):
    (panel,) = draw_learning_curves(curves).axes
    bold = [line for line in panel.lines if line.get_label() in curves.titles]
    np.testing.assert_allclose(bold[0].get_ydata(), 100 * curves.accuracies.mean(axis=0)[0])
    assert len(panel.collections) == 2
    names = {file.name for file in write_learning_curves(curves, tmp_path)}
    assert names == {"learning-curves.png", "learning-curves.svg", "learning-curves.csv"}
    with (tmp_path / "learning-curves.csv").open() as file:
        assert len(list(csv.DictReader(file))) == 8


class StopAfter(Callback):
    """Asks to stop once so many trainings are over."""

    def __init__(self, trainings):
        self.left = trainings

    def on_end(self):
        self.left -= 1

    def should_stop(self):
        return self.left <= 0


def test_an_interruption_ends_the_whole_curve_and_keeps_the_points_before_it(digits, softmax):
    stop, begun = StopAfter(2), []
    watch = lambda plan: begun.append(plan) or [stop]  # noqa: E731
    curve = learning_curve(softmax, digits.split(seed=0), engine="numpy", watch=watch)
    assert curve.interrupted
    assert len(curve.points) == 2
    assert len(begun) == 3


def test_an_interruption_keeps_whole_repeats(digits, softmax):
    stop = StopAfter(3)
    found = learning_curves([softmax], digits, repeats=3, shares=(0.5, 1.0), engine="numpy", watch=lambda plan: [stop])
    assert found.interrupted
    assert found.seeds == (0,)
