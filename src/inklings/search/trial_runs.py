"""The run of a trial: its name follows from the trial's number, so whoever continues a trial finds what is stored."""

from __future__ import annotations

from pathlib import Path

from inklings.data.parts import Split
from inklings.errors import InklingsError, RunError
from inklings.experiments.manifest import read_manifest
from inklings.experiments.run import RUNNING, Run
from inklings.experiments.run_writer import FACTS
from inklings.search.task import Job
from inklings.training.fit_result import StopReason


def folder_name(number: int) -> str:
    """Return the id of a trial's run.

    >>> folder_name(12)
    'trial-00012'
    """
    return f"trial-{number:05d}"


def find_run(runs: Path, job: Job, split: Split, engine: str) -> Run | None:
    """Return the run that a trial has already.

    Returns
    -------
    Run or None
        None if there is none, its worker died while it began it, or it is another training's that has the same number:
        of a study that was begun anew before anything of the first was recorded, or of a configuration that was
        proposed once more, since drivers that share a database never draw the same twice.
    """
    folder = runs / folder_name(job.number)
    try:
        run = Run(folder, read_manifest(folder / FACTS))
    except RunError:
        return None
    return run if _is_of(run, job, split, engine) else None


def _is_of(run: Run, job: Job, split: Split, engine: str) -> bool:
    try:
        return (
            run.facts["engine"] == engine
            and run.facts["split"]["fingerprint"] == split.fingerprint
            and run.network == job.plan.network
            and run.recipe == job.plan.recipe
        )
    except (InklingsError, KeyError, TypeError):  # its manifest is damaged
        return False


def is_far_enough(run: Run, epoch: int) -> bool:
    """Return whether a run needs no more training to reach an epoch."""
    if run.stop_reason == RUNNING:
        return False
    # Whatever ended by itself, by early stopping or divergence, goes no further than it is.
    return run.stop_reason != StopReason.INTERRUPTED or run.history[-1].epoch >= epoch
