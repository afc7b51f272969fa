"""Tables, and lists of facts with headings, on a terminal or in a pipe."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence

import click

_HEADING = 13  # characters for the headings of facts
_GAP = 3  # characters between two columns of a table
_UNLIMITED = 10_000  # characters of a line in a pipe
_WRAPPED = 16  # characters to which a column of words may be wrapped
_NARROWEST = 20  # characters of a text; on a terminal with less room, lines are longer than the window

_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))} | {ord("\n"): " "}


def visible(text: str) -> str:
    r"""Return text with its control characters written out: a name in somebody's data is not to steer the terminal.

    A line break becomes a blank: libraries write errors in several lines.

    >>> visible("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    return text.translate(_CONTROLS)


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
    # In a pipe each fact stays on one line, for grep and the like.
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else sys.maxsize
    for begin, text in facts:
        parts = [visible(part) for part in text.split("\n")]
        parts = parts if sys.stdout.isatty() else ["; ".join(parts)]
        wrapped = [textwrap.wrap(part, max(width - heading, _NARROWEST), break_on_hyphens=False) for part in parts]
        lines = [line for part in wrapped for line in part] or [""]
        for word, line in zip([begin, *[""] * len(lines)], lines, strict=False):
            click.echo(f"{word:<{heading}}{line}".rstrip())


def print_line(text: str, *, err: bool = False) -> None:
    """Print a sentence: on a terminal wrapped between words, in a pipe as one line.

    Not for what holds a command to copy: wrapped, its first line would run by itself.
    """
    text = visible(text)
    if (sys.stderr if err else sys.stdout).isatty():
        text = "\n".join(textwrap.wrap(text, shutil.get_terminal_size().columns, break_on_hyphens=False))
    click.echo(text, err=err)


def print_table(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    title: str = "",
    words: int = 1,
    spare: Sequence[str] = (),
    whole: Sequence[str] = (),
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
        How many columns, from the left, hold words: aligned to the left, and wrapped where the window is narrow. The
        rest are numbers, which are never wrapped.
    spare : sequence of str
        Columns that a narrow window leaves out, the first one first, until the rest fits.
    whole : sequence of str
        Columns of words that are never wrapped: ids, which people copy.
    """
    room = shutil.get_terminal_size().columns if sys.stdout.isatty() else _UNLIMITED
    rows = [[visible(cell) for cell in row] for row in rows]
    wrapped = [name for name in headings[:words] if name not in whole]
    widths = _fit(_measure(headings, rows, wrapped), room, spare)
    # Not the table's own title: by some versions of rich that is a character wider than the table.
    for line in textwrap.wrap(visible(title), room):
        click.secho(line, italic=True)
    click.echo(_draw(headings, rows, words, widths))


def _draw(headings: Sequence[str], rows: Sequence[Sequence[str]], words: int, widths: Mapping[str, int]) -> str:
    """Return a table of the columns that have a width."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    # Wider than any table, since the widths are decided here; no markup, since cells may hold brackets.
    console = Console(width=_UNLIMITED, highlight=False, markup=False)
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for number, name in enumerate(headings):
        if name in widths:
            # Told exactly: left to itself rich takes room from the widest column, which may be one of numbers.
            table.add_column(name, justify="left" if number < words else "right", width=widths[name], overflow="fold")
    for row in rows:
        table.add_row(*(cell for name, cell in zip(headings, row, strict=True) if name in widths))
    with console.capture() as captured:
        console.print(table, crop=False)
    lines = [line.rstrip() for line in captured.get().splitlines()]
    return "\n".join(lines).strip("\n")


def _measure(
    headings: Sequence[str], rows: Sequence[Sequence[str]], wrapped: Sequence[str]
) -> dict[str, tuple[int, int]]:
    """Return for each column the fewest characters that it needs, and how many it would like.

    Headings may always be wrapped between words, cells only in the columns that are named.
    """
    from rich.cells import cell_len

    sizes = {}
    for number, name in enumerate(headings):
        widest = max([cell_len(row[number]) for row in rows], default=0)
        least = min(widest, _WRAPPED) if name in wrapped else widest
        sizes[name] = max(least, *map(cell_len, name.split())), max(widest, cell_len(name))
    return sizes


def _fit(sizes: Mapping[str, tuple[int, int]], room: int, spare: Sequence[str]) -> dict[str, int]:
    """Return the widths of the columns that are left when enough are spared and narrowed to fit the room."""
    kept = dict(sizes)
    for name in spare:
        if sum(least + _GAP for least, _ in kept.values()) <= room:
            break
        del kept[name]
    widths = {name: liked for name, (_, liked) in kept.items()}
    excess = sum(widths.values()) + _GAP * len(widths) - room
    # One character at a time from whichever column has most to spare, so that all that can give way do so alike.
    for _ in range(excess):
        slack = {name: widths[name] - least for name, (least, _) in kept.items()}
        name = max(slack, key=slack.__getitem__)
        if not slack[name]:
            break  # too wide for the window, but nothing is lost
        widths[name] -= 1
    return widths
