"""Callbacks: objects and functions that watch training, see weights, and stop it."""

import numpy as np
import pytest

from inklings import Callback, fit
from inklings.errors import RecipeError
from inklings.training import StopReason


def test_a_function_is_called_after_each_epoch(network, recipe, split):
    seen = []
    fit(network, recipe, split, callbacks=[lambda record: seen.append(record.epoch)])
    assert seen == [0, 1, 2, 3, 4]


def test_a_function_of_two_arguments_sees_the_parameters_of_its_epoch(network, recipe, split):
    kept = []
    fitted = fit(network, recipe, split, callbacks=[lambda record, parameters: kept.append(parameters)])
    assert len(kept) == 5
    assert all(np.array_equal(kept[-1][name], values) for name, values in fitted.parameters.items())
    changed = [name for name, values in kept[0].items() if not np.array_equal(values, kept[1][name])]
    assert any("weights" in name or "kernel" in name for name in changed), changed


def test_an_object_sees_the_parameters_too(network, recipe, split):
    class Norms(Callback):
        def __init__(self):
            self.found = []

        def on_parameters(self, record, parameters):
            self.found.append((record.epoch, sum(float((each**2).sum()) for each in parameters.values())))

    norms = Norms()
    fit(network, recipe, split, callbacks=[norms])
    assert [epoch for epoch, _ in norms.found] == [0, 1, 2, 3, 4]
    assert len({norm for _, norm in norms.found}) == 5


def test_a_function_that_returns_true_stops_training_and_is_named(network, recipe, split):
    def after_the_second(record):
        return record.epoch == 2

    fitted = fit(network, recipe, split, callbacks=[after_the_second])
    assert fitted.stop_reason is StopReason.INTERRUPTED
    assert fitted.history[-1].epoch == 2
    assert fitted.message.startswith("stopped by after_the_second after 22 of 44 steps")


def test_a_comparison_of_weights_stops_training_too(network, recipe, split):
    fitted = fit(network, recipe, split, callbacks=[lambda record, parameters: np.int64(record.epoch) >= 2])
    assert fitted.stop_reason is StopReason.INTERRUPTED
    assert fitted.history[-1].epoch == 2


def test_figures_that_a_function_returns_stop_nothing(network, recipe, split):
    fitted = fit(network, recipe, split, callbacks=[lambda record: 1 + record.epoch])
    assert fitted.stop_reason is StopReason.FINISHED


def test_print_prints_records(network, recipe, split, capsys):
    fit(network, recipe.with_settings(epochs=1), split, callbacks=[print])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert all(line.startswith("EpochRecord(") for line in lines)


class Misnamed(Callback):
    def on_epoch_ends(self, record):
        raise AssertionError


class Foreign:
    def on_epoch_end(self, record):
        raise AssertionError


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ([Misnamed()], "Misnamed has the method on_epoch_ends, which is never called.*did you mean on_epoch_end"),
        ([Callback], "holds the class Callback, expected an object.*write Callback()"),
        ([Foreign()], "an object of type Foreign, expected an inklings.Callback.*let Foreign inherit"),
        ([lambda: None], "cannot be called with an epoch's record.*take one argument"),
        ([lambda one, two, three: None], "cannot be called with an epoch's record"),
        (["progress"], "an object of type str, expected an inklings.Callback or a function"),
        (print, "expected a list.*callbacks=\\[...\\]"),
        (Callback(), "expected a list"),
    ],
)
def test_what_would_never_be_called_is_refused_before_training(wrong, told, network, recipe, split):
    with pytest.raises(RecipeError, match=told):
        fit(network, recipe, split, callbacks=wrong)
