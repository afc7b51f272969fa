"""Plans as command lines: the options of ``inklings train`` that reproduce a plan."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import asdict, fields

from inklings.networks import Dense, Network
from inklings.training.best import filters_of
from inklings.training.plans import Plan
from inklings.training.presets import PRESETS, preset
from inklings.training.recipe import Recipe

Value = str | int | float | bool
Options = Mapping[str, Value]


def command_line(action: str, name: str, options: Options) -> str:
    """Write a command: ``inklings train mlp --epochs 20 --dropout``; True is a flag, False is left out."""
    words = ["inklings", action, shlex.quote(name)]
    for option, value in options.items():
        if value is True:
            words.append(f"--{option}")
        elif value is not False:
            words += [f"--{option}", shlex.quote(_text(value))]
    return " ".join(words)


def options_of(plan: Plan) -> dict[str, Value]:
    """Return the options by which a plan differs from its preset, without the leading dashes.

    Parameters
    ----------
    plan : Plan
        Made from a preset; for any other there is nothing to compare with, and no options.

    Examples
    --------
    >>> options_of(preset("mlp", (20, 20, 1), 10, hidden_units=[400, 200], dropout=True))
    {'hidden-units': '400,200', 'dropout': True}
    """
    if plan.name not in PRESETS:
        return {}
    # With the same facts of the data: else epochs and augmentation that follow from them would look changed.
    usual = preset(plan.name, plan.network.input_shape, plan.network.output_count, data=plan.data)
    options: dict[str, Value] = {}
    if hidden_units(plan.network) != hidden_units(usual.network):
        options["hidden-units"] = ",".join(map(str, hidden_units(plan.network)))
    if plan.network.has_dropout and not usual.network.has_dropout:
        options["dropout"] = True
    if plan.name == "best" and filters_of(plan.network) != filters_of(usual.network):
        options["filters"] = filters_of(plan.network)
    before, now = _settings(usual.recipe), _settings(plan.recipe)
    if now["steps"] is None and before["steps"] is not None:
        before["epochs"] = None  # the number of steps replaces it
    # What has no effect, such as momentum with adam, would be noise in a command.
    used = {name: value for name, value in now.items() if plan.recipe.uses(name)}
    changed = {name: value for name, value in used.items() if value != before[name] and value is not None}
    return options | {name.replace("_", "-"): value for name, value in changed.items()}


def hidden_units(network: Network) -> tuple[int, ...]:
    """Return the number of units of each dense layer but the last."""
    return tuple(layer.units for layer in network.layers if isinstance(layer, Dense))[:-1]


def _settings(recipe: Recipe) -> dict[str, Value | None]:
    """Return a recipe's settings as command-line options."""
    settings = {field.name: getattr(recipe, field.name) for field in fields(Recipe)}
    settings["schedule"] = recipe.schedule.kind
    settings |= asdict(settings.pop("augmentation"))
    if isinstance(recipe.class_weights, tuple):
        settings["class_weights"] = ",".join(map(_text, recipe.class_weights))
    return settings


def _text(value: Value) -> str:
    # Six digits: a learning rate of 0.0003 should not be printed as 0.00029999999999999997.
    return f"{value:.6g}" if isinstance(value, float) else str(value)
