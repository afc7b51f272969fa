import numpy as np
import pytest

from inklings import Dense, Flatten, Network, Plan, Recipe, RecipeError, open_dataset
from inklings.engines import native
from inklings.evaluation.until_sure import Verdict, decide_pairs
from inklings.experiments import RunStore, compare_repeatedly
from inklings.report import write_report
from inklings.training import Callback

pytestmark = pytest.mark.usefixtures("undrawn")

SETTINGS = {"quick": True, "engine": "numpy", "until_sure": True}


@pytest.fixture(scope="module")
def digits():
    return open_dataset("digits").take(np.arange(0, 5000, 5))


@pytest.fixture(scope="module")
def softmax(digits):
    """A network that learns in a moment, and one that differs from it in nothing but its name."""
    network = Network(digits.image_shape, (Flatten(), Dense(10, "softmax")))
    return [Plan(name, "", network, Recipe("nesterov", 0.01, steps=30)) for name in ("one", "twin")]


def test_a_clear_pair_is_answered_after_the_first_look(digits):
    looks = []
    compared = compare_repeatedly(["softmax", "hog-svm"], digits, on_look=looks.append, **SETTINGS)
    (answer,) = compared.answers
    assert (answer.first, answer.second, answer.verdict) == ("hog-svm", "softmax", Verdict.BETTER)
    assert len(compared.repeats) == answer.repeats == looks[-1].repeats < 10
    assert [look.repeats for look in looks] == list(range(3, answer.repeats + 1))
    assert looks[-1].sentence == f"after {answer.repeats} of at most 40 repeats, no pair is open"
    assert not compared.interrupted
    assert compared.sentences == (answer.sentence,)
    assert "on other splits and seeds too" in answer.sentence


def test_twins_are_as_accurate_within_a_wide_margin(digits, softmax):
    compared = compare_repeatedly(softmax, digits, margin=0.2, **SETTINGS)
    (answer,) = compared.answers
    assert answer.verdict is Verdict.SAME
    assert len(compared.repeats) == answer.repeats


def test_what_the_limit_cannot_tell_is_said_to_be_out_of_reach(digits, softmax):
    twins = [softmax[0], softmax[1].with_recipe(batch_size=51)]
    compared = compare_repeatedly(twins, digits, margin=0.001, at_most=4, **SETTINGS)
    (answer,) = compared.answers
    assert answer.verdict is Verdict.OUT_OF_REACH
    assert len(compared.repeats) <= 4
    assert not compared.interrupted


def test_it_goes_on_until_the_last_pair_and_names_those_that_are_open(digits, softmax):
    looks = []
    contenders = [*softmax, "hog-svm"]
    compared = compare_repeatedly(contenders, digits, margin=0.06, on_look=looks.append, **SETTINGS)
    assert all(answer.closed for answer in compared.answers)
    assert [(answer.first, answer.second) for answer in looks[0].open] != []
    assert looks[0].sentence.startswith(f"after 3 of at most 40 repeats, {len(looks[0].open)} of 3 pairs open: ")
    assert len(compared.repeats) == max(answer.repeats for answer in compared.answers)


def test_one_whose_pairs_are_all_closed_is_trained_no_more(digits, softmax, tmp_path):
    twins = [softmax[0], softmax[1].with_recipe(batch_size=51)]
    compared = compare_repeatedly([*twins, "hog-svm"], digits, **{**SETTINGS, "margin": 0.03, "at_most": 8})
    repeats = {title: len(compared.results_of(title)) for title in compared.titles}
    pairs = {(each.first, each.second): each.repeats for each in compared.answers}
    last = {title: max(count for pair, count in pairs.items() if title in pair) for title in repeats}
    assert repeats == last
    assert repeats["hog-svm"] < repeats["one"] == repeats["twin"] == len(compared.repeats)
    stopped = f"hog-svm was trained {repeats['hog-svm']} times, until all its pairs were closed"
    assert compared.notes == (stopped,)
    page = write_report(compared, tmp_path).read_text()
    assert stopped[1:] in page
    assert len(compared.pairs) == 3
    assert len(compared.flips["one", "hog-svm"].tests) == repeats["hog-svm"]
    # The others' repeats are those that they would have had beside it.
    alone = compare_repeatedly(twins, digits, repeats=repeats["one"], quick=True, engine="numpy")
    found, expected = ([each.test for each in one.results_of("one")] for one in (compared, alone))
    assert found == expected


def test_on_one_split_looking_after_each_of_forty_repeats_errs_no_more_than_once_in_twenty():
    # Without an overlap of splits evidence grows evenly, which leaves the most room for a false answer.
    random, false = np.random.default_rng(1), 0
    for _ in range(1000):
        scores = {name: random.normal(0.9, 0.008, 40) for name in ("one", "twin")}
        (answer,) = decide_pairs(scores, train_size=np.inf, test_size=1250, at_most=40)
        false += answer.verdict is Verdict.BETTER
    assert false / 1000 <= 0.05 + 3 * (0.05 * 0.95 / 1000) ** 0.5


class StopAfter(Callback):
    def __init__(self, trainings):
        self.left = trainings

    def on_end(self):
        self.left -= 1

    def should_stop(self):
        return self.left <= 0


def test_an_interruption_keeps_whole_repeats_and_continuing_trains_the_others_alone(digits, softmax, tmp_path):
    close = [softmax[0], softmax[1].with_recipe(steps=50)]
    settings = {**SETTINGS, "at_most": 12, "store": RunStore(tmp_path)}
    stop = StopAfter(9)  # in the second training of the fifth repeat
    cut = compare_repeatedly(close, digits, watch=lambda plan: [stop], **settings)
    assert cut.interrupted
    assert len(cut.repeats) == 4
    assert cut.answers[0].verdict is Verdict.OPEN
    trained = []

    def note(plan):
        trained.append((plan.name, plan.recipe.seed))
        return ()

    onward = compare_repeatedly(close, digits, continued=True, watch=note, **settings)
    assert trained[:2] == [("twin", 4), ("one", 5)]
    assert onward.results_of("one")[:4] == cut.results_of("one")
    whole = compare_repeatedly(close, digits, **{**settings, "store": None})
    assert whole.answers == onward.answers


def test_an_interruption_before_two_repeats_leaves_nothing_to_compare(digits, softmax):
    stop = StopAfter(3)
    with pytest.raises(KeyboardInterrupt, match="interrupted after 1 whole repeats, expected at least 2"):
        compare_repeatedly(softmax, digits, watch=lambda plan: [stop], **SETTINGS)


@pytest.mark.skipif(not native.is_available(), reason="needs the native engine")
def test_small_networks_train_ahead_side_by_side_and_answer_as_if_they_had_not(digits, softmax):
    settings = {**SETTINGS, "margin": 0.03, "at_most": 5}
    ahead = compare_repeatedly(softmax, digits, **{**settings, "engine": "native"})
    in_turn = compare_repeatedly(softmax, digits, **settings)
    found, expected = ([(each.verdict, each.repeats) for each in compared.answers] for compared in (ahead, in_turn))
    assert found == expected
    scores = [[result.test for result in compared.results_of("one")] for compared in (ahead, in_turn)]
    assert scores[0] == pytest.approx(scores[1], abs=0.005)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"until_sure": True, "repeats": 5}, "repeats and until_sure are both given, expected one of them"),
        ({"repeats": 5, "at_most": 9}, "at_most has no effect without until_sure"),
        ({"until_sure": True, "at_most": 2}, "at_most is 2, expected at least 3"),
        ({}, "repeats is not given, expected at least 2"),
        ({"until_sure": True}, "until_sure has nothing to compare softmax with, expected at least two"),
    ],
)
def test_what_contradicts_itself_is_refused_before_anything_is_trained(digits, settings, message):
    with pytest.raises(RecipeError, match=message):
        compare_repeatedly(["softmax"], digits, watch=lambda plan: pytest.fail("trained"), **settings)
