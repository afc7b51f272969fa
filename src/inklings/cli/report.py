"""``inklings report``: a page of runs that were stored."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import click

from inklings.cli.options import runs_option


@click.command()
@click.argument("ids", nargs=-1, required=True, metavar="RUN...")
@click.option("--out", default="report", show_default=True, metavar="FOLDER", help="Where the report goes.")
@runs_option
def report(ids: tuple[str, ...], out: str, folder: str) -> None:
    """Write a report of stored runs.

    RUNs are ids that `inklings runs` lists, or their first letters, or a run's folder; all must be of the same images
    and split.
    """
    from inklings.experiments import Run, RunStore, comparison_of
    from inklings.report import write_report

    def load(id: str) -> Run:
        path = Path(id)
        return RunStore(path.parent).load(path.name) if (path / "run.json").is_file() else RunStore(folder).load(id)

    command = f"inklings {shlex.join(sys.argv[1:])}"
    click.echo(f"report: {write_report(comparison_of([load(id) for id in ids]), out, command=command)}")
