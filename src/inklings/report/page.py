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
from collections.abc import Sequence
from io import StringIO
from itertools import combinations
from pathlib import Path

from inklings.arguments import as_path, checks_call
from inklings.errors import RunError
from inklings.experiments.comparison import Comparison
from inklings.experiments.flips import Flips, find_flips
from inklings.experiments.repeated_comparison import RepeatedComparison
from inklings.experiments.results import HEADINGS, table_rows
from inklings.report.over_repeats import Entrant, best_of, entrants_of, repeats_of
from inklings.report.page_assets import json_in_script, page_script, page_styles, render_template
from inklings.report.page_data import inspect
from inklings.report.pictures import Picture, draw_pictures
from inklings.report.story import tell
from inklings.report.summary import count_contenders, describe_coverage, summarise
from inklings.report.tables import Table, class_table, cost_table, flip_table, pair_table
from inklings.report.text import diagnose_all, provenance
from inklings.report.what_it_sees import look_at_all
from inklings.storage import write_atomically
from inklings.training.plans import slug_of

PAGE, RESULTS, PICTURES, TABLES = "report.html", "results.json", "pictures", "tables"


@checks_call(RunError, comparison=(Comparison, RepeatedComparison))
def write_report(comparison: Comparison | RepeatedComparison, folder: str | Path, *, command: str = "") -> Path:
    """Write the page, the pictures and the tables of a comparison.

    Parameters
    ----------
    comparison : Comparison or RepeatedComparison
        Of a repeated one, everything is of all repeats: counts are sums, figures means with their spread.
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

    Examples
    --------
    >>> import tempfile
    >>> import inklings
    >>> comparison = inklings.compare(["softmax"], inklings.open_dataset("digits").split(), quick=True)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     inklings.write_report(comparison, folder).name
    'report.html'
    """
    folder = as_path(folder, "a report's folder", RunError)
    entrants = entrants_of(comparison)
    flips = _find_flips(comparison, entrants)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        quick = repeats_of(comparison)[0].quick
        # By validation accuracy, as a user would have to choose, where the first screen ranks by test accuracy.
        best = best_of(entrants).title
        # The pictures show the best one against each of the others, and it stands on the left of all.
        shown = [each if each.first == best else each.reversed() for each in flips if best in (each.first, each.second)]
        pictures = draw_pictures(entrants, comparison.results, shown, folder / PICTURES, quick=quick)
        tables = _tables(comparison, entrants, flips)
        _write_tables(tables, folder / TABLES)
        results = [result.to_dict() for result in comparison.results]
        write_atomically(folder / RESULTS, json.dumps(results, indent=1) + "\n")
        write_atomically(folder / PAGE, _render(comparison, entrants, flips, pictures, tables, command))
    except OSError as problem:
        raise RunError(
            f"the report cannot be written ({problem.strerror})", "name another folder", path=folder
        ) from None
    return folder / PAGE


def _find_flips(comparison: Comparison | RepeatedComparison, entrants: Sequence[Entrant]) -> list[Flips]:
    """Find the images that only one of each two gets right; the more accurate one comes first."""
    if isinstance(comparison, RepeatedComparison):
        found = list(comparison.flips.values())
    else:
        found = [find_flips(one.runs, other.runs) for one, other in combinations(entrants, 2)]
    return [each if each.total_first >= each.total_second else each.reversed() for each in found]


def _tables(
    comparison: Comparison | RepeatedComparison, entrants: Sequence[Entrant], flips: Sequence[Flips]
) -> dict[str, Table]:
    tables: dict[str, Table] = {
        "results": (HEADINGS, table_rows(comparison.results)),
        "cost": cost_table(entrants),
        **{f"classes-{slug_of(each.title)}": class_table(each) for each in entrants},
    }
    if flips:
        tables["flips"] = flip_table(flips)
    return {**tables, "pairs": pair_table(comparison)} if isinstance(comparison, RepeatedComparison) else tables


def _write_tables(tables: dict[str, Table], folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for name, (headings, rows) in tables.items():
        text = StringIO()
        csv.writer(text, lineterminator="\n").writerows([headings, *rows])
        write_atomically(folder / f"{name}.csv", text.getvalue())


def _render(
    comparison: Comparison | RepeatedComparison,
    entrants: Sequence[Entrant],
    flips: Sequence[Flips],
    pictures: dict[str, list[Picture]],
    tables: dict[str, Table],
    command: str,
) -> str:
    repeats, best = repeats_of(comparison), best_of(entrants)
    first, repeated = repeats[0], comparison if isinstance(comparison, RepeatedComparison) else None
    return render_template(
        "report.html.jinja",
        title=f"Inklings: {count_contenders(entrants)} on {first.split.dataset.source}",
        styles=page_styles(),
        script=page_script(),
        story=tell(comparison),
        summary=summarise(comparison, comparison.results),
        # A training cut short says nothing of what the network would know.
        coverage=describe_coverage(best.networks[0]) if best.is_network and not first.quick else "",
        tables=tables,
        class_tables=[(each.title, tables[f"classes-{slug_of(each.title)}"]) for each in entrants],
        pairs=[_as_sentence(each) for each in repeated.sentences] if repeated else [],
        until_sure=repeated is not None and repeated.at_most is not None,
        notes=[_as_sentence(each) for each in repeated.notes] if repeated else [],
        pictures=pictures,
        sights=look_at_all(entrants),
        # A shortened training would be diagnosed with nothing but its own shortness.
        diagnoses=[] if first.quick else diagnose_all(entrants),
        problems=comparison.problems,
        quick=first.quick,
        repeats=len(repeats),
        best=best.title,
        class_count=best.dataset.class_count,
        example_seed=best.networks[0].plan.recipe.seed if best.is_network else None,
        facts=provenance(repeats, command),
        inspection=json_in_script(inspect(entrants, flips)),
    )


def _as_sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."
