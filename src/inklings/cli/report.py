"""``inklings report``: a page about stored runs, or about a study."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from inklings.cli.command import Command
from inklings.cli.completion import complete_runs
from inklings.cli.json_output import json_option, print_json, result_to_json, wants_json
from inklings.cli.options import out_option, runs_option, typed_command

if TYPE_CHECKING:
    from inklings.experiments import Run


@click.command(cls=Command, example="inklings report mlp-plain cnn2 --out report\ninklings report study")
@click.argument("ids", nargs=-1, required=True, metavar="RUN... | STUDY", shell_complete=complete_runs)
@out_option("report")
@runs_option
@json_option
@click.pass_context
def report(context: click.Context, ids: tuple[str, ...], out: str, folder: str) -> None:
    """Write a report of stored runs, or of a study.

    A RUN is an id that `inklings runs` lists, or its first letters, or a run's folder. All must have been trained on
    the same images and split. A STUDY is the folder of `inklings search`, which its report is written into.
    """
    # By the file, not by an option: a study's folder cannot be the id of a run as well.
    if any((Path(id) / "study.json").is_file() for id in ids):
        _report_study(context, ids)
        return
    from inklings.experiments import comparison_of
    from inklings.report import write_report

    compared = comparison_of([_load(id, folder) for id in ids])
    page = write_report(compared, out, command=typed_command())
    if wants_json():
        print_json({"results": [result_to_json(each) for each in compared.results], "report": page})
    else:
        click.echo(f"report: {page}")


def _report_study(context: click.Context, ids: tuple[str, ...]) -> None:
    from inklings.report.study_page import write_study_report
    from inklings.search.study import open_study

    if len(ids) > 1:
        raise click.UsageError("a report is of one study, or of runs; name one study alone", context)
    for parameter, option, where in (("out", "--out", "is written into"), ("folder", "--runs", "is about those in")):
        if context.get_parameter_source(parameter) is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"{option} is for runs; a study's report {where} its folder", context)
    page = write_study_report(open_study(ids[0]))
    if wants_json():
        print_json({"report": page})
    else:
        click.echo(f"report: {page}")


def _load(id: str, folder: str) -> Run:
    from inklings.experiments import RunStore

    path = Path(id)
    return RunStore(path.parent).load(path.name) if (path / "run.json").is_file() else RunStore(folder).load(id)
