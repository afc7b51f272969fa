"""``inklings compare``: several networks on the same images, and a report."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

import click

from inklings.cli.options import engine_option, open_data, quiet_option, reading_options

INTERRUPTED = 130


@click.command()
@click.argument("networks", nargs=-1, metavar="[NETWORK]...")
@click.option("--data", "name", default="digits", show_default=True, metavar="NAME", help="Name or path of the images.")
@click.option("--out", default="digits-report", show_default=True, metavar="FOLDER", help="Where the report goes.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the split, weights, shuffles and dropout.")
@click.option("--quick", is_flag=True, help="Train only for a moment, to see how things work.")
@engine_option
@quiet_option
@reading_options
def compare(
    networks: tuple[str, ...],
    name: str,
    out: str,
    seed: int,
    quick: bool,
    engine: str,
    quiet: bool,
    **reading: Any,  # noqa: ANN401 - how to read the data
) -> None:
    """Train networks on one split of the images, print a table, and write a report.

    NETWORKs are names that `inklings networks` lists, or TOML or JSON files; all named ones if none is given. mlp is
    trained plain, with dropout and with an L2 penalty.
    """
    from inklings.cli.progress import watch
    from inklings.cli.tables import print_table
    from inklings.experiments import RunStore, compare
    from inklings.experiments.results import HEADINGS, table_rows
    from inklings.report import write_report

    command = f"inklings {shlex.join(sys.argv[1:])}"
    split = open_data(name, reading).split(seed=seed)
    if split.crossing_duplicates:
        click.echo(f"note: {split.crossing_duplicates} images occur in more than one part of the split", err=True)
    comparison = compare(
        networks or None,
        split,
        seed=seed,
        quick=quick,
        engine=engine,
        store=RunStore(Path(out) / "runs"),
        command=command,
        watch=lambda plan: watch(plan, quiet=quiet),
    )
    print_table(HEADINGS, table_rows(comparison.results))
    for problem in comparison.problems:
        click.echo(f"note: {problem}", err=True)
    click.echo(f"report: {write_report(comparison, out, command=command)}")
    if comparison.interrupted:
        sys.exit(INTERRUPTED)
