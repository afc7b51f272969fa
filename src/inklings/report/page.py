"""A comparison as a folder that anyone can open: one page, its figures, its tables.

::

    report.html     everything in one self-contained file that works offline
    results.json    the table: one object per row
    pictures/       every picture as PNG and SVG
    tables/         every table as CSV
"""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path

from inklings.errors import RunError
from inklings.experiments import Comparison, RepeatedComparison, TrainedNetwork
from inklings.experiments.results import HEADINGS, table_rows
from inklings.report.page_data import inspect
from inklings.report.pictures import Picture, best_contender, draw_pictures
from inklings.report.text import (
    Table,
    class_table,
    cost_table,
    count_contenders,
    describe_coverage,
    diagnose_all,
    pair_table,
    provenance,
    summarise,
)
from inklings.storage import write_atomically
from inklings.training.plans import slug_of

PAGE, RESULTS, PICTURES, TABLES = "report.html", "results.json", "pictures", "tables"


def write_report(comparison: Comparison | RepeatedComparison, folder: str | Path, *, command: str = "") -> Path:
    """Write the page, the pictures and the tables of a comparison.

    Parameters
    ----------
    comparison : Comparison or RepeatedComparison
        For a repeated one, the table holds means, and everything else shows its first repeat.
    folder : str or Path
        Created if missing; files of an earlier report are replaced.
    command : str
        The command that repeats the comparison, shown on the page.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    RunError
        The folder cannot be written.
    """
    folder = Path(folder)
    repeated = comparison if isinstance(comparison, RepeatedComparison) else None
    first = comparison.repeats[0] if isinstance(comparison, RepeatedComparison) else comparison
    try:
        folder.mkdir(parents=True, exist_ok=True)
        pictures = draw_pictures(first, comparison.results, folder / PICTURES)
        tables = _tables(first, comparison, repeated)
        _write_tables(tables, folder / TABLES)
        results = [result.to_dict() for result in comparison.results]
        write_atomically(folder / RESULTS, json.dumps(results, indent=1) + "\n")
        write_atomically(folder / PAGE, _render(first, comparison, repeated, pictures, tables, command))
    except OSError as problem:
        raise RunError(
            f"the report cannot be written ({problem.strerror})", "name another folder", path=folder
        ) from None
    return folder / PAGE


def _tables(
    first: Comparison, comparison: Comparison | RepeatedComparison, repeated: RepeatedComparison | None
) -> dict[str, Table]:
    tables: dict[str, Table] = {
        "results": (HEADINGS, table_rows(comparison.results)),
        "cost": cost_table(first),
        **{f"classes-{slug_of(each.title)}": class_table(each) for each in first.contenders},
    }
    return {**tables, "pairs": pair_table(repeated)} if repeated else tables


def _write_tables(tables: dict[str, Table], folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for name, (headings, rows) in tables.items():
        text = StringIO()
        csv.writer(text, lineterminator="\n").writerows([headings, *rows])
        write_atomically(folder / f"{name}.csv", text.getvalue())


def _render(
    first: Comparison,
    comparison: Comparison | RepeatedComparison,
    repeated: RepeatedComparison | None,
    pictures: dict[str, list[Picture]],
    tables: dict[str, Table],
    command: str,
) -> str:
    from jinja2 import Environment, PackageLoader

    environment = Environment(loader=PackageLoader("inklings.report"), autoescape=True, trim_blocks=True)
    best = best_contender(first)
    return environment.get_template("report.html.jinja").render(
        title=f"Inklings: {count_contenders(first)} on {first.split.dataset.source}",
        summary=summarise(first, comparison.results, repeated),
        # A training cut short says nothing of what the network would know.
        coverage=describe_coverage(best) if isinstance(best, TrainedNetwork) and not first.quick else "",
        tables=tables,
        class_tables=[(each.title, tables[f"classes-{slug_of(each.title)}"]) for each in first.contenders],
        pairs=[f"{sentence[:1].upper()}{sentence[1:]}." for sentence in repeated.sentences] if repeated else [],
        pictures=pictures,
        # A shortened training would be diagnosed with nothing but its own shortness.
        diagnoses=[] if first.quick else diagnose_all(first),
        problems=comparison.problems,
        quick=first.quick,
        repeats=len(repeated.repeats) if repeated else 1,
        best=best.title,
        facts=provenance(first, command),
        inspection=json.dumps(inspect(first), separators=(",", ":")).replace("<", "\\u003c"),
    )
