"""What runs and models store of how they came about, as types: whoever reads such a file checks it against these.

Files are read years later, and by those who did not write them. So only what is always needed is required, what a later
version adds is left alone, and what is there must be of its type: it is used in many places, none of which asks again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from inklings.data.dataset import Dataset
from inklings.data.notes import decisions
from inklings.data.parts import Split
from inklings.errors import InklingsError
from inklings.serialise import check_stored


class StoredData(TypedDict, total=False):
    """The images."""

    source: str
    fingerprint: str
    images: int
    shape: list[int]
    class_names: list[str]
    notes: list[str]
    interpretation: dict[str, Any] | None
    options: dict[str, Any]


class StoredSplit(TypedDict, total=False):
    """How they were split."""

    seed: int
    train: int
    validation: int
    test: int
    fingerprint: str
    options: dict[str, Any]
    parts: dict[str, str]


class StoredMachine(TypedDict):
    """Where it was trained."""

    processor: str
    cores: int


class StoredResults(TypedDict, total=False):
    """What came of it. An accuracy is NaN where there were no images to measure it on."""

    train: float
    validation: float
    test: float
    interval: tuple[float, float]
    best_epoch: int
    seconds: float


class StoredRun(TypedDict):
    """A run, from the moment it begins."""

    name: str
    variant: str
    created: str
    stop_reason: str
    network: dict[str, Any]
    parameters: int
    recipe: dict[str, Any]
    seed: int
    engine: str
    data: StoredData
    split: StoredSplit
    versions: dict[str, str]
    machine: StoredMachine
    command: str


class EndedRun(TypedDict, total=False):
    """What is added to a run when it ends."""

    message: str
    weights_sha256: str
    results: StoredResults
    choices: list[str]


class ConfidentPart(TypedDict):
    """From which probability on a model's predictions are confident."""

    threshold: float


class StoredCalibration(TypedDict, total=False):
    """How the temperature was chosen."""

    temperature: float
    images: int
    reason: str


class StoredTraining(TypedDict, total=False):
    """What a model holds of its training."""

    name: str
    variant: str
    recipe: dict[str, Any]
    engine: str
    data: StoredData
    split: StoredSplit
    results: StoredResults
    accuracy: float | None
    interval: tuple[float, float] | None
    n: int
    sure: ConfidentPart | None
    calibration: StoredCalibration


def describe_data(data: Dataset) -> dict[str, Any]:
    """Return what is known of images, as plain values."""
    return {
        "source": data.source,
        "fingerprint": data.fingerprint,
        "images": len(data),
        "shape": list(data.image_shape),
        "class_names": list(data.class_names),
        "notes": list(data.notes),
        "decisions": decisions(data.notes),
        "interpretation": None if data.interpretation is None else data.interpretation.to_plain(),
    }


def describe_split(split: Split) -> dict[str, Any]:
    """Return how images were split, as plain values."""
    return {
        "seed": split.seed,
        "train": len(split.train_rows),
        "validation": len(split.validation_rows),
        "test": len(split.test_rows),
        "fingerprint": split.fingerprint,
        "crossing_duplicates": split.crossing_duplicates,
    }


def describe_parts(split: Split) -> dict[str, str]:
    """Return the fingerprint of each part's images: by these a model knows what it learnt from when it meets it alone.

    For models only, not for runs: it hashes every image once more, a tenth of a second for 70,000 of 28 x 28.
    """
    rows = {"train": split.train_rows, "validation": split.validation_rows, "test": split.test_rows}
    # Taken here, not by `split.train`, which would keep a copy of the images for as long as there is the split.
    return {part: split.dataset.take(chosen).fingerprint for part, chosen in rows.items() if len(chosen)}


def check_run(facts: Mapping[str, Any], error: type[InklingsError]) -> None:
    """Refuse the facts of a run if something that is needed is missing, or of another type than it always has."""
    check_stored(StoredRun, facts, "", error)
    check_stored(EndedRun, facts, "", error)
    for part, names in _NEEDED.items():
        for name in names:
            if name not in facts[part]:
                raise error(f"has no '{part}.{name}'", found=sorted(facts[part]), expected=name)
    check_results(facts.get("results", {}), error)


def check_results(results: Mapping[str, Any], error: type[InklingsError]) -> None:
    """Refuse a run's results if some are there and one that is needed is not, or one is of another type."""
    check_stored(StoredResults, results, "results", error)
    # All of them come at once, when a run ends; but a trial of a search is tested later, if at all.
    untested = results.keys().isdisjoint(_TESTED)
    needed = [name for name in StoredResults.__annotations__ if not (untested and name in _TESTED)]
    if missing := [name for name in needed if results and name not in results]:
        raise error(f"has no 'results.{missing[0]}'", found=sorted(results), expected=missing[0])


_TESTED = ("test", "interval")
_NEEDED = {"data": ("source", "fingerprint", "images"), "split": ("seed", "train", "validation", "test", "fingerprint")}
"""What a run has of its images and their split; a model may be of neither."""
