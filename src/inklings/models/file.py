"""A model in one file: safetensors for the parameters, JSON in its metadata for the rest, with a checksum.

Nothing in it is executed. What the JSON holds::

    format          "inklings model"
    version         1; 2 with a measure of novelty; 3 with an opponent; 4 with an ensemble
    network         input_shape and layers; or
    opponent        of what is not a network: its form (:class:`inklings.opponents.frozen.FrozenOpponent`); or
    ensemble        of several networks: their form (:class:`inklings.models.ensemble.Ensemble`)
    class_names     in the order of the outputs
    training        how it was trained, and its accuracy
    preprocessing   how pictures are preprocessed
    novelty         the small numbers of the measure of novelty, if there is one; its arrays are "novelty/..."
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

from numpy.typing import NDArray

from inklings.errors import DataError, InklingsError, RunError
from inklings.models.classifier import PredictingClassifier
from inklings.models.ensemble import Ensemble, ensemble_from_plain
from inklings.models.novelty import Novelty
from inklings.networks import Network, Parameters, network_from_plain, network_to_plain
from inklings.opponents.frozen import frozen_from_plain
from inklings.serialise import check_stored
from inklings.storage import read_checksummed, write_checksummed, writing
from inklings.training.stored_facts import StoredTraining

FORMAT = "inklings model"
VERSION = 4
_WITHOUT_NOVELTY, _WITHOUT_OPPONENT, _WITHOUT_ENSEMBLE = 1, 2, 3
"""The versions of files without one: what wrote those reads them still."""

_OTHER_FORMATS: Mapping[str, str] = {
    ".onnx": "{}",
    ".html": "{}",
    ".py": "{} --to torch (or keras)",
    ".pt": "in_torch.py --to torch",
    ".pth": "in_torch.py --to torch",
    ".keras": "in_keras.py --to keras",
    ".h5": "in_keras.py --to keras",
}
"""Endings of what a model is exported to, and how `inklings export` makes it."""

_EARLIER = "pixels/means"
"""An array of measures of novelty that were taken by pixels alone; a model with one is read as without."""

_NETWORK, _OPPONENT, _ENSEMBLE, _NOVELTY = "network", "opponent", "ensemble", "novelty/"


class _Described(TypedDict):
    """What every model has beside its classifier."""

    class_names: list[str]
    training: StoredTraining
    preprocessing: dict[str, Any]


class Contents(NamedTuple):
    """What a file holds of a model, in the order of :class:`inklings.models.model.Model`'s fields."""

    classifier: Network | PredictingClassifier
    parameters: Parameters
    class_names: Sequence[str]
    training: Mapping[str, Any]
    preprocessing: Mapping[str, Any]
    novelty: Novelty | None = None


def check_ending(path: Path) -> None:
    """Refuse a name that promises a format which a saved model is not in.

    Raises
    ------
    RunError
        It ends in .onnx, .html, .py, .pt, .pth, .keras or .h5.
    """
    if (exported := _OTHER_FORMATS.get(path.suffix.lower())) is not None:
        own = path.with_suffix(".inkling").name
        hint = f"name it {own}, and then: inklings export {own} {exported.format(path.name)}"
        problem = "a model is saved in Inklings' own format, not in one that ends so"
        raise RunError(f"{path}: {problem}", hint, found=path.suffix, expected=".inkling")


def write_model(path: Path, contents: Contents) -> None:
    """Write a model to a file atomically.

    Raises
    ------
    RunError
        The file cannot be written there, or its name is that of another format.
    """
    check_ending(path)
    novelty, classifier = contents.novelty, contents.classifier
    if isinstance(classifier, Network):
        form = {_NETWORK: network_to_plain(classifier)}
        # The oldest version that holds all that is there, so that older releases read whatever they can.
        version = _WITHOUT_NOVELTY if novelty is None else _WITHOUT_OPPONENT
    elif isinstance(classifier, Ensemble):
        form, version = {_ENSEMBLE: classifier.to_plain()}, VERSION
    else:
        form, version = {_OPPONENT: classifier.to_plain()}, _WITHOUT_ENSEMBLE
    values: dict[str, Any] = {
        "format": FORMAT,
        "version": version,
        **form,
        "class_names": list(contents.class_names),
        "training": dict(contents.training),
        "preprocessing": dict(contents.preprocessing),
    }
    arrays = dict(contents.parameters)
    if novelty is not None:
        values["novelty"] = novelty.to_plain()
        arrays |= {_NOVELTY + name: array for name, array in novelty.measured.to_arrays().items()}
    with writing(path):
        write_checksummed(path, arrays, values)


def read_model(path: Path) -> Contents:
    """Read what :func:`write_model` wrote.

    Raises
    ------
    RunError
        The file is missing, is something else, was altered or truncated, or has a newer version.
    """
    arrays, values = read_checksummed(path, "a saved model", RunError)
    if values.get("format") != FORMAT:
        found = values.get("format")
        raise RunError(f"holds '{found}', expected '{FORMAT}'", path=path, found=found, expected=FORMAT)
    _check_version(path, values.get("version"))
    # No layer is called so: their names end in numbers, as dense_1 does.
    parameters = {name: array for name, array in arrays.items() if not name.startswith(_NOVELTY)}
    try:
        check_stored(_Described, values, "", RunError)
        return Contents(
            _classifier(values),
            parameters,
            values["class_names"],
            values["training"],
            values["preprocessing"],
            _novelty(values, arrays),
        )
    except InklingsError as problem:
        raise unusable(path, problem) from None


def _classifier(values: Mapping[str, Any]) -> Network | PredictingClassifier:
    if _OPPONENT in values:
        return frozen_from_plain(_mapping(values, _OPPONENT))
    if _ENSEMBLE in values:
        return ensemble_from_plain(_mapping(values, _ENSEMBLE))
    return network_from_plain(_mapping(values, _NETWORK))


def unusable(path: Path, problem: Exception) -> RunError:
    """Return the error for a file whose contents are sound but make no model."""
    return RunError(f"does not hold a usable model ({problem})", path=path)


def _check_version(path: Path, version: object) -> None:
    if not isinstance(version, int) or version < 1:
        expected = f"a number from 1 to {VERSION}"
        raise RunError(
            f"the format's version is {version!r}, expected {expected}", path=path, found=version, expected=expected
        )
    if version > VERSION:
        raise RunError(
            f"is of the format's version {version}, this Inklings reads up to {VERSION}",
            "upgrade inklings",
            path=path,
            found=version,
            expected=VERSION,
        )


def _novelty(values: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Novelty | None:
    if "novelty" not in values:
        return None
    # Another measure by the same name: its scores could not be held against a threshold of today's.
    if _NOVELTY + _EARLIER in arrays:
        return None
    own = {name.removeprefix(_NOVELTY): array for name, array in arrays.items() if name.startswith(_NOVELTY)}
    return Novelty.from_plain(_mapping(values, "novelty"), own)


def _mapping(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = values.get(name)
    if not isinstance(value, dict):
        raise DataError(f"'{name}' is {value!r}, expected a table", found=value, expected="a table")
    return value
