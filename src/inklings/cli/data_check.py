"""``inklings data check``: what is wrong with a data set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from inklings.cli.command import Command
from inklings.cli.completion import complete_data, complete_folders
from inklings.cli.json_output import json_option, print_json, wants_json
from inklings.cli.options import (
    open_data,
    quiet_option,
    reading_options,
    seed_option,
    typed_command,
)
from inklings.cli.tables import print_facts, print_line, print_table

if TYPE_CHECKING:
    from inklings.findings import DataCheck, Finding

_SHOWN = 5
_SECONDS_BETWEEN = 2.0


@click.command(
    cls=Command,
    example="inklings data check digits --out checked --quiet",
)
@click.argument("name", shell_complete=complete_data)
@click.option(
    "--out",
    metavar="FOLDER",
    shell_complete=complete_folders,
    help="Folder for the page and the table.  [default: NAME-check]",
)
@seed_option
@json_option
@quiet_option
@reading_options
def check(name: str, out: str | None, seed: int, quiet: bool, **reading: Any) -> None:  # noqa: ANN401
    """Look for wrong labels, copies, blank and odd images, and write a page of them and a table.

    NAME is a data set's name or a path, as for training. The page shows the suspicious images, the surest
    first; the table findings.csv says what to do about each. Edit it, and train with --without findings.csv.
    """
    from inklings.findings import check_data
    from inklings.report.check_page import TABLE, summarise_check, write_check

    dataset = open_data(name, reading)
    found = check_data(dataset, seed=seed, on_progress=_progress(quiet=quiet))
    folder = Path(out or f"{Path(name).stem or 'data'}-check")
    page = write_check(found, folder, data=name, command=typed_command())
    if wants_json():
        print_json({**found.to_plain(), "page": page, "table": folder / TABLE})
        return
    print_line(summarise_check(found))
    for sentence in (*(remark.sentence for remark in found.remarks), *found.notes):
        print_line(sentence)
    _print_counts(found)
    print_facts([("page", str(page)), ("table", str(folder / TABLE)), ("seconds", f"{found.seconds:.1f}")])


def _print_counts(found: DataCheck) -> None:
    from inklings.findings import KINDS

    rows = [
        [KINDS[kind], f"{len(of):,}", f"{sum(each.action == 'remove' for each in of):,}", ", ".join(_first(found, of))]
        for kind in KINDS
        if (of := found.holding(kind))
    ]
    if rows:
        click.echo()
        headings = ["found", "first rows", "images", "left out"]
        print_table(headings, [[row[0], row[3], row[1], row[2]] for row in rows], words=2, spare=["first rows"])
        click.echo()


def _first(found: DataCheck, of: Sequence[Finding]) -> list[str]:
    """Return the first rows, with what a label says and what the image looks like."""
    data = found.dataset
    texts = []
    for each in of[:_SHOWN]:
        likeness = f" ({data.class_names[data.labels[each.row]]}: {each.suggested}?)" if each.suggested else ""
        texts.append(f"{each.row}{likeness}")
    return [*texts, *(["..."] if len(of) > _SHOWN else [])]


def _progress(*, quiet: bool) -> Callable[[str, int, int], None]:
    """Return what says on standard error how far a check is, once it takes longer than a moment."""
    # No notice for what is over in a moment.
    begun = printed = perf_counter()

    def tell(what: str, done: int, total: int) -> None:
        nonlocal printed
        now = perf_counter()
        if quiet or now - begun < _SECONDS_BETWEEN:
            return
        if not done:
            click.echo(f"{what} ({total:,} images)", err=True)
        elif now - printed >= _SECONDS_BETWEEN:
            printed = now
            click.echo(f"{done:,} of {total:,} {what}", err=True)

    return tell
