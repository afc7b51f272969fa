"""``inklings runs``: what has been trained."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from typing import TYPE_CHECKING, Any

import click

from inklings.cli.command import Group
from inklings.cli.completion import FOLDER, complete_files, complete_folders, complete_runs
from inklings.cli.json_output import json_option, print_json, result_to_json, wants_json
from inklings.cli.model_argument import SUFFIX
from inklings.cli.option_names import describe_note
from inklings.cli.options import command_to_continue_run, runs_option
from inklings.cli.saving import OLD_NAMES, Packing, packing_options
from inklings.cli.tables import print_facts, print_line, print_table
from inklings.errors import InklingsError
from inklings.reprs import percent

if TYPE_CHECKING:
    from inklings.data import Split
    from inklings.experiments import Run, RunStore
    from inklings.training import EpochRecord

_UNFINISHED = "unfinished"
_SPARE = ("network", "test", "ending", "validation")  # an id begins with its network
_EPOCH = ("epoch", "loss", "training loss", "training accuracy", "validation loss", "validation accuracy")
_MOST_EPOCHS = 10  # rows of a history that are shown


@click.group(cls=Group, invoke_without_command=True, example="inklings runs\ninklings runs show cnn2")
@runs_option
@json_option
@click.pass_context
def runs(context: click.Context, folder: str) -> None:
    """List the stored runs; or show, compare or save them.

    For an ID its first letters are enough, if no other run's begins with them.
    """
    from inklings.experiments import RunStore

    store = context.obj = RunStore(folder)
    if context.invoked_subcommand is not None:
        return
    found = store.runs()
    if wants_json():
        print_json(_list_as_plain(store, found))
        return
    if not found:
        click.echo(f"no runs in {folder}; `inklings train mlp` makes one")
    else:
        rows = [
            [
                run.id,
                run.title,
                _UNFINISHED if _is_unfinished(run) else run.stop_reason,
                _percent(run.results.get("validation")),
                _percent(run.results.get("test")),
            ]
            for run in found
        ]
        print_table(["id", "network", "ending", "validation", "test"], rows, words=3, spare=_SPARE, whole=["id"])
    models = sorted(path.name for path in store.folder.glob(f"*{SUFFIX}"))
    if models:
        print_line(f"models of opponents, for predict, evaluate and export: {', '.join(models)}")
    for name, problem in store.damaged():
        click.echo(f"note: {name} cannot be read: {problem}", err=True)


def _list_as_plain(store: RunStore, found: Sequence[Run]) -> dict[str, Any]:
    return {
        "runs": [{**_summary(run), "folder": run.folder, "created": run.facts["created"]} for run in found],
        "models": sorted(store.folder.glob(f"*{SUFFIX}")),
        "damaged": [{"name": name, "problem": problem} for name, problem in store.damaged()],
    }


def _summary(run: Run) -> dict[str, Any]:
    accuracies = {part: run.results.get(part) for part in ("validation", "test")}
    return {"id": run.id, "network": run.title, "stop_reason": run.stop_reason, **accuracies}


def _take_folder(context: click.Context, parameter: click.Parameter, folder: str | None) -> None:
    """Look for the run in the folder that is named after the command, where it is as natural as before it."""
    if folder is None:
        return
    context.meta[FOLDER] = folder
    if not context.resilient_parsing:  # the Tab key waits for no import
        from inklings.experiments import RunStore

        context.obj = RunStore(folder)


_own_folder = click.option(
    "--runs",
    metavar="FOLDER",
    expose_value=False,
    callback=_take_folder,
    shell_complete=complete_folders,
    help="Folder of the stored runs, here or after `inklings runs`.",
)


@runs.command(example="inklings runs show cnn2\ninklings runs show cnn2 --json")
@click.argument("id", shell_complete=complete_runs)
@_own_folder
@json_option
@click.pass_obj
def show(store: RunStore, id: str) -> None:
    """Show a run: its settings, how training went, and the results."""
    run = store.load(id)
    if wants_json():
        epochs = [record.to_dict() for record in run.history]
        print_json({"id": run.id, "folder": run.folder, **run.facts, "results": run.results, "history": epochs})
        return
    print_facts([*_settings(run), *_results(run)])
    if run.history:
        click.echo()
        rows = [_epoch(row) for row in _some(list(run.history))]
        print_table(_EPOCH, rows, words=0, spare=("loss", "training loss", "validation loss"))


def _epoch(row: EpochRecord) -> list[str]:
    losses = [row.loss, row.train_loss, row.validation_loss]
    loss, training, validation = ["-" if loss is None or isnan(loss) else f"{loss:.4f}" for loss in losses]
    accuracy = "-" if isnan(row.validation_accuracy) else _percent(row.validation_accuracy)
    return [str(row.epoch), loss, training, _percent(row.train_accuracy), validation, accuracy]


def _settings(run: Run) -> list[tuple[str, str]]:
    from inklings.cli.recipe_options import describe_recipe

    facts = run.facts
    data, split, machine = facts["data"], facts["split"], facts["machine"]
    return [
        ("run", run.id),
        ("network", f"{run.title}, {facts['parameters']:,} parameters"),
        ("recipe", describe_recipe(run.recipe)),
        *(("chosen", choice) for choice in run.choices),
        ("data", f"{data['source']}, {data['images']:,} images, {data['fingerprint'][:12]}"),
        *[("note", describe_note(note)) for note in data.get("notes", ())],
        ("split", f"{split['train']:,} training, {split['validation']:,} validation, {split['test']:,} test images"),
        ("engine", facts["engine"]),
        ("created", facts["created"]),
        ("machine", f"{machine['processor']}, {machine['cores']} cores"),
        ("versions", ", ".join(f"{name} {number}" for name, number in facts["versions"].items())),
        ("command", facts["command"]),
        ("ending", _ending(run)),
    ]


def _is_unfinished(run: Run) -> bool:
    from inklings.experiments.run import RUNNING

    return run.stop_reason == RUNNING


def _ending(run: Run) -> str:
    if _is_unfinished(run):  # what was killed has had no time to say so
        onward = command_to_continue_run(run.folder)
        return f"{_UNFINISHED}: it is still training, or was killed; to go on in that case: {onward}"
    return ": ".join(filter(None, (run.stop_reason, run.facts.get("message"))))


def _results(run: Run) -> list[tuple[str, str]]:
    titles = {"train": "training", "validation": "validation", "test": "test"}
    lines = [(title, _percent(run.results[part])) for part, title in titles.items() if part in run.results]
    if lines and "interval" in run.results:
        low, high = run.results["interval"]
        # The last of the lines, test, once more with its interval.
        lines[-1] = ("test", f"{_percent(run.results['test'])} (95 % interval {low:.1%} to {high:.1%})")
    if "best_epoch" in run.results:
        lines.append(("best epoch", str(run.results["best_epoch"])))
    if "seconds" in run.results:
        lines.append(("seconds", f"{run.results['seconds']:.1f}"))
    return lines


def _some(rows: list[EpochRecord]) -> list[EpochRecord]:
    """Return at most ten rows, evenly spaced, the first and the last among them."""
    if len(rows) <= _MOST_EPOCHS:
        return rows
    last = _MOST_EPOCHS - 1
    return [rows[round(place * (len(rows) - 1) / last)] for place in range(_MOST_EPOCHS)]


def _percent(fraction: float | None) -> str:
    return "-" if fraction is None else percent(fraction)


@runs.command(example="inklings runs save cnn2 digits.inkling", renamed=OLD_NAMES)
@click.argument("id", shell_complete=complete_runs)
@click.argument("file", shell_complete=complete_files)
@packing_options
@click.option(
    "--without-data",
    is_flag=True,
    help="Save what the run itself holds, where its images are not at hand: nothing is calibrated or marked then.",
)
@_own_folder
@json_option
@click.pass_obj
def save(store: RunStore, id: str, file: str, target_accuracy: float, pictures: str | None, without_data: bool) -> None:
    """Save a run's network as a model in one file, for predict, read, evaluate and export."""
    run, packing = store.load(id), Packing(file, target_accuracy, pictures)
    packing.check()
    saved = packing.save_weights(run) if without_data else packing.save(run, _reopen(run))
    if wants_json():
        print_json({"id": run.id, **packing.to_plain()})
    else:
        print_facts(saved)


def _reopen(run: Run) -> Split:
    from inklings.experiments import reopen_split

    try:
        return reopen_split(run)
    except InklingsError as problem:
        raise problem.advising(f"{problem.hint}; or add --without-data".removeprefix("; ")) from None


@runs.command(example="inklings runs compare mlp-plain cnn2")
@click.argument("first", shell_complete=complete_runs)
@click.argument("second", shell_complete=complete_runs)
@click.option("--anyway", is_flag=True, help="Compare even if the images or the split differ, without a test.")
@_own_folder
@json_option
@click.pass_obj
def compare(store: RunStore, first: str, second: str, anyway: bool) -> None:
    """Compare two runs on the same test images by McNemar's exact test."""
    from inklings.evaluation.mcnemar import mcnemar
    from inklings.experiments import check_comparable, comparison_of
    from inklings.experiments.results import HEADINGS, SPARE, table_rows

    runs = [store.load(first), store.load(second)]
    if anyway and wants_json():
        print_json({"runs": [{**_summary(run), "images": _images(run)} for run in runs]})
        return
    if anyway:
        rows = [
            [run.id, _images(run), _percent(run.results.get("validation")), _percent(run.results.get("test"))]
            for run in runs
        ]
        print_table(["run", "images", "validation", "test"], rows, words=2, spare=["images"], whole=["run"])
        return
    check_comparable(runs)
    comparison = comparison_of(runs)
    one, other = comparison.trained_networks
    names = [each.plan.title for each in (one, other)]
    # Two trainings of one network: only their ids tell them apart.
    if names[0] == names[1]:
        names = [run.id for run in runs]
    test = mcnemar(one.correct, other.correct)
    if wants_json():
        results = [result_to_json(each) for each in comparison.results]
        print_json({"results": results, "mcnemar": test, "sentence": test.sentence(names[0], names[1])})
        return
    print_table(HEADINGS, table_rows(comparison.results), spare=SPARE)
    print_line(test.sentence(names[0], names[1]))


def _images(run: Run) -> str:
    return f"{run.facts['data']['source']}, split {run.facts['split']['fingerprint'][:8]}"
