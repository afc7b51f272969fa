from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest

import inklings
from inklings import Dense, Flatten, Network, Recipe, RunError, fit, plot_curves
from inklings.training import EpochRecord, History
from inklings.training.bands import average_curves
from inklings.training.plot import describe_band

mpl.use("Agg")


def run(*losses, seconds=1.0):
    """A run with these validation losses, ten steps of two images an epoch."""
    return History(
        EpochRecord(epoch, 10 * epoch, seconds * epoch, None, loss / 2, 0.5, loss, 0.4, None, 20 * epoch)
        for epoch, loss in enumerate(losses)
    )


def test_a_band_is_the_mean_and_the_standard_deviation_over_runs():
    band = average_curves([run(4, 2, 1), run(2, 2, 3), run(3, 2, 2)], "validation_loss")
    np.testing.assert_allclose(band.mean, [3, 2, 2])
    np.testing.assert_allclose(band.deviation, [1, 0, 1])
    assert band.label == "mean ± standard deviation of 3 runs"


def test_a_band_ends_where_fewer_than_two_thirds_of_the_runs_are_left_and_says_where_some_are_missing():
    band = average_curves([run(3, 3, 3, 3, 3, 3), run(1, 1, 1, 1), run(2, 2)], "validation_loss")
    assert band.x.tolist() == [0, 1, 2, 3]
    assert band.runs.tolist() == [3, 3, 2, 2]
    assert band.mean.tolist() == [2, 2, 2, 2]
    assert describe_band(band) == "mean ± standard deviation of 3 runs, of fewer beyond 1, to 3"


def test_runs_whose_seconds_differ_are_interpolated_and_never_extended():
    slow, quick = run(3, 2, 1, seconds=2), run(3, 2, 1, seconds=1)
    band = average_curves([slow, quick], "validation_loss", x="seconds")
    assert band.x[-1] == 2
    middle = np.interp([1, 2], band.x, band.mean)
    np.testing.assert_allclose(middle, [(2.5 + 2) / 2, (2 + 1) / 2])


def test_one_run_has_no_band_and_what_no_run_knows_has_none():
    assert average_curves([run(1, 2)], "validation_loss") is None
    nothing = [replace(record, validation_loss=float("nan")) for record in run(1, 2)]
    assert average_curves([nothing, nothing], "validation_loss") is None


@pytest.mark.parametrize(("x", "label", "end"), [("steps", "Steps", 20), ("images", "Training images seen", 40)])
def test_curves_are_drawn_against_what_was_asked_for(x, label, end):
    axes = run(3, 2, 1).plot(x=x)
    assert axes.get_xlabel() == label
    training, validation = axes.lines
    assert training.get_xdata()[-1] == end
    assert list(validation.get_ydata()) == [3, 2, 1]
    assert validation.get_linestyle() == "--"


def test_several_runs_are_a_mean_with_a_band_and_all_of_them_behind():
    axes = plot_curves([run(4, 2, 1), run(2, 2, 3)], measure="loss")
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels == ["training", "validation", "mean ± standard deviation of 2 runs"]
    bold = [line for line in axes.lines if line.get_alpha() is None]
    faint = [line for line in axes.lines if line.get_alpha()]
    assert (len(bold), len(faint)) == (2, 4)
    assert list(bold[1].get_ydata()) == [3, 2, 2]


def test_several_networks_share_the_axes_and_accuracies_are_per_cent():
    axes = plot_curves({"one": [run(1, 1), run(2, 2)], "other": run(3, 3)}, measure="accuracy")
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert {"one, training", "one, validation", "other, training", "other, validation"} < set(labels)
    assert max(axes.lines[-1].get_ydata()) == pytest.approx(40)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"x": "epoch"}, "x is 'epoch', expected one of: epochs, steps, seconds, images"),
        ({"measure": "cost"}, "measure is 'cost', expected one of: loss, accuracy"),
    ],
)
def test_what_is_not_there_to_draw_is_refused(settings, message):
    with pytest.raises(RunError, match=message):
        run(1, 2).plot(**settings)


def test_a_history_of_an_earlier_version_is_drawn_but_not_against_images_seen():
    old = History(replace(record, images=None) for record in run(2, 1))
    assert old.plot().lines
    with pytest.raises(RunError, match="x is 'images', which this history does not know"):
        old.plot(x="images")
    with pytest.raises(RunError, match="histories has no epoch to draw, expected at least one"):
        plot_curves([])


@pytest.mark.parametrize("recipe", [Recipe("sgd", 0.1, batch_size=64, epochs=2), Recipe("bfgs", epochs=2)])
def test_a_training_counts_the_images_that_it_saw(recipe):
    split = inklings.open_dataset("digits").take(np.arange(500)).split(test=0.2, validation=0.2)
    history = fit(Network((20, 20, 1), (Flatten(), Dense(10, "softmax"))), recipe, split, engine="numpy").history
    batch = len(split.train_rows) if recipe.is_full_batch else 64
    assert [row.images for row in history] == [row.step * batch for row in history]
    assert history[-1].images > 0
    assert history.plot(x="images").lines[0].get_xdata()[-1] == history[-1].images


def test_a_band_begins_where_all_runs_have_begun():
    early = run(3, 2, 1)
    late = [replace(record, seconds=record.seconds + 0.5) for record in run(9, 2, 1)]
    band = average_curves([early, late], "validation_loss", x="seconds")
    assert band.x[0] == 0.5
    assert band.mean[0] == pytest.approx((2.5 + 9) / 2)
