"""What the named networks reach on the bundled digits: a change that costs accuracy must not go unseen."""

from statistics import fmean

import pytest

from inklings.experiments import compare_repeatedly

pytestmark = pytest.mark.slow

# Means of seeds 0 to 2, measured with the native engine on two cores; other machines round otherwise.
EXPECTED = {
    "softmax": 0.906,
    "naive": 0.907,
    "mlp (plain)": 0.939,
    "mlp (dropout)": 0.964,
    "mlp (L2)": 0.942,
    "cnn1": 0.938,
    "cnn2": 0.959,
}
MARGIN = 0.015


@pytest.fixture(scope="module")
def compared():
    return compare_repeatedly(repeats=3)


@pytest.fixture(scope="module")
def means(compared):
    return {title: score.mean for title, score in compared.scores.items()}


@pytest.mark.parametrize("title", EXPECTED)
def test_a_network_reads_as_many_digits_as_it_did(means, title):
    assert means[title] == pytest.approx(EXPECTED[title], abs=MARGIN)


def test_random_weights_only_guess(compared):
    assert fmean(result.test for result in compared.results_of("naive (random weights)")) == pytest.approx(
        0.1, abs=0.05
    )


def test_dropout_reads_a_point_more_than_plain(means):
    assert means["mlp (dropout)"] - means["mlp (plain)"] >= 0.01
