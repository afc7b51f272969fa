"""The options that a plan is told by lead the command line back to that very plan."""

import shlex
from dataclasses import replace

import numpy as np
import pytest

from inklings import Augmentation, Recipe, Schedule, preset
from inklings.cli.options import READING
from inklings.cli.recipe_options import find_plan
from inklings.cli.train import train
from inklings.evaluation.diagnosis import Facts, diagnose
from inklings.evaluation.suggested_commands import command_line, options_of
from inklings.training import PRESETS

SHAPE, CLASSES = (20, 20, 1), 10
NOT_OF_THE_PLAN = {"network", "name", "seed", "engine", "folder", "continued", "dry_run", "quiet", *READING} | {
    *("save", "target_accuracy", "pictures")
}


def plan_of(command):
    """The plan that a command trains, as the command line itself reads it."""
    typed = train.make_context("train", shlex.split(command)[2:]).params
    plan = find_plan(typed["network"], SHAPE, CLASSES, {k: v for k, v in typed.items() if k not in NOT_OF_THE_PLAN})
    return replace(plan, recipe=replace(plan.recipe, seed=typed["seed"]))


@pytest.mark.parametrize(
    ("name", "settings", "changes"),
    [
        ("mlp", {}, {}),
        ("mlp", {"hidden_units": [400, 200], "dropout": True, "l2": 1e-4}, {"epochs": 20, "seed": 3}),
        ("mlp", {"hidden_units": 64}, {"optimiser": "adamw", "learning_rate": 0.00123, "weight_decay": 0.1}),
        ("softmax", {}, {"steps": 2000, "schedule": Schedule("cosine"), "class_weights": "balanced"}),
        ("softmax", {}, {"steps": None, "epochs": 40}),
        ("softmax", {}, {"steps": None, "seed": 3, "order_seed": 4}),
        ("naive", {}, {"optimiser": "lbfgs", "early_stopping": 5, "class_weights": (1.0, 2.5) * 5}),
        ("best", {}, {}),
        ("best", {"filters": 16}, {"epochs": 12}),
        ("cnn2", {}, {"augmentation": Augmentation(shift=1.5, rotate=10), "label_smoothing": 0.1}),
    ],
)
def test_a_plan_is_found_again_from_its_command(name, settings, changes):
    plan = preset(name, SHAPE, CLASSES, **settings)
    plan = replace(plan, recipe=plan.recipe.with_settings(**changes))
    found = plan_of(command_line("train", name, options_of(plan)))
    assert found.network == plan.network
    assert found.recipe == plan.recipe


def test_a_preset_as_it_is_needs_no_options():
    for name in PRESETS:
        assert options_of(preset(name, SHAPE, CLASSES)) == {}


def test_a_plan_of_another_name_has_none():
    assert options_of(replace(preset("mlp", SHAPE, CLASSES, dropout=True), name="mine")) == {}


def test_settings_without_effect_are_left_out_for_the_command_line_refuses_them():
    plan = preset("softmax", SHAPE, CLASSES)
    full_batch = replace(plan, recipe=Recipe("lbfgs", 0.5, batch_size=20, momentum=0.5, epochs=30, reduction="sum"))
    assert options_of(full_batch) == {"optimiser": "lbfgs", "epochs": 30}
    steps = replace(plan, recipe=plan.recipe.with_settings(steps=60, epochs=3))
    assert options_of(steps) == {"steps": 60}
    assert plan_of(command_line("train", "softmax", options_of(steps))).recipe.steps == 60


def test_names_with_spaces_are_quoted_and_flags_stand_alone():
    command = command_line("train", "my net.toml", {"data": "a b.mat", "dropout": True, "invert": False, "l2": 1e-4})
    assert command == "inklings train 'my net.toml' --data 'a b.mat' --dropout --l2 0.0001"


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        *((name, {}) for name in PRESETS if name != "best"),
        ("best", {"epochs": 40}),  # as many as the histories have: advice is to double them
        ("softmax", {"steps": None, "epochs": 40}),
        ("cnn2", {"steps": 2000}),
        ("softmax", {"optimiser": "lbfgs", "steps": 40}),
    ],
)
def test_every_advised_training_is_one_that_the_command_line_takes(name, changes, build_history):
    epochs = np.arange(41)
    sound, low = 2.3 * np.exp(-epochs / 3) + 0.02, 2.3 * np.exp(-epochs / 3) + 0.3
    histories = [
        build_history(sound, low + 0.01 * epochs),
        build_history(sound, low, read=1.0, validation_read=0.8),
        build_history(low, read=0.6, validation_read=0.6),
        build_history(2.3 - 0.01 * epochs),
        build_history(2.3 + 0.01 * np.sin(epochs), read=0.1),
        build_history(2.3 * np.exp(-epochs / 10)),
        build_history([2.3, float("nan")]),
    ]
    curve = ((500, 0.8), (1000, 0.9), (2000, 0.95))
    plan = preset(name, SHAPE, CLASSES).with_recipe(**changes)
    facts = Facts.of_plan(plan, data="digits28", learning_curve=curve, class_accuracies={"0": 0.9, "1": 0.0, "2": 0.9})
    advised = {each.command for history in histories for each in diagnose(history, facts)}
    trainings = [command for command in advised if command.startswith("inklings train")]
    assert len(trainings) >= 3
    for command in trainings:
        assert "--data digits28" in command
        assert plan_of(command) != plan
