import numpy as np
import pytest
from scipy import stats

from inklings import RecipeError, open_dataset
from inklings.experiments import compare_repeatedly
from inklings.training import Callback


@pytest.fixture(scope="module")
def digits():
    split = open_dataset("digits").split(test=0.2, validation=0.6)
    return split.train


@pytest.fixture(scope="module")
def repeated(digits):
    return compare_repeatedly(["softmax", "naive"], digits, repeats=3, quick=True, engine="numpy")


def test_every_repeat_has_a_split_of_its_own_and_all_networks_share_it(repeated):
    prints = {repeat.split.fingerprint for repeat in repeated.repeats}
    assert len(prints) == 3
    assert [[each.plan.recipe.seed for each in repeat.contenders] for repeat in repeated.repeats] == [
        [0, 0],
        [1, 1],
        [2, 2],
    ]


def test_a_row_is_the_mean_of_the_repeats(repeated):
    row = next(result for result in repeated.results if result.title == "softmax")
    assert row.test == pytest.approx(np.mean([result.test for result in repeated.results_of("softmax")]))
    assert row.interval.low <= row.test <= row.interval.high
    assert [result.title for result in repeated.results] == ["softmax", "naive (random weights)", "naive"]


def test_the_pairs_test_is_the_corrected_t_test_of_their_differences(repeated):
    (pair,) = repeated.pairs
    one, other = ([result.test for result in repeated.results_of(title)] for title in (pair.first, pair.second))
    differences = np.subtract(one, other)
    split = repeated.repeats[0].split
    error = np.sqrt((1 / 3 + len(split.test) / len(split.train)) * differences.var(ddof=1))
    assert pair.test.p_value == pytest.approx(2 * stats.t.sf(abs(differences.mean()) / error, 2))
    assert pair.sentence


def test_mcnemars_test_counts_the_images_that_one_network_alone_reads(repeated):
    one, other = repeated.repeats[0].contenders
    test = repeated.mcnemar["softmax", "naive"]
    assert test.only_first == int((one.read_right & ~other.read_right).sum())
    assert test.only_second == int((other.read_right & ~one.read_right).sum())


def test_one_repeat_is_no_repeat(digits):
    with pytest.raises(RecipeError, match="repeats is 1, expected at least 2"):
        compare_repeatedly(["softmax"], digits, repeats=1)


def test_an_interruption_before_two_whole_repeats_leaves_nothing_to_compare(digits):
    class Stop(Callback):
        def should_stop(self):
            return True

    with pytest.raises(KeyboardInterrupt, match="interrupted after 0 whole repeats"):
        compare_repeatedly(["softmax"], digits, repeats=3, quick=True, watch=lambda plan: [Stop()])
