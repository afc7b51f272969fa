"""Settings under the names that they have on the command line: ``--batch-size`` for the library's ``batch_size``."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

import click

from inklings.errors import InklingsError, RecipeError

if TYPE_CHECKING:
    from inklings.training import Recipe


def as_option(setting: str) -> str:
    """Return a setting's name as it is typed.

    >>> as_option("batch_size")
    '--batch-size'
    """
    return f"--{setting.replace('_', '-')}"


def options_of(command: click.Command) -> set[str]:
    """Return the names of a command's options, those of its sub-commands included."""
    below = command.commands.values() if isinstance(command, click.Group) else ()
    own = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    return own.union(*map(options_of, below))


def describe_error(error: InklingsError, options: Collection[str]) -> str:
    """Return an error as one line, with the settings that were or could be typed named as options.

    Parameters
    ----------
    error : InklingsError
        What was refused.
    options : collection of str
        The options of the command that was typed. A setting that is none of them keeps its name, and so does one that
        was found in a file: there, it is called as Python calls it.
    """

    def setting_name(setting: str) -> str:
        # An error within a file is about a setting that was written there, not typed.
        typed = as_option(setting) in options and not error.where
        return as_option(setting) if typed else setting

    def assignment(setting: str, value: object) -> str:
        name = setting_name(setting)
        if value is True and name != setting:
            return name  # a flag
        if isinstance(value, tuple):
            value = "x".join(map(str, value))
        return f"{name}={value}" if name == setting else f"{name} {value}"

    return error.sentence(setting_name, assignment)


_SAID_OTHERWISE = {
    ("invert", "False"): "--no-invert",
    ("column_major", "False"): "--row-major",
    ("colour", "False"): "--grey",
    ("zero_based", "False"): "--one-based",
    ("whole", "False"): "--framed",
    ("everything", "True"): "--all",
}

# A value is a word of Python, a placeholder, a number or size, axes (a letter each), or text in quotes. What stands on
# either side must not make it a part of a file's name: lr=1.png is a picture.
_OVERRIDE = re.compile(
    r"(?<![\w./-])([a-z_]+)=(True|False|NAME|URL|HxW|[0-9]+(?:x[0-9]+|\.[0-9]+)?|[nhwcp]{2,4}|'[^']*')(?!\w|[./]\w)"
)


def describe_note(note: str) -> str:
    """Return a note with the settings that override it as they are typed.

    >>> describe_note("images were inverted (invert=False keeps them)")
    'images were inverted (--no-invert keeps them)'
    >>> describe_note("if those are the classes, labels='by-folder=2' takes them")
    'if those are the classes, --labels by-folder=2 takes them'
    """

    # Notes are the library's, for callers in Python; each ends in name=value, which is what an option is made of here.
    def typed(found: re.Match[str]) -> str:
        name, value = found[1], found[2]
        if value in ("True", "False"):
            return _SAID_OTHERWISE.get((name, value), as_option(name))
        text = shlex.quote(value[1:-1]) if value.startswith("'") else value
        return f"{as_option(name)} {text}"

    return _OVERRIDE.sub(typed, note)


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
        The optimiser has no use for one, or another one overrides it.
    """
    for setting in given:
        if not recipe.uses(setting):
            raise _without_effect(setting, recipe)


def _without_effect(setting: str, recipe: Recipe) -> RecipeError:
    from inklings.training.recipe import USED_BY

    if setting == "epochs":
        return RecipeError("and --steps are both given, expected one of them", "leave one out", setting=setting)
    if setting == "regularise":
        hint = "leave it out, or add one: --l2 0.001"
        return RecipeError("has no effect without a penalty", hint, setting=setting)
    users = USED_BY[setting]
    expected = f"one of {', '.join(users)}" if len(users) > 1 else users[0]
    return RecipeError(
        f"has no effect with the optimiser {recipe.optimiser}, expected {expected}",
        "leave it out, or choose another --optimiser",
        setting=setting,
        found=recipe.optimiser,
        expected=users,
    )


def _is_of_training(setting: str) -> bool:
    """Whether it is a setting of a recipe, or of a named network."""
    from inklings.training.recipe import Recipe

    return setting in {*Recipe.__dataclass_fields__, "hidden_units", "dropout"}


def describe_usage_error(error: click.UsageError) -> str:
    """Say what is wrong and where to read on; of ``--data``, where the data are an argument, how they are given."""
    message, context = error.format_message().rstrip("."), error.ctx
    if context is None:
        return message
    if isinstance(error, click.NoSuchOption):
        given = [each for each in context.command.params if isinstance(each, click.Argument)]
        arguments = " ".join(each.make_metavar(context) for each in given)
        if error.option_name.lstrip("-").upper() in re.findall(r"[A-Z_]+", arguments):
            # Without the near names that click suggests: none of them was meant.
            return f"no option '{error.option_name}'; without a name: {context.command_path} {arguments}"
        setting = error.option_name.lstrip("-").replace("-", "_")
        if context.command.name == "search" and _is_of_training(setting):
            example = f"a line such as `{setting} = ...` fixes it there, a list tries several"
            return f"no option '{error.option_name}'; it belongs in the file SPACE.toml: {example}"
    return f"{message}; see `{context.command_path} --help`"
