"""The rows of a text table as lines, cleaned of what is not a row, each with its number in the file."""

from __future__ import annotations

import csv
import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from inklings.data.readers.number_watch import NumberWatch
from inklings.data.readers.text_file import open_text, read_lines
from inklings.data.readers.text_table import COMMENTS, TextForm, split_line


@dataclass
class Collected:
    """What a table holds beside the pixels, a text per row, and each row's line in the file."""

    labels: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    lines: array[int] = field(default_factory=lambda: array("Q"))


def iterate_rows(
    path: Path, form: TextForm, header: int, lines: array[int], watch: NumberWatch | None = None
) -> Iterator[str]:
    """Iterate over the lines of a table's rows; each one's number in the file is appended to ``lines``.

    Cells that are numbers are written as Python writes them, and seen before by the watch; a quote after a blank begins
    its cell.
    """
    separator = r"\s" if form.delimiter == " " else re.escape(form.delimiter)
    rewritten = form.notation.line_rewriter(form.delimiter)
    quote = re.compile(rf"(?<![^{separator}])[ ]+\"")
    blank = f' \t\r\n"{form.delimiter}'
    names = ""
    with open_text(path, form.encoding) as file:
        for number, line in enumerate(read_lines(file, path), start=1):
            # Spreadsheets end in rows of separators alone.
            if number <= form.skipped or not line.strip(blank) or _is_remark(line, form):
                continue
            if header and not names:
                names = line
                continue
            if line == names:
                continue  # tables that were joined, each with its header
            lines.append(number)
            if '"' in line and form.delimiter != " ":
                # Within quotes, after an odd number of them, a separator and a blank are part of the text.
                line = quote.sub(lambda found: found[0] if found.string.count('"', 0, found.start()) % 2 else '"', line)
            if watch is not None:
                watch.see(line)
            yield line if form.notation.is_plain else rewritten(line)


def iterate_cells(path: Path, form: TextForm, header: int, lines: array[int]) -> Iterator[list[str]]:
    """Iterate over the rows' cells, trimmed; the last of ``lines`` is then the number of the row's last line."""
    texts = iterate_rows(path, form, header, lines)
    # Not line by line, since a quoted cell may go on over several.
    rows = csv.reader(texts, delimiter=form.delimiter, skipinitialspace=True)
    for row in rows if form.delimiter != " " else (split_line(text, " ") for text in texts):
        yield [cell.strip() for cell in row]


def _is_remark(line: str, form: TextForm) -> bool:
    """Whether a line is a comment; one with as many cells as a row is a row."""
    return line.lstrip().startswith(COMMENTS) and len(split_line(line, form.delimiter)) != form.columns + form.trailing
