"""``inklings search``: many configurations of a network, here or on a cluster."""

from __future__ import annotations

import shlex
import sys
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from inklings.cli.budget import parse_time
from inklings.cli.command import Command, SectionOption
from inklings.cli.completion import complete_folders, complete_networks
from inklings.cli.json_output import json_option, print_json, wants_json
from inklings.cli.main import INTERRUPTED
from inklings.cli.options import (
    READING,
    command_to_continue,
    data_option,
    engine_option,
    how_opened,
    note_duplicates,
    open_data,
    quiet_option,
    reading_options,
    seed_option,
    typed_command,
    without_option,
)
from inklings.cli.search_output import note_fewer_trials, note_more_trials, print_failures, print_study
from inklings.cli.search_progress import StudyProgress
from inklings.cli.tables import print_line
from inklings.errors import InklingsError, TrainingDivergedError

if TYPE_CHECKING:
    from pathlib import Path

    from inklings.search import Space, Study
    from inklings.search.trial import Measure

_search_option = partial(click.option, cls=SectionOption, section="Search")
_worker_option = partial(click.option, cls=SectionOption, section="Workers")
_REPORT_SECONDS = 4.0
"""To write the page, and to start and end this process: 2.0 to 2.6 seconds (ten and a thousand trials), and 1.4."""

_OPTIONS = (
    _search_option(
        "--trials",
        type=click.IntRange(min=1),
        metavar="N",
        help="Trainings in all, repeats included.  [default: all of a grid, else 100]",
    ),
    _search_option(
        "--budget",
        callback=parse_time,
        metavar="TIME",
        help="Do what can be done in 30s, 5m or 2h.",
    ),
    _search_option(
        "--sampler",
        type=click.Choice(("grid", "random", "tpe")),
        help="What is tried next.  [default: grid for up to 100 combinations, else tpe]",
    ),
    _search_option(
        "--prune",
        type=click.Choice(("none", "halving", "hyperband")),
        help="Stop early what is worse than others after as many epochs.  [default: halving with --budget, else none]",
    ),
    _search_option(
        "--measure",
        type=click.Choice(("loss", "accuracy")),
        default="loss",
        show_default=True,
        help="What is compared, on the validation images.",
    ),
    _search_option(
        "--choose",
        type=click.IntRange(min=0),
        default=3,
        show_default=True,
        metavar="N",
        help="Evaluate the best N configurations on the test images, once, at the end.",
    ),
    _search_option(
        "--in-flight",
        type=click.IntRange(min=1),
        metavar="N",
        help="Configurations under way at once; tpe's proposals depend on it.  [default: 8]",
    ),
    _worker_option(
        "--workers",
        type=click.IntRange(min=1),
        metavar="N",
        help="Processes on this machine.  [default: one per core, as memory allows]",
    ),
    _worker_option(
        "--threads", type=click.IntRange(min=1), default=1, show_default=True, metavar="N", help="Threads per worker."
    ),
    _worker_option("--cluster", metavar="ADDRESS", help="A Dask scheduler, such as tcp://host:8786."),
    _worker_option(
        "--storage", metavar="URL", help="Database that drivers share tpe's results in, as postgresql://..."
    ),
)


def _search_options(command: Any) -> Any:  # noqa: ANN401 - a decorated function
    # From the last, as a stack of decorators is applied: the help then has them in this order.
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.command(
    cls=Command,
    example="inklings search cnn2 --budget 10m\n"
    "inklings search space.toml --trials 200 --prune hyperband --out study\n"
    "inklings search space.toml --trials 200 --cluster tcp://scheduler:8786 --out study --continue",
)
@click.argument("space", metavar="NETWORK | SPACE.toml", shell_complete=complete_networks)
@_search_options
@data_option
@click.option(
    "--out",
    default="study",
    show_default=True,
    metavar="FOLDER",
    shell_complete=complete_folders,
    help="Folder for the study.",
)
@seed_option
@click.option("--continue", "continued", is_flag=True, help="Continue a study; what has ended is not trained again.")
@engine_option
@quiet_option
@json_option
@without_option
@reading_options
def search(space: str, name: str, out: str, quiet: bool, budget: float | None, **others: Any) -> None:  # noqa: ANN401
    """Search for the settings that suit your images.

    SPACE.toml says what to try: `learning_rate = [0.001, 0.01]` is a choice, `{ low = 1e-4, high = 0.1, log = true }`
    a range, anything else is fixed. For a NETWORK that `inklings networks` lists, a space is made. What is compared
    is the loss on the validation images; the test images are used once, for the best few. A page in the study's folder
    tells what mattered: report.html.
    """
    from inklings.search import run_search

    begun = perf_counter()
    asked = _find_space(space, others["measure"])
    reading = {option: others.pop(option) for option in READING}
    data = open_data(name, reading)
    # Made before the search: the line is needed most where it was interrupted.
    onward = command_to_continue()
    with StudyProgress(others["measure"], quiet=quiet) as progress:
        try:
            study = run_search(
                asked,
                data,
                out=out,
                budget=budget,
                reserved=perf_counter() - begun + _REPORT_SECONDS,
                watch=progress,
                command=typed_command(),
                data_options=how_opened(name, reading),
                **others,
            )
        except KeyboardInterrupt:
            click.echo(f"interrupted at once; to continue: {onward}", err=True)
            raise
    print_failures(study)
    if not others["continued"]:
        note_more_trials(study, others["trials"])
    if study.complete and budget is None:
        note_fewer_trials(study, others["trials"])
    _tell(study)
    if not study.complete:
        click.echo(f"interrupted; what has ended is kept; to continue: {onward}", err=True)
        sys.exit(INTERRUPTED)
    if not study.ranked and study.trials:
        # As of one training that diverged: a script is not to go on as if there were a best one.
        raise TrainingDivergedError("no configuration has a result in all its trials", f"{study.folder} says why")
    # Last, where it is read together with the accuracies that it is about.
    note_duplicates(data.split(seed=others["seed"]))


def _find_space(name: str, measure: Measure) -> Space | str:
    """Return what is to be searched; what is wrong with it is said before the images are read."""
    from inklings.search.made_spaces import check_without_images, find_space

    space = find_space(name)
    check_without_images(space, measure)
    return space


def _tell(study: Study) -> None:
    """Print what was found, and of a study that is complete write the page."""
    # On a terminal first: writing the page takes seconds.
    if not wants_json():
        print_study(study)
    page = _write_report(study) if study.complete else None
    if wants_json():
        print_json({**_as_plain(study), "report": page})
    elif page is not None:
        click.echo(f"report: {shlex.quote(str(page))}")


def _write_report(study: Study) -> Path | None:
    """Write the study's page; a search that has ended is not to fail by what only shows it."""
    from inklings.report.study_page import write_study_report

    if not study.ranked:
        return None
    try:
        # The runs' own reports are for who asks for them: each evaluates its run once more.
        return write_study_report(study, runs=False)
    except InklingsError as error:
        print_line(f"note: the report could not be written: {error}", err=True)
        return None


def _as_plain(study: Study) -> dict[str, Any]:
    ranked = [
        {"configuration": each.number, "settings": each.settings, f"validation_{study.measure}": each.figure}
        for each in study.ranked
    ]
    trials = [trial.to_plain() for trial in study.trials]
    return {
        "study": study.folder,
        "complete": study.complete,
        "ranked": ranked,
        "chosen": study.chosen,
        "trials": trials,
    }
