"""Refusals of settings in the words of the command line: ``--batch-size`` for what the library calls ``batch_size``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields

from inklings.data import Augmentation
from inklings.errors import RecipeError
from inklings.training import Recipe
from inklings.training.recipe import USED_BY

_SETTINGS = [field.name for kind in (Recipe, Augmentation) for field in fields(kind)]
_ANY = "|".join(_SETTINGS)
# A word such as "epochs" is a setting only where something is said of it; one with an underscore is nothing else.
_ASSIGNED = re.compile(rf"\b({_ANY})='?([\w.+-]+)'?")
_NAMED = re.compile(rf"^(?:augmentation )?({_ANY})(?= is )|\b({'|'.join(name for name in _SETTINGS if '_' in name)})\b")


def as_option(setting: str) -> str:
    """Name a setting as it is typed.

    >>> as_option("batch_size")
    '--batch-size'
    """
    return f"--{setting.replace('_', '-')}"


def as_options(text: str) -> str:
    """Name the settings in a message of the library as they are typed.

    >>> as_options("epochs is 0, expected a whole number of at least 1")
    '--epochs is 0, expected a whole number of at least 1'
    >>> as_options("in 20 epochs; try learning_rate=0.01")
    'in 20 epochs; try --learning-rate 0.01'
    """
    typed = _ASSIGNED.sub(lambda found: f"{as_option(found[1])} {found[2]}", text)
    return _NAMED.sub(lambda found: as_option(found[1] or found[2]), typed)


@contextmanager
def refused_as_options() -> Iterator[None]:
    """Let what is refused of a recipe be named as it is typed."""
    try:
        yield
    except RecipeError as error:
        raise RecipeError(as_options(error.message), as_options(error.hint)) from None


def check_effect(given: Iterable[str], recipe: Recipe) -> None:
    """Refuse a setting that was typed and changes nothing.

    Parameters
    ----------
    given : iterable of str
        The settings that were typed; a preset's own may be without effect.
    recipe : Recipe
        What came of them.

    Raises
    ------
    RecipeError
        The optimiser has no use for one, or another one stands in its place.
    """
    for setting in given:
        if not recipe.uses(setting):
            raise _without_effect(setting, recipe)


def _without_effect(setting: str, recipe: Recipe) -> RecipeError:
    if setting == "epochs":
        return RecipeError("--epochs and --steps are both given, expected one of them", "leave one out")
    if setting == "regularise":
        return RecipeError("--regularise has no effect without a penalty", "leave it out, or add one: --l2 0.001")
    users = USED_BY[setting]
    expected = f"one of {', '.join(users)}" if len(users) > 1 else users[0]
    return RecipeError(
        f"{as_option(setting)} has no effect with the optimiser {recipe.optimiser}, expected {expected}",
        "leave it out, or choose another --optimiser",
    )
