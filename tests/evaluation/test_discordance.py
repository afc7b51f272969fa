"""What disagreement on test images says about chance."""

import numpy as np
import pytest

from inklings.errors import RunError
from inklings.evaluation.differences import paired_differences
from inklings.evaluation.discordance import TestedImages, binomial_noise


def test_the_noise_is_the_variance_of_a_difference_over_draws_of_test_images():
    random = np.random.default_rng(0)
    one = random.random(100_000) < 0.9
    other = np.where(random.random(100_000) < 0.9, one, ~one)
    drawn = random.integers(0, 100_000, (4000, 500))
    differences = one[drawn].mean(axis=1) - other[drawn].mean(axis=1)
    tested = TestedImages([np.arange(100_000)], {"one": [one], "other": [other]})
    share = tested.discordance("one", "other")
    (noise,) = binomial_noise(np.array([one.mean() - other.mean()]), 500, share)
    assert noise == pytest.approx(differences.var(), rel=0.08)


def test_networks_that_agree_on_every_image_still_leave_some_doubt():
    right = [np.array([True, False, True, True])] * 2
    tested = TestedImages([np.arange(4), np.arange(4)], {"one": right, "other": right})
    paired = paired_differences({"one": [0.75, 0.75], "other": [0.75, 0.75]}, train_size=8, test_size=4, tested=tested)
    assert (paired.noise == 1 / 16).all()
    assert paired.test().p_values[0] == pytest.approx(1)


def test_without_predictions_the_noise_is_the_least_that_the_difference_allows():
    assert binomial_noise(np.array([0.02]), 1000)[0] == pytest.approx(0.02 * 0.98 / 1000)


def test_answers_for_other_numbers_of_images_are_refused():
    with pytest.raises(RunError, match=r"mlp has answers for \[3\] test images, expected \[4\], a number per repeat"):
        TestedImages([np.arange(4)], {"mlp": [np.ones(3, bool)]})
