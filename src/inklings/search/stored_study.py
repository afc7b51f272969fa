"""What a study stores, as types: whoever reads its folder checks it against these, since nobody who uses it asks again.

As of runs (:mod:`inklings.training.stored_facts`), only what is always needed is required, and what a later version
adds is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from inklings.errors import RunError
from inklings.search.space import Space
from inklings.search.trial import MEASURES, Trial
from inklings.serialise import check_stored
from inklings.training.stored_facts import StoredData, StoredSplit


class StoredStudy(TypedDict):
    """What was asked: ``study.json``."""

    space: dict[str, Any]
    trials: int | None
    repeats: int
    sampler: str
    prune: str
    measure: str
    seed: int
    in_flight: int
    batch: int
    engine: str
    driver: str
    data: StoredData
    split: StoredSplit
    versions: dict[str, str]


class StoredTrial(TypedDict):
    """A line of ``trials.jsonl``."""

    number: int
    configuration: int
    repeat: int
    settings: dict[str, Any]
    seed: int
    state: str


class EndedTrial(TypedDict, total=False):
    """The rest of it, of which one that failed has little."""

    reason: str
    rung: int
    validation_loss: list[float | None]
    validation_accuracy: list[float | None]
    train_loss: list[float | None]
    train_accuracy: list[float | None]
    epoch: int
    epochs: int
    seconds: float
    parameters: int
    operations: int
    run: str
    worker: str
    begun: str
    ended: str


class TestedTrial(TypedDict):
    """A trial of ``chosen.json``."""

    number: int
    run: str
    validation_accuracy: float
    test_accuracy: float
    interval: tuple[float, float]


class TestedConfiguration(TypedDict):
    """A configuration of ``chosen.json``."""

    configuration: int
    settings: dict[str, Any]
    validation_accuracy: float
    test_accuracy: float
    trials: list[TestedTrial]


class StoredChosen(TypedDict):
    """The few that were evaluated on the test images: ``chosen.json``."""

    tried: int
    trials: int
    chosen: list[TestedConfiguration]


class Looks(TypedDict, total=False):
    """What ``chosen.json`` has had since."""

    looks: int


_COUNTS = ("number", "configuration", "repeat", "rung", "epoch", "epochs")


def check_study(facts: Mapping[str, Any]) -> None:
    """Refuse what is no description of a study."""
    check_stored(StoredStudy, facts, "", RunError)
    if facts["measure"] not in MEASURES:
        raise RunError(f"'measure' is {facts['measure']!r:.60}, expected {' or '.join(MEASURES)}")
    if facts["repeats"] < 1:
        raise RunError(f"'repeats' is {facts['repeats']}, expected at least 1")


def check_trial(plain: Mapping[str, Any]) -> None:
    """Refuse what is no line of a record."""
    check_stored(StoredTrial, plain, "", RunError)
    check_stored(EndedTrial, plain, "", RunError)
    for name in _COUNTS:
        if plain.get(name, 0) < 0:
            raise RunError(f"'{name}' is {plain[name]}, expected at least 0")


def check_chosen(chosen: Mapping[str, Any]) -> None:
    """Refuse what does not say what was chosen."""
    check_stored(StoredChosen, chosen, "", RunError)
    check_stored(Looks, chosen, "", RunError)
    for each in chosen["chosen"]:
        if not each["trials"]:
            raise RunError(f"configuration {each['configuration']} of 'chosen' has no trials, expected at least one")


def check_settings(trial: Trial, space: Space) -> None:
    """Refuse a trial with a value that its study did not search."""
    for name, dimension in space.dimensions.items():
        if name in trial.settings and not dimension.has(trial.settings[name]):
            found = f"trial {trial.number} has {name} {trial.settings[name]!r:.60}"
            raise RunError(f"{found}, which is not in the space of the study")
