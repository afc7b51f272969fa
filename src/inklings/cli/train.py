"""``inklings train``: one network, kept as a run."""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from typing import Any

import click

from inklings.cli.options import engine_option, open_data, parse_size, quiet_option, reading_options, runs_option
from inklings.cli.plans import recipe_options
from inklings.errors import RunError, TrainingDivergedError

INTERRUPTED = 130


@click.command()
@click.argument("network", required=False)
@click.option("--data", "name", default="digits", show_default=True, metavar="NAME", help="Name or path of the images.")
@click.option("--hidden-units", metavar="N[,N...]", help="Of mlp and naive: how many; of mlp for each hidden layer.")
@click.option(
    "--dropout/--no-dropout", default=None, help="Of mlp: dropout of 20 % of the input, 50 % of hidden units."
)
@recipe_options
@click.option("--seed", type=int, default=0, show_default=True, help="Of the split, weights, shuffles and dropout.")
@engine_option
@runs_option
@click.option("--continue", "continued", metavar="ID", help="Go on with a run that was interrupted.")
@quiet_option
@reading_options
def train(
    network: str | None,
    name: str,
    seed: int,
    engine: str,
    folder: str,
    continued: str | None,
    quiet: bool,
    **typed: Any,  # noqa: ANN401 - the recipe's settings, and how to read the data
) -> None:
    """Train a network and keep the run.

    NETWORK is a name that `inklings networks` lists, or a TOML or JSON file. Settings that are not given are those of
    the network's own recipe.
    """
    from inklings.cli.options import READING
    from inklings.experiments import RunStore

    reading = {option: typed.pop(option) for option in READING}
    store = RunStore(folder)
    if continued is not None:
        _check_only_continued(click.get_current_context())
        _go_on(store, continued, quiet=quiet)
        return
    if network is None:
        raise click.UsageError("which network? `inklings networks` lists them")
    _begin(store, network, name, seed, engine=engine, quiet=quiet, reading=reading, typed=typed)


def _check_only_continued(context: click.Context) -> None:
    """Refuse what a run that goes on could not follow: network, images and settings are its own."""
    for parameter in context.command.params:
        typed = context.get_parameter_source(parameter.name or "") is click.core.ParameterSource.COMMANDLINE
        if typed and parameter.name not in ("continued", "folder", "quiet"):
            name = parameter.opts[0] if isinstance(parameter, click.Option) else "NETWORK"
            raise click.UsageError(f"--continue takes everything from the run; leave {name} out", context)


def _begin(
    store: Any,  # noqa: ANN401 - a RunStore, which is loaded late
    network: str,
    name: str,
    seed: int,
    *,
    engine: str,
    quiet: bool,
    reading: dict[str, Any],
    typed: dict[str, Any],
) -> None:
    """Train from the start."""
    from inklings.cli.plans import find_plan
    from inklings.training.task import Task

    data = open_data(name, reading)
    plan = find_plan(network, data.image_shape, data.class_count, typed)
    plan = replace(plan, recipe=replace(plan.recipe, seed=seed))
    split = data.split(seed=seed)
    Task.begin(plan.network, plan.recipe, split, engine)  # what does not suit is refused before a run of it is kept
    _note_duplicates(split.crossing_duplicates)
    run = store.begin(
        plan,
        split,
        engine=engine,
        command=f"inklings {shlex.join(sys.argv[1:])}",
        data_options={"name": name, **{**reading, "size": parse_size(reading["size"])}},
        split_options={"seed": seed},
    )
    _train(run, plan, split, engine=engine, quiet=quiet, resume=None)


def _go_on(store: Any, id: str, *, quiet: bool) -> None:  # noqa: ANN401
    """Train on from a run's checkpoint, on the same images."""
    from inklings.experiments import reopen_split
    from inklings.training import Checkpoint

    run = store.load(id)
    if not run.checkpoint.exists():
        raise RunError(f"{run.id} has no checkpoint (it {run.ending})", "only a run that was interrupted can go on")
    split = reopen_split(run)
    checkpoint = Checkpoint.load(run.checkpoint)
    _train(store.reopen(run), run.plan, split, engine=run.facts["engine"], quiet=quiet, resume=checkpoint)


def _train(run: Any, plan: Any, split: Any, *, engine: str, quiet: bool, resume: Any) -> None:  # noqa: ANN401
    """Train, measure, keep, and tell."""
    from inklings.cli.progress import watch
    from inklings.engines import get_engine
    from inklings.experiments import measure_fitted
    from inklings.training import Ending, fit

    computing = get_engine(engine)
    fitted = fit(
        plan.network,
        plan.recipe,
        split,
        engine=computing,
        callbacks=[*watch(plan, quiet=quiet), run],
        resume=resume,
        checkpoints=run.run.checkpoint,
    )
    result = measure_fitted(plan, fitted, split, computing)
    stored = run.finish(fitted, result.accuracies)
    click.echo(f"network      {plan.title}, {result.parameters:,} parameters")
    click.echo(f"training     {result.train:.1%}")
    click.echo(f"validation   {result.validation:.1%}")
    click.echo(
        f"test         {result.test:.1%} (95 % interval {result.interval.low:.1%} to {result.interval.high:.1%})"
    )
    click.echo(f"best epoch   {result.best_epoch} of {fitted.history[-1].epoch}")
    click.echo(f"seconds      {result.seconds:.1f}")
    click.echo(f"run          {stored.folder}")
    if fitted.ending is Ending.DIVERGED:
        raise TrainingDivergedError(fitted.message)
    if fitted.ending is Ending.INTERRUPTED:
        folder = shlex.quote(str(stored.folder.parent))
        click.echo(f"interrupted; to go on: inklings train --runs {folder} --continue {stored.id}", err=True)
        sys.exit(INTERRUPTED)


def _note_duplicates(count: int) -> None:
    if count:
        click.echo(f"note: {count} images occur in more than one part of the split", err=True)
