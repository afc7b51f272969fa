from dataclasses import replace

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier

from inklings import Dense, Flatten, Network, Opponent, Plan, Recipe, RecipeError, open_dataset
from inklings.experiments import RunStore, compare_repeatedly
from inklings.experiments.sources import parse_sources


@pytest.fixture(scope="module")
def digits():
    return open_dataset("digits").split(test=0.2, validation=0.6).train


def train(digits, vary, **settings):
    settings = {"repeats": 2, "seed": 4, "quick": True, "engine": "numpy", "vary": vary, **settings}
    network = Network(digits.image_shape, (Flatten(), Dense(10, "softmax")))
    full = Plan("full", "", network, Recipe("lbfgs", epochs=3))
    forest = Opponent("forest", RandomForestClassifier(8))
    return compare_repeatedly(["softmax", full, forest], digits, **settings)


def seeds_of(compared):
    """The seeds of split, order and initial weights in each repeat."""
    plans = [repeat.trained_networks[0].plan for repeat in compared.repeats]
    return [
        (repeat.split.seed, plan.recipe.seed_of_order, plan.recipe.seed)
        for repeat, plan in zip(compared.repeats, plans, strict=True)
    ]


def forests_of(compared):
    return [repeat.opponents[0].opponent.estimator.random_state for repeat in compared.repeats]


@pytest.mark.parametrize(
    ("vary", "second", "forest"),
    [
        ("all", (5, 5, 5), 5),
        ("split", (5, 4, 4), 4),
        ("order", (4, 5, 4), 4),
        ("init", (4, 4, 5), 5),
        ("seed", (4, 5, 5), 5),
        (["split", "init"], (5, 4, 5), 5),
    ],
)
def test_what_varies_has_another_seed_in_each_repeat_and_all_else_stays(digits, vary, second, forest):
    compared = train(digits, vary)
    assert seeds_of(compared) == [(4, 4, 4), second]
    assert forests_of(compared) == [4, forest]
    assert len({repeat.split.fingerprint for repeat in compared.repeats}) == (2 if second[0] == 5 else 1)


def test_all_is_the_default_and_trains_as_a_plain_seed_does(digits):
    compared = compare_repeatedly(["softmax"], digits, repeats=2, quick=True, engine="numpy")
    assert seeds_of(compared) == [(0, 0, 0), (1, 1, 1)]
    assert all(repeat.trained_networks[0].plan.recipe.order_seed is None for repeat in compared.repeats)
    assert compared.notes == ()


def test_only_the_order_leaves_what_has_none_as_it_was_and_says_so(digits):
    compared = train(digits, "order")
    first, second = (repeat.contenders for repeat in compared.repeats)
    assert first[0].result.train != second[0].result.train
    for one, other in zip(first[1:], second[1:], strict=True):
        assert one.answers.tolist() == other.answers.tolist()
    assert compared.notes == (
        "the split and the initial weights stay the same: what is found holds on this split with the images in another "
        "order",
        "full came out the same in every repeat: nothing that varies matters to it",
        "forest came out the same in every repeat: nothing that varies matters to it",
    )


def test_on_one_split_repeats_are_independent_and_sentences_say_where_they_hold(digits):
    compared = train(digits, "seed", repeats=3)
    score = compared.scores["softmax"]
    assert (score.high - score.low) / 2 == pytest.approx(4.302653 * score.standard_deviation / 3**0.5, rel=1e-5)
    assert all("on this split with other seeds" in sentence for sentence in compared.sentences)
    assert not any("overlap" in sentence for sentence in compared.sentences)


def test_a_stored_run_is_not_taken_for_one_of_another_order_or_other_weights(digits, tmp_path):
    settings = {"store": RunStore(tmp_path), "continued": True}
    kept = train(digits, "all", **settings)
    assert len(settings["store"].runs()) == 4
    train(digits, "all", **settings)
    assert len(settings["store"].runs()) == 4
    ordered = train(digits, "order", **settings)  # full, which has no order, is not trained again
    assert [run.facts["name"] for run in settings["store"].runs()[:1]] == ["softmax"]
    assert len(settings["store"].runs()) == 5
    assert ordered.repeats[0].results[0] == kept.repeats[0].results[0]
    assert ordered.repeats[1].results[0].train != kept.repeats[1].results[0].train
    train(digits, "order", **settings)
    assert len(settings["store"].runs()) == 5


@pytest.mark.parametrize(
    ("vary", "message"),
    [
        ("ordr", "vary 'ordr' is unknown; did you mean 'order'?"),
        ("split,", "vary names nothing; known are: split, order, init, seed, all"),
        ([], "vary names nothing; known are"),
        (["dropout"], "vary 'dropout' is unknown; known are"),
    ],
)
def test_an_unknown_source_is_refused_before_anything_is_trained(digits, vary, message):
    with pytest.raises(RecipeError) as refused:
        train(digits, vary, watch=lambda plan: pytest.fail("trained"))
    assert str(refused.value).startswith(message)


def test_names_may_repeat_each_other():
    assert parse_sources("seed, init,order") == ("order", "init")
    assert parse_sources("all,split") == ("split", "order", "init")


def test_copies_of_one_result_are_no_evidence(digits):
    from inklings.report.tables import pair_table

    compared = compare_repeatedly(["softmax", "knn"], digits, repeats=4, quick=True, engine="numpy", vary="init")
    (pair,) = compared.pairs
    assert pair.unvaried
    assert not pair.significant
    assert not pair.equivalent
    assert "came out the same in every repeat, so repeats say nothing about them; as trained here" in pair.sentence
    assert pair.adjusted_trained == pytest.approx(compared.mcnemar["softmax", "knn"][0].p_value), "one split's evidence"
    _, (row,) = pair_table(compared)
    assert row[2:7] == ("-",) * 5
    assert [answer.verdict for answer in compared.decide(at_most=10)] == ["out of reach"]


@pytest.fixture(scope="module")
def few():
    return open_dataset("digits").take(np.arange(0, 5000, 25))


def test_where_the_source_has_its_own_test_images_they_are_said_to_stay(few):
    given = replace(few, given_test=np.arange(50))
    repeated = compare_repeatedly(["softmax", "knn"], given, repeats=3, quick=True, engine="numpy")
    assert "on the same test images with other training images and seeds" in repeated.sentences[0]
    assert "other splits" not in repeated.sentences[0]
    assert len({repeat.split.fingerprint for repeat in repeated.repeats}) == 3


def test_where_the_source_has_all_its_own_parts_no_split_varies(few):
    given = replace(few, given_test=np.arange(50), given_validation=np.arange(50, 90))
    repeated = compare_repeatedly(["softmax", "knn"], given, repeats=2, quick=True, engine="numpy")
    assert repeated.varied == ("order", "init")
    assert "on this split with other seeds" in repeated.notes[0]
    assert len({repeat.split.fingerprint for repeat in repeated.repeats}) == 1
    with pytest.raises(RecipeError, match="vary is 'split', and the source has its own parts"):
        compare_repeatedly(["softmax"], given, repeats=2, vary="split")
