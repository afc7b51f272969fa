"""``inklings train`` for an opponent, which is not a network: fitted at once, and kept as a model alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from inklings.cli.json_output import print_json, result_to_json, wants_json
from inklings.cli.options import READING, how_opened, note_duplicates, open_data, typed_command
from inklings.cli.tables import print_facts
from inklings.opponents import named_opponent
from inklings.opponents.presets import describe_limits
from inklings.reprs import percent

if TYPE_CHECKING:
    from inklings.cli.saving import Packing
    from inklings.experiments import TrainedOpponent

_ALLOWED = ("network", "name", "seed", "quiet", "as_json", "save", "target_accuracy", "pictures", *READING)


def check_opponent_options(context: click.Context, opponent: str) -> None:
    """Refuse options of networks' training: an opponent's settings are chosen on the validation images."""
    for parameter in context.command.params:
        typed = context.get_parameter_source(parameter.name or "") is ParameterSource.COMMANDLINE
        if typed and parameter.name not in _ALLOWED:
            problem = f"{parameter.opts[0]} has no effect on {opponent}: it is for networks; leave it out"
            raise click.UsageError(problem, context)


def train_opponent_named(
    opponent: str, name: str, reading: dict[str, Any], packing: Packing, *, seed: int, quiet: bool
) -> None:
    """Fit an opponent on the training images of a split, print the results, and save it if that is asked for."""
    from inklings.experiments.to_model import opponent_to_model
    from inklings.experiments.trained_opponent import train_opponent

    data = open_data(name, reading)
    split = data.split(seed=seed)
    note_duplicates(split)
    if not quiet:
        click.echo(f"fitting {opponent}", err=True)
    named = named_opponent(opponent, data.image_shape, seed=seed)
    if limits := describe_limits(named, data.image_shape[2]):
        click.echo(f"note: {limits}", err=True)
    trained = train_opponent(named, split)
    saved = [("model", "not kept; --save FILE keeps it")]
    if packing.file is not None:
        model = opponent_to_model(
            trained,
            sure_at=packing.target_accuracy,
            pictures=packing.pictures,
            command=typed_command(),
            data_options=how_opened(name, reading),
            split_options={"seed": seed},
        )
        saved = [*packing.write(model), ("size", _size(Path(packing.file).stat().st_size))]
    if wants_json():
        chosen = {"settings": trained.chosen, **(packing.to_plain() if packing.file else {})}
        print_json({**result_to_json(trained.result), **chosen})
    else:
        _print_results(trained, saved)


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 1e6 else f"{count / 1e3:,.0f} kB"


def _print_results(trained: TrainedOpponent, saved: list[tuple[str, str]]) -> None:
    result = trained.result
    low, high = result.interval
    print_facts(
        [
            ("opponent", result.title),
            ("settings", trained.settings),
            ("training", percent(result.train)),
            ("validation", percent(result.validation)),
            ("test", f"{percent(result.test)} (95 % interval {low:.1%} to {high:.1%})"),
            ("seconds", f"{result.seconds:.1f}"),
            *saved,
        ]
    )
