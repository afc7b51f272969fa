"""The split that a model was trained on, made again from what the model keeps of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inklings.data.dataset import Dataset
from inklings.data.parts import Split
from inklings.errors import RunError
from inklings.serialise import arguments_from_plain
from inklings.training.stored_facts import describe_data, describe_parts, describe_split

UNKNOWN_IMAGES = "the model does not say which images it learnt from: these may be among them"


def describe_training_split(split: Split) -> dict[str, Any]:
    """Return what a model keeps of the images that it was trained on, for :func:`split_of_training` to find them by."""
    return {"data": describe_data(split.dataset), "split": {**describe_split(split), "parts": describe_parts(split)}}


def describe_training_images(data: object) -> dict[str, Any]:
    """Return what is known of the training images by a Split, or by the Dataset alone; nothing by anything else."""
    if isinstance(data, Split):
        return describe_training_split(data)
    return {"data": describe_data(data)} if isinstance(data, Dataset) else {}


def part_of_training(training: Mapping[str, Any], dataset: Dataset) -> str | None:
    """Return which part of the split that a model was trained on these images are.

    Returns
    -------
    {"train", "validation", "test"} or None
        None if they are no whole part, or it is not known.
    """
    parts = training.get("split", {}).get("parts", {})
    # Asked first, since a fingerprint reads every image.
    return next((part for part, known in parts.items() if known == dataset.fingerprint), None) if parts else None


def split_of_training(training: Mapping[str, Any], dataset: Dataset) -> Split | None:
    """Divide a data set as it was for a training.

    Parameters
    ----------
    training : mapping
        As :attr:`inklings.Model.training` holds it; it may be empty, or lack parts.
    dataset : Dataset
        The one that the model was trained on.

    Returns
    -------
    Split or None
        None if its rows cannot be drawn again: it was made by hand, or by a version that drew others.

    Raises
    ------
    RunError
        What the model keeps is no way to divide a data set.
    """
    kept = training.get("split", {})
    # A split that was made in Python, whose other options are seldom set, keeps its seed alone.
    options = kept.get("options") or {"seed": kept.get("seed")}
    if options.get("seed") is None:
        return None
    again = dataset.split(**arguments_from_plain(Dataset.split, options, "the model's split.options", RunError))
    return again if again.fingerprint == kept.get("fingerprint") else None
