"""Things that look the same both ways are mirrored, hands are not."""

from dataclasses import replace

import numpy as np
import pytest

from inklings import DataFacts, from_arrays, preset
from inklings.experiments.mirroring import may_be_mirrored, try_mirroring

SIDE = 8


def ramps(count, rises):
    """Noisy images that become brighter to the right where ``rises`` is true, else to the left."""
    ramp = np.linspace(0, 1, SIDE)
    images = np.where(rises[:, None], ramp, ramp[::-1])[:, None, :].repeat(SIDE, axis=1)
    return np.clip(images + np.random.default_rng(0).normal(0, 0.1, (count, SIDE, SIDE)), 0, 1)


def plan_for(split):
    plan = preset("best", split.dataset.image_shape, 2, data=DataFacts.of(split), filters=8)
    return plan.with_recipe(epochs=40, batch_size=16)


@pytest.fixture(scope="module")
def hands():
    right = np.arange(160) % 2 == 1
    return from_arrays(ramps(160, right), np.where(right, "right hand", "left hand")).split(test=40, validation=40)


@pytest.fixture(scope="module")
def cars():
    """Light and dark cars; those to learn from drive to the right, those to validate with to the left."""
    dark = np.arange(160) % 2 == 1
    to_the_right = np.arange(160) < 80
    images = ramps(160, to_the_right)
    images[dark] = 1 - images[dark] + np.linspace(0, 1, SIDE)[:, None] * 0.3
    rows = np.arange(160)
    data = from_arrays(np.clip(images, 0, 1), np.where(dark, "dark car", "light car"))
    return replace(data.split(test=40, validation=40), train_rows=rows[:80], validation_rows=rows[80:])


def test_left_and_right_hands_are_not_mirrored(hands):
    chosen = try_mirroring(plan_for(hands), hands)
    assert chosen.recipe.augmentation.flip == 0
    assert chosen.choices[-1].startswith("not mirrored: in trials of 5 epochs the validation loss was ")


def test_cars_that_also_drive_the_other_way_are_mirrored(cars):
    plan = plan_for(cars)
    chosen = try_mirroring(plan, cars)
    assert chosen.recipe.augmentation == replace(plan.recipe.augmentation, flip=0.5)
    assert chosen.choices[-1].startswith("half of the images mirrored: in trials of ")
    assert chosen.network == plan.network
    assert chosen.recipe.epochs == 40


def test_without_validation_images_nothing_is_tried(hands):
    empty = replace(hands, validation_rows=np.arange(0))
    chosen = try_mirroring(plan_for(empty), empty)
    assert chosen.recipe.augmentation.flip == 0
    assert "no validation images" in chosen.choices[-1]


def test_only_pictures_of_things_that_are_changed_anyway_are_worth_a_trial(hands):
    plan = plan_for(hands)
    assert may_be_mirrored(plan)
    for kind in ("characters", "unknown"):
        assert not may_be_mirrored(replace(plan, data=DataFacts(100, kind)))
    assert not may_be_mirrored(plan.with_recipe(augmentation=replace(plan.recipe.augmentation, flip=0.1)))
    assert not may_be_mirrored(plan.with_recipe(augmentation=type(plan.recipe.augmentation)()))
