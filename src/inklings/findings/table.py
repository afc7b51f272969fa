"""Writing the table of findings: what a person edits, and ``--without`` reads."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from inklings.arguments import checks_call
from inklings.data.mending import mark_of
from inklings.data.mending_table import COLUMNS
from inklings.errors import DataError
from inklings.findings.check import DataCheck
from inklings.storage import write_atomically


@checks_call(DataError)
def write_findings(check: DataCheck, path: Path) -> None:
    """Write the findings as CSV, a line per image, in the order of the page.

    Raises
    ------
    OSError
        The file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import inklings
    >>> from inklings.findings import check_data
    >>> from inklings.findings import write_findings
    >>> found = check_data(inklings.open_dataset("digits").take(range(0, 5000, 50)))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_findings(found, Path(folder) / "findings.csv")
    ...     (Path(folder) / "findings.csv").read_text().splitlines()[0].split(",")[:3]
    ['row', 'name', 'kind']
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
