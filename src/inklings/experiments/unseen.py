"""Which images of a data set a trained network has never seen: an accuracy on others would flatter it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.dataset import Dataset
from inklings.data.mending import Mending, kept_rows, mend
from inklings.errors import DataError
from inklings.models.training_split import UNKNOWN_IMAGES, part_of_training, split_of_training


def choose_unseen(
    training: Mapping[str, Any], dataset: Dataset, mending: Mending | None = None, *, everything: bool = False
) -> tuple[Dataset, list[str]]:
    """Return the images to evaluate a model on: the test images where it was trained on this data set, else all.

    Parameters
    ----------
    training : mapping
        The manifest of the run that trained the model, as :attr:`inklings.models.Model.training` holds it; it may be
        empty, or lack parts.
    dataset : Dataset
        The images as they are, opened as the training images were.
    mending : Mending, optional
        What to leave out or relabel. If not given, the data set is mended as it was for training. One that changes
        nothing is followed too: the images are then evaluated as they are.
    everything : bool
        Whether images that the model has seen are kept; they are then mended by ``mending`` alone.

    Returns
    -------
    images : Dataset
    notes : list of str
        How they were mended, and which of them were left out and why.

    Raises
    ------
    DataError
        ``mending`` is of other data, or no test image is left by it.
    """
    earlier = None if everything else _mending_of_training(training)
    as_trained = dataset if earlier is None else _mend_if_it_fits(dataset, earlier)
    if as_trained is None:  # other data, or the same with the table applied already
        as_trained, earlier = dataset, None
    mended, how = (as_trained, ", as in training") if mending is None else (mend(dataset, mending), "")
    notes = [f"{note}{how}" for note in mended.notes[len(dataset.notes) :]]
    if everything:
        return mended, notes
    rows, reason = find_test_rows(training, as_trained)
    if rows is None:
        return mended, [*notes, reason] if reason else notes
    # Rows are those of the images left for training; the mending asked for may have left others.
    original = kept_rows(dataset, earlier or Mending())[rows]
    applied = mending or earlier or Mending()
    tested = np.flatnonzero(np.isin(kept_rows(dataset, applied), original))
    if not len(tested):
        found = f"{applied.source} leaves none of the {len(rows):,} test images"
        raise DataError(found, "keep some", setting="without")
    which = "test images of its split" + (" that are kept" if len(tested) < len(rows) else "")
    note = f"the model was trained on this data set; only the {len(tested):,} {which} are used"
    return mended.take(tested), [*notes, f"{note} (everything=True uses every image)"]


def find_test_rows(training: Mapping[str, Any], dataset: Dataset) -> tuple[NDArray[np.int64] | None, str]:
    """Return the test rows of the split that the model was trained on; if there are none, None and what to say.

    What to say is nothing of images that are all new to it.
    """
    data = training.get("data", {})
    if "fingerprint" not in data:
        return None, UNKNOWN_IMAGES
    if data["fingerprint"] != dataset.fingerprint and not _may_differ_in_labels_alone(training, dataset):
        return None, _note_on_other(training, dataset)
    split = split_of_training(training, dataset)
    if split is None or split.dataset.fingerprint != data["fingerprint"]:
        return None, "the model was trained on some of these images, but it is not known which"
    if not len(split.test_rows):
        return None, "the model was trained on this data set without test images: it has seen these"
    return split.test_rows, ""


def _may_differ_in_labels_alone(training: Mapping[str, Any], dataset: Dataset) -> bool:
    """Whether wrong labels were asked for, which the split has and the data set has not."""
    data, has_noise = training["data"], bool(training.get("split", {}).get("options", {}).get("label_noise"))
    return has_noise and (data.get("source"), data.get("images")) == (dataset.source, len(dataset))


def _note_on_other(training: Mapping[str, Any], dataset: Dataset) -> str:
    """Return what to say of images that are not the whole that the model was trained on; nothing if they are new."""
    part = part_of_training(training, dataset)
    if part == "train":
        return "the model learnt from these images: on others it may be less accurate"
    # Everything from memory is called "arrays", which says nothing of where it is from.
    if part is not None or dataset.source == "arrays" or dataset.source != training["data"].get("source"):
        return ""
    # Which images are which cannot be known any more; that images it learnt from are there can.
    note = "the model was trained on this data set, read otherwise, before it changed, or with other images"
    return f"{note}: some that it learnt from may be among these"


def _mending_of_training(training: Mapping[str, Any]) -> Mending | None:
    plain = training.get("data", {}).get("options", {}).get("without")
    return None if plain is None else Mending.from_plain(plain)


def _mend_if_it_fits(dataset: Dataset, mending: Mending) -> Dataset | None:
    try:
        return mend(dataset, mending)
    except DataError:
        return None
