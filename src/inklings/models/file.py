"""A model in one file: safetensors for the parameters, JSON metadata for the rest, and a checksum of everything.

Nothing in it is executed. What the JSON holds::

    format          "inklings model"
    version         1
    network         input_shape and layers
    class_names     in the order of the outputs
    training        how it was trained, and its accuracy
    preprocessing   how pictures are preprocessed
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from inklings.errors import DataError, InklingsError, RunError
from inklings.models.model import Model
from inklings.networks import network_from_plain, network_to_plain
from inklings.storage import read_sealed, write_sealed, writing

FORMAT = "inklings model"
VERSION = 1


def save(model: Model, path: str | Path) -> None:
    """Write a model to a file atomically.

    Raises
    ------
    RunError
        The file cannot be written there.
    """
    values = {
        "format": FORMAT,
        "version": VERSION,
        "network": network_to_plain(model.network),
        "class_names": list(model.class_names),
        "training": dict(model.training),
        "preprocessing": dict(model.preprocessing),
    }
    with writing(path):
        write_sealed(Path(path), model.parameters, values)


def load(path: str | Path) -> Model:
    """Read a model that :func:`save` wrote.

    Raises
    ------
    RunError
        The file is missing, is something else, was altered or truncated, or has a newer version.
    """
    path = Path(path)
    parameters, values = read_sealed(path, "a saved model", RunError)
    if values.get("format") != FORMAT:
        raise RunError(f"{path}: holds '{values.get('format')}', expected '{FORMAT}'")
    _check_version(path, values.get("version"))
    try:
        network = network_from_plain(_mapping(values, "network"))
        return Model(
            network,
            parameters,
            [str(name) for name in values["class_names"]],
            _mapping(values, "training"),
            _mapping(values, "preprocessing"),
        )
    except (InklingsError, KeyError, TypeError) as problem:
        raise RunError(f"{path}: does not hold a usable model ({problem})") from None


def _check_version(path: Path, version: object) -> None:
    if not isinstance(version, int) or version < 1:
        raise RunError(f"{path}: the format's version is {version!r}, expected a number from 1 to {VERSION}")
    if version > VERSION:
        raise RunError(
            f"{path}: is of the format's version {version}, this Inklings reads up to {VERSION}", "upgrade inklings"
        )


def _mapping(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = values[name]
    if not isinstance(value, dict):
        raise DataError(f"'{name}' is {value!r}, expected a table")
    return value
