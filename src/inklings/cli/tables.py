"""Tables, and facts with a heading each, on a terminal or in a pipe."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence

import click

_HEADING = 13  # columns that the headings of facts take
_GAP = 3  # columns between two of a table


def print_facts(facts: Iterable[tuple[str, str]], *, heading: int = _HEADING) -> None:
    """Print headings, which take so many columns, and texts.

    On a terminal a long text goes on below itself, and each line of a text begins anew; piped, all of it is one line.
    """
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else sys.maxsize
    for begin, text in facts:
        parts = text.splitlines() if sys.stdout.isatty() else ["; ".join(text.splitlines())]
        wrapped = [textwrap.wrap(part, max(width - heading, 20), break_on_hyphens=False) for part in parts]
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
    """Print a table: so many columns of words, to the left, then columns of numbers, to the right.

    On a terminal it fits the window; piped, every row is one line however long, for other programs to read. Where
    columns are named that can be spared, a narrow window leaves out as many as it must, in their order, and breaks no
    id in the first column: people copy those.
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
            # Wider than the window if it must be: rich would cut it.
            min_width=max(len(row[0]) for row in rows) if spare and rows and number == 0 else None,
        )
    for row in rows:
        table.add_row(*(row[number] for number in kept))
    with console.capture() as captured:
        console.print(table, crop=False)
    lines = [line.rstrip() for line in captured.get().splitlines()]
    click.echo("\n".join(lines).strip("\n"))


def _that_fit(headings: Sequence[str], rows: Sequence[Sequence[str]], width: int, spare: Sequence[str]) -> list[int]:
    """Give the columns that are left when as many are spared as a window of this width asks for."""
    from rich.cells import cell_len

    kept = list(range(len(headings)))
    for name in spare:
        widths = [max(cell_len(line[number]) for line in (headings, *rows)) for number in kept]
        if sum(widths) + _GAP * len(kept) <= width:
            break
        kept.remove(headings.index(name))
    return kept
