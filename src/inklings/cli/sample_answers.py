"""What a contest's sample of answers beside the data says of the form that it wants: headings, and the first number."""

from __future__ import annotations

import csv
import shlex
from collections.abc import Sequence
from itertools import islice
from pathlib import Path


def describe_sample(data: Path, columns: Sequence[str], first: str) -> str:
    """Return a note where answers have another form than the sample beside their data; empty if there is none.

    Parameters
    ----------
    data : Path
        The file whose images were classified.
    columns : sequence of str
        The headings that were asked for; none for the usual ones.
    first : str
        What the first answer is for.
    """
    for path in sorted(data.parent.glob("*[sS]ubmission*.csv")):
        try:
            with path.open(newline="", encoding="utf-8-sig") as file:
                rows = list(islice(csv.reader(file), 2))
        except (OSError, ValueError, csv.Error):
            continue
        if len(rows) < 2 or len(rows[0]) != 2 or len(rows[1]) != 2:
            continue
        wanted = ",".join(name.strip() for name in rows[0])
        number = rows[1][0].strip()
        options = [f"--columns {shlex.quote(wanted)}"] if list(columns) != wanted.split(",") else []
        # Identifiers other than numbers are the data's own, if they have any.
        options += [f"--first-id {number}"] if number != first and number.isdecimal() and first.isdecimal() else []
        if options:
            return f"{path.name} has the columns {wanted}, and begins with {number}: {' '.join(options)} writes that"
    return ""
