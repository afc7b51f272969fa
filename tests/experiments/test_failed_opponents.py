"""An opponent that cannot be fitted is noted, and the others of a comparison go on."""

import csv
import json

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

import inklings
from inklings.data.mending import Mending
from inklings.errors import RecipeError
from inklings.evaluation.until_sure import Verdict
from inklings.experiments import compare, compare_repeatedly
from inklings.experiments.learning_curves import learning_curves
from inklings.experiments.mended import compare_mended, mend_split
from inklings.report import write_report
from inklings.report.learning_figures import write_learning_curves

pytestmark = pytest.mark.usefixtures("undrawn")


class Hungry(KNeighborsClassifier):
    """Asks for more memory than any machine has."""

    def fit(self, x, y):
        np.empty((len(x), 1 << 48))
        return super().fit(x, y)


class Unlucky(KNeighborsClassifier):
    """Fails on one split alone, which is told by an image of its."""

    def __init__(self, n_neighbors=1, limit=0.0):
        super().__init__(n_neighbors)
        self.limit = limit

    def fit(self, x, y):
        if float(x.sum()) == self.limit:
            raise RuntimeError("no luck")
        return super().fit(x, y)


@pytest.fixture(scope="module")
def digits():
    return inklings.open_dataset("digits").take(np.arange(300))


def test_the_others_are_compared_and_the_one_that_failed_is_a_row_without_figures(digits, tmp_path):
    hungry = inklings.Opponent("hungry", Hungry())
    comparison = compare(["softmax", hungry, "knn"], digits.split(seed=0), quick=True, engine="numpy")
    assert [each.title for each in comparison.contenders] == ["softmax", "knn"]
    assert comparison.problems == ("hungry cannot be fitted: not enough memory; it is left out",)
    page = write_report(comparison, tmp_path).read_text()
    assert comparison.problems[0] in page
    assert "1 network and 1 opponent" in page
    rows = {row["network"]: row for row in json.loads((tmp_path / "results.json").read_text())}
    assert rows["hungry"]["test"] is None
    assert rows["hungry"]["problem"] == comparison.problems[0]
    assert rows["knn"]["test"] > 0.5
    assert "problem" not in rows["knn"]
    with (tmp_path / "tables" / "results.csv").open(newline="") as file:
        assert ["hungry", *["-"] * 6] in list(csv.reader(file))


def test_one_that_fails_in_one_repeat_is_left_out_of_all(digits):
    limit = float(digits.split(seed=1).train.images.sum())
    unlucky = inklings.Opponent("unlucky", Unlucky(limit=limit))
    repeated = compare_repeatedly(["knn", unlucky, "softmax"], digits, repeats=3, quick=True, engine="numpy")
    assert repeated.titles == ("softmax", "knn")
    assert not repeated.interrupted
    assert len(repeated.pairs) == 1
    assert [result.title for result in repeated.results if result.failed] == ["unlucky"]
    assert repeated.problems == ("unlucky cannot be fitted: RuntimeError: no luck; it is left out",)


def test_one_that_fails_after_some_looks_leaves_the_question_to_the_others(digits):
    limit = float(digits.split(seed=2).train.images.sum())
    contenders = ["knn", inklings.Opponent("unlucky", Unlucky(limit=limit)), "softmax"]
    repeated = compare_repeatedly(contenders, digits, until_sure=True, at_most=4, quick=True, engine="numpy")
    assert {repeated.answers[0].first, repeated.answers[0].second} == {"softmax", "knn"}
    assert len(repeated.problems) == len(repeated.answers) == 1
    assert len(repeated.results) == 3


def test_one_that_fails_when_the_others_have_stopped_leaves_their_answers(digits):
    limit = float(digits.split(seed=3).train.images.sum())
    unlucky = inklings.Opponent("unlucky", Unlucky(n_neighbors=40, limit=limit))
    contenders = [inklings.Opponent("blind", DummyClassifier()), "knn", unlucky]
    repeated = compare_repeatedly(contenders, digits, until_sure=True, at_most=6, quick=True, engine="numpy")
    assert [len(repeat.contenders) for repeat in repeated.repeats] == [2, 2, 2, 1]
    assert [(each.first, each.second, each.verdict) for each in repeated.answers] == [("knn", "blind", Verdict.BETTER)]
    assert repeated.problems == ("unlucky cannot be fitted: RuntimeError: no luck; it is left out",)


def test_if_the_last_two_fail_in_the_same_repeat_what_was_known_before_is_kept(digits):
    limit = float(digits.split(seed=3).train.images.sum())
    alike = [inklings.Opponent(name, Unlucky(n_neighbors=near, limit=limit)) for name, near in (("one", 1), ("two", 3))]
    contenders = [*alike, inklings.Opponent("blind", DummyClassifier())]
    repeated = compare_repeatedly(contenders, digits, until_sure=True, at_most=40, quick=True)
    assert len(repeated.repeats) == 3
    verdicts = {frozenset((each.first, each.second)): each.verdict for each in repeated.answers}
    assert verdicts[frozenset(("one", "two"))] is Verdict.OPEN
    assert verdicts[frozenset(("one", "blind"))] is verdicts[frozenset(("two", "blind"))] is Verdict.BETTER
    assert repeated.problems == tuple(
        f"{name} cannot be fitted: RuntimeError: no luck; this is of the repeats before" for name in ("one", "two")
    )


def test_what_mending_changes_is_told_of_those_that_were_fitted_on_both_sides(digits):
    mending = Mending(removed=tuple(digits.split(seed=0).train_rows[:40].tolist()))
    limit = float(mend_split(digits.split(seed=0), mending).train.images.sum())
    contenders = [inklings.Opponent("unlucky", Unlucky(limit=limit)), "knn", "extra-trees"]
    compared = compare_mended(contenders, digits, mending, quick=True, engine="numpy")
    assert [change.title for change in compared.changes] == ["knn", "extra-trees"]
    alone = compare_mended("knn", digits, mending, quick=True, engine="numpy").changes[0]
    assert (compared.changes[0].before, compared.changes[0].after) == (alone.before, alone.after)
    assert [side.problems for side in compared.sides.values()] == [
        (),
        ("unlucky cannot be fitted: RuntimeError: no luck; it is left out",),
    ]


def test_if_nothing_is_left_to_compare_the_first_failure_is_told(digits):
    with pytest.raises(RecipeError, match="hungry cannot be fitted: not enough memory"):
        compare([inklings.Opponent("hungry", Hungry())], digits.split(seed=0))
    with pytest.raises(RecipeError, match="hungry cannot be fitted: not enough memory"):
        compare_repeatedly([inklings.Opponent("hungry", Hungry())], digits, repeats=2)


def test_a_learning_curve_has_a_gap_where_a_part_is_of_one_class(tmp_path):
    digits = inklings.open_dataset("digits").take(np.arange(600))
    two = digits.take(np.flatnonzero(digits.labels < 2))
    mine = inklings.Opponent("mine", LogisticRegression())
    curves = learning_curves([mine, "knn"], two, shares=(0.01, 0.5, 1.0))
    assert np.isnan(curves.accuracies[0, 0]).tolist() == [True, False, False]
    assert np.isfinite(curves.accuracies[0, 1, 1:]).all()
    assert curves.problems[0].startswith("mine cannot be fitted: This solver needs samples of at least 2 classes")
    assert curves.problems[0].endswith("(with 1 images)")
    assert all(crossing.smallest > 1 for crossing in curves.crossings)
    files = write_learning_curves(curves, tmp_path)
    assert "nan" not in files[-1].read_text()
