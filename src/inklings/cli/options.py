"""Options that several commands share."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from typing import Any

import click

from inklings.data import Dataset, Split, open_dataset
from inklings.engines import ENGINES, engine_name
from inklings.engines.select import RENAMED, describe_fallback, describe_renaming
from inklings.errors import DataError

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

READING = ("images", "labels", "size", "column_major", "invert", "colour")
"""What ``open_dataset`` takes besides the name."""


def reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that tell how files are read."""
    options = (
        click.option("--images", metavar="NAME", help="The variable, column or file that holds the images."),
        click.option("--labels", metavar="NAME", help="The variable, column or file that holds the labels."),
        click.option("--size", metavar="N | HxW", help="Resize the images."),
        click.option(
            "--column-major/--row-major", default=None, help="How pixels are laid out, if it is not found right."
        ),
        click.option("--invert/--no-invert", default=None, help="Swap dark and light, if it is not found right."),
        click.option("--colour/--grey", default=None, help="Keep three channels, or read one."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def open_data(name: str, options: dict[str, Any]) -> Dataset:
    """Open a data set as the reading options say."""
    return open_dataset(name, **{**options, "size": parse_size(options.get("size"))})


def how_opened(name: str, options: dict[str, Any]) -> dict[str, Any]:
    """Give what :func:`open_data` was told in plain values, for a run to keep."""
    return {"name": name, **{**options, "size": parse_size(options.get("size"))}}


def note_duplicates(split: Split) -> None:
    """Say how many images are in more than one part, if any: they make a test look better than it is."""
    if split.crossing_duplicates:
        click.echo(f"note: {split.crossing_duplicates} images occur in more than one part of the split", err=True)


def typed_command() -> str:
    """Give the command as it was typed, for what it makes to tell how it was made."""
    return f"inklings {shlex.join(sys.argv[1:])}"


def parse_size(size: str | None) -> int | tuple[int, int] | None:
    """Read ``28`` or ``20x30``."""
    if size is None:
        return None
    sizes = parse_sizes(size)
    if sizes is None or len(sizes) > 2:
        raise DataError(f"--size is '{size}', expected a number of pixels such as 28, or height x width such as 20x30")
    return sizes[0] if len(sizes) == 1 else (sizes[0], sizes[1])


def parse_sizes(text: str) -> list[int] | None:
    """Read whole numbers above 0 with an x between them; None if it is something else."""
    parts = text.lower().split("x")
    return [int(part) for part in parts] if all(part.isdecimal() and int(part) for part in parts) else None


runs_option = click.option(
    "--runs",
    "folder",
    default="inklings-runs",
    envvar="INKLINGS_RUNS",
    show_default=True,
    show_envvar=True,
    metavar="FOLDER",
    help="Where runs are kept.",
)


class EngineChoice(click.Choice[str]):
    """The engines; one that is typed by its old name is taken, with a line that says its new one."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return today's name."""
        if value in RENAMED:
            click.echo(f"note: {describe_renaming(value)}", err=True)
        return super().convert(RENAMED.get(value, value), param, ctx)


def _choose_engine(context: click.Context, parameter: click.Parameter, name: str) -> str:
    """Return the engine's own name; a slower one in the native one's place is never taken without a word."""
    chosen = engine_name(name)
    if name == "auto" and chosen != "native":
        click.echo(f"note: {describe_fallback()}", err=True)
    return chosen


engine_option = click.option(
    "--engine",
    type=EngineChoice(ENGINES),
    default="auto",
    show_default=True,
    callback=_choose_engine,
    help="What computes; auto is native, or numpy where the native engine was not compiled. jax is an extra.",
)
data_option = click.option(
    "--data", "name", default="digits", show_default=True, metavar="NAME", help="Name or path of the images."
)
seed_option = click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    metavar="N",
    help="Of the split, weights, shuffles and dropout.",
)
quiet_option = click.option("--quiet", "-q", is_flag=True, help="Show no progress.")
