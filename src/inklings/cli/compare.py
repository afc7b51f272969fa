"""``inklings compare``: several networks on the same images, and a report."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from inklings import experiments
from inklings.cli.main import INTERRUPTED
from inklings.cli.options import (
    data_option,
    engine_option,
    how_opened,
    note_duplicates,
    open_data,
    quiet_option,
    reading_options,
    seed_option,
    typed_command,
)
from inklings.cli.progress import watch
from inklings.cli.tables import print_table
from inklings.experiments.results import HEADINGS, table_rows
from inklings.report import write_report


@click.command()
@click.argument("networks", nargs=-1, metavar="[NETWORK]...")
@data_option
@click.option("--out", default="digits-report", show_default=True, metavar="FOLDER", help="Where the report goes.")
@seed_option
@click.option(
    "--repeats",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help="Train on N splits and seeds, and test each two networks.",
)
@click.option("--quick", is_flag=True, help="Train only for a moment, to see how things work.")
@engine_option
@quiet_option
@reading_options
def compare(
    networks: tuple[str, ...],
    name: str,
    out: str,
    seed: int,
    repeats: int,
    quick: bool,
    engine: str,
    quiet: bool,
    **reading: Any,  # noqa: ANN401 - how to read the data
) -> None:
    """Train networks on one split of the images, print a table, and write a report.

    NETWORKs are names that `inklings networks` lists, or TOML or JSON files; all named ones if none is given. mlp is
    trained plain, with dropout and with an L2 penalty.
    """
    data = open_data(name, reading)
    command = typed_command()
    settings: dict[str, Any] = {
        "seed": seed,
        "quick": quick,
        "engine": engine,
        "store": experiments.RunStore(Path(out) / "runs"),
        "command": command,
        "data_options": how_opened(name, reading),
        "watch": lambda plan: watch(plan, quiet=quiet),
    }
    compared: experiments.Comparison | experiments.RepeatedComparison
    if repeats == 1:
        compared = first = experiments.compare(networks or None, data, **settings)
        interrupted, sentences = first.interrupted, []
    else:
        compared = repeated = experiments.compare_repeatedly(networks or None, data, repeats=repeats, **settings)
        first, interrupted = repeated.repeats[0], len(repeated.repeats) < repeats
        sentences = [pair.sentence for pair in repeated.pairs]
    note_duplicates(first.split)
    print_table(HEADINGS, table_rows(compared.results))
    for sentence in sentences:
        click.echo(sentence)
    for problem in compared.problems:
        click.echo(f"note: {problem}", err=True)
    click.echo(f"report: {write_report(compared, out, command=command)}")
    if interrupted:
        sys.exit(INTERRUPTED)
