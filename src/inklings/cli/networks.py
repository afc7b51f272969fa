"""``inklings networks``: the named networks, and the layers of one."""

from __future__ import annotations

from typing import Any

import click
from click.core import ParameterSource

from inklings.cli.command import Group
from inklings.cli.completion import complete_data, complete_networks
from inklings.cli.json_output import json_option, print_json, wants_json
from inklings.cli.options import READING, open_data, reading_options
from inklings.cli.recipe_options import describe_recipe, find_plan, preset_options
from inklings.cli.tables import print_facts, print_line, print_table
from inklings.networks import Layer
from inklings.opponents import DESCRIPTIONS as OPPONENTS
from inklings.serialise import to_plain
from inklings.training.data_facts import DataFacts
from inklings.training.plans import Plan
from inklings.training.presets import DEFAULT_PRESET, PRESETS


@click.group(cls=Group, invoke_without_command=True, example="inklings networks\ninklings networks show cnn2")
@json_option
@click.pass_context
def networks(context: click.Context) -> None:
    """List the named networks, or show one's layers."""
    if context.invoked_subcommand is not None:
        return
    if wants_json():
        networks = [{"name": name, "description": each.description} for name, each in PRESETS.items()]
        opponents = [{"name": name, "description": description} for name, description in OPPONENTS.items()]
        print_json({"networks": networks, "opponents": opponents})
    else:
        print_table(["network", "description"], [[name, each.description] for name, each in PRESETS.items()], words=2)
        click.echo()
        print_table(["opponent", "description"], [list(each) for each in OPPONENTS.items()], words=2)
        click.echo()
        print_line(
            "Opponents are not networks; `compare` and `train` take them by name, to see what a network is worth."
        )
        print_line("`inklings networks show NETWORK` shows the layers; NETWORK may also be a TOML or JSON file.")


@networks.command(
    example="inklings networks show cnn2 --data mine.csv\n"
    "inklings networks show mlp --hidden-units 400,200 --input 32x32x3 --classes 5",
)
@click.argument("network", shell_complete=complete_networks)
@click.option(
    "--input", "asked_shape", default="20x20x1", show_default=True, metavar="HxW[xC]", help="Shape of the images."
)
@click.option(
    "--classes", type=click.IntRange(min=2), default=10, show_default=True, metavar="N", help="Number of classes."
)
@click.option("--data", "name", metavar="NAME", shell_complete=complete_data, help="Take both from this data set.")
@json_option
@preset_options
@reading_options
def show(
    network: str,
    asked_shape: str,
    classes: int,
    name: str | None,
    **typed: Any,  # noqa: ANN401 - the preset's settings, and how to read the data
) -> None:
    """Show a network's layers, with output shapes, parameters and operations per image.

    NETWORK is a name that `inklings networks` lists, or a TOML or JSON file.
    """
    reading = {option: typed.pop(option) for option in READING if option in typed}
    _check_effect(click.get_current_context(), reads_data=name is not None)
    known = DataFacts()
    if name is None:
        input_shape = _parse_shape(asked_shape)
    else:
        data = open_data(name, reading)
        input_shape, classes, known = data.image_shape, data.class_count, DataFacts.of(data)
    plan = find_plan(network, input_shape, classes, typed, known)
    if wants_json():
        print_json(_as_plain(plan))
        return
    rows = [
        [row.name, _settings(row.layer), _shape(row.output_shape), f"{row.parameters:,}", f"{row.operations:,}"]
        for row in plan.network.table()
    ]
    # As the last row: it is then as wide as the columns that it sums up.
    total = ["total", "", "", f"{plan.network.parameter_count:,}", f"{plan.network.operations:,}"]
    title = f"{plan.title}: input {_shape(plan.network.input_shape)}"
    headings = ["layer", "settings", "output shape", "parameters", "operations"]
    print_table(headings, [*rows, total], title=title, words=2, spare=["settings"], whole=["layer"])
    click.echo()
    print_facts([("recipe", describe_recipe(plan.recipe)), *_mirroring(network, plan, data_known=name is not None)])


def _check_effect(context: click.Context, *, reads_data: bool) -> None:
    """Refuse options that would change nothing: data decide the shape, and without data none is read."""
    idle, why = (("asked_shape", "classes"), "the data decide it") if reads_data else (READING, "no data are read")
    for parameter in context.command.params:
        typed = context.get_parameter_source(parameter.name or "") is ParameterSource.COMMANDLINE
        if typed and parameter.name in idle:
            remedy = f"leave it out, or {'leave --data out' if reads_data else 'add --data NAME'}"
            raise click.UsageError(f"{parameter.opts[0]} has no effect: {why}; {remedy}", context)


def _as_plain(plan: Plan) -> dict[str, Any]:
    layers = [
        {
            "name": row.name,
            "layer": type(row.layer).__name__,
            "settings": to_plain(row.layer),
            "output_shape": row.output_shape,
            "parameters": row.parameters,
            "operations": row.operations,
        }
        for row in plan.network.table()
    ]
    return {
        "title": plan.title,
        "input_shape": plan.network.input_shape,
        "classes": plan.network.output_count,
        "parameters": plan.network.parameter_count,
        "operations": plan.network.operations,
        "layers": layers,
        "recipe": plan.recipe.to_dict(),
    }


def _mirroring(network: str, plan: Plan, *, data_known: bool) -> list[tuple[str, str]]:
    """Say that training may mirror images, which the recipe does not tell since it is tried on the images first."""
    from inklings.experiments.mirroring import may_be_mirrored

    if network != DEFAULT_PRESET or (data_known and not may_be_mirrored(plan)):
        return []
    shown = "these images" if data_known else "pictures of things"
    return [
        (
            "mirroring",
            f"not in the recipe: `train` tries it on {shown}, in two short trainings, and keeps what is better",
        )
    ]


def _parse_shape(text: str) -> tuple[int, int, int]:
    """Read ``20x20`` or ``32x32x3``."""
    from inklings.data.size_options import parse_sizes

    sizes = parse_sizes(text)
    if sizes is None or len(sizes) not in (2, 3):
        raise click.BadParameter(f"'{text}' is not height x width, such as 20x20, or 32x32x3", param_hint="'--input'")
    height, width, *channels = sizes
    return height, width, channels[0] if channels else 1


def _shape(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))


def _settings(layer: Layer) -> str:
    """Describe a layer's settings, without its initializers."""
    settings = {key: value for key, value in to_plain(layer).items() if key not in ("weights", "biases")}
    words = [_setting(key, value) for key, value in settings.items()]
    return ", ".join(word for word in words if word)


def _setting(key: str, value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "" if key == "stride" and value == [1, 1] else f"{key.replace('_', ' ')} {' x '.join(map(str, value))}"
    return f"{value} {key}" if isinstance(value, int) else f"{key} {value}"
