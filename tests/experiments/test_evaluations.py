import pickle
import warnings

import numpy as np
import pytest

import inklings
from inklings.errors import DataError, DataWarning


@pytest.fixture(scope="module")
def split():
    return inklings.open_dataset("digits").take(range(0, 5000, 10)).split(seed=3)


@pytest.fixture(scope="module")
def fitted(split):
    plan = inklings.preset("softmax", (20, 20, 1), 10)
    return inklings.fit(plan.network, plan.recipe.with_settings(steps=100), split)


@pytest.fixture(scope="module")
def model(fitted):
    return fitted.to_model()


@pytest.fixture(scope="module")
def knowing(fitted, split):
    """A model that knows which data it was trained on, as one that is saved does."""
    facts = {
        "data": {"fingerprint": split.dataset.fingerprint},
        "split": {"seed": split.seed, "fingerprint": split.fingerprint},
    }
    return inklings.Model.from_parameters(fitted.network, fitted.parameters, split, training=facts)


def test_a_part_of_a_split_its_arrays_and_a_file_of_them_give_the_same(model, split, tmp_path):
    test = split.test
    named = [f"{label}" for label in test.labels]
    np.savez(tmp_path / "test.npz", x=test.images[..., 0], y=test.labels)
    expected = float((model.predict(test) == test.labels).mean())
    assert model.evaluate(test).accuracy == expected
    assert model.evaluate(test.images, test.labels).accuracy == expected
    assert inklings.evaluate(model, test.images, named).accuracy == expected
    assert model.evaluate(tmp_path / "test.npz", images="x", labels="y").accuracy == expected


class _OldNames(list):
    """Names of classes from a library that will change."""

    def __iter__(self):
        warnings.warn("names will come in another order", FutureWarning, stacklevel=2)
        return super().__iter__()


def test_what_others_warn_of_while_a_path_is_measured_comes_through(model, split, tmp_path):
    np.savez(tmp_path / "test.npz", x=split.test.images[..., 0], y=split.test.labels)
    names = _OldNames(split.test.class_names)
    with pytest.warns(FutureWarning, match="names will come in another order"):
        model.evaluate(tmp_path / "test.npz", images="x", labels="y", class_names=names)
    with warnings.catch_warnings():
        warnings.simplefilter("error", FutureWarning)
        with pytest.raises(FutureWarning, match="names will come in another order"):
            model.evaluate(tmp_path / "test.npz", images="x", labels="y", class_names=names)


def test_of_the_data_that_it_was_trained_on_only_the_test_images_count(knowing, split):
    with pytest.warns(DataWarning, match="only the 125 test images") as warned:
        report = knowing.evaluate(split.dataset)
    assert warned[0].filename == __file__
    assert report.images == 125
    assert "only the 125 test images" in report.notes[0]
    assert knowing.evaluate(split.dataset, everything=True).images == 500


def test_a_model_of_a_fit_knows_what_it_learnt_from_after_it_is_saved_too(model, split, tmp_path):
    model.save(tmp_path / "m.inkling")
    for each in (model, inklings.load(tmp_path / "m.inkling")):
        with pytest.warns(DataWarning, match="only the 125 test images"):
            assert each.evaluate(split.dataset).images == 125
        with pytest.warns(DataWarning, match="the model learnt from these images"):
            assert each.evaluate(split.train).images == len(split.train)
        with pytest.warns(DataWarning, match="some that it learnt from may be among these"):
            each.evaluate(inklings.open_dataset("digits").take(range(100)))
        # Warnings are errors here: of the other parts there is nothing to say.
        assert each.evaluate(split.validation).images == len(split.validation)
        assert each.evaluate(split.train, everything=True).notes == ()


def test_a_fit_that_forgot_its_split_knows_it_by_the_one_it_is_given(fitted, split):
    forgetful = pickle.loads(pickle.dumps(fitted))
    with pytest.warns(DataWarning, match="only the 125 test images"):
        forgetful.to_model(split).evaluate(split.dataset)


def test_a_report_of_no_images_is_printed_too():
    report = inklings.experiments.EvaluationReport(("a", "b"), np.zeros((0, 2)), np.zeros(0, np.int64), None)
    assert repr(report) == "<EvaluationReport: no images>"
    assert np.isnan(report.accuracy)
    assert report.interval == (0, 1)


def test_a_model_of_unknown_training_says_so(fitted, split):
    unknown = inklings.Model.from_parameters(fitted.network, fitted.parameters, split)
    with pytest.warns(DataWarning, match="does not say which images it learnt from"):
        unknown.evaluate(split.test)


def test_a_report_is_printed_in_a_line(model, split):
    assert f"{model.evaluate(split.test)!r}".startswith("<EvaluationReport: ")
    assert "of 125 images (95 % interval" in repr(model.evaluate(split.test))


def test_a_class_that_the_data_lack_is_warned_of(model, split):
    some = split.test.labels < 9
    with pytest.warns(DataWarning, match="no images of '9'"):
        model.evaluate(split.test.images[some], split.test.labels[some])


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda model, split: model.evaluate(split), "found a Split, expected one part of it"),
        (lambda model, split: model.evaluate(split.test.images), "no labels, expected one for each"),
        (lambda model, split: model.evaluate(split.test.images, split.test.labels[:3]), "3 labels for 125 images"),
        (lambda model, split: model.evaluate(split.test.images[:1], [None]), "1 of 1 labels are missing"),
        (lambda model, split: model.evaluate(split.test, split.test.labels), "labels has no effect on a data set"),
        (lambda model, split: model.evaluate(split.test, size=20), "size has no effect on a data set"),
        (lambda model, split: model.evaluate(split.test.images, split.test.labels, whole=True), "whole has no effect"),
        (lambda model, split: model.evaluate("digits", split.test.labels), "labels are an array, expected none"),
        (lambda model, split: model.evaluate(split.test.images[:2], [0, [1, 2]]), "lists of unequal lengths"),
        (lambda model, split: model.evaluate(split.test, invert=False), "invert has no effect on a data set"),
        (lambda model, split: model.evaluate(split.test.images, split.test.labels, whole=False), "whole has no effect"),
        (lambda model, split: model.evaluate("digits", nonsense=1), "no argument 'nonsense'"),
        (lambda model, split: model.evaluate(split.test.images[:1], ["ten"]), "does not know 'ten'"),
        (lambda model, split: inklings.evaluate("digits.inkling", "digits"), "expected inklings.Model"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_in_a_line(model, split, call, said):
    with pytest.raises(DataError, match=said):
        call(model, split)
