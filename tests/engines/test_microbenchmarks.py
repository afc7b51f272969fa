import time

import pytest

from inklings.engines.microbenchmarks import best_seconds, product_rate


def test_the_best_of_several_runs_is_given_and_the_warm_up_is_not_counted():
    pauses = iter([0.0, 0.03, 0.01, 0.03] + [0.03] * 100)
    assert best_seconds(lambda: time.sleep(next(pauses)), within=0.1) == pytest.approx(0.01, abs=0.009)


@pytest.mark.parametrize(("library", "dtype"), [("numpy", "float32"), ("jax", "float32"), ("jax", "float64")])
def test_a_product_s_rate_is_one_that_a_processor_can_have(library, dtype):
    assert 1e8 < product_rate(library, dtype, within=0.02) < 1e14
