"""Tables on a terminal or in a pipe."""

from __future__ import annotations

from collections.abc import Sequence


def print_table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, title: str = "") -> None:
    """Print a table; the first column to the left, numbers to the right.

    On a terminal it fits the window; piped, every row is one line however long, for other programs to read.
    """
    import sys

    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title or None, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="right" if number and _is_numeric(rows, number) else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    width = None if sys.stdout.isatty() else 10_000
    Console(width=width, highlight=False, markup=False).print(table, crop=False)


def _is_numeric(rows: Sequence[Sequence[str]], column: int) -> bool:
    """Tell whether most cells of a column begin with a digit."""
    return sum(row[column][:1].isdigit() for row in rows) * 2 >= len(rows)
