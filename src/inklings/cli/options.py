"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from inklings.data import Dataset, open_dataset
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


def parse_size(size: str | None) -> int | tuple[int, int] | None:
    """Read ``28`` or ``20x30``."""
    if size is None:
        return None
    parts = size.lower().split("x")
    if len(parts) > 2 or not all(part.isdecimal() and int(part) for part in parts):
        raise DataError(f"--size is '{size}', expected a number of pixels such as 28, or height x width such as 20x30")
    height, *width = map(int, parts)
    return (height, width[0]) if width else height


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
engine_option = click.option(
    "--engine",
    type=click.Choice(["compiled", "reference"]),
    default="compiled",
    show_default=True,
    help="What computes.",
)
quiet_option = click.option("--quiet", "-q", is_flag=True, help="Show no progress.")
