"""``inklings doctor``: what makes training slow on this machine, and what to do about it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from inklings.cli.command import Command
from inklings.cli.json_output import json_option, print_json, wants_json
from inklings.cli.tables import print_facts

if TYPE_CHECKING:
    from inklings.doctor import Check

_VERDICT = 8  # columns for the verdicts


@click.command(cls=Command, example="inklings doctor\ninklings doctor --no-measure --json")
@click.option("--no-measure", is_flag=True, help="Skip the measurements of speed, which take some seconds.")
@json_option
def doctor(no_measure: bool) -> None:
    """Check everything that decides how fast training can be.

    The exit code is 1 if something makes training more than twice as slow.
    """
    from inklings.doctor import examine, exit_code

    checks = examine(measure=not no_measure)
    if wants_json():
        print_json([check.to_dict() for check in checks])
    else:
        print_facts([(str(check.verdict), _describe(check)) for check in checks], heading=_VERDICT)
    sys.exit(exit_code(checks))


def _describe(check: Check) -> str:
    """Return what was found, and on a line of its own what to do about it."""
    found = f"{check.name}: {check.found}"
    return f"{found}\nto do: {check.advice}" if check.advice else found
