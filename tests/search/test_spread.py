import os

import numpy as np
import pytest

from inklings import RunStore, compare, open_dataset, preset
from inklings.experiments.learning_curves import learning_curves
from inklings.search.spread import Spread
from search.studies import some_digits


@pytest.fixture(autouse=True)
def one_thread(monkeypatch):
    """As the workers have."""
    monkeypatch.setitem(os.environ, "OMP_NUM_THREADS", "1")


def plans():
    small = preset("mlp", (20, 20, 1), 10, hidden_units=8)
    return [small.with_recipe(epochs=2), preset("softmax", (20, 20, 1), 10).with_recipe(steps=50)]


def test_a_comparison_on_a_cluster_has_the_same_numbers(cluster, tmp_path):
    here = compare(plans(), some_digits(), repeats=3, store=RunStore(tmp_path / "here" / "runs"))
    store = RunStore(tmp_path / "there" / "runs")
    with Spread(cluster, store) as elsewhere:
        there = compare(plans(), some_digits(), repeats=3, store=store, elsewhere=elsewhere)
    for title in here.titles:
        one, other = here.results_of(title), there.results_of(title)
        assert [(each.test, each.validation, each.train) for each in one] == [
            (each.test, each.validation, each.train) for each in other
        ]
    assert here.sentences == there.sentences
    assert len(store.runs()) == 6


def test_learning_curves_on_a_cluster_have_the_same_numbers(cluster, tmp_path):
    settings = {"repeats": 2, "shares": (0.3, 1.0)}
    here = learning_curves(plans(), some_digits(), **settings)
    with Spread(cluster, RunStore(tmp_path / "runs")) as elsewhere:
        there = learning_curves(plans(), some_digits(), elsewhere=elsewhere, **settings)
    assert there.titles == here.titles
    np.testing.assert_array_equal(there.accuracies, here.accuracies)


def test_a_second_comparison_on_the_same_cluster_has_its_own_images(cluster, tmp_path):
    first, second = some_digits(), open_dataset("digits").take(np.arange(5, 5000, 10))
    here = compare(plans()[1:], second, repeats=2)
    store = RunStore(tmp_path / "runs")
    with Spread(cluster, store) as elsewhere:
        compare(plans()[1:], first, repeats=2, store=store, elsewhere=elsewhere)
        there = compare(plans()[1:], second, repeats=2, store=store, elsewhere=elsewhere)
    assert [each.test for each in there.results_of("softmax")] == [each.test for each in here.results_of("softmax")]
