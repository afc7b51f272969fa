"""``inklings compare``: several networks on the same split, and a report."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from inklings import experiments
from inklings.cli.command import Command
from inklings.cli.compare_mended import and_without_option, compare_with_mended
from inklings.cli.completion import complete_contenders
from inklings.cli.main import INTERRUPTED
from inklings.cli.options import (
    data_option,
    engine_option,
    how_opened,
    note_duplicates,
    open_data,
    out_option,
    quiet_option,
    reading_options,
    seed_option,
    typed_command,
    without_option,
)
from inklings.cli.progress import watch
from inklings.cli.tables import print_line, print_table
from inklings.data import Dataset
from inklings.evaluation.equivalence import MARGIN
from inklings.experiments.results import HEADINGS, SPARE, table_rows
from inklings.report import write_report
from inklings.training import Callback, Plan
from inklings.training.interruption import Interruption


@click.command(
    cls=Command,
    example="inklings compare softmax mlp --quick\ninklings compare softmax mlp cnn2 --repeats 5 --out my-report",
)
@click.argument("networks", nargs=-1, metavar="[NETWORK]...", shell_complete=complete_contenders)
@data_option
@out_option("digits-report")
@seed_option
@click.option(
    "--repeats",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help="Train on N splits and seeds, and test every pair of networks.",
)
@click.option(
    "--margin",
    type=click.FloatRange(0, 100, min_open=True, max_open=True),
    default=100 * MARGIN,
    show_default=True,
    metavar="POINTS",
    help="With --repeats: differences up to this many percentage points do not matter.",
)
@click.option("--quick", is_flag=True, help="Train for a moment only, to see how it works.")
@click.option(
    "--continue",
    "continued",
    is_flag=True,
    help="Continue this comparison; networks that it had trained are not trained again.",
)
@engine_option
@quiet_option
@without_option
@and_without_option
@reading_options
def compare(
    networks: tuple[str, ...],
    name: str,
    out: str,
    seed: int,
    repeats: int,
    margin: float,
    quick: bool,
    continued: bool,
    engine: str,
    quiet: bool,
    and_without: str | None,
    **reading: Any,  # noqa: ANN401 - how to read the data
) -> None:
    """Train networks on the same split, print a table and write a report.

    A NETWORK is a name that `inklings networks` lists, or a TOML or JSON file. mlp is trained three times: plain, with
    dropout and with an L2 penalty. Opponents that are no networks are compared by name: logistic, knn, forest,
    extra-trees, boosting, svm, hog-svm, patches. Without any name, all named networks and the two strongest opponents
    are compared.
    """
    data = open_data(name, reading)
    command = typed_command()
    settings: dict[str, Any] = {"seed": seed, "quick": quick, "engine": engine, "continued": continued}
    settings["store"] = experiments.RunStore(Path(out) / "runs")
    settings |= {"command": command, "data_options": how_opened(name, reading)}
    settings["watch"] = _watcher(data, seed, engine, quiet)
    settings["announce"] = lambda opponent: None if quiet else click.echo(f"fitting {opponent.title}", err=True)
    try:
        with Interruption() as interruption:
            if and_without is not None:
                interrupted = compare_with_mended(networks, data, and_without, repeats, out, settings)
            else:
                compared, interrupted = _compare(networks, data, repeats, margin / 100, settings)
                _print_results(compared, out, command)
    except KeyboardInterrupt:
        _print_how_to_continue(out, command)
        raise
    if interrupted or interruption.requested:
        _print_how_to_continue(out, command)
        sys.exit(INTERRUPTED)


def _watcher(data: Dataset, seed: int, engine: str, quiet: bool) -> Callable[[Plan], list[Callback]]:
    """Return what gives each plan the callbacks that show its cost and progress."""
    split = data.split(seed=seed)  # every repeat's parts are of the same sizes
    sizes = len(split.train_rows), len(split.validation_rows)
    return lambda plan: watch(plan, sizes, engine, quiet=quiet)


def _print_results(compared: experiments.Comparison | experiments.RepeatedComparison, out: str, command: str) -> None:
    """Print the results, and write the report."""
    first = compared.repeats[0] if isinstance(compared, experiments.RepeatedComparison) else compared
    note_duplicates(first.split)
    print_table(HEADINGS, table_rows(compared.results), spare=SPARE)
    for pair in compared.pairs if isinstance(compared, experiments.RepeatedComparison) else ():
        print_line(pair.sentence)
    for problem in compared.problems:
        print_line(f"note: {problem}", err=True)
    click.echo(f"report: {write_report(compared, out, command=command)}")


def _compare(
    networks: tuple[str, ...], data: Dataset, repeats: int, margin: float, settings: dict[str, Any]
) -> tuple[experiments.Comparison | experiments.RepeatedComparison, bool]:
    """Return the comparison, and whether it was interrupted."""
    if repeats == 1:
        compared = experiments.compare(networks or None, data, **settings)
        return compared, compared.interrupted
    repeated = experiments.compare_repeatedly(networks or None, data, repeats=repeats, margin=margin, **settings)
    return repeated, repeated.interrupted


def _print_how_to_continue(out: str, command: str) -> None:
    """Print what of an interrupted comparison is stored, and the command that continues it."""
    onward = command if "--continue" in shlex.split(command) else f"{command} --continue"
    click.echo(
        f"interrupted; networks that finished training are stored in {Path(out) / 'runs'}; to continue: {onward}",
        err=True,
    )
