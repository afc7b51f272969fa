"""``inklings doctor``: why training is slow here, and what to do."""

from __future__ import annotations

import json
import sys

import click

from inklings.cli.tables import print_table


@click.command()
@click.option("--no-measure", is_flag=True, help="Measure no speeds, which takes some seconds.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(no_measure: bool, as_json: bool) -> None:
    """Look at all that decides how fast training can be; exit code 1 if something costs more than a factor of 2."""
    from inklings.doctor import examine, exit_code

    checks = examine(measure=not no_measure)
    if as_json:
        click.echo(json.dumps([check.to_dict() for check in checks], indent=1))
    else:
        rows = [[check.name, check.found, str(check.verdict), check.advice] for check in checks]
        print_table(["check", "found", "verdict", "what to do"], rows, words=4)
    sys.exit(exit_code(checks))
