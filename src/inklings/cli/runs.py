"""``inklings runs``: what has been trained."""

from __future__ import annotations

import click

from inklings.cli.options import runs_option
from inklings.cli.progress import describe_row
from inklings.cli.recipe_options import describe_recipe
from inklings.cli.saving import Packing, packing_options
from inklings.cli.tables import print_facts, print_table
from inklings.experiments import Run, RunStore
from inklings.training import EpochRecord

_SPARE = ("network", "test", "ending", "validation")  # an id begins with its network


@click.group(invoke_without_command=True)
@runs_option
@click.pass_context
def runs(context: click.Context, folder: str) -> None:
    """List the runs that are kept, or show one."""
    store = context.obj = RunStore(folder)
    if context.invoked_subcommand is not None:
        return
    found = store.runs()
    if not found:
        click.echo(f"no runs in {folder}; `inklings train mlp` makes one")
    else:
        rows = [
            [run.id, run.title, run.ending, _percent(run.results.get("validation")), _percent(run.results.get("test"))]
            for run in found
        ]
        print_table(["id", "network", "ending", "validation", "test"], rows, words=3, spare=_SPARE)
    for name, problem in store.damaged():
        click.echo(f"note: {name} cannot be read: {problem}", err=True)


@runs.command()
@click.argument("id")
@click.pass_obj
def show(store: RunStore, id: str) -> None:
    """Show a run: how it was made, how it went, what came of it."""
    run = store.load(id)
    facts = run.facts
    lines = [
        ("run", run.id),
        ("network", f"{run.title}, {facts['parameters']:,} parameters"),
        ("recipe", describe_recipe(run.recipe)),
        ("data", f"{facts['data']['source']}, {facts['data']['images']:,} images, {facts['data']['fingerprint'][:12]}"),
        ("split", f"{facts['split']['train']:,} / {facts['split']['validation']:,} / {facts['split']['test']:,}"),
        ("engine", facts["engine"]),
        ("created", facts["created"]),
        ("machine", f"{facts['machine']['processor']}, {facts['machine']['cores']} cores"),
        ("versions", ", ".join(f"{name} {number}" for name, number in facts["versions"].items())),
        ("command", facts["command"]),
        ("ending", ": ".join(filter(None, (run.ending, facts.get("message"))))),
    ]
    for part in ("train", "validation", "test"):
        if part in run.results:
            lines.append((part, _percent(run.results[part])))
    if "interval" in run.results:
        lines.append(("interval", " to ".join(map(_percent, run.results["interval"])) + " (test, 95 %)"))
    lines += [(key.replace("_", " "), str(run.results[key])) for key in ("best_epoch", "seconds") if key in run.results]
    print_facts(lines)
    for row in _some(list(run.history)):
        click.echo(f"epoch {row.epoch:<6} {describe_row(row)}")


def _some(rows: list[EpochRecord]) -> list[EpochRecord]:
    """Give at most ten rows, evenly, the first and the last among them."""
    if len(rows) <= 10:
        return rows
    return [rows[round(place * (len(rows) - 1) / 9)] for place in range(10)]


def _percent(fraction: float | None) -> str:
    return "-" if fraction is None else f"{fraction:.1%}"


@runs.command()
@click.argument("id")
@click.argument("file")
@packing_options
@click.pass_obj
def save(store: RunStore, id: str, file: str, sure_at: float, pictures: str | None) -> None:
    """Save what a run learnt as a model in one file, for predict, read, evaluate and export."""
    from inklings.experiments import reopen_split

    run, packing = store.load(id), Packing(file, sure_at, pictures)
    packing.check()
    print_facts(packing.save(run, reopen_split(run)))


@runs.command()
@click.argument("first")
@click.argument("second")
@click.option("--anyway", is_flag=True, help="Also if they are of different images or splits.")
@click.pass_obj
def compare(store: RunStore, first: str, second: str, anyway: bool) -> None:
    """Compare two runs of the same images and split, with McNemar's exact test on the test images."""
    from inklings.evaluation.mcnemar import mcnemar
    from inklings.experiments import check_comparable, comparison_of
    from inklings.experiments.results import HEADINGS, table_rows

    runs = [store.load(first), store.load(second)]
    if anyway:
        rows = [
            [run.id, _images(run), _percent(run.results.get("validation")), _percent(run.results.get("test"))]
            for run in runs
        ]
        print_table(["run", "images", "validation", "test"], rows, words=2, spare=("images",))
        return
    check_comparable(runs)
    comparison = comparison_of(runs)
    print_table(HEADINGS, table_rows(comparison.results))
    one, other = comparison.trained_networks
    names = [each.plan.title for each in (one, other)]
    if names[0] == names[1]:
        names = [run.id for run in runs]
    click.echo(mcnemar(one.correct, other.correct).sentence(names[0], names[1]))


def _images(run: Run) -> str:
    return f"{run.facts['data']['source']}, split {run.facts['split']['fingerprint'][:8]}"
