"""Opponents beside networks: the same images, splits and tests."""

import csv

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

import inklings
from inklings.errors import NetworkError
from inklings.experiments import compare, compare_repeatedly
from inklings.report import write_report


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
    from inklings.experiments.comparison import plan_all

    plans, opponents = plan_all(None, digits)
    assert {plan.name for plan in plans} == {"naive", "softmax", "mlp", "cnn1", "cnn2"}
    assert [opponent.name for opponent in opponents] == ["hog-svm", "patches"]


def test_names_that_are_taken_are_refused(digits):
    with pytest.raises(NetworkError, match="two networks have the names softmax and Softmax"):
        compare(["softmax", inklings.Opponent("Softmax", KNeighborsClassifier())], digits)


def test_the_page_shows_opponents_in_every_table_but_the_curves(comparison, tmp_path):
    page = write_report(comparison, tmp_path).read_text()
    assert "1 network and 2 opponents" in page
    assert "hog-svm is no network: no network compared here is more accurate." in page
    classes = (tmp_path / "tables" / "classes-hog-svm.csv").read_text()
    assert classes.startswith("class,precision")
    with (tmp_path / "tables" / "cost.csv").open(newline="") as file:
        cost = {row["network"]: row for row in csv.DictReader(file)}
    assert list(cost) == ["softmax", "three neighbours", "hog-svm"]
    # 400-10: 4,010 parameters of 4 bytes; three neighbours keep all 550 training images of 1,600 bytes.
    assert cost["softmax"]["size (MB)"] == "0.02"
    assert 0.88 <= float(cost["three neighbours"]["size (MB)"]) < 1.0


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
