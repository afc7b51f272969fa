"""McNemar's exact test against a textbook's table."""

from itertools import product
from math import comb

import numpy as np
import pytest

from inklings.errors import RunError
from inklings.evaluation.mcnemar import mcnemar, pooled_mcnemar


def test_mcnemar_gives_armitage_and_berrys_tuberculosis_media():
    # Armitage and Berry (1994), page 127: 20 grow on both media, 12 on A alone, 2 on B alone, 16 on neither.
    on_a = np.repeat([True, True, False, False], [20, 12, 2, 16])
    on_b = np.repeat([True, False, True, False], [20, 12, 2, 16])
    test = mcnemar(on_a, on_b)
    assert (test.only_first, test.only_second) == (12, 2)
    assert test.p_value == pytest.approx(0.0129, abs=5e-5)
    assert test.p_value == pytest.approx(2 * sum(comb(14, k) for k in range(3)) / 2**14)


def test_mcnemar_says_what_it_counted():
    first, second = np.repeat([True, False], [12, 2]), np.repeat([False, True], [12, 2])
    assert mcnemar(first, second).sentence("cnn2", "mlp") == (
        "of 14 images that only one of them classifies correctly, cnn2 is correct on 12 and mlp on 2: "
        "a significant difference (p = 0.013)"
    )
    assert "not a significant difference (p = 1.000)" in mcnemar([True, False], [False, True]).sentence("cnn2", "mlp")


def test_networks_that_answer_alike_cannot_differ():
    assert mcnemar([True, False, True], [True, False, True]).p_value == 1


def test_mcnemar_refuses_different_images():
    with pytest.raises(RunError, match="predictions for 2 images and for 3"):
        mcnemar([True, False], [True, False, True])


def test_splits_without_a_common_image_are_pooled_as_one_table():
    first, second = np.repeat([True, False], [12, 2]), np.repeat([False, True], [12, 2])
    pooled = pooled_mcnemar([first[:6], first[6:]], [second[:6], second[6:]], [range(6), range(6, 14)])
    together = mcnemar(first, second)
    assert (pooled.only_first, pooled.only_second) == (together.only_first, together.only_second) == (12, 2)
    assert pooled.p_value == pytest.approx(together.p_value)


def test_an_image_of_several_splits_counts_as_one_coin():
    # Brute force: the net counts of six images, with all 64 combinations of signs.
    rows = [[0, 1, 2, 3], [0, 1, 4, 5], [0, 2, 4, 5]]
    first = [[True, True, True, False], [True, True, False, True], [True, True, True, True]]
    second = [[False, False, False, False], [False, False, True, True], [False, False, False, False]]
    net = np.zeros(6)
    for images, one, other in zip(rows, first, second, strict=True):
        net[images] += np.subtract(one, other, dtype=float)
    sums = np.array([np.dot(signs, net) for signs in product((-1, 1), repeat=6)])
    pooled = pooled_mcnemar(first, second, rows)
    assert pooled.p_value == pytest.approx(np.mean(np.abs(sums) >= abs(net.sum())))
    assert (pooled.only_first, pooled.only_second) == (9, 1)
    assert pooled.p_value > mcnemar(np.repeat([True, False], [9, 1]), np.repeat([False, True], [9, 1])).p_value


def test_pooled_splits_of_equal_networks_are_called_different_as_rarely_as_promised():
    # Each image favours one of two networks that are equally good, the same one in each split that tests it.
    random, pooled, summed = np.random.default_rng(0), 0, 0
    for _ in range(500):
        favours = random.choice([-1, 0, 0, 0, 0, 1], 200)
        rows = [random.choice(200, 100, replace=False) for _ in range(5)]
        first, second = [favours[images] > 0 for images in rows], [favours[images] < 0 for images in rows]
        pooled += pooled_mcnemar(first, second, rows).p_value <= 0.05
        summed += mcnemar(np.concatenate(first), np.concatenate(second)).p_value <= 0.05
    assert pooled / 500 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 500)
    assert summed / 500 > 0.1, "a sum that takes all counts for independent does not keep its promise"


def test_pooled_splits_need_to_know_their_images():
    with pytest.raises(RunError, match="rows of 2 test images and predictions for 3 and 3"):
        pooled_mcnemar([[True, False, True]], [[True, True, False]], [[0, 1]])
