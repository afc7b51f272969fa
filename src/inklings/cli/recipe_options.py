"""From what a user typed to a plan: a preset or a file, and the recipe's settings given as options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import click

from inklings.cli.command import SectionOption
from inklings.cli.option_names import as_option, check_effect
from inklings.data.augment import LIMITS, Augmentation
from inklings.engines.objective import ACTIVATION_OF_LOSS, REDUCTIONS
from inklings.errors import NetworkError, RecipeError
from inklings.opponents import OPPONENTS
from inklings.training.augment_strength import AUTO, STRENGTHS, augmentation_of, describe_strength
from inklings.training.data_facts import DataFacts
from inklings.training.plans import Plan
from inklings.training.presets import DEFAULT_PRESET, PRESETS, named_plan
from inklings.training.recipe import OPTIMISERS, REGULARISED, RENAMED, Recipe
from inklings.training.schedule import SHAPES, Schedule

_CHOICES = {
    "optimiser": OPTIMISERS,
    "loss": tuple(ACTIVATION_OF_LOSS),
    "reduction": REDUCTIONS,
    "regularise": REGULARISED,
    "schedule": tuple(SHAPES),
    "augment": (*STRENGTHS, AUTO),
}
# What each option's help says. No defaults: a setting that is left out is the preset's own.
_HELP: dict[str, tuple[type, str]] = {
    "optimiser": (str, "Optimiser."),
    "learning_rate": (float, "Initial learning rate."),
    "schedule": (str, "Learning rate schedule."),
    "momentum": (float, "Momentum coefficient (momentum and nesterov only)."),
    "weight_decay": (float, "Decoupled weight decay (adamw only)."),
    "batch_size": (int, "Batch size."),
    "epochs": (int, "Number of epochs, or of iterations (bfgs, lbfgs and cg)."),
    "steps": (int, "Number of training steps, instead of epochs."),
    "loss": (str, "Loss function."),
    "reduction": (str, "Average or sum the loss over a batch."),
    "label_smoothing": (float, "Label smoothing factor."),
    "l1": (float, "Strength of L1 regularisation."),
    "l2": (float, "Strength of L2 regularisation."),
    "regularise": (str, "Layers that are regularised: all, or all but the last."),
    "class_weights": (str, "'balanced', or one weight per class, such as 1,1,2."),
    "early_stopping": (int, "Patience: stop after N epochs without a lower validation loss."),
    "order_seed": (int, "Seed of shuffling, augmentation and dropout, where it is not that of --seed."),
    "augment": (str, "Random changes to the training images, by what they show; best: auto, the others: none."),
    "shift": (float, "Random shifts of up to this many pixels."),
    "rotate": (float, "Random rotations of up to this many degrees."),
    "scale": (float, "Random scaling by up to this fraction."),
    "shear": (float, "Random slants of up to this many degrees."),
    "elastic": (float, "Smooth random distortions of about this many pixels."),
    "stroke": (float, "Strokes thicker or thinner, by up to this share of a pixel on each side."),
    "erase": (float, "Random rectangles erased, with sides up to this share of the image's."),
    "flip": (float, "Probability of mirroring left and right; not for characters."),
}
_network_option = partial(click.option, cls=SectionOption, section="Network")
_METAVARS = {str: "TEXT", int: "N", float: "NUMBER"}
OLD_NAMES = {as_option(old): as_option(new) for old, new in RENAMED.items()}
"""What options of a recipe were called in the previous version."""

_AUGMENTATIONS = tuple(LIMITS)


def preset_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that only some presets have."""
    units = _network_option(
        "--hidden-units", metavar="N[,N...]", help="Hidden units (mlp and naive only); of each layer (mlp only)."
    )
    dropout = _network_option(
        "--dropout/--no-dropout", default=None, help="Drop out 20 % of the inputs, 50 % of the hidden units (mlp only)."
    )
    filters = _network_option(
        "--filters",
        type=int,
        metavar="N",
        help="Filters of the first convolutions; of the others, in proportion (best only).",
    )
    return units(dropout(filters(command)))


def add_recipe_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add an option for every setting of a recipe."""
    # From the last, as a stack of decorators is applied.
    for name, (kind, line) in reversed(_HELP.items()):
        choices = _CHOICES.get(name)
        option = click.option(
            as_option(name),
            type=click.Choice(choices) if choices else kind,
            metavar=None if choices else _METAVARS[kind],
            help=line,
            cls=SectionOption,
            section="Augmentation" if name in ("augment", *_AUGMENTATIONS) else "Recipe",
        )
        command = option(command)
    return command


def find_plan(
    network: str,
    shape: tuple[int, int, int],
    classes: int,
    settings: Mapping[str, Any],
    data: DataFacts = DataFacts(),  # noqa: B008 - frozen
) -> Plan:
    """Return the plan of a preset or of a TOML or JSON file, with settings changed.

    Parameters
    ----------
    network : str
        A name or a path.
    shape, classes
        Of the data.
    settings : mapping
        Those of the preset and of the recipe as they were typed; None where they were not.
    data : DataFacts
        What is known of the training images.

    Raises
    ------
    NetworkError, RecipeError
        The plan cannot be made, or a setting that was typed would have no effect.
    """
    if network in OPPONENTS:
        raise NetworkError(f"{network} is not a network and has no layers", f"to train it: inklings train {network}")
    # None is an option that was not typed: then the preset's own value holds.
    given = {name: value for name, value in settings.items() if value is not None}
    if "hidden_units" in given:
        given["hidden_units"] = _parse_units(given["hidden_units"])
    # A preset's own settings change its layers; the others are the recipe's.
    own = PRESETS[network].settings if network in PRESETS else {}
    plan = named_plan(network, shape, classes, data=data, **{name: given[name] for name in given if name in own})
    rest = {name: value for name, value in given.items() if name not in own}
    for name, has_it in (("hidden_units", "mlp"), ("dropout", "mlp"), ("filters", "best")):
        if name in rest:
            hint = f"{has_it} has it; or describe the network in a file"
            raise NetworkError(f"{network} has no {as_option(name)}", hint)
    plan = _augment(plan, rest.pop("augment", AUTO if network == DEFAULT_PRESET else None), rest.get("flip"))
    recipe = _change(plan.recipe, rest)
    check_effect(given, recipe)
    return replace(plan, recipe=recipe)


def _augment(plan: Plan, strength: str | None, flip: float | None) -> Plan:
    """Return the plan with changes to the images of a strength, and what was chosen for them in words.

    ``flip`` is on top of it, and in its words: what was mirrored is not to be called "never mirrored".
    """
    if strength is None:
        return plan
    augmentation = augmentation_of(strength, plan.network.input_shape, plan.data.kind)
    return plan.with_recipe(augmentation=augmentation).with_choice(describe_strength(strength, plan.data.kind, flip))


def describe_recipe(recipe: Recipe) -> str:
    """Return a recipe in one line: what matters most, then everything else that is not a default."""
    chosen = recipe.to_dict()
    length = "steps" if recipe.steps else "iterations" if recipe.is_full_batch else "epochs"
    words = [recipe.optimiser, f"{recipe.steps or recipe.epochs} {length}"]
    if not recipe.is_full_batch:
        words += [f"learning rate {recipe.learning_rate:g}", f"batch size {recipe.batch_size}"]
    words.append(recipe.loss)
    named = ("optimiser", "learning_rate", "batch_size", "epochs", "steps", "loss")
    return ", ".join(words + [_describe(key, value) for key, value in chosen.items() if key not in named])


def _describe(key: str, value: object) -> str:
    """Return a setting in words: ``schedule cosine``, ``augmentation shift 1.5 rotate 8``."""
    if isinstance(value, Mapping):
        parts = [str(part) if name == "kind" else _describe(name, part) for name, part in value.items()]
        value = " ".join(parts)
    elif isinstance(value, list):
        value = " ".join(f"{part:g}" for part in value)
    elif isinstance(value, float):
        value = f"{value:g}"
    return f"{key.replace('_', ' ')} {value}"


def _change(recipe: Recipe, settings: dict[str, Any]) -> Recipe:
    """Return the recipe with settings changed as they were typed."""
    changes = {name: settings.pop(name) for name in _AUGMENTATIONS if name in settings}
    if changes:
        settings["augmentation"] = replace(recipe.augmentation or Augmentation(), **changes)
    if "schedule" in settings:
        settings["schedule"] = _schedule(recipe.schedule, settings["schedule"])
    if "class_weights" in settings and settings["class_weights"] != "balanced":
        settings["class_weights"] = _parse_weights(settings["class_weights"])
    return recipe.with_settings(**settings)


def _schedule(own: Schedule, kind: str) -> Schedule:
    """Change the kind of a schedule and keep where it ends."""
    # By a constant ratio no learning rate falls to 0; a hundredth of the initial one is a usual end.
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
