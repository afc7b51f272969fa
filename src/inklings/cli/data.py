"""``inklings data``: what is in a data set."""

from __future__ import annotations

from typing import Any

import click

from inklings.cli.options import open_data, reading_options


@click.group()
def data() -> None:
    """Look at labelled images."""


@data.command()
@click.argument("name")
@click.option("--out", metavar="FILE.png", help="Where the grid of examples goes.  [default: NAME-examples.png]")
@reading_options
def show(name: str, out: str | None, **reading: Any) -> None:  # noqa: ANN401
    """Show sizes, classes, value range, fingerprint, and a grid of example images.

    NAME is digits, digits28, or the path of a MATLAB, IDX, NPZ, NPY, CSV or Parquet file or of a folder of pictures.
    """
    from pathlib import Path

    from rich.console import Console

    from inklings.cli.tables import print_facts
    from inklings.data import describe, save_grid, terminal_grid

    dataset = open_data(name, reading)
    print_facts(describe(dataset).lines())
    console = Console(highlight=False)
    if console.is_terminal and console.color_system and console.encoding.startswith("utf"):
        console.print(terminal_grid(dataset, console.width))
    path = Path(out or f"{Path(name).stem}-examples.png")
    save_grid(dataset, path)
    print_facts([("examples", str(path))])
