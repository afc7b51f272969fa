"""``inklings learning-curve``: whether more images would help."""

from __future__ import annotations

from typing import Any

import click

from inklings.cli.command import Command
from inklings.cli.completion import complete_networks
from inklings.cli.options import (
    READING,
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
from inklings.cli.tables import print_table


@click.command("learning-curve", cls=Command, example="inklings learning-curve mlp --epochs 50", renamed=OLD_NAMES)
@click.argument("network", shell_complete=complete_networks)
@data_option
@preset_options
@add_recipe_options
@seed_option
@engine_option
@quiet_option
@without_option
@reading_options
def learning_curve(
    network: str,
    name: str,
    seed: int,
    engine: str,
    quiet: bool,
    **typed: Any,  # noqa: ANN401 - the recipe's settings, and how to read the data
) -> None:
    """Train on 10, 20, 40, 80 and 100 % of the training images to find out whether more would help.

    NETWORK is a name that `inklings networks` lists, or a TOML or JSON file.
    """
    from inklings.experiments import learning_curve

    reading = {option: typed.pop(option) for option in READING}
    data = open_data(name, reading)
    plan = find_plan(network, data.image_shape, data.class_count, typed).with_recipe(seed=seed)
    split = data.split(seed=seed)
    curve = learning_curve(plan, split, engine=engine, watch=lambda plan: watch(plan, None, engine, quiet=quiet))
    rows = [
        [f"{images:,}", f"{fitted.history[-1].train_accuracy:.1%}", f"{fitted.history[-1].validation_accuracy:.1%}"]
        for images, fitted in curve.points
    ]
    print_table(["training images", "training", "validation"], rows, words=0)
    for diagnosis in curve.diagnose(name):
        click.echo(diagnosis.sentence)
