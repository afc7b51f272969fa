"""Which space is meant: a file's, or one made for a named network, of what is worth trying around its own values."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from inklings.arguments import as_path
from inklings.errors import NetworkError, RecipeError
from inklings.networks import Dense, Dropout, network_to_plain
from inklings.opponents.presets import OPPONENTS
from inklings.search.layers import LAYER, ON
from inklings.search.plans import PlanMaker
from inklings.search.space import Space, read_space, space_from_plain
from inklings.search.trial import Measure
from inklings.serialise import did_you_mean
from inklings.training.data_facts import DataFacts
from inklings.training.plans import Plan
from inklings.training.presets import PRESETS, preset

_BATCHES = [25, 50, 100]
_STRENGTHS = ["none", "light", "full"]
_MLP_EPOCHS = 30  # of its 500, which are for one training, not for a hundred


def _around(value: float, times: float) -> dict[str, Any]:
    """Return a range from a value divided by ``times`` to the value multiplied by it."""
    return {"low": float(f"{value / times:.1g}"), "high": float(f"{value * times:.1g}"), "log": True}


def find_space(space: str | Path | Mapping[str, Any] | Space) -> Space | str:
    """Return the space of a file or of plain values; the name of a network as it is, for which one can be made.

    Raises
    ------
    RecipeError, NetworkError
        There is no such file or network, or the file's words are no space.
    """
    if isinstance(space, str) and Path(space).suffix.lower() != ".toml":
        _check_name(space)
        return space
    if isinstance(space, Space):
        return space
    if isinstance(space, Mapping):
        return space_from_plain(space)
    return read_space(as_path(space, "a space", RecipeError))


def check_without_images(space: Space | str, measure: Measure) -> None:
    """Refuse a setting that is impossible whatever the images are: these may take minutes to read.

    By stand-ins for images. Whether the layers fit the real ones is asked when these are there.
    """
    if isinstance(space, Space):
        with suppress(NetworkError):
            PlanMaker(space, (64, 64, 1), 10, DataFacts()).check(measure)


def make_space(network: str, input_shape: tuple[int, int, int], classes: int, data: DataFacts) -> Space:
    """Return a space for a named network.

    Raises
    ------
    NetworkError
        There is no such network, or it is an opponent, which has no layers.
    """
    _check_name(network)
    plan = preset(network, input_shape, classes, data=data)
    rate = _around(plan.recipe.learning_rate, 30 if network in ("cnn1", "cnn2") else 10)
    if network in ("cnn1", "cnn2"):
        return space_from_plain(_of_convolutions(plan, rate))
    values: dict[str, dict[str, Any]] = {
        "softmax": {"learning_rate": rate, "batch_size": _BATCHES, "l2": [0.0, 1e-4, 1e-3, 1e-2]},
        "naive": {"hidden_units": [10, 25, 50, 100], "l2": [0.0, 1e-4, 1e-3, 1e-2]},
        "mlp": {
            "hidden_units": [25, 100, 400, 800, [400, 200]],
            "dropout": [True, False],
            "learning_rate": rate,
            "batch_size": _BATCHES,
            "l2": [0.0, 1e-4, 1e-3],
            "epochs": _MLP_EPOCHS,
        },
        "best": {
            "filters": [16, 24, 32, 48],
            "learning_rate": _around(plan.recipe.learning_rate, 4),
            "weight_decay": {"low": 1e-3, "high": 0.1, "log": True},
            "augment": _STRENGTHS,
        },
    }
    return space_from_plain({"network": network, **values[network]})


def _check_name(network: str) -> None:
    if network in OPPONENTS:
        problem = f"{network} is not a network and has nothing to search"
        raise NetworkError(problem, "its few settings are chosen by cross-validation when it is fitted")
    if network not in PRESETS:
        hint = f"{did_you_mean(network, PRESETS)}; a space of your own is a file whose name ends in .toml"
        raise NetworkError(f"unknown network '{network}'", hint, found=network)


def _of_convolutions(plan: Plan, rate: dict[str, Any]) -> dict[str, Any]:
    """Return a preset's own layers with the kernels' size, the last hidden layer and its dropout to choose."""
    layers = [_without_pairs(layer) for layer in network_to_plain(plan.network)["layers"]]
    dense = next(place for place, each in enumerate(plan.network.layers) if isinstance(each, Dense))
    for place, layer in enumerate(layers):
        if layer[LAYER] == "Conv2D":
            layer["kernel_size"] = "$kernel_size"
        elif place == dense:
            layer["units"] = "$dense_units"
        elif isinstance(plan.network.layers[place], Dropout):
            layer[ON] = "$dropout"
    recipe = plan.recipe
    return {
        "layers": layers,
        "optimiser": recipe.optimiser,
        "steps": recipe.steps,
        "kernel_size": [3, 5],
        "dense_units": [128, 512, 1024],
        "dropout": [True, False],
        "learning_rate": rate,
        "batch_size": _BATCHES,
        "augment": _STRENGTHS,
    }


def _without_pairs(layer: dict[str, Any]) -> dict[str, Any]:
    """Return a layer with one number for two equal ones: a list would be a choice."""
    return {
        key: value[0] if isinstance(value, list) and len(set(value)) == 1 else value for key, value in layer.items()
    }
