"""``inklings train``: one network, stored as a run; or one opponent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click
from click.core import ParameterSource

from inklings.cli import recipe_options, saving
from inklings.cli.budget import Budget, budget_option
from inklings.cli.choices import choose_for_images
from inklings.cli.command import Command
from inklings.cli.completion import complete_contenders, complete_runs
from inklings.cli.devices import OPTIONS as DEVICE_OPTIONS
from inklings.cli.devices import Devices, device_options, follow
from inklings.cli.json_output import json_option, print_json, to_json, wants_json
from inklings.cli.option_names import as_option
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
from inklings.cli.progress import describe_cost, forecast_cost
from inklings.cli.recipe_options import add_recipe_options, find_plan, preset_options
from inklings.cli.saving import Packing, save_options
from inklings.cli.tables import print_facts
from inklings.cli.train_ensemble import train_ensemble_of
from inklings.cli.train_network import train_network
from inklings.cli.train_opponent import check_opponent_options, train_opponent_named
from inklings.errors import RecipeError
from inklings.experiments.contender_plans import check_is_known
from inklings.experiments.reopen import reopen_split
from inklings.experiments.run import Run
from inklings.experiments.runs import RunStore
from inklings.models.ensemble import MOST
from inklings.opponents import OPPONENTS
from inklings.training.checkpoint_file import FoundCheckpoint, find_checkpoint
from inklings.training.data_facts import DataFacts
from inklings.training.interruption import Interruption
from inklings.training.plans import Plan
from inklings.training.presets import DEFAULT_PRESET
from inklings.training.training_job import TrainingJob

_ALLOWED_WITH_CONTINUE = (
    "continued",
    "folder",
    "quiet",
    "as_json",
    "save",
    "target_accuracy",
    "pictures",
    *DEVICE_OPTIONS,
)


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
@click.argument("network", default=DEFAULT_PRESET, shell_complete=complete_contenders)
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
@device_options
@quiet_option
@json_option
@without_option
@reading_options
@click.pass_context
def train(
    context: click.Context,
    /,
    network: str,
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
    are left out are those of the network's own recipe. Opponents, which are not networks, are trained by name too: they
    choose their settings on the validation images, take none of those below, and are kept by --save alone.
    """
    store, packing = RunStore(folder), Packing(save, target_accuracy, pictures)
    # First: a model that cannot be written should not be noticed after an hour of training.
    packing.check()
    if save is None:
        _refuse_without_model(context)
    devices = Devices.typed(context, typed)
    if continued is not None:
        _check_only_continued(context)
        _continue(store, store.load(continued), packing, devices, quiet=quiet)
        return
    if engine == "reproducible" and budget_seconds is not None:
        problem = "--budget trains as much as this machine can, which no other does alike"
        raise click.UsageError(f"{problem}; give --epochs, or leave --reproducible out", context)
    reading = {option: typed.pop(option) for option in READING}
    if network in OPPONENTS:
        check_opponent_options(context, network)
        train_opponent_named(network, name, reading, packing, seed=seed, quiet=quiet)
        return
    check_is_known(network)
    budget = None if budget_seconds is None else Budget(budget_seconds, saves=save is not None, members=members or 1)
    engine = devices.engine(context, engine)
    with devices.silence():
        plan, job = _prepare(network, name, seed, engine, reading=reading, typed=typed)
        # Short trainings to choose by would be each process's own.
        tries = not dry_run and devices.processes is None
        plan = choose_for_images(network, plan, job.split, typed, engine, budget=budget, tries=tries, quiet=quiet)
    if dry_run and wants_json():
        print_json({"network": plan.title, "ensemble": members, **to_json(forecast_cost(plan, job))})
        return
    if dry_run:
        print_facts(_describe_costs(plan, job, members))
        return
    how = {"data_options": how_opened(name, reading), "command": typed_command()}
    with devices.together():
        job = devices.take(replace(job, network=plan.network, recipe=plan.recipe))  # as chosen since it was checked
        if devices.speaks:
            _train_planned(plan, job, packing, store, how, members=members, budget=budget, quiet=quiet)
        else:
            follow(job)


def _refuse_without_model(context: click.Context) -> None:
    """Refuse options of how a model is packed where none is saved."""
    for name in ("target_accuracy", "pictures"):
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            problem = f"{as_option(name)} is of the saved model, and none is saved; add --save FILE, or leave it out"
            raise click.UsageError(problem, context)


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


def _describe_costs(plan: Plan, job: TrainingJob, members: int | None) -> list[tuple[str, str]]:
    """Return what a training would cost, of an ensemble that of each member."""
    together = [("ensemble", f"{members} of these")] if members else []
    return [*describe_cost(plan, job.images, job.engine.name), *together]


def _train_planned(
    plan: Plan,
    job: TrainingJob,
    packing: Packing,
    store: RunStore,
    how: dict[str, Any],
    *,
    members: int | None,
    budget: Budget | None,
    quiet: bool,
) -> None:
    """Train a network, or an ensemble of so many members; ``how`` is what their runs keep of the command."""
    if members is not None:
        train_ensemble_of(plan, job, members, packing, store, how, quiet=quiet, budget=budget)
        return
    with Interruption() as interruption:
        division = {"seed": job.split.seed}
        writer = store.begin(plan, job.split, engine=job.engine.name, split_options=division, **how)
        train_network(writer, job, packing, interruption, quiet=quiet, budget=budget)


def _continue(store: RunStore, run: Run, packing: Packing, devices: Devices, *, quiet: bool) -> None:
    """Continue a run from its checkpoint, or from the beginning where there is none yet, on the same images."""
    job = TrainingJob.begin(run.network, run.recipe, reopen_split(run), run.facts["engine"])
    if devices.count is not None and job.engine.name != "jax":
        problem = f"are for the engine jax, and {run.id} was trained by {job.engine.name}"
        raise RecipeError(problem, "leave them out", setting="devices")
    with devices.together(), Interruption() as interruption:
        if not devices.speaks:
            resume = find_checkpoint(run.checkpoint).checkpoint
            follow(devices.take(job, resume), resume)
            return
        writer = store.reopen(run)
        if note := _describe_resumption(writer.resume):
            click.echo(f"note: {run.id} {note}", err=True)
        resume = writer.resume.checkpoint
        train_network(writer, devices.take(job, resume), packing, interruption, quiet=quiet, resume=resume)


def _describe_resumption(resume: FoundCheckpoint) -> str:
    """Say what is not as expected: that there is no checkpoint, or that one is damaged."""
    checkpoint, problems = resume
    if checkpoint is None and not problems:
        return "was stopped before its first checkpoint; it starts again from the beginning, with the same seed"
    if not problems:
        return ""
    damaged = " and ".join(str(problem.path.name if problem.path else problem) for problem in problems)
    onward = (
        f"it goes on from the checkpoint before, after {checkpoint.step:,} steps"
        if checkpoint
        else "it starts again from the beginning, with the same seed"
    )
    return f"has a damaged checkpoint ({damaged}: {problems[0].message}); {onward}"
