"""Stored runs: as rows, each one's history, and its report."""

from __future__ import annotations

import tempfile
from pathlib import Path
from threading import Lock
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from inklings.errors import RunError
from inklings.experiments.reload import comparison_of
from inklings.experiments.run import Run
from inklings.lab.access import RefusedError
from inklings.lab.answers import compute_aside, lab_of, run_aside
from inklings.lab.laboratory import Laboratory
from inklings.lab.model_table import title_of_run
from inklings.lab.progress import plain_row

MOST_RUNS = 500
REPORT_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-scripts allow-downloads"
)
"""A report is one file with its own scripts. In its sandbox it is not part of the lab: it has no cookie and may ask
for nothing."""

_WRITING = Lock()


async def list_runs(request: Request) -> Response:
    """Return the stored runs, the newest first."""
    return JSONResponse(await run_aside(_rows, lab_of(request)))


def _rows(lab: Laboratory) -> list[dict[str, Any]]:
    return [_row(run) for run in lab.store.runs()[:MOST_RUNS]]


def _row(run: Run) -> dict[str, Any]:
    facts, results = run.facts, run.results
    # A report shows images, so these must be found again: by name and options, not from arrays that a script had.
    can_be_opened = "name" in facts["data"].get("options", {}) and bool(facts["split"].get("options"))
    return {
        "id": run.id,
        "title": title_of_run(run),
        "state": run.stop_reason,
        "data": facts["data"].get("source"),
        "test": results.get("test"),
        "interval": results.get("interval"),
        "validation": results.get("validation"),
        "parameters": facts["parameters"],
        "epochs": results.get("best_epoch"),
        "seconds": results.get("seconds"),
        "started": facts["created"],
        "report": can_be_opened and "test" in results,
    }


async def send_run(request: Request) -> Response:
    """Return a run's history, a row an epoch."""
    run = await run_aside(_run_of, lab_of(request), request.path_params["id"])
    return JSONResponse(await run_aside(lambda: [plain_row(row) for row in run.history]))


async def send_report(request: Request) -> Response:
    """Return a run's report."""
    lab = lab_of(request)
    run = await run_aside(_run_of, lab, request.path_params["id"])
    content = await compute_aside(_report, lab, run)
    return Response(content, media_type="text/html", headers={"Content-Security-Policy": REPORT_POLICY})


def _run_of(lab: Laboratory, id: str) -> Run:
    """Return the run with exactly this id, which is looked up among the folders that there are."""
    try:
        run = lab.store.load(id)
    except RunError:
        run = None
    if run is None or run.id != id:
        raise RefusedError(404, "there is no such run")
    return run


def _report(lab: Laboratory, run: Run) -> bytes:
    """Write the report, or return the one that was written last."""
    # With the weights: a run that is trained further keeps its id.
    key = (run.id, run.facts.get("weights_sha256"))
    # One at a time: Matplotlib draws for one thread alone, and whoever asks twice waits for the first.
    with _WRITING:
        if lab.last_report is not None and lab.last_report[0] == key:
            return lab.last_report[1]
        from inklings.report.page import write_report

        with tempfile.TemporaryDirectory(prefix="inklings-lab-") as folder:
            content = write_report(comparison_of([run]), Path(folder) / "report").read_bytes()
        lab.last_report = (key, content)
        return content
