"""``inklings train``: the training of one network, whose run is open: trained, evaluated, stored, saved, reported."""

from __future__ import annotations

import shlex
import sys
from typing import Any

import click

from inklings.cli.budget import Budget
from inklings.cli.json_output import print_json, result_to_json, wants_json
from inklings.cli.main import INTERRUPTED
from inklings.cli.option_names import describe_note
from inklings.cli.options import command_to_continue_run
from inklings.cli.progress import watch
from inklings.cli.saving import Packing
from inklings.cli.tables import print_facts
from inklings.costs.budget import LEAST_STEPS
from inklings.data.parts import Split
from inklings.engines import get_engine
from inklings.errors import RecipeError, RunError, TrainingDivergedError
from inklings.experiments.results import Result, measure_fitted
from inklings.experiments.run import Run
from inklings.experiments.run_writer import RunWriter
from inklings.reprs import percent
from inklings.training.checkpoints import Checkpoint
from inklings.training.fit import fit_job
from inklings.training.fit_result import FitResult, StopReason
from inklings.training.interruption import Interruption
from inklings.training.training_job import TrainingJob


def train_network(
    open_run: RunWriter,
    job: TrainingJob,
    packing: Packing,
    interruption: Interruption,
    *,
    quiet: bool,
    resume: Checkpoint | None = None,
    budget: Budget | None = None,
) -> None:
    """Train, evaluate, store and report; a signal that arrives after training waits until all of it is done."""
    try:
        run, fitted, result = _fit_and_store(open_run, job, quiet=quiet, resume=resume, budget=budget)
        too_short = budget is not None and budget.ended and not _has_learnt(run, fitted)
        saved, problem = ([], None) if too_short else _save(packing, run, job.split)
    except KeyboardInterrupt:
        click.echo(f"interrupted at once; to continue: {_onward(open_run.run, packing)}", err=True)
        raise
    if wants_json():
        print_json(_as_plain(run, result, packing if saved else None))
    else:
        _print_results(run, result, saved)
    # After the results: they hold whatever could not be stored.
    if problem := open_run.problem or problem:
        raise problem
    if budget is not None and too_short:
        raise _too_short(budget, packing, run)
    if budget is not None and budget.ended:
        click.echo(f"note: {budget.describe_end(fitted)}; to go on: {_onward(run, packing)}", err=True)
    else:
        _end(run, packing, fitted, interruption)


def _fit_and_store(
    open_run: RunWriter, job: TrainingJob, *, quiet: bool, resume: Checkpoint | None, budget: Budget | None
) -> tuple[Run, FitResult, Result]:
    """Train, evaluate and store."""
    run = open_run.run
    plan, engine = run.plan, get_engine(run.facts["engine"])
    # Within a budget there was a forecast already, and another one would take its time; none is of several devices.
    images = job.images if budget is None and not hasattr(job.engine, "devices") else None
    fitted = fit_job(
        job,
        callbacks=[*watch(plan, images, engine.name, quiet=quiet), open_run, *([budget] if budget else [])],
        resume=resume,
        checkpoints=run.checkpoint,
    )
    # Several processes leave together, before process 0 evaluates: the others have nothing more to do.
    if hasattr(job.engine, "leave"):
        job.engine.leave()
    result = measure_fitted(plan, fitted, job.split, engine)
    return open_run.finish(fitted, result.accuracies), fitted, result


def _has_learnt(run: Run, fitted: FitResult) -> bool:
    """Return whether a training that its budget ended is worth keeping: an epoch is done, or enough of its steps."""
    if fitted.history[-1].epoch > 0 or not run.checkpoint.exists():  # without which nothing tells how many steps
        return True
    # Early stopping keeps the best of the complete epochs, here the untrained network.
    return fitted.recipe.early_stopping is None and Checkpoint.load(run.checkpoint).step >= LEAST_STEPS


def _too_short(budget: Budget, packing: Packing, run: Run) -> RecipeError:
    """Say that nothing was learnt, and that therefore nothing is saved."""
    unsaved = f", and {packing.file} is not saved" if packing.file else ""
    problem = f"was over early in the first epoch: nothing was learnt{unsaved}"
    hint = f"give it more time, or go on: {_onward(run, packing)}"
    return RecipeError(problem, hint, setting="budget", found=budget.seconds)


def _save(packing: Packing, run: Run, split: Split) -> tuple[list[tuple[str, str]], RunError | None]:
    """Save the model if that is asked for; return the lines to print about it, and what went wrong."""
    try:
        return packing.save(run, split), None
    except RunError as problem:
        again = shlex.join(["inklings", "runs", "--runs", str(run.folder.parent), "save", run.id, str(packing.file)])
        return [], RunError(problem.message, f"the run is stored; free some space, then: {again}", path=problem.path)


def _as_plain(run: Run, result: Result, packing: Packing | None) -> dict[str, Any]:
    """Return the results, and what was saved of them."""
    return {
        **result_to_json(result),
        "epochs": run.history[-1].epoch,
        "stop_reason": run.stop_reason,
        "run": run.id,
        "folder": run.folder,
        **(packing.to_plain() if packing else {}),
    }


def _print_results(run: Run, result: Result, saved: list[tuple[str, str]]) -> None:
    """Print the results."""
    low, high = result.interval
    print_facts(
        [
            ("network", f"{result.title}, {result.parameters:,} parameters"),
            ("training", percent(result.train)),
            ("validation", percent(result.validation)),
            ("test", f"{percent(result.test)} (95 % interval {low:.1%} to {high:.1%})"),
            ("best epoch", f"{result.best_epoch} of {run.history[-1].epoch}"),
            ("seconds", f"{result.seconds:.1f}"),
            ("run", str(run.folder)),
            *saved,
        ]
    )


def _end(run: Run, packing: Packing, fitted: FitResult, interruption: Interruption) -> None:
    """End the command with an exit code of its own, if training diverged or was interrupted."""
    if fitted.stop_reason is StopReason.DIVERGED:
        raise fitted.error or TrainingDivergedError(fitted.message)
    if fitted.message and fitted.stop_reason is not StopReason.INTERRUPTED:
        click.echo(f"note: {describe_note(fitted.message)}", err=True)
    if fitted.stop_reason is StopReason.INTERRUPTED:
        click.echo(f"interrupted; what was learnt so far is stored; to continue: {_onward(run, packing)}", err=True)
        sys.exit(INTERRUPTED)
    if interruption.requested:
        click.echo("interrupted after training had ended; nothing is lost, the run is complete", err=True)
        sys.exit(INTERRUPTED)


def _onward(run: Run, packing: Packing) -> str:
    """Return the command that continues a run, and saves it where the first would have."""
    save = ["--save", packing.file] if packing.file else []
    return command_to_continue_run(run.folder, *save)
