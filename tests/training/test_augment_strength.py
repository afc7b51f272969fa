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
    assert augmentation_of("full", (20, 90, 1), "characters") == augmentation_of("full", (20, 20, 1), "characters")


def test_only_characters_have_strokes():
    assert augmentation_of("full", (20, 20, 1), "characters").stroke > 0
    assert augmentation_of("full", (20, 20, 3), "things").stroke == 0


def test_an_unknown_strength_is_refused_with_those_there_are():
    with pytest.raises(RecipeError, match="augment is 'fulll'; did you mean 'full'"):
        augmentation_of("fulll", (20, 20, 1), "characters")
    with pytest.raises(RecipeError, match=r"augment is 'shift'; known are: none, light, full, auto$"):
        augmentation_of("shift", (20, 20, 1), "characters")
