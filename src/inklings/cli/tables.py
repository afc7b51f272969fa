"""Tables, and facts with a heading each, on a terminal or in a pipe."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence

import click

_HEADING = 13  # columns that the headings of facts take


def print_facts(facts: Iterable[tuple[str, str]]) -> None:
    """Print headings and texts; on a terminal a long text goes on below itself, piped each is one line."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else sys.maxsize
    for heading, text in facts:
        lines = textwrap.wrap(text, max(width - _HEADING, 20), break_on_hyphens=False) or [""]
        for begin, line in zip([heading, *[""] * len(lines)], lines, strict=False):
            click.echo(f"{begin:<{_HEADING}}{line}".rstrip())


def print_table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, title: str = "", words: int = 1) -> None:
    """Print a table: so many columns of words, to the left, then columns of numbers, to the right.

    On a terminal it fits the window; piped, every row is one line however long, for other programs to read.
    """
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title or None, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="left" if number < words else "right", overflow="fold")
    for row in rows:
        table.add_row(*row)
    console = Console(width=None if sys.stdout.isatty() else 10_000, highlight=False, markup=False)
    with console.capture() as captured:
        console.print(table, crop=False)
    lines = [line.rstrip() for line in captured.get().splitlines()]
    click.echo("\n".join(lines).strip("\n"))
