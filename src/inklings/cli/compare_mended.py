"""``inklings compare --and-without findings.csv``: what mending the data changes."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from inklings.cli.command import SectionOption
from inklings.cli.completion import complete_files
from inklings.cli.json_output import print_json, wants_json
from inklings.cli.option_names import as_option
from inklings.cli.options import print_notes
from inklings.cli.tables import print_line, print_table
from inklings.errors import DataError
from inklings.reprs import percent

if TYPE_CHECKING:
    from inklings.data import Dataset
    from inklings.experiments.mended import MendedComparison

and_without_option = partial(click.option, cls=SectionOption, section="Data")(
    "--and-without",
    metavar="FILE.csv",
    shell_complete=complete_files,
    help="Train twice: as the data are, and without or with what this table of `inklings data check` says.",
)


def compare_with_mended(
    networks: tuple[str, ...],
    data: Dataset,
    table: str,
    repeated: dict[str, Any] | None,
    out: str,
    settings: dict[str, Any],
) -> MendedComparison:
    """Compare networks trained on the data as they are and as mended.

    Parameters
    ----------
    networks : tuple of str
    data : Dataset
    table : str
        Path of the table of findings.
    repeated : dict or None
        What was asked for about repeats; None for one split.
    out : str
        Folder for the two reports, each of all splits.
    settings : dict
        Of :func:`inklings.compare`.
    """
    from inklings.data.mending import notes_on
    from inklings.data.mending_table import read_mending
    from inklings.experiments.mended import compare_mended
    from inklings.report import write_report

    asked, context = repeated or {}, click.get_current_context()
    for option in ("until_sure", "vary", "margin"):
        # Typed, not only set: each of them has a default.
        if context.get_parameter_source(option) is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"--and-without goes with --repeats, not with {as_option(option)}", context)
    if context.params.get("without") is not None:
        raise click.UsageError(
            "--without and --and-without are both given, expected one of them: data are as they are, or mended", context
        )
    mending, repeats = read_mending(table), asked.get("repeats", 1)
    try:
        compared = compare_mended(networks or None, data, mending, repeats=repeats, **settings)
    except DataError as refused:
        # The table is the same as --without takes, and so are its faults; named is the option that was typed.
        if refused.setting == "without":
            refused.setting = "and_without"
        raise
    print_notes(notes_on(data, mending))
    command = settings["command"]
    if wants_json():
        sides = {name: write_report(each, Path(out) / name, command=command) for name, each in compared.sides.items()}
        print_json({"changes": compared.changes, "reports": sides})
        return compared
    _print_changes(compared)
    for name, comparison in compared.sides.items():
        for problem in comparison.problems:
            print_line(f"note: {problem}", err=True)
        click.echo(f"report: {write_report(comparison, Path(out) / name, command=command)}")
    return compared


def _print_changes(compared: MendedComparison) -> None:
    rows = [
        [
            each.title,
            percent(each.before),
            percent(each.after),
            f"{each.p_value:.2g}",
            percent(each.before_mended),
            percent(each.after_mended),
        ]
        for each in compared.changes
    ]
    print_table(["network", "as it is", "mended", "p", "as it is, mended test", "mended, mended test"], rows)
    for change in compared.changes:
        print_line(change.sentence)
    removed, renamed = compared.test_changes
    splits = len(compared.before)
    print_line(
        f"both are tested on the same {len(compared.before[0].split.test_rows):,} images of each split; by the mended "
        f"labels, {removed:,} of them {'is' if removed == 1 else 'are'} left out and {renamed:,} "
        f"{'has' if renamed == 1 else 'have'} another label{f', over all {splits} splits' if splits > 1 else ''}"
    )
