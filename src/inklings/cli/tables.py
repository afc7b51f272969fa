"""Tables, and lists of facts with headings, on a terminal or in a pipe."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence

import click

_HEADING = 13  # characters for the headings of facts
_GAP = 3  # characters between two columns of a table
_NARROWEST = 20  # characters of a text; on a terminal with less room, lines are longer than the window


def print_facts(facts: Iterable[tuple[str, str]], *, heading: int = _HEADING) -> None:
    """Print facts, one below the other.

    On a terminal a long text is wrapped, indented by its heading; in a pipe each fact is one line.

    Parameters
    ----------
    facts : iterable of (str, str)
        A heading and a text each. A text may have several lines.
    heading : int
        Width of the headings, in characters.
    """
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else sys.maxsize
    for begin, text in facts:
        parts = text.splitlines() if sys.stdout.isatty() else ["; ".join(text.splitlines())]
        wrapped = [textwrap.wrap(part, max(width - heading, _NARROWEST), break_on_hyphens=False) for part in parts]
        lines = [line for part in wrapped for line in part] or [""]
        for word, line in zip([begin, *[""] * len(lines)], lines, strict=False):
            click.echo(f"{word:<{heading}}{line}".rstrip())


def print_table(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    title: str = "",
    words: int = 1,
    spare: Sequence[str] = (),
) -> None:
    """Print a table.

    On a terminal it fits the window; in a pipe every row is one line, however long, for other programs to read.

    Parameters
    ----------
    headings, rows
        A text for each column.
    title : str
        Printed above.
    words : int
        How many columns, from the left, hold words and are aligned to the left; the rest are numbers.
    spare : sequence of str
        Columns that a narrow window may leave out, the first one first. Where there are any, the first column is never
        wrapped: it holds ids, which people copy.
    """
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if sys.stdout.isatty() else 10_000, highlight=False, markup=False)
    kept = _that_fit(headings, rows, console.width, spare)
    table = Table(title=title or None, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for number in kept:
        table.add_column(
            headings[number],
            justify="left" if number < words else "right",
            overflow="fold",
            # Wider than the window if necessary: rich would break the id.
            min_width=max(len(row[0]) for row in rows) if spare and rows and number == 0 else None,
        )
    for row in rows:
        table.add_row(*(row[number] for number in kept))
    with console.capture() as captured:
        console.print(table, crop=False)
    lines = [line.rstrip() for line in captured.get().splitlines()]
    click.echo("\n".join(lines).strip("\n"))


def _that_fit(headings: Sequence[str], rows: Sequence[Sequence[str]], width: int, spare: Sequence[str]) -> list[int]:
    """Return the numbers of the columns that are left when enough are spared to fit the width."""
    from rich.cells import cell_len

    kept = list(range(len(headings)))
    for name in spare:
        widths = [max(cell_len(line[number]) for line in (headings, *rows)) for number in kept]
        if sum(widths) + _GAP * len(kept) <= width:
            break
        kept.remove(headings.index(name))
    return kept
