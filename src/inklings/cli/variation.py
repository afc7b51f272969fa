"""``inklings variation``: how much the split, the order of the images and the initial weights move an accuracy."""

from __future__ import annotations

import sys
from typing import Any

import click

from inklings.cli.command import Command
from inklings.cli.compare import Watcher
from inklings.cli.completion import complete_contenders
from inklings.cli.json_output import json_option, print_json, to_json, wants_json
from inklings.cli.main import INTERRUPTED
from inklings.cli.options import data_option, engine_option, open_data, quiet_option, reading_options, seed_option
from inklings.cli.tables import print_line, print_table
from inklings.experiments.sources import SOURCES
from inklings.experiments.variation import REPEATS, Spread, Variation, measure_variation
from inklings.reprs import percent

_HEADINGS = ("network", "varied", "trainings", "mean test accuracy", "standard deviation (points)", "95 % interval")
_SPARE = ("trainings", "mean test accuracy", "95 % interval")


@click.command(cls=Command, example="inklings variation softmax --quick\ninklings variation mlp hog-svm --repeats 5")
@click.argument("networks", nargs=-1, required=True, metavar="NETWORK...", shell_complete=complete_contenders)
@data_option
@seed_option
@click.option(
    "--repeats",
    type=click.IntRange(min=2),
    default=REPEATS,
    show_default=True,
    metavar="N",
    help="Trainings for each source of variation; the first one is the same for all.",
)
@click.option("--quick", is_flag=True, help="Train for a moment only, to see how it works.")
@engine_option
@quiet_option
@json_option
@reading_options
def variation(
    networks: tuple[str, ...],
    name: str,
    seed: int,
    repeats: int,
    quick: bool,
    engine: str,
    quiet: bool,
    **reading: Any,  # noqa: ANN401 - how to read the data
) -> None:
    """Find out how much chance moves an accuracy: the split, the order of the images, the initial weights.

    A NETWORK is what `inklings compare` takes. It is trained N times with other splits, N times with the images in
    another order (and other dropout), N times from other initial weights, and N times with all of that: what a single
    comparison of two trainings may owe to chance. What never varies has no part in that training, such as the initial
    weights in one of nearest neighbours; what did not vary here might with other data.
    """
    data = open_data(name, reading)
    split = data.split(seed=seed)  # every repeat's parts are of the same sizes
    found = measure_variation(
        networks,
        data,
        repeats=repeats,
        seed=seed,
        quick=quick,
        engine=engine,
        watch=Watcher((len(split.train_rows), len(split.validation_rows)), engine, quiet=quiet, many=True),
        announce=lambda opponent: None if quiet else click.echo(f"fitting {opponent.title}", err=True),
    )
    if wants_json():
        print_json({"spreads": list(map(_as_plain, found.spreads)), "problems": found.problems})
    else:
        print_table(_HEADINGS, _rows(found), words=2, spare=_SPARE)
    for problem in found.problems:
        print_line(f"note: {problem}", err=True)
    if found.interrupted:
        click.echo("interrupted; only these networks were trained completely", err=True)
        sys.exit(INTERRUPTED)


def _as_plain(spread: Spread) -> dict[str, Any]:
    # Of a deviation of 0 an interval would be 0 to 0: a certainty that a handful of equal figures does not give.
    varies = spread.reached and bool(spread.standard_deviation)
    return {
        **to_json(spread),
        "mean": spread.mean,
        "standard_deviation": spread.standard_deviation if spread.reached else None,
        "interval": spread.interval() if varies else None,
        "by_test_images_alone": spread.binomial,
    }


def _rows(found: Variation) -> list[list[str]]:
    rows = []
    for title in dict.fromkeys(spread.title for spread in found.spreads):
        spreads = found.of(title)
        rows += [_row(spread) for spread in spreads.values()]
        # As much as random test images alone would do; no training, and so no interval.
        chance = spreads["all"]
        rows.append([title, "test images, by chance", "-", percent(chance.mean), f"{100 * chance.binomial:.2f}", "-"])
    return rows


def _row(spread: Spread) -> list[str]:
    varied, mean = SOURCES.get(spread.varied, "all of these"), percent(spread.mean)
    if not spread.reached:
        return [spread.title, varied, "-", mean, "never varies", "-"]
    deviation, count = spread.standard_deviation, str(len(spread.accuracies))
    if not deviation:
        return [spread.title, varied, count, mean, "did not vary here", "-"]
    low, high = spread.interval()
    return [spread.title, varied, count, mean, f"{100 * deviation:.2f}", f"{100 * low:.2f} to {100 * high:.2f}"]
