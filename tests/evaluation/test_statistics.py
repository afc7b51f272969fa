import pytest

from inklings.evaluation.statistics import wilson_interval


@pytest.mark.parametrize(
    ("right", "total", "low", "high"),
    [
        # R. G. Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998)
        # 857-872, table I, method 3 (Wilson's score without continuity correction).
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_intervals_are_those_of_newcombes_table(right, total, low, high):
    found = wilson_interval(right, total)
    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.999])
def test_intervals_are_scipys_for_every_count(confidence):
    from scipy.stats import binomtest

    for total in (1, 2, 37, 1250):
        for right in {0, 1, total // 3, total - 1, total}:
            expected = binomtest(right, total).proportion_ci(confidence, method="wilson")
            assert wilson_interval(right, total, confidence) == pytest.approx(expected, rel=1e-12, abs=1e-15)


def test_more_images_make_it_narrower_and_more_confidence_wider():
    few, many, sure = wilson_interval(95, 100), wilson_interval(950, 1000), wilson_interval(95, 100, 0.99)
    assert many.high - many.low < few.high - few.low < sure.high - sure.low
