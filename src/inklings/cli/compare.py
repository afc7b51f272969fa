"""``inklings compare``: several networks on the same split, and a report."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from inklings import experiments
from inklings.cli.cluster_option import cluster_option, trained_elsewhere
from inklings.cli.command import Command
from inklings.cli.compare_mended import and_without_option, compare_with_mended
from inklings.cli.completion import complete_contenders
from inklings.cli.json_output import json_option, print_json, result_to_json, wants_json
from inklings.cli.main import INTERRUPTED
from inklings.cli.options import (
    READING,
    command_to_continue,
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
from inklings.cli.repeat_options import (
    print_look,
    print_worst_case,
    repeat_options,
    repeats_asked_for,
)
from inklings.cli.tables import print_line, print_table
from inklings.data.dataset import Dataset
from inklings.experiments.contender_plans import plan_all
from inklings.experiments.results import HEADINGS, SPARE, table_rows
from inklings.experiments.trained_opponent import choose_opponents
from inklings.opponents.presets import describe_limits
from inklings.report import write_report
from inklings.training.callbacks import Callback
from inklings.training.interruption import Interruption
from inklings.training.plans import Plan


@click.command(
    cls=Command,
    example="inklings compare softmax mlp --quick\ninklings compare softmax mlp cnn2 --repeats 5 --out my-report\n"
    "inklings compare mlp hog-svm --until-sure",
)
@click.argument("networks", nargs=-1, metavar="[NETWORK]...", shell_complete=complete_contenders)
@data_option
@out_option("digits-report")
@seed_option
@click.option("--quick", is_flag=True, help="Train for a moment only, to see how it works.")
@click.option(
    "--continue",
    "continued",
    is_flag=True,
    help="Continue this comparison; what it had trained is not trained again.",
)
@repeat_options
@cluster_option
@engine_option
@quiet_option
@json_option
@without_option
@and_without_option
@reading_options
def compare(
    networks: tuple[str, ...],
    name: str,
    out: str,
    seed: int,
    quick: bool,
    continued: bool,
    engine: str,
    quiet: bool,
    and_without: str | None,
    cluster: str | None,
    **others: Any,  # noqa: ANN401 - the repeats, and how to read the data
) -> None:
    """Train networks on the same split, print a table and write a report.

    A NETWORK is a name that `inklings networks` lists, or a TOML or JSON file. mlp is trained three times: plain, with
    dropout and with an L2 penalty. Opponents that are not networks are compared by name: logistic, knn, forest,
    extra-trees, boosting, svm, hog-svm, patches. Without any name, all named networks and the two strongest opponents
    are compared, best for a fifth of its epochs.
    """
    repeated = repeats_asked_for(click.get_current_context())
    if cluster is not None and (repeated is None or and_without is not None):
        problem = "--cluster trains repeats, and there are none"
        if repeated is not None:
            problem = "--cluster and --and-without are both given, expected one of them"
        raise click.UsageError(f"{problem}; give --repeats 5, or leave --cluster out", click.get_current_context())
    reading = {option: others[option] for option in READING}
    data = open_data(name, reading)
    command = typed_command()
    settings: dict[str, Any] = {"seed": seed, "quick": quick, "engine": engine, "continued": continued}
    settings["store"] = experiments.RunStore(Path(out) / "runs")
    settings |= {"command": command, "data_options": how_opened(name, reading)}
    settings["announce"] = lambda opponent: None if quiet else click.echo(f"fitting {opponent.title}", err=True)
    # Before the trainings: whoever reads that an opponent ignores colours may want another one.
    for opponent in choose_opponents(networks or None, data, seed=seed, quick=quick):
        if limits := describe_limits(opponent, data.image_shape[2]):
            print_line(f"note: {limits}", err=True)
    _show_progress(networks, data, repeated, settings, quiet=quiet)
    try:
        with Interruption() as interruption, trained_elsewhere(cluster, settings["store"]) as elsewhere:
            if and_without is not None:
                compared: Any = compare_with_mended(networks, data, and_without, repeated, out, settings)
            else:
                compared = _compare(networks, data, repeated, settings | elsewhere)
                _print_results(compared, out, command)
    # Interrupted before there was anything to show; what is stored can be continued all the same.
    except KeyboardInterrupt:
        _print_how_to_continue(out)
        raise
    if compared.interrupted or interruption.requested:
        _print_how_to_continue(out)
        sys.exit(INTERRUPTED)


def _show_progress(
    networks: tuple[str, ...], data: Dataset, repeated: dict[str, Any] | None, settings: dict[str, Any], *, quiet: bool
) -> None:
    """Have the trainings watched, and looks at results printed; say first what repeats until sure can cost at worst."""
    seed, engine = settings["seed"], settings["engine"]
    split = data.split(seed=seed)  # every repeat's parts are of the same sizes
    sizes = len(split.train_rows), len(split.validation_rows)
    until_sure = repeated is not None and "at_most" in repeated
    settings["watch"] = Watcher(sizes, engine, quiet=quiet, many=until_sure)
    if repeated and until_sure and not quiet:
        plans, opponents = plan_all(networks or None, data, seed=seed, quick=settings["quick"])
        print_worst_case(plans, len(opponents), sizes, engine, repeated["at_most"])
        repeated["on_look"] = print_look


class Watcher:
    """Gives each training the callbacks that show its progress, and the first one of a network its cost too."""

    def __init__(self, sizes: tuple[int, int], engine: str, *, quiet: bool, many: bool = False) -> None:
        self._sizes, self._engine, self._quiet, self._many = sizes, engine, quiet, many
        self._told: set[str] = set()

    def __call__(self, plan: Plan) -> list[Callback]:
        """Return the callbacks of the next training of a plan."""
        first = plan.title not in self._told
        self._told.add(plan.title)
        sizes = self._sizes if first else None
        return watch(plan, sizes, self._engine, quiet=self._quiet, passing=self._many and not first)


def _print_results(compared: experiments.Comparison | experiments.RepeatedComparison, out: str, command: str) -> None:
    """Print the results, and write the report."""
    first = compared.repeats[0] if isinstance(compared, experiments.RepeatedComparison) else compared
    note_duplicates(first.split)
    # Standard output holds the one JSON value; for people, problems come after the table that they are about.
    for problem in compared.problems if wants_json() else ():
        print_line(f"note: {problem}", err=True)
    if wants_json():
        print_json(_as_plain(compared, write_report(compared, out, command=command)))
        return
    print_table(HEADINGS, table_rows(compared.results), spare=SPARE)
    repeated = compared if isinstance(compared, experiments.RepeatedComparison) else None
    for sentence in repeated.sentences if repeated else ():
        print_line(sentence)
    for note in repeated.notes if repeated else ():
        print_line(f"note: {note}", err=True)
    for problem in compared.problems:
        print_line(f"note: {problem}", err=True)
    click.echo(f"report: {write_report(compared, out, command=command)}")


def _as_plain(compared: experiments.Comparison | experiments.RepeatedComparison, report: Path) -> dict[str, Any]:
    plain: dict[str, Any] = {"results": [result_to_json(each) for each in compared.results]}
    if isinstance(compared, experiments.RepeatedComparison):
        accuracies = {title: [each.test for each in compared.results_of(title)] for title in compared.titles}
        plain |= {"test_accuracies": accuracies, "sentences": compared.sentences, "notes": compared.notes}
    return {**plain, "problems": compared.problems, "interrupted": compared.interrupted, "report": report}


def _compare(
    networks: tuple[str, ...], data: Dataset, repeated: dict[str, Any] | None, settings: dict[str, Any]
) -> experiments.Comparison | experiments.RepeatedComparison:
    compared: experiments.Comparison | experiments.RepeatedComparison
    compared = experiments.compare(networks or None, data, **(repeated or {}), **settings)
    return compared


def _print_how_to_continue(out: str) -> None:
    """Print what of an interrupted comparison is stored, and the command that continues it."""
    stored = f"interrupted; networks that finished training are stored in {Path(out) / 'runs'}"
    click.echo(f"{stored}; to continue: {command_to_continue()}", err=True)
