import numpy as np
import pytest

from inklings import RecipeError, open_dataset, preset
from inklings.evaluation.diagnosis import Kind
from inklings.experiments import learning_curve


@pytest.fixture(scope="module")
def split():
    return open_dataset("digits").split(test=0.2, validation=0.6)


@pytest.fixture(scope="module")
def curve(split):
    plan = preset("mlp", split.dataset.image_shape, 10, hidden_units=30)
    return learning_curve(plan.with_recipe(epochs=8), split)


def test_it_learns_from_growing_parts_of_the_training_images(curve):
    assert [images for images, _ in curve.accuracies] == [100, 200, 400, 800, 1000]
    accuracies = [accuracy for _, accuracy in curve.accuracies]
    assert accuracies[-1] > accuracies[0] + 0.05


def test_each_part_takes_as_many_steps(curve):
    assert {fitted.history[-1].step for _, fitted in curve.points} == {8 * 20}


def test_too_few_images_are_told(curve):
    kinds = [diagnosis.kind for diagnosis in curve.diagnose("digits")]
    assert Kind.TOO_LITTLE_DATA in kinds


def test_validation_images_are_the_same_throughout(split):
    plan = preset("softmax", split.dataset.image_shape, 10).with_recipe(steps=20)
    first, last = (fitted for _, fitted in learning_curve(plan, split, shares=(0.5, 1.0), engine="numpy").points)
    assert first.history[0].validation_loss == last.history[0].validation_loss
    assert not np.isclose(first.history[0].train_loss, last.history[-1].train_loss)


@pytest.mark.parametrize(
    "shares", [(), (50, 100), (0, 1), (-0.1, 1), (1, 0.5), (float("nan"),), np.array([10.0, 20.0])]
)
def test_shares_that_are_no_growing_fractions_are_refused(split, shares):
    with pytest.raises(RecipeError, match=r"shares is .*, expected ascending fractions of the training images"):
        learning_curve(preset("softmax", split.dataset.image_shape, 10), split, shares=shares)
