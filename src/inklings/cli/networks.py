"""``inklings networks``: which there are, and what one is made of."""

from __future__ import annotations

from typing import Any

import click

from inklings.cli.options import open_data, reading_options
from inklings.cli.tables import print_table
from inklings.networks import Layer
from inklings.plain import to_plain


@click.group(invoke_without_command=True)
@click.pass_context
def networks(context: click.Context) -> None:
    """List the networks that have a name, or show one's layers."""
    if context.invoked_subcommand is None:
        from inklings.training import PRESETS

        print_table(["network", "what it is"], [[name, each.description] for name, each in PRESETS.items()])
        click.echo(
            "\n`inklings networks show NAME` shows the layers; a TOML or JSON file may stand in place of a name."
        )


@networks.command()
@click.argument("network")
@click.option("--data", "name", metavar="NAME", help="Adapt it to these images.  [default: 20 x 20 x 1, 10 classes]")
@click.option("--hidden-units", metavar="N[,N...]", help="Of mlp and naive: how many; of mlp for each hidden layer.")
@click.option("--dropout", is_flag=True, help="Of mlp: with dropout.")
@reading_options
def show(network: str, name: str | None, hidden_units: str | None, dropout: bool, **reading: Any) -> None:  # noqa: ANN401
    """Show a network's layers: output shapes, parameters, operations an image."""
    from inklings.cli.plans import find_plan

    shape, classes = (20, 20, 1), 10
    if name is not None:
        data = open_data(name, reading)
        shape, classes = data.image_shape, data.class_count
    plan = find_plan(network, shape, classes, {"hidden_units": hidden_units, "dropout": dropout or None})
    rows = [
        [row.name, _settings(row.layer), _shape(row.output_shape), f"{row.parameters:,}", f"{row.operations:,}"]
        for row in plan.network.table()
    ]
    total = ["total", "", "", f"{plan.network.parameter_count:,}", f"{plan.network.operations:,}"]
    title = f"{plan.title}: reads images of {_shape(plan.network.input_shape)}"
    print_table(["layer", "settings", "output shape", "parameters", "operations"], [*rows, total], title=title)
    recipe = ", ".join(f"{key} {value}" for key, value in plan.recipe.to_dict().items())
    click.echo(f"recipe: {recipe or 'the default one'}")


def _shape(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))


def _settings(layer: Layer) -> str:
    """Word a layer's settings, without how it begins."""
    settings = {key: value for key, value in to_plain(layer).items() if key not in ("weights", "biases")}
    words = [_setting(key, value) for key, value in settings.items()]
    return ", ".join(word for word in words if word)


def _setting(key: str, value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "" if key == "stride" and value == [1, 1] else f"{' x '.join(map(str, value))} {key.replace('_', ' ')}"
    return f"{value} {key}"
