"""Writing the table of findings: what a person edits, and ``--without`` reads."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from inklings.data.mending import mark_of
from inklings.data.mending_table import COLUMNS
from inklings.findings.check import DataCheck
from inklings.storage import write_atomically


def write_findings(check: DataCheck, path: Path) -> None:
    """Write the findings as CSV, a line per image, in the order of the page.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    names, labels, mark = check.dataset.class_names, check.dataset.labels, mark_of(check.dataset)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for each in check.findings:
        table.writerow(
            [
                each.row,
                check.name_of(each.row),
                each.kind,
                "; ".join(each.also),
                names[labels[each.row]],
                each.suggested,
                # Four digits: as many as a person reads, and a spreadsheet keeps.
                f"{each.score:.4g}",
                " ".join(map(str, each.same_as)),
                each.action,
                # Empty, to be filled in: new_label.
                "",
                mark,
            ]
        )
    write_atomically(path, text.getvalue())
