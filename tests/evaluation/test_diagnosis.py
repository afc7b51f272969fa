"""Each fault is named in a history that has it, and not in one that has not."""

import re
from dataclasses import replace

import numpy as np
import pytest

from inklings import Dense, Flatten, Network, preset
from inklings.evaluation.diagnosis import Facts, Kind, Severity, diagnose
from inklings.training.fit_result import StopReason
from inklings.training.recipe import Recipe

EPOCHS = np.arange(101)
SOUND = 2.3 * np.exp(-EPOCHS / 4) + 0.02
SLOW = 2.3 - 0.004 * EPOCHS
MLP = Facts("mlp")
CURVE = ((275, 0.80), (550, 0.86), (1100, 0.90), (2200, 0.93), (2750, 0.94))


def kinds(history, facts=MLP):
    return [diagnosis.kind for diagnosis in diagnose(history, facts)]


def only(history, facts=MLP):
    (diagnosis,) = diagnose(history, facts)
    return diagnosis


def test_without_validation_images_a_sound_training_has_not_diverged(build_history):
    def without(history):
        return [replace(row, validation_loss=np.nan, validation_accuracy=np.nan) for row in history]

    assert kinds(without(build_history(SOUND))) == []
    assert kinds(without(build_history(SLOW))) == [Kind.RATE_TOO_LOW]
    assert kinds(without(build_history(np.where(EPOCHS < 100, SOUND, np.nan)))) == [Kind.DIVERGED]


# Over-fitting


def rising(factor):
    """Validation loss falls to 0.3 within 20 epochs and ends ``factor`` times as high."""
    return 2.3 * np.exp(-EPOCHS / 4) + 0.3 * (1 + (factor - 1) * np.clip((EPOCHS - 20) / 80, 0, 1))


@pytest.mark.parametrize("noise", [0, 0.01])
def test_rising_validation_loss_is_over_fitting(build_history, noise):
    found = only(build_history(SOUND, rising(1.3), noise=noise))
    assert found.kind is Kind.OVER_FITTING
    assert found.severity is Severity.WARNING
    epoch, risen = re.search(r"lowest after epoch (\d+) of 100 .* ended (\d+)% above", found.evidence).groups()
    assert 15 <= int(epoch) <= 35
    assert 24 <= int(risen) <= 32
    assert found.command == "inklings train mlp --dropout"
    assert found.sentence.startswith("over-fitting: the validation loss was lowest")


def test_noise_alone_is_not_over_fitting(build_history):
    for noise in (0.01, 0.02, 0.04):
        assert kinds(build_history(SOUND, rising(1.0), noise=noise)) == [Kind.HEALTHY]


def test_one_bad_epoch_at_the_end_is_not_over_fitting(build_history):
    validation = rising(1.0)
    validation[-1] *= 1.4
    assert kinds(build_history(SOUND, validation)) == [Kind.HEALTHY]


def test_a_large_share_of_a_tiny_loss_is_not_over_fitting(build_history):
    tiny = 2.3 * np.exp(-EPOCHS / 4) + 0.004 * (1 + np.clip((EPOCHS - 20) / 80, 0, 1))
    assert kinds(build_history(SOUND, tiny)) == [Kind.HEALTHY]


def test_what_is_held_back_may_rise_a_little(build_history):
    plain = build_history(SOUND, rising(1.14))
    regularised = build_history(SOUND, rising(1.14), loss=5 * SOUND)
    assert kinds(plain) == [Kind.OVER_FITTING]
    assert kinds(regularised) == [Kind.HEALTHY]
    assert kinds(build_history(SOUND, rising(1.4), loss=5 * SOUND)) == [Kind.OVER_FITTING]


def test_it_is_hinted_at_where_it_begins(build_history):
    found = only(build_history(SOUND, rising(1.08)))
    assert (found.kind, found.severity) == (Kind.OVER_FITTING, Severity.HINT)


def test_a_large_gap_is_over_fitting_even_where_no_loss_rises(build_history):
    found = only(build_history(SOUND, SOUND + 0.5, read=1.0, validation_read=0.8))
    assert found.kind is Kind.OVER_FITTING
    assert "training accuracy is 100.0%, validation accuracy 80.0%, 20.0 points lower" in (found.evidence)


def test_a_rise_does_no_harm_where_the_best_epoch_is_kept(build_history):
    history = build_history(SOUND, rising(1.3), read=1.0, validation_read=0.96)
    assert kinds(history, Facts("mlp", recipe=Recipe(early_stopping=10))) == [Kind.HEALTHY]
    assert kinds(history, Facts("mlp", ending=StopReason.EARLY)) == [Kind.HEALTHY]


# Under-fitting and the learning rate


def test_training_images_that_are_not_learnt_are_under_fitting(build_history):
    flat = 2.3 * np.exp(-EPOCHS / 4) + 0.8
    found = only(build_history(flat, read=0.7, validation_read=0.65))
    assert found.kind is Kind.UNDER_FITTING
    assert "training accuracy is only 70.0% (validation 65.0%)" in found.evidence
    assert found.command == "inklings train mlp --hidden-units 1600"


def test_a_loss_that_falls_in_a_straight_line_asks_for_longer_steps(build_history):
    found = only(build_history(SLOW, rate=1e-5))
    assert (found.kind, found.severity) == (Kind.RATE_TOO_LOW, Severity.SERIOUS)
    assert found.command == "inklings train mlp --learning-rate 0.0001"
    assert "fell evenly from 2.3 to 1.9 in 100 epochs" in found.evidence


def test_the_usual_learning_rate_is_advised_where_the_optimiser_is_known(build_history):
    history = build_history(2.3 - 1e-5 * EPOCHS, rate=1e-8)
    assert only(history).command == "inklings train mlp --learning-rate 1e-07"
    assert only(history, Facts("mlp", recipe=Recipe("nesterov", 1e-8))).command.endswith("--learning-rate 0.01")
    summed = Facts("softmax", recipe=Recipe("sgd", 1e-8, reduction="sum", batch_size=50))
    assert only(history, summed).command.endswith("--learning-rate 0.002")


@pytest.mark.parametrize(
    "train",
    [
        np.r_[2.3, np.linspace(1.2, 2.0, 40)],
        np.r_[2.3, np.tile([0.6, 0.9], 20)],
        2.3 + 0.02 * np.sin(EPOCHS),
    ],
    ids=["rises again", "jumps", "never leaves the start"],
)
def test_a_loss_that_does_not_go_down_asks_for_shorter_steps(build_history, train):
    found = only(build_history(train, rate=0.5))
    assert (found.kind, found.severity) == (Kind.RATE_TOO_HIGH, Severity.SERIOUS)
    assert found.command == "inklings train mlp --learning-rate 0.05"
    assert "at a learning rate of 0.5" in found.evidence


def test_a_full_batch_optimiser_is_never_told_to_change_its_learning_rate(build_history):
    facts = Facts("naive", recipe=Recipe("lbfgs", epochs=100))
    for train in (SLOW, 2.3 + 0.02 * np.sin(EPOCHS), np.r_[2.3, np.tile([0.6, 0.9], 20)]):
        assert not {Kind.RATE_TOO_HIGH, Kind.RATE_TOO_LOW} & set(kinds(build_history(train, rate=None), facts))


def test_a_penalty_that_smothers_is_blamed_before_the_learning_rate(build_history):
    history = build_history(np.r_[2.4, np.full(30, 2.303)], read=0.1, validation_read=0.1)
    found = only(history, Facts("mlp", {"l2": 1.0}, recipe=Recipe("nesterov", 0.01, l2=1.0)))
    assert found.kind is Kind.UNDER_FITTING
    assert found.command == "inklings train mlp --l2 0.1"


# Divergence and its end


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_is_divergence_and_nothing_else(build_history, bad):
    history = build_history([2.3, 1.9, 2.8, bad], rate=3.0)
    found = only(history, Facts("mlp", class_accuracies={"0": 0.0, "1": 0.9}))
    assert (found.kind, found.severity) == (Kind.DIVERGED, Severity.SERIOUS)
    assert found.evidence == "the loss became NaN or infinite in epoch 3; the training loss was 2.8 after epoch 2"
    assert found.command == "inklings train mlp --learning-rate 0.3"


def test_divergence_is_known_by_the_ending_too(build_history):
    history = build_history([2.3, 1.9], rate=3.0)
    found = only(history, Facts("mlp", ending=StopReason.DIVERGED))
    assert found.evidence.startswith("the loss became NaN, infinite or absurd in epoch 2; ")  # it may have been finite


def test_a_loss_that_still_falls_asks_for_more_epochs(build_history):
    history = build_history(2.3 * np.exp(-EPOCHS[:21] / 5) + 0.01)
    found = only(history)
    assert (found.kind, found.severity) == (Kind.NOT_CONVERGED, Severity.HINT)
    assert found.command == "inklings train mlp --epochs 40"
    assert kinds(history, Facts("mlp", ending=StopReason.CONVERGED)) == [Kind.HEALTHY]


def test_a_recipe_of_steps_is_told_to_take_more_steps(build_history):
    history = build_history(2.3 * np.exp(-EPOCHS[:21] / 5) + 0.01)
    found = only(history, Facts("cnn2", recipe=Recipe(steps=1000)))
    assert found.command == "inklings train cnn2 --steps 2000"


def test_nothing_is_said_before_the_first_epoch_is_over(build_history):
    assert diagnose(build_history([2.3]), MLP) == ()


def test_a_single_epoch_is_not_yet_converged_rather_than_slow(build_history):
    assert kinds(build_history([2.3, 0.8])) == [Kind.NOT_CONVERGED]


# Classes and data


def test_a_class_that_is_not_read_is_named(build_history):
    accuracies = {str(digit): 0.95 for digit in range(10)} | {"8": 0.12}
    found = only(build_history(SOUND), Facts("mlp", {"data": "my digits.mat"}, class_accuracies=accuracies))
    assert found.kind is Kind.CLASS_NOT_LEARNT
    assert found.evidence == "validation accuracy of class '8' is 12.0%, of the median class 95.0%"
    assert found.command == "inklings data show 'my digits.mat'"


def test_a_rare_class_is_to_be_given_weight(build_history):
    accuracies = {"cat": 0.9, "dog": 0.92, "newt": 0.0}
    sizes = {"cat": 500, "dog": 400, "newt": 12}
    found = only(build_history(SOUND), Facts("mlp", class_accuracies=accuracies, class_sizes=sizes))
    assert found.command == "inklings train mlp --class-weights balanced"
    assert found.evidence.endswith("it has 12 training images, the median class 400")


def test_a_class_harder_than_others_is_not_called_unlearnt(build_history):
    accuracies = {"a": 0.95, "b": 0.93, "c": 0.62}
    assert kinds(build_history(SOUND), Facts("mlp", class_accuracies=accuracies)) == [Kind.HEALTHY]


def test_where_all_classes_are_read_badly_none_is_singled_out(build_history):
    accuracies = {"a": 0.30, "b": 0.25, "c": 0.35}
    flat = build_history(2.3 * np.exp(-EPOCHS / 4) + 0.8, read=0.3, validation_read=0.3)
    assert kinds(flat, Facts("mlp", class_accuracies=accuracies)) == [Kind.UNDER_FITTING]


def test_a_learning_curve_that_still_climbs_asks_for_images(build_history):
    found = only(build_history(SOUND), Facts("mlp", learning_curve=CURVE))
    assert found.kind is Kind.TOO_LITTLE_DATA
    assert found.evidence == (
        "validation accuracy went from 90.0% with 1,100 training images to 94.0% with 2,750, "
        "a gain of 3.0 points per doubling"
    )
    assert found.suggestion.startswith("more images would help most")
    assert found.command == "inklings train mlp --shift 1 --rotate 10"


def test_a_learning_curve_that_is_level_does_not(build_history):
    level = ((275, 0.80), (550, 0.90), (1100, 0.948), (2200, 0.951), (2750, 0.950))
    assert kinds(build_history(SOUND), Facts("mlp", learning_curve=level)) == [Kind.HEALTHY]


def test_the_most_important_comes_first(build_history):
    facts = Facts("mlp", learning_curve=CURVE, class_accuracies={"0": 0.9, "1": 0.95, "2": 0.0})
    found = diagnose(build_history(SOUND, rising(1.3)), facts)
    assert [each.kind for each in found] == [Kind.CLASS_NOT_LEARNT, Kind.OVER_FITTING, Kind.TOO_LITTLE_DATA]
    order = list(Severity)
    assert sorted(found, key=lambda each: order.index(each.severity)) == list(found)


# Commands


def test_a_command_repeats_the_run_with_one_thing_changed(build_history):
    options = {"data": "digits28", "hidden-units": 400, "epochs": 100, "l2": 0.0001}
    found = only(build_history(SOUND, rising(1.3)), Facts("mlp", options))
    assert found.command == "inklings train mlp --data digits28 --hidden-units 400 --epochs 100 --l2 0.0001 --dropout"


def test_dropout_is_not_advised_twice(build_history):
    history = build_history(SOUND, rising(1.5), loss=5 * SOUND, read=1.0, validation_read=0.85)
    with_dropout = Facts("mlp", {"dropout": True})
    assert only(history, with_dropout).command == "inklings train mlp --dropout --early-stopping 10"
    stopping = replace(with_dropout, options={"dropout": True, "early-stopping": 10}, ending=StopReason.EARLY)
    assert only(history, stopping).command.endswith("--shift 1 --rotate 10")


def test_networks_without_the_option_are_not_told_to_use_it(build_history):
    for name in ("softmax", "naive", "cnn2", "my-network.toml"):
        command = only(build_history(SOUND, rising(1.3)), Facts(name)).command
        assert command == f"inklings train {name} --early-stopping 10"


def test_a_network_too_small_is_told_of_a_larger_one(build_history):
    history = build_history(2.3 * np.exp(-EPOCHS / 4) + 0.8, read=0.7, validation_read=0.65)
    assert only(history, Facts("softmax", {"data": "digits28", "epochs": 9})).command == (
        "inklings train mlp --data digits28"
    )
    assert only(history, Facts("cnn1")).command == "inklings train cnn2"
    narrow = preset("best", (20, 20, 1), 10, filters=16).network
    assert only(history, Facts("best", network=narrow)).command == "inklings train best --filters 32"
    two = Network((20, 20, 1), (Flatten(), Dense(8, "relu"), Dense(4, "relu"), Dense(10, "softmax")))
    assert only(history, Facts("mlp", {"hidden-units": "8,4"}, network=two)).command == (
        "inklings train mlp --hidden-units 16,8"
    )
