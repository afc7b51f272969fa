"""``inklings data``: what is in a data set."""

from __future__ import annotations

from typing import Any

import click

from inklings.cli import data_check
from inklings.cli.command import Group
from inklings.cli.completion import complete_data
from inklings.cli.json_output import json_option, print_json, wants_json
from inklings.cli.option_names import describe_note
from inklings.cli.options import file_option, open_data, reading_options, without_option
from inklings.cli.tables import print_facts


@click.group(cls=Group, example="inklings data show digits")
def data() -> None:
    """Look at labelled images."""


@data.command(
    example="inklings data show digits\ninklings data show mine.csv --labels class --size 28\n"
    "inklings data show digits --out examples.png\ninklings data show mine.csv --json",
)
@click.argument("name", shell_complete=complete_data)
@file_option("--out", "FILE.png", "Draw ten examples of each class into a picture.")
@json_option
@without_option
@reading_options
def show(name: str, out: str | None, **reading: Any) -> None:  # noqa: ANN401
    """Describe a data set: sizes, classes, range of values, fingerprint, and examples.

    NAME is digits, digits28, another named data set such as mnist, or the path of a MATLAB, IDX, NPZ, NPY, CSV or
    Parquet file, or of a folder of pictures.
    """
    from rich.console import Console

    from inklings.data import describe, save_grid, terminal_grid
    from inklings.data.notes import decisions

    dataset = open_data(name, reading)
    if wants_json():
        print_json({**describe(dataset).to_dict(), "examples": None if out is None else save_grid(dataset, out)})
        return
    # What was decided about the meaning of the data stands above already, as in every command.
    told = decisions(dataset.notes)
    lines = describe(dataset).lines()
    print_facts([(heading, describe_note(text)) for heading, text in lines if heading != "note" or text not in told])
    console = Console(highlight=False)
    # The grid is drawn by colours alone: without them each image would be the same block.
    if console.is_terminal and console.color_system and not console.no_color and console.encoding.startswith("utf"):
        console.print(terminal_grid(dataset, console.width))
    if out is not None:
        print_facts([("examples", str(save_grid(dataset, out)))])


data.add_command(data_check.check)
