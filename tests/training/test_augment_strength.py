import numpy as np
import pytest

from inklings import Augmentation, RecipeError
from inklings.training.augment_strength import AUTOMATIC, STRENGTHS, augmentation_of

KINDS = ("characters", "things", "unknown")


@pytest.mark.parametrize("kind", KINDS)
def test_each_strength_changes_more_than_the_one_before(kind):
    none, light, full = (augmentation_of(strength, (20, 20, 1), kind) for strength in STRENGTHS)
    assert none == Augmentation()
    assert set(light.to_dict()) <= set(full.to_dict())
    assert all(full.to_dict()[name] >= value for name, value in light.to_dict().items())
    assert full != light


@pytest.mark.parametrize("kind", KINDS)
def test_automatic_is_one_of_the_others(kind):
    assert augmentation_of("auto", (28, 28, 1), kind) == augmentation_of(AUTOMATIC[kind], (28, 28, 1), kind)


def test_the_shorter_side_counts():
    wide, square = (augmentation_of("full", (20, width, 1), "characters") for width in (90, 20))
    assert (wide.shift, wide.elastic, wide.scale) == (square.shift, square.elastic, square.scale)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(1, 50), (5, 200), (60, 1), (28, 200)])
def test_long_images_are_not_turned_out_of_themselves(kind, shape):
    augmentation = augmentation_of("full", (*shape, 1), kind)
    # Erasing takes parts away because it is to.
    settings = {name: value for name, value in augmentation.to_dict().items() if name != "erase"}
    white = np.ones((100, *shape, 1), np.float32)
    kept = Augmentation(**settings).apply(white, np.random.default_rng(0)).mean()
    # Of 20 x 20 pixels 89 % are kept; with the angles of these, 34 % were of 5 x 200, and 29 % of 1 x 50.
    assert kept > 0.85, kept


def test_only_characters_have_strokes():
    assert augmentation_of("full", (20, 20, 1), "characters").stroke > 0
    assert augmentation_of("full", (20, 20, 3), "things").stroke == 0


def test_an_unknown_strength_is_refused_with_those_there_are():
    with pytest.raises(RecipeError, match="augment is 'fulll'; did you mean 'full'"):
        augmentation_of("fulll", (20, 20, 1), "characters")
    with pytest.raises(RecipeError, match=r"augment is 'shift'; known are: none, light, full, auto$"):
        augmentation_of("shift", (20, 20, 1), "characters")
