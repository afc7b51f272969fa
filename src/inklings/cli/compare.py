"""``inklings compare``: several networks on the same images, and a report."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

import click

from inklings.cli.options import engine_option, open_data, parse_size, quiet_option, reading_options

INTERRUPTED = 130


@click.command()
@click.argument("networks", nargs=-1, metavar="[NETWORK]...")
@click.option("--data", "name", default="digits", show_default=True, metavar="NAME", help="Name or path of the images.")
@click.option("--out", default="digits-report", show_default=True, metavar="FOLDER", help="Where the report goes.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the split, weights, shuffles and dropout.")
@click.option(
    "--repeats",
    type=int,
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
    from inklings.cli.progress import watch
    from inklings.cli.tables import print_table
    from inklings.experiments import RunStore, compare, compare_repeatedly
    from inklings.experiments.results import HEADINGS, table_rows
    from inklings.report import write_report

    command = f"inklings {shlex.join(sys.argv[1:])}"
    data = open_data(name, reading)
    settings: dict[str, Any] = {
        "seed": seed,
        "quick": quick,
        "engine": engine,
        "store": RunStore(Path(out) / "runs"),
        "command": command,
        "data_options": {"name": name, **{**reading, "size": parse_size(reading["size"])}},
        "watch": lambda plan: watch(plan, quiet=quiet),
    }
    if repeats == 1:
        comparison = compare(networks or None, data, **settings)
        interrupted, sentences = comparison.interrupted, []
        report = write_report(comparison, out, command=command)
    else:
        repeated = compare_repeatedly(networks or None, data, repeats=repeats, **settings)
        comparison = repeated.repeats[0]
        interrupted, sentences = len(repeated.repeats) < repeats, [pair.sentence for pair in repeated.pairs]
        report = write_report(repeated, out, command=command)
    results = comparison.results if repeats == 1 else repeated.results
    print_table(HEADINGS, table_rows(results))
    for sentence in sentences:
        click.echo(sentence)
    if comparison.split.crossing_duplicates:
        click.echo(f"note: {comparison.split.crossing_duplicates} images occur in several parts of the split", err=True)
    for problem in comparison.problems:
        click.echo(f"note: {problem}", err=True)
    click.echo(f"report: {report}")
    if interrupted:
        sys.exit(INTERRUPTED)
