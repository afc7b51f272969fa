"""The best network of a training, in a file."""

import logging

import numpy as np
import pytest

from inklings import DataError, DataWarning, RecipeError, RunError, fit, load, open_dataset
from inklings.callbacks import BestCheckpoint


@pytest.fixture(scope="module")
def worsening(plan):
    """A recipe whose last epochs are worse than those before: its learning rate is far too high."""
    return plan.recipe.with_settings(learning_rate=0.5, epochs=8, seed=1)


def test_the_file_holds_the_parameters_of_the_best_epoch(plan, worsening, split, tmp_path):
    kept = {}
    best = BestCheckpoint(tmp_path / "best.inkling", split)
    watching = [best, lambda record, parameters: kept.update({record.epoch: parameters})]
    fitted = fit(plan.network, worsening, split, callbacks=watching)
    assert 0 < fitted.best_epoch < fitted.history[-1].epoch
    model = load(best.path)
    assert best.epoch == model.training["epoch"] == fitted.best_epoch
    assert all(np.array_equal(model.parameters[name], values) for name, values in kept[fitted.best_epoch].items())


def test_it_may_go_by_accuracy(plan, worsening, split, tmp_path):
    best = BestCheckpoint(tmp_path / "best.inkling", split, measure="accuracy")
    fitted = fit(plan.network, worsening, split, callbacks=[best])
    most = max(record.validation_accuracy for record in fitted.history[1:])
    assert load(best.path).training["validation_accuracy"] == most


def test_the_file_treats_raw_pixels_as_training_did(plan, split, tmp_path):
    best = BestCheckpoint(tmp_path / "best.inkling", split)
    fit(plan.network, plan.recipe, split, callbacks=[best])
    assert load(best.path).predict(split.test).shape == (100,)
    assert load(best.path).interpretation is not None


def test_a_disk_that_is_full_ends_no_training(plan, split, tmp_path, caplog):
    folder = tmp_path / "gone"
    folder.mkdir()
    best = BestCheckpoint(folder / "best.inkling", split)
    folder.rmdir()
    with caplog.at_level(logging.WARNING):
        fitted = fit(plan.network, plan.recipe, split, callbacks=[best])
    assert fitted.stop_reason == "finished"
    assert best.epoch is None
    assert best.problem is not None
    assert "could not be saved" in caplog.text


def test_what_could_never_be_saved_is_refused_at_once(split, tmp_path):
    with pytest.raises(RunError, match="there is no folder"):
        BestCheckpoint(tmp_path / "nowhere" / "best.inkling", split)
    with pytest.raises(RecipeError, match="measure is 'auc', expected 'loss' or 'accuracy'"):
        BestCheckpoint(tmp_path / "best.inkling", split, measure="auc")
    with pytest.raises(DataError, match="found a str"):
        BestCheckpoint(tmp_path / "best.inkling", "digits")


def test_the_file_knows_which_images_it_learnt_from(plan, tmp_path):
    split = open_dataset("digits").take(range(0, 5000, 10)).split()
    best = BestCheckpoint(tmp_path / "best.inkling", split)
    assert repr(best) == "<BestCheckpoint best.inkling: nothing saved>"
    fit(plan.network, plan.recipe, split, callbacks=[best])
    assert repr(best) == f"<BestCheckpoint best.inkling: epoch {best.epoch}>"
    with pytest.warns(DataWarning, match="only the 125 test images of its split are used"):
        load(best.path).evaluate(split.dataset)
    with pytest.warns(DataWarning, match="the model learnt from these images"):
        load(best.path).evaluate(split.train)


def test_by_a_data_set_it_is_known_that_some_of_its_images_were_learnt_from(plan, split, tmp_path):
    best = BestCheckpoint(tmp_path / "best.inkling", split.dataset)
    fit(plan.network, plan.recipe, split, callbacks=[best])
    with pytest.warns(DataWarning, match="trained on some of these images, but it is not known which"):
        load(best.path).evaluate(split.dataset)
