import json

import numpy as np

from inklings import fit, from_arrays, preset
from inklings.training import EpochRecord, History, best_record


def row(epoch, validation_loss):
    return EpochRecord(epoch, 10 * epoch, 0.5, None, 0.3, 0.9, validation_loss, 0.8)


def test_the_best_row_has_the_lowest_validation_loss_and_is_the_first_of_equals():
    assert best_record((row(0, 2.0), row(1, 0.5), row(2, 0.4), row(3, 0.4), row(4, 0.6))).epoch == 2


def test_a_row_comes_back_from_json():
    one = row(3, 0.25)
    assert EpochRecord(**json.loads(json.dumps(one.to_dict()))) == one


def test_a_history_of_hundreds_of_epochs_is_printed_in_a_line():
    history = History(row(epoch, 0.5) for epoch in range(501))
    assert repr(history) == "<History: 500 epochs; training accuracy 90.0%, validation accuracy 80.0%>"
    assert repr(list(history)).count("EpochRecord(") == 501
    assert repr(History(history[:2])) == "<History: 1 epoch; training accuracy 90.0%, validation accuracy 80.0%>"
    assert repr(History()) == "<History: no epochs>"
    assert History().describe() == "no epochs"


def test_a_full_batch_optimiser_counts_iterations():
    plan = preset("naive", (8, 8, 1), 2)
    images = np.random.default_rng(0).integers(0, 256, (40, 8, 8), dtype=np.uint8)
    split = from_arrays(images, np.arange(40) % 2, invert=False).split(seed=0)
    fitted = fit(plan.network, plan.recipe.with_settings(epochs=2), split)
    assert fitted.history.describe().startswith("2 iterations; training accuracy ")
    assert "after 2 iterations in" in fitted.describe()
    # Before the first step too, where no optimiser has a learning rate.
    assert History(fitted.history[:1]).describe().startswith("0 iterations; ")
    assert History((row(0, 0.5),)).describe().startswith("0 epochs; ")


def test_a_notebook_shows_the_curves_of_a_history():
    assert "data:image/png;base64," in History((row(0, 1.0), row(1, 0.5)))._repr_html_()
    assert History()._repr_html_() == "<p>&lt;History: no epochs&gt;</p>"
