"""The models that are shown: what they are prepared for, and which of two states is the newer one."""

from dataclasses import replace

import numpy as np
import pytest

from inklings.data.open import open_dataset
from inklings.experiments.runs import RunStore
from inklings.lab.judged import judge
from inklings.lab.model_table import ModelTable, model_of_run
from inklings.models import Model


@pytest.fixture(scope="module")
def run(trained_once):
    """A stored run of the bundled digits."""
    return RunStore(trained_once[0] / "inklings-runs").runs()[0]


def test_what_a_network_has_learnt_meanwhile_is_not_taken_back(trained_once):
    first = Model.load(trained_once[0] / "digits.inkling")
    shown = ModelTable().add("digits", lambda: first, {}, learning=True)
    assert shown.model is first
    later = replace(first, parameters={name: 2 * values for name, values in first.parameters.items()})
    shown.replace_model(later)
    shown.replace_model(replace(first), instead_of=first)
    assert shown.model is later
    sent = shown.for_browser()
    for place in sent.header["weights"]:
        expected = later.parameters[place["name"]].ravel()
        assert np.array_equal(np.frombuffer(sent.weights, "<f4", expected.size, place["offset"]), expected)


def test_pictures_for_a_run_of_other_images_are_made_as_those_it_learnt_from(run, small_data):
    model = model_of_run(run, open_dataset(str(small_data)).split())
    assert tuple(model.preprocessing["size"]) == run.network.input_shape[:2] != (8, 8)
    assert list(model.class_names) == run.facts["data"]["class_names"]


def test_a_network_is_judged_by_the_test_images_that_it_has_not_learnt_from(trained_once, run):
    digits = open_dataset("digits")
    model = Model.load(trained_once[0] / "digits.inkling")
    own, other = digits.split(seed=0).test_rows, digits.split(seed=3).test_rows
    judged = judge(model, digits, own)
    assert (judged["left_out"], judged["note"]) == (0, "")
    assert judged["accuracy"] == run.results["test"]
    elsewhere = judge(model, digits, other)
    new = np.intersect1d(own, other)
    answers = model.predict(digits.take(new), prepared=True)
    assert elsewhere["left_out"] == len(other) - len(new) > 100
    assert elsewhere["accuracy"] == pytest.approx(np.mean(answers == digits.labels[new]))
    assert [label is None for label in elsewhere["labels"]] == (~np.isin(other, own)).tolist()
    assert np.sum(elsewhere["confusion"]) == len(new)
    unknown = judge(replace(model, training={}), digits, other)
    assert unknown["interval"] is None
    assert "does not say which images it learnt from" in unknown["note"]
    assert "has learnt from these" in judge(model, digits, digits.split(seed=0).train_rows)["note"]


def test_models_of_one_title_are_told_apart():
    table = ModelTable()
    for _ in range(3):
        table.add("25 units", lambda: None, {})
    assert [each.title for each in table] == ["25 units", "25 units (2)", "25 units (3)"]
