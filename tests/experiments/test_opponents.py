"""Opponents beside networks: the same images, splits and tests."""

import csv

import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier

import inklings
from inklings.errors import NetworkError
from inklings.experiments import RunStore, compare, compare_repeatedly
from inklings.experiments.to_model import opponent_to_model
from inklings.report import write_report

pytestmark = pytest.mark.usefixtures("undrawn")


@pytest.fixture(scope="module")
def digits():
    return inklings.open_dataset("digits").take(np.arange(1000))


@pytest.fixture(scope="module")
def comparison(digits):
    mine = inklings.Opponent("three neighbours", KNeighborsClassifier(3))
    return compare(["softmax", mine, "hog-svm"], digits.split(seed=0), quick=True)


def test_opponents_stand_after_the_networks_with_the_same_columns(comparison):
    assert [result.title for result in comparison.results] == ["softmax", "three neighbours", "hog-svm"]
    assert [contender.title for contender in comparison.contenders] == ["softmax", "three neighbours", "hog-svm"]
    assert [result.is_network for result in comparison.results] == [True, False, False]


def test_the_result_is_scikit_learns_score_on_the_same_test_images(comparison):
    split = comparison.split
    train, test = (part.images.reshape(len(part), -1) for part in (split.train, split.test))
    expected = KNeighborsClassifier(3).fit(train, split.train.labels).score(test, split.test.labels)
    (neighbours,) = (result for result in comparison.results if result.title == "three neighbours")
    assert neighbours.test == pytest.approx(expected)
    assert neighbours.interval.low < expected < neighbours.interval.high


def test_everything_left_out_are_the_presets_and_the_two_strongest_opponents(digits):
    from inklings.experiments.contender_plans import plan_all

    plans, opponents = plan_all(None, digits)
    assert {plan.name for plan in plans} == {"naive", "softmax", "mlp", "cnn1", "cnn2", "best"}
    assert [opponent.name for opponent in opponents] == ["hog-svm", "patches"]


def test_names_that_are_taken_are_refused(digits):
    with pytest.raises(NetworkError, match="two contenders have the names softmax and Softmax"):
        compare(["softmax", inklings.Opponent("Softmax", KNeighborsClassifier())], digits)


def test_the_page_shows_opponents_in_every_table_but_the_curves(comparison, tmp_path):
    page = write_report(comparison, tmp_path).read_text()
    assert "1 network and 2 opponents" in page
    assert "No network beats hog-svm (" in page
    classes = (tmp_path / "tables" / "classes-hog-svm.csv").read_text()
    assert classes.startswith("class,precision")
    with (tmp_path / "tables" / "cost.csv").open(newline="") as file:
        cost = {row["network"]: row for row in csv.DictReader(file)}
    assert list(cost) == ["softmax", "three neighbours", "hog-svm"]
    # 400-10: 4,010 parameters of 4 bytes; three neighbours keep all 550 training images of 1,600 bytes.
    assert cost["softmax"]["size (MB)"] == "0.02"
    assert 0.88 <= float(cost["three neighbours"]["size (MB)"]) < 1.0


def test_opponents_are_drawn_as_networks_are(digits, tmp_path):
    neighbours = inklings.Opponent("neighbours", KNeighborsClassifier(3))
    plan = inklings.preset("softmax", digits.image_shape, 10).with_recipe(steps=20)
    write_report(compare([plan, neighbours], digits.split(seed=0), engine="numpy"), tmp_path)
    names = {file.name for file in (tmp_path / "pictures").iterdir()}
    for kind in ("confusion", "calibration", "mistakes"):
        for ending in ("png", "svg"):
            assert {f"{kind}-softmax.{ending}", f"{kind}-neighbours.{ending}"} <= names


def test_opponents_are_repeated_and_tested_in_pairs(digits):
    repeated = compare_repeatedly(["softmax", "knn"], digits, repeats=3, quick=True)
    assert repeated.titles == ("softmax", "knn")
    (pair,) = repeated.pairs
    assert {pair.first, pair.second} == {"softmax", "knn"}
    assert [repeat.split.seed for repeat in repeated.repeats] == [0, 1, 2]
    assert all(test.only_second > 0 for test in repeated.mcnemar["softmax", "knn"])
    assert len(repeated.scores) == 2


def test_a_pipeline_that_cannot_be_pickled_is_compared_all_the_same(digits, tmp_path):
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    halves = make_pipeline(FunctionTransformer(lambda rows: rows / 2), KNeighborsClassifier(1))
    comparison = compare([inklings.Opponent("halves", halves)], digits.split(seed=0), quick=True)
    write_report(comparison, tmp_path)
    assert comparison.opponents[0].bytes == 0


def test_opponents_alone_can_be_compared(digits):
    repeated = compare_repeatedly(["knn", "logistic"], digits, repeats=2, quick=True)
    assert [result.title for result in repeated.results] == ["knn", "logistic"]


@pytest.fixture
def told():
    return []


def compare_in(folder, data, told, **settings):
    store = RunStore(folder)
    return compare(
        ["knn", "svm"], data, quick=True, store=store, announce=lambda each: told.append(each.name), **settings
    )


def test_a_continued_comparison_takes_opponents_from_the_store(digits, told, tmp_path):
    first = compare_in(tmp_path, digits, told, command="the command")
    files = sorted(path.name for path in tmp_path.iterdir())
    assert [name.rsplit("-", 1)[0] for name in files] == ["knn-0", "svm-0"]
    again = compare_in(tmp_path, digits, told, continued=True)
    assert told == ["knn", "svm"]  # not fitted a second time
    assert again.results == first.results
    for one, other in zip(first.opponents, again.opponents, strict=True):
        np.testing.assert_array_equal(one.probabilities, other.probabilities)
        assert (one.bytes, one.settings) == (other.bytes, other.settings)
    # What is not continued, or of another split, is fitted anew.
    compare_in(tmp_path, digits, told)
    compare_in(tmp_path, digits, told, continued=True, seed=1)
    assert told == ["knn", "svm"] * 3


def test_a_stored_opponent_is_a_model_with_the_accuracy_of_the_table(digits, told, tmp_path):
    comparison = compare_in(tmp_path, digits, told, command="the command")
    model = inklings.load(next(tmp_path.glob("svm-*")))
    test = comparison.split.test
    assert (model.predict(test) == test.labels).mean() == pytest.approx(comparison.results[1].test)
    assert model.training["command"] == "the command"
    assert model.training["split"]["options"] == {"seed": 0}
    assert model.novelty is None


def test_a_stored_opponent_that_was_altered_is_fitted_anew(digits, told, tmp_path):
    first = compare_in(tmp_path, digits, told)
    file = next(tmp_path.glob("knn-*"))
    file.write_bytes(file.read_bytes()[:-1])
    again = compare_in(tmp_path, digits, told, continued=True)
    assert told == ["knn", "svm", "knn"]
    assert [result.test for result in again.results] == [result.test for result in first.results]


def test_repeats_are_continued_too(digits, told, tmp_path):
    settings = {"repeats": 2, "quick": True, "store": RunStore(tmp_path)}
    first = compare_repeatedly(["knn"], digits, announce=lambda each: told.append(each.name), **settings)
    next(tmp_path.glob("knn-1-*")).unlink()
    again = compare_repeatedly(
        ["knn"], digits, continued=True, announce=lambda each: told.append(each.name), **settings
    )
    assert told == ["knn", "knn"]  # once for both repeats, and for the one that was missing
    assert [each.test for each in again.results] == [each.test for each in first.results]


def test_an_opponent_that_cannot_be_stored_is_compared_and_said(digits, told, tmp_path):
    (tmp_path / "runs").write_text("a file where the folder should be")
    comparison = compare_in(tmp_path / "runs", digits, told)
    assert len(comparison.results) == 2
    assert [problem.partition(":")[0] for problem in comparison.problems] == ["knn", "svm"]
    assert "cannot be written" in comparison.problems[0]


def test_one_without_a_safe_form_is_compared_and_not_stored(digits, told, tmp_path):
    mine = inklings.Opponent("bayes", GaussianNB())
    comparison = compare([mine], digits, quick=True, store=RunStore(tmp_path))
    assert comparison.problems == ()
    assert not list(tmp_path.iterdir())
    with pytest.raises(inklings.RunError, match="bayes cannot be saved: there is no safe form for a GaussianNB"):
        opponent_to_model(comparison.opponents[0])
