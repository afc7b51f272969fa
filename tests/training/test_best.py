from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from inklings import DataFacts, NetworkError, from_arrays, open_dataset, preset
from inklings.networks import BatchNorm, Conv2D, MaxPool2D
from inklings.training import fit
from inklings.training.best import EPOCHS, FILTERS, epochs_for, poolings_for


def best(shape=(20, 20, 1), classes=10, **settings):
    return preset("best", shape, classes, **settings)


def filters(plan):
    """Filters of each convolution, and a p for each pooling."""
    kinds = {Conv2D: lambda layer: layer.filters, MaxPool2D: lambda layer: "p"}
    return [kinds[type(layer)](layer) for layer in plan.network.layers if type(layer) in kinds]


def test_every_convolution_is_normalised_without_biases_of_its_own():
    layers = best().network.layers
    for before, after in pairwise(layers):
        if isinstance(before, Conv2D):
            assert before.biases is None
            assert isinstance(after, BatchNorm)


@pytest.mark.parametrize(
    ("shape", "side"),
    [((8, 8, 1), 4), ((20, 20, 1), 5), ((28, 28, 1), 7), ((32, 32, 3), 8), ((64, 64, 3), 8), ((96, 96, 1), 6)],
)
def test_larger_images_are_pooled_more_often_until_some_eight_pixels_are_left(shape, side):
    network = best(shape, 26).network
    before_global = next(row for row in network.table() if row.name.startswith("globalpool"))
    last = network.table()[network.table().index(before_global) - 1]
    assert last.output_shape[:2] == (side, side)
    assert network.output_count == 26


def test_larger_images_get_narrow_stages_in_front_and_cost_in_proportion_to_their_side_not_their_pixels():
    half = FILTERS // 2
    assert filters(best((64, 64, 1))) == [half, half, "p", *filters(best((32, 32, 1)))]
    costs = [best((side, side, 1)).network.operations for side in (32, 64, 128)]
    assert costs[1] < 2 * costs[0]
    assert costs[2] < 4 * costs[0]


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 5, 1), (1, 40, 1), (7, 30, 3), (28, 200, 1)])
def test_images_of_any_shape_are_taken(shape):
    plan = best(shape, 100)
    assert plan.network.input_shape == shape
    assert plan.network.output_count == 100


def test_few_images_are_seen_more_often_and_many_less():
    epochs = [epochs_for(images) for images in (1, 100, 300, 1000, 2750, 10_000, 60_000, 10**6)]
    assert epochs == sorted(epochs, reverse=True)
    assert epochs[0] > 2 * epochs_for(2750) > 4 * epochs_for(60_000)
    assert all(epochs_for(images) == known for images, known in EPOCHS)
    assert best(data=DataFacts(60_000)).recipe.epochs == epochs_for(60_000)


def test_the_guide_tells_the_table_s_numbers_of_epochs():
    guide = (Path(__file__).parents[2] / "docs" / "guide.md").read_text()
    assert f"({epochs_for(2750)} of 2,750 images, {epochs_for(60_000)} of 60,000)" in guide


def test_few_images_are_learnt_in_enough_steps_all_the_same():
    for images in (20, 100, 200, 500, 1000, 2750):
        recipe = best(data=DataFacts(images)).recipe
        batch = min(recipe.batch_size, images)
        assert (images // batch) * recipe.epochs >= min(1000, 11 * images), images


def test_without_facts_the_plan_is_that_of_as_many_images_as_the_digits_have():
    assert best() == best(data=DataFacts(2750))


def test_shifts_are_shares_of_the_side():
    twenty, forty = (best((side, side, 1)).recipe.augmentation for side in (20, 40))
    assert forty.shift == 2 * twenty.shift > 0
    assert forty.rotate == twenty.rotate > 0


@pytest.mark.parametrize("kind", ["characters", "things", "unknown"])
def test_nothing_is_mirrored_without_being_asked(kind):
    augmentation = best(data=DataFacts(2750, kind)).recipe.augmentation
    assert augmentation
    assert augmentation.flip == 0


def test_what_is_known_of_a_split_is_its_training_images_and_their_classes():
    digits = open_dataset("digits")
    assert DataFacts.of(digits.split(seed=3)) == DataFacts.of(digits) == DataFacts(2750, "characters")
    images = np.random.default_rng(0).random((30, 4, 4, 3))
    pets = from_arrays(images, ["cat", "dog", "hare"] * 10)
    assert DataFacts.of(pets.split(test=10, validation=None)) == DataFacts(20, "things")


def test_filters_make_all_convolutions_narrower_or_wider():
    half = FILTERS // 2
    assert filters(best(filters=half)) == [each if each == "p" else each // 2 for each in filters(best())]
    assert best(filters=half).title == f"best ({half} filters)"
    assert best(filters=np.int64(half)) == best(filters=half)
    assert best().title == "best"


@pytest.mark.parametrize("value", [7, 0, -1, 16.0, "16", True])
def test_impossible_filters_are_refused(value):
    with pytest.raises(NetworkError, match=r"filters is .*, expected a whole number of at least 8"):
        best(filters=value)


def test_no_side_is_pooled_away():
    for side in range(1, 300):
        assert side / 2 ** poolings_for(side) >= 2 or poolings_for(side) == 0


@pytest.mark.parametrize(("shape", "classes"), [((8, 8, 1), 2), ((6, 9, 3), 5)])
def test_it_learns_from_a_handful_of_images_of_any_kind(shape, classes):
    random = np.random.default_rng(0)
    patterns, labels = random.random((classes, *shape)), np.arange(30 * classes) % classes
    images = np.clip(patterns[labels] + random.normal(0, 0.1, (len(labels), *shape)), 0, 1)
    split = from_arrays(images, labels).split(test=5 * classes, validation=5 * classes)
    plan = best(shape, classes, data=DataFacts.of(split), filters=8).with_recipe(epochs=12)
    assert fit(plan.network, plan.recipe, split).history[-1].validation_accuracy > 0.9
