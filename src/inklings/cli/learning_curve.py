"""``inklings learning-curve``: whether more images would help, and from how many on one learner overtakes another."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from inklings.cli.cluster_option import cluster_option, trained_elsewhere
from inklings.cli.command import Command
from inklings.cli.completion import complete_contenders, complete_folders
from inklings.cli.json_output import json_option, print_json, to_json, wants_json
from inklings.cli.main import INTERRUPTED
from inklings.cli.option_names import as_option
from inklings.cli.options import (
    READING,
    command_to_continue,
    data_option,
    engine_option,
    open_data,
    quiet_option,
    reading_options,
    seed_option,
    without_option,
)
from inklings.cli.progress import watch
from inklings.cli.recipe_options import OLD_NAMES, add_recipe_options, find_plan, preset_options
from inklings.cli.tables import print_line, print_table
from inklings.data.dataset import Dataset
from inklings.experiments.runs import RunStore
from inklings.report.over_repeats import with_spread
from inklings.reprs import percent
from inklings.training.data_facts import DataFacts
from inklings.training.plans import Plan

if TYPE_CHECKING:
    from inklings.experiments import LearningCurve, LearningCurves


@click.command(
    "learning-curve",
    cls=Command,
    example="inklings learning-curve mlp --epochs 50\ninklings learning-curve mlp hog-svm --repeats 5 --out curves",
    renamed=OLD_NAMES,
)
@click.argument("networks", nargs=-1, required=True, metavar="NETWORK...", shell_complete=complete_contenders)
@data_option
@click.option(
    "--repeats",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help="Repeat on N splits and seeds.",
)
@click.option(
    "--out",
    metavar="FOLDER",
    shell_complete=complete_folders,
    help="Folder for the curves as PNG, SVG and CSV, and for the runs.",
)
@click.option(
    "--continue", "continued", is_flag=True, help="Take what an interrupted call finished from the folder of --out."
)
@cluster_option
@preset_options
@add_recipe_options
@seed_option
@engine_option
@quiet_option
@json_option
@without_option
@reading_options
def learning_curve(
    networks: tuple[str, ...],
    name: str,
    repeats: int,
    out: str | None,
    continued: bool,
    seed: int,
    engine: str,
    quiet: bool,
    cluster: str | None,
    **typed: Any,  # noqa: ANN401 - the recipe's settings, and how to read the data
) -> None:
    """Train on 10, 20, 40, 80 and 100 % of the training images to find out whether more would help.

    A NETWORK is a name that `inklings networks` lists, or a TOML or JSON file. Of several, opponents that are no
    networks among them, the test accuracies are compared, and where their curves cross.
    """
    from inklings.experiments.contender_plans import check_is_known
    from inklings.experiments.trained_opponent import is_opponent

    if continued and out is None:
        raise click.UsageError(
            "--continue takes up what is in the folder of --out; name it", click.get_current_context()
        )
    for each in networks:
        check_is_known(each)  # before the data are opened, which may take a while
    reading = {option: typed.pop(option) for option in READING}
    if all(map(is_opponent, networks)):
        _refuse_recipe(typed, networks)
    data = open_data(name, reading)
    known = DataFacts.of(data)
    # Plans, so that the recipe that was typed holds; an opponent has none and goes by its name.
    contenders: list[Plan | str] = [
        each if is_opponent(each) else find_plan(each, data.image_shape, data.class_count, typed, known)
        for each in networks
    ]
    (first, *others) = contenders
    settings: dict[str, Any] = {"engine": engine, "watch": lambda plan: watch(plan, None, engine, quiet=quiet)}
    # One network, once, is diagnosed; the table and the curves of all else are of test accuracies.
    if isinstance(first, str) or others or repeats > 1 or out is not None or cluster is not None:
        settings["announce"] = lambda opponent: None if quiet else click.echo(f"fitting {opponent.title}", err=True)
        store = None if out is None else RunStore(Path(out) / "runs")
        if store is not None:
            settings |= {"store": store, "continued": continued}
        try:
            with trained_elsewhere(cluster, store) as elsewhere:
                settings |= elsewhere
                interrupted = _compare(contenders, data, name, out, repeats=repeats, seed=seed, **settings)
        except KeyboardInterrupt:
            _print_how_to_continue(out)
            raise
    else:
        interrupted = _diagnose(first.with_recipe(seed=seed), data, name, seed, settings)
    if interrupted:
        click.echo("interrupted; these are the results so far", err=True)
        _print_how_to_continue(out)
        sys.exit(INTERRUPTED)


def _print_how_to_continue(out: str | None) -> None:
    """Print the command that takes up what is stored, if there is a folder for it."""
    if out is not None:
        stored = f"trainings that finished are stored in {Path(out) / 'runs'}"
        click.echo(f"{stored}; to continue: {command_to_continue()}", err=True)


def _refuse_recipe(typed: Mapping[str, Any], opponents: Sequence[str]) -> None:
    """Refuse settings of networks where there is none to have them."""
    for setting, value in typed.items():
        if value is not None:
            problem = f"{as_option(setting)} has no effect on {' and '.join(opponents)}: it is for networks"
            raise click.UsageError(f"{problem}; leave it out", click.get_current_context())


def _diagnose(plan: Plan, data: Dataset, name: str, seed: int, settings: dict[str, Any]) -> bool:
    """Print one network's curve and what is wrong with its training; return whether it was interrupted."""
    from inklings.experiments import learning_curve

    curve = learning_curve(plan, data.split(seed=seed), **settings)
    if wants_json():
        print_json(_curve_as_plain(curve, name))
        return curve.interrupted
    rows = [
        [f"{images:,}", percent(fitted.history[-1].train_accuracy), percent(fitted.history[-1].validation_accuracy)]
        for images, fitted in curve.points
    ]
    print_table(["training images", "training", "validation"], rows, words=0)
    _print_diagnosis(curve, name)
    return curve.interrupted


def _curve_as_plain(curve: LearningCurve, name: str) -> dict[str, Any]:
    points = [
        {
            "images": images,
            "train_accuracy": fitted.history[-1].train_accuracy,
            "validation_accuracy": fitted.history[-1].validation_accuracy,
        }
        for images, fitted in curve.points
    ]
    diagnoses = [{**to_json(each), "sentence": each.sentence} for each in curve.diagnose(name)]
    return {"title": curve.plan.title, "points": points, "diagnoses": diagnoses, "interrupted": curve.interrupted}


def _curves_as_plain(curves: LearningCurves, files: Sequence[Path]) -> dict[str, Any]:
    return {
        "titles": curves.titles,
        "images": curves.images,
        "seeds": curves.seeds,
        "test_accuracies": {title: curves.accuracies[:, place] for place, title in enumerate(curves.titles)},
        "crossings": [{**to_json(each), "sentence": each.sentence} for each in curves.crossings],
        "problems": curves.problems,
        "interrupted": curves.interrupted,
        "files": files,
    }


def _print_diagnosis(curve: LearningCurve, name: str) -> None:
    for diagnosis in curve.diagnose(name):
        click.echo(diagnosis.sentence)


def _compare(
    contenders: list[Plan | str],
    data: Dataset,
    name: str,
    out: str | None,
    **settings: Any,  # noqa: ANN401
) -> bool:
    """Print the curves of several and where they cross, or one's diagnosis; return whether they were interrupted."""
    from inklings.experiments.learning_curves import learning_curves
    from inklings.report.learning_figures import write_learning_curves

    curves = learning_curves(contenders, data, **settings)
    if wants_json():
        files = [] if out is None else write_learning_curves(curves, out)
        print_json(_curves_as_plain(curves, files))
        return curves.interrupted
    spread = f" ± standard deviation of {len(curves.seeds)}" if len(curves.seeds) > 1 else ""
    rows = [
        [f"{images:,}", *(_percent(accuracies.tolist()) for accuracies in curves.accuracies[:, :, place].T)]
        for place, images in enumerate(curves.images)
    ]
    print_table(["training images", *curves.titles], rows, title=f"test accuracy{spread}", words=0)
    for problem in curves.problems:
        print_line(f"note: {problem}", err=True)
    for crossing in curves.crossings:
        print_line(crossing.sentence)
    if len(curves.titles) == len(curves.seeds) == 1:
        for curve in curves.first:
            _print_diagnosis(curve, name)
    if out is not None:
        files = write_learning_curves(curves, out)
        click.echo(f"curves: {', '.join(map(str, files))}")
    return curves.interrupted


def _percent(accuracies: Sequence[float]) -> str:
    """Write accuracies with their spread; a dash where an opponent could not be fitted in some repeat."""
    return "-" if any(map(isnan, accuracies)) else with_spread(accuracies)
