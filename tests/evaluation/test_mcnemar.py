"""McNemar's exact test against a textbook's table."""

from math import comb

import numpy as np
import pytest

from inklings.errors import RunError
from inklings.evaluation.mcnemar import mcnemar


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
