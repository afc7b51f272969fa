"""From what a user typed to a plan: a preset or a file, and the recipe's settings given as options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import click

from inklings.cli.option_names import as_option, check_effect
from inklings.data import Augmentation
from inklings.engines.objective import ACTIVATION_OF_LOSS, REDUCTIONS
from inklings.errors import NetworkError, RecipeError
from inklings.training import OPTIMISERS, PRESETS, Plan, Recipe, Schedule, named_plan
from inklings.training.recipe import PENALISED
from inklings.training.schedule import SHAPES

_CHOICES = {
    "optimiser": OPTIMISERS,
    "loss": tuple(ACTIVATION_OF_LOSS),
    "reduction": REDUCTIONS,
    "penalise": PENALISED,
    "schedule": tuple(SHAPES),
}
# What each option says; the values that hold where it is not given are the preset's.
_HELP: dict[str, tuple[type, str]] = {
    "optimiser": (str, "How each step is made from the gradients."),
    "learning_rate": (float, "Of the first step."),
    "schedule": (str, "How the learning rate goes down."),
    "momentum": (float, "Of momentum and nesterov."),
    "weight_decay": (float, "Of adamw."),
    "batch_size": (int, "Images a step."),
    "epochs": (int, "Passes over the training images, or iterations of bfgs, lbfgs, cg."),
    "steps": (int, "Batches, in place of epochs."),
    "loss": (str, "What is minimised."),
    "reduction": (str, "Whether a batch's losses are averaged or added up."),
    "label_smoothing": (float, "The share of each target that is spread evenly."),
    "l1": (float, "Penalty on the sum of absolute weights."),
    "l2": (float, "Penalty on the sum of squared weights."),
    "penalise": (str, "Whose weights the penalties apply to."),
    "class_weights": (str, "'balanced', or a number for each class: 1,1,2."),
    "early_stopping": (int, "Stop after so many epochs without a lower validation loss."),
    "shift": (float, "Move training images at random, by at most so many pixels."),
    "rotate": (float, "Turn training images at random, by at most so many degrees."),
    "scale": (float, "Scale training images at random, by at most such a fraction."),
}
_CHANGES = ("shift", "rotate", "scale")


def preset_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that not every preset has."""
    units = click.option(
        "--hidden-units", metavar="N[,N...]", help="Of mlp and naive: how many; of mlp for each hidden layer."
    )
    dropout = click.option(
        "--dropout/--no-dropout", default=None, help="Of mlp: dropout of 20 % of the input, 50 % of hidden units."
    )
    return units(dropout(command))


def recipe_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add an option for every setting of a recipe."""
    for name, (kind, line) in reversed(_HELP.items()):
        choices = _CHOICES.get(name)
        command = click.option(as_option(name), type=click.Choice(choices) if choices else kind, help=line)(command)
    return command


def find_plan(network: str, shape: tuple[int, int, int], classes: int, settings: Mapping[str, Any]) -> Plan:
    """Give the plan of a preset or of a TOML or JSON file, with settings changed.

    Parameters
    ----------
    network : str
        A name or a path.
    shape, classes
        Of the data.
    settings : mapping
        The preset's own and the recipe's as they were typed; None where they were not.

    Raises
    ------
    NetworkError, RecipeError
        It cannot be made, or a setting that was typed would change nothing.
    """
    given = {name: value for name, value in settings.items() if value is not None}
    if "hidden_units" in given:
        given["hidden_units"] = _parse_units(given["hidden_units"])
    own = PRESETS[network].settings if network in PRESETS else {}
    plan = named_plan(network, shape, classes, **{name: given[name] for name in given if name in own})
    rest = {name: value for name, value in given.items() if name not in own}
    for name in ("hidden_units", "dropout"):
        if name in rest:
            raise NetworkError(f"{network} has no {as_option(name)}", "mlp has; or describe it in a file")
    recipe = _change(plan.recipe, rest)
    check_effect(given, recipe)
    return replace(plan, recipe=recipe)


def describe_recipe(recipe: Recipe) -> str:
    """Word a recipe: what matters most, and all else that is not as usual."""
    chosen = recipe.to_dict()
    length = "steps" if recipe.steps else "iterations" if recipe.is_full_batch else "epochs"
    words = [recipe.optimiser, f"{recipe.steps or recipe.epochs} {length}"]
    if not recipe.is_full_batch:
        words += [f"learning rate {recipe.learning_rate:g}", f"batch size {recipe.batch_size}"]
    words.append(recipe.loss)
    told = ("optimiser", "learning_rate", "batch_size", "epochs", "steps", "loss")
    return ", ".join(words + [f"{key.replace('_', ' ')} {value}" for key, value in chosen.items() if key not in told])


def _change(recipe: Recipe, settings: dict[str, Any]) -> Recipe:
    """Give the recipe with settings changed as they were typed."""
    changes = {name: settings.pop(name) for name in _CHANGES if name in settings}
    if changes:
        settings["augmentation"] = replace(recipe.augmentation or Augmentation(), **changes)
    if "schedule" in settings:
        settings["schedule"] = _schedule(recipe.schedule, settings["schedule"])
    if "class_weights" in settings and settings["class_weights"] != "balanced":
        settings["class_weights"] = _parse_weights(settings["class_weights"])
    if "epochs" in settings and "steps" not in settings:
        settings["steps"] = None
    return recipe.with_settings(**settings)


def _schedule(own: Schedule, kind: str) -> Schedule:
    """Change the kind; an exponential one cannot end at 0, a hundredth is where people let it end."""
    return replace(own, kind=kind, final=0.01 if kind == "exponential" and own.final == 0 else own.final)


def _parse_weights(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        expected = "'balanced' or numbers such as 1,1,2"
        raise RecipeError(
            f"is '{text}', expected {expected}", setting="class_weights", found=text, expected=expected
        ) from None


def _parse_units(text: str) -> int | list[int]:
    """Read ``800`` or ``400,200``."""
    parts = text.split(",")
    if not all(part.strip().isdecimal() for part in parts):
        expected = "a number, or one per layer such as 400,200"
        raise RecipeError(f"is '{text}', expected {expected}", setting="hidden_units", found=text, expected=expected)
    units = [int(part) for part in parts]
    return units if len(units) > 1 else units[0]
