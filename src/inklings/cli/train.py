"""``inklings train``: one network, stored as a run; or one opponent."""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from typing import Any

import click
from click.core import ParameterSource

from inklings.cli import recipe_options, saving
from inklings.cli.budget import Budget, budget_option
from inklings.cli.choices import choose_for_images
from inklings.cli.command import Command
from inklings.cli.completion import complete_contenders, complete_runs
from inklings.cli.main import INTERRUPTED
from inklings.cli.options import (
    READING,
    data_option,
    engine_option,
    how_opened,
    note_duplicates,
    open_data,
    quiet_option,
    reading_options,
    runs_option,
    seed_option,
    typed_command,
    without_option,
)
from inklings.cli.progress import describe_cost, watch
from inklings.cli.recipe_options import add_recipe_options, find_plan, preset_options
from inklings.cli.saving import Packing, save_options
from inklings.cli.tables import print_facts
from inklings.cli.train_ensemble import train_ensemble_of
from inklings.cli.train_opponent import check_opponent_options, train_opponent_named
from inklings.data.dataset import Split
from inklings.engines import get_engine
from inklings.errors import RunError, TrainingDivergedError
from inklings.experiments.contender_plans import check_is_known
from inklings.experiments.reload import reopen_split
from inklings.experiments.results import Result, measure_fitted
from inklings.experiments.run_writer import RunWriter
from inklings.experiments.runs import RUNNING, Run, RunStore
from inklings.models.ensemble import MOST
from inklings.opponents import OPPONENTS
from inklings.training.checkpoints import Checkpoint
from inklings.training.data_facts import DataFacts
from inklings.training.fit import fit_job
from inklings.training.fit_result import FitResult, StopReason
from inklings.training.interruption import Interruption
from inklings.training.plans import Plan
from inklings.training.presets import DEFAULT_PRESET
from inklings.training.training_job import TrainingJob

_ALLOWED_WITH_CONTINUE = ("continued", "folder", "quiet", "save", "target_accuracy", "pictures")


@click.command(
    cls=Command,
    example="inklings train --data pictures/ --save mine.inkling\n"
    "inklings train mlp --dropout\n"
    "inklings train cnn2 --data mnist --epochs 5 --save mnist.inkling\n"
    "inklings train mine.toml --data pictures/ --size 28\n"
    "inklings train hog-svm --save digits.inkling\n"
    "inklings train mlp --ensemble 5 --save five.inkling",
    renamed={**recipe_options.OLD_NAMES, **saving.OLD_NAMES},
)
@click.argument("network", required=False, shell_complete=complete_contenders)
@data_option
@preset_options
@add_recipe_options
@budget_option
@seed_option
@engine_option
@runs_option
@click.option(
    "--continue", "continued", metavar="ID", shell_complete=complete_runs, help="Continue a run that was interrupted."
)
@click.option(
    "--ensemble",
    "members",
    type=click.IntRange(min=2, max=MOST),
    metavar="K",
    help="Train K networks with other seeds, which classify together by their mean probabilities.",
)
@click.option("--dry-run", is_flag=True, help="Print what training would cost, and train nothing.")
@save_options
@quiet_option
@without_option
@reading_options
@click.pass_context
def train(
    context: click.Context,
    /,
    network: str | None,
    name: str,
    budget_seconds: float | None,
    seed: int,
    engine: str,
    folder: str,
    continued: str | None,
    members: int | None,
    dry_run: bool,
    quiet: bool,
    save: str | None,
    target_accuracy: float,
    pictures: str | None,
    **typed: Any,  # noqa: ANN401 - the recipe's settings, and how to read the data
) -> None:
    """Train a network and store the run.

    NETWORK is a name that `inklings networks` lists, or a TOML or JSON file; without it, best is trained. Settings that
    are left out are those of the network's own recipe. Opponents, which are no networks, are trained by name too: they
    choose their settings on the validation images, take none of those below, and are kept by --save alone.
    """
    store, packing = RunStore(folder), Packing(save, target_accuracy, pictures)
    packing.check()
    if continued is not None:
        _check_only_continued(context)
        _continue(store, store.load(continued), packing, quiet=quiet)
        return
    network = network or DEFAULT_PRESET
    if members is not None and budget_seconds is not None:
        raise click.UsageError("--budget is of one network; leave it out, or choose --epochs for an ensemble", context)
    if network in OPPONENTS:
        check_opponent_options(context, network)
        reading = {option: typed.pop(option) for option in READING}
        train_opponent_named(network, name, reading, packing, seed=seed, quiet=quiet)
    else:
        check_is_known(network)
        reading = {option: typed.pop(option) for option in READING}
        budget = None if budget_seconds is None else Budget(budget_seconds, saves=save is not None)
        plan, job = _prepare(network, name, seed, engine, reading=reading, typed=typed)
        plan = choose_for_images(network, plan, job.split, typed, engine, budget=budget, tries=not dry_run, quiet=quiet)
        job = replace(job, network=plan.network, recipe=plan.recipe)
        if dry_run:
            print_facts(
                [*describe_cost(plan, job.images, engine), *([("ensemble", f"{members} of these")] * bool(members))]
            )
            return
        how: dict[str, Any] = {"data_options": how_opened(name, reading), "command": typed_command()}
        if members is not None:
            train_ensemble_of(plan, job, members, packing, store, how, quiet=quiet)
            return
        how["split_options"] = {"seed": seed}
        with Interruption() as interruption:
            writer = store.begin(plan, job.split, engine=engine, **how)
            _train(writer, job, packing, interruption, quiet=quiet, budget=budget)


def _check_only_continued(context: click.Context) -> None:
    """Refuse options that a continued run could not follow: its network, images and settings are its own."""
    for parameter in context.command.params:
        typed = context.get_parameter_source(parameter.name or "") is ParameterSource.COMMANDLINE
        if typed and parameter.name not in _ALLOWED_WITH_CONTINUE:
            name = parameter.opts[0] if isinstance(parameter, click.Option) else "NETWORK"
            raise click.UsageError(f"--continue takes everything from the run; leave {name} out", context)


def _prepare(
    network: str,
    name: str,
    seed: int,
    engine: str,
    *,
    reading: dict[str, Any],
    typed: dict[str, Any],
) -> tuple[Plan, TrainingJob]:
    """Open the images, and refuse what does not fit together before a run of it is stored."""
    data = open_data(name, reading)
    split = data.split(seed=seed)
    known = DataFacts.of(split)
    plan = find_plan(network, data.image_shape, data.class_count, typed, known).with_recipe(seed=seed)
    job = TrainingJob.begin(plan.network, plan.recipe, split, engine)
    note_duplicates(split)
    return plan, job


def _continue(store: RunStore, run: Run, packing: Packing, *, quiet: bool) -> None:
    """Continue a run from its checkpoint, or from the beginning where there is none yet, on the same images."""
    if not run.checkpoint.exists() and run.stop_reason not in (RUNNING, StopReason.INTERRUPTED):
        raise RunError(
            f"{run.id} has no checkpoint (it {run.stop_reason})", "only a run that was interrupted can be continued"
        )
    job = TrainingJob.begin(run.network, run.recipe, reopen_split(run), run.facts["engine"])
    with Interruption() as interruption:
        writer = store.reopen(run)
        resume = Checkpoint.load(run.checkpoint) if run.checkpoint.exists() else None
        if resume is None:
            why = "was stopped before its first checkpoint"
            click.echo(f"note: {run.id} {why}; it starts again from the beginning, with the same seed", err=True)
        _train(writer, job, packing, interruption, quiet=quiet, resume=resume)


def _train(
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
        saved, problem = _save(packing, run, job.split)
    except KeyboardInterrupt:
        click.echo(f"interrupted at once; to continue: {_onward(open_run.run)}", err=True)
        raise
    _print_results(run, result, saved)
    # After the results: they hold whatever could not be stored.
    if problem := open_run.problem or problem:
        raise problem
    if budget is not None and budget.ended:
        click.echo(f"note: {budget.describe_end(fitted)}; to go on: {_onward(run)}", err=True)
    else:
        _end(run, fitted, interruption)


def _fit_and_store(
    open_run: RunWriter, job: TrainingJob, *, quiet: bool, resume: Checkpoint | None, budget: Budget | None
) -> tuple[Run, FitResult, Result]:
    """Train, evaluate and store."""
    run = open_run.run
    plan, engine = run.plan, get_engine(run.facts["engine"])
    # Within a budget there was a forecast already, and another one would take its time.
    images = job.images if budget is None else None
    fitted = fit_job(
        job,
        callbacks=[*watch(plan, images, engine.name, quiet=quiet), open_run, *([budget] if budget else [])],
        resume=resume,
        checkpoints=run.checkpoint,
    )
    result = measure_fitted(plan, fitted, job.split, engine)
    return open_run.finish(fitted, result.accuracies), fitted, result


def _save(packing: Packing, run: Run, split: Split) -> tuple[list[tuple[str, str]], RunError | None]:
    """Save the model if that is asked for; return the lines to print about it, and what went wrong."""
    try:
        return packing.save(run, split), None
    except RunError as problem:
        again = shlex.join(["inklings", "runs", "--runs", str(run.folder.parent), "save", run.id, str(packing.file)])
        return [], RunError(problem.message, f"the run is stored; free some space, then: {again}", path=problem.path)


def _print_results(run: Run, result: Result, saved: list[tuple[str, str]]) -> None:
    """Print the results."""
    low, high = result.interval
    print_facts(
        [
            ("network", f"{result.title}, {result.parameters:,} parameters"),
            ("training", f"{result.train:.1%}"),
            ("validation", f"{result.validation:.1%}"),
            ("test", f"{result.test:.1%} (95 % interval {low:.1%} to {high:.1%})"),
            ("best epoch", f"{result.best_epoch} of {run.history[-1].epoch}"),
            ("seconds", f"{result.seconds:.1f}"),
            ("run", str(run.folder)),
            *saved,
        ]
    )


def _end(run: Run, fitted: FitResult, interruption: Interruption) -> None:
    """End the command with an exit code of its own, if training diverged or was interrupted."""
    if fitted.stop_reason is StopReason.DIVERGED:
        raise fitted.error or TrainingDivergedError(fitted.message)
    if fitted.stop_reason is StopReason.INTERRUPTED:
        click.echo(f"interrupted; what was learnt so far is stored; to continue: {_onward(run)}", err=True)
        sys.exit(INTERRUPTED)
    if interruption.requested:
        click.echo("interrupted after training had ended; nothing is lost, the run is complete", err=True)
        sys.exit(INTERRUPTED)


def _onward(run: Run) -> str:
    """Return the command that continues a run."""
    return shlex.join(["inklings", "train", "--runs", str(run.folder.parent), "--continue", run.id])
