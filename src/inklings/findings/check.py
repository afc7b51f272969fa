"""Checking a data set before anything is trained on it: what is wrong with its images, its labels and its classes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.arguments import checks_call
from inklings.data.dataset import Dataset
from inklings.data.mending import mark_of
from inklings.data.mending_table import REMOVE
from inklings.data.split import TEST, VALIDATION, split_rows
from inklings.errors import DataError
from inklings.findings.atypical import unlikeness
from inklings.findings.classes import ClassRemark, remark_on_classes
from inklings.findings.described import describe_images
from inklings.findings.finding import KINDS, Finding
from inklings.findings.images import (
    CUT,
    ENOUGH_AGREED,
    USUAL,
    blank_findings,
    copy_findings,
    cut_findings,
    label_findings,
    merge,
    near_findings,
    part_ranks,
    unlike_findings,
)
from inklings.findings.likely_labels import LikelyLabels, judge_labels
from inklings.findings.near_duplicates import copies, find_near_duplicates
from inklings.reprs import short_repr

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many of its images are done, and how many there are."""


@short_repr
@dataclass(frozen=True, eq=False, repr=False)
class DataCheck:
    """What was found in a data set.

    Attributes
    ----------
    dataset : Dataset
    findings : tuple of Finding
        One for each image that something is the matter with; by kind, the surest first.
    remarks : tuple of ClassRemark
        About whole classes.
    agreement : float
        How many labels are what a model predicts that was fitted on the other images.
    crossing : int
        Pairs of copies, exact or near, of which the parts for training, validation and testing hold one each.
    parts : str
        Which parts those are, in words; empty where the images are too few to be divided.
    notes : tuple of str
        What was left unsaid about single images, and why.
    seconds : float

    Examples
    --------
    >>> import inklings
    >>> from inklings.findings import check_data
    >>> found = check_data(inklings.open_dataset("digits").take(range(0, 5000, 50)))
    >>> found.counts["copy"]
    0
    """

    dataset: Dataset
    findings: tuple[Finding, ...]
    remarks: tuple[ClassRemark, ...]
    agreement: float
    crossing: int
    parts: str
    notes: tuple[str, ...]
    seconds: float

    def of_kind(self, kind: str) -> tuple[Finding, ...]:
        """Return the findings of a kind, those that are of another first not counted."""
        return tuple(each for each in self.findings if each.kind == kind)

    def holding(self, kind: str) -> tuple[Finding, ...]:
        """Return the findings of a kind, those that are of another first at the end."""
        return (*self.of_kind(kind), *(each for each in self.findings if kind in each.also))

    @property
    def counts(self) -> dict[str, int]:
        """How many images each kind holds for, including those whose first finding is of another kind."""
        return {kind: len(self.holding(kind)) for kind in KINDS}

    @property
    def removed(self) -> int:
        """How many images would be left out if nobody changes the table."""
        return sum(each.action == REMOVE for each in self.findings)

    def name_of(self, row: int) -> str:
        """Return what the source calls an image; empty if it has no names."""
        return "" if self.dataset.names is None else str(self.dataset.names[row])

    def to_plain(self) -> dict[str, Any]:
        """Return everything as plain values, for JSON."""
        return {
            "source": self.dataset.source,
            "images": len(self.dataset),
            "data": mark_of(self.dataset),
            "agreement": round(self.agreement, 4),
            "counts": self.counts,
            "copies_in_different_parts": self.crossing,
            "classes": [
                {"kind": each.kind, "class": each.class_name, "sentence": each.sentence} for each in self.remarks
            ],
            "notes": list(self.notes),
            "findings": [self._plain(each) for each in self.findings],
            "seconds": round(self.seconds, 2),
        }

    def _plain(self, found: Finding) -> dict[str, Any]:
        return {
            "row": found.row,
            "name": self.name_of(found.row),
            "kind": found.kind,
            "also": list(found.also),
            "label": self.dataset.class_names[self.dataset.labels[found.row]],
            "suggested": found.suggested,
            "score": round(found.score, 4),
            "same_as": list(found.same_as),
            "action": found.action,
        }


@checks_call(DataError)
def check_data(dataset: Dataset, *, seed: int = 0, on_progress: Progress | None = None) -> DataCheck:
    """Look for what is wrong with a data set.

    Parameters
    ----------
    dataset : Dataset
    seed : int
        Of the division in which copies are looked for across parts, where the source has none of its own, and of the
        model that judges labels.
    on_progress : callable, optional

    Returns
    -------
    DataCheck

    Raises
    ------
    DataError
        There are fewer than 4 images.

    Examples
    --------
    >>> import inklings
    >>> from inklings.findings import check_data
    >>> check_data(inklings.open_dataset("digits").take(range(0, 5000, 10))).counts["copy"]
    0
    """
    if len(dataset) < 4:
        raise DataError(f"{len(dataset)} images, expected at least 4 to compare", found=len(dataset), expected=4)
    start, total = perf_counter(), len(dataset)
    tell = on_progress or (lambda what, done, total: None)
    # Before anything else: copies must not vouch for each other below.
    described = describe_images(dataset, lambda done, total: tell("images described", done, total))
    copy_of, labels = copies(described.hashes), dataset.labels
    tell("looking for images that are nearly the same", 0, total)
    near = find_near_duplicates(described.thumbnails, labels, copy_of)
    tell("looking for images unlike others", 0, total)
    of_class, of_all = unlikeness(described.features, labels)
    tell("judging each label by all other images", 0, total)
    judged = judge_labels(described.features, labels, dataset.class_count, copy_of, seed=seed)
    remarks = remark_on_classes(described.features, labels, dataset.class_names)
    findings = merge(
        [
            *copy_findings(dataset, copy_of, judged.probabilities),
            *label_findings(dataset, judged),
            *near_findings(near),
            *blank_findings(dataset, described.spans),
            *unlike_findings(of_class, of_all, described.spans),
            *cut_findings(described.cut),
        ]
    )
    ranks, parts = _divide(dataset, seed)
    # Each copy is paired with the first image of its kind.
    # A pair counts where its images are in different parts.
    crossing = int((ranks[copy_of] != ranks).sum() + (ranks[near.first] != ranks[near.second]).sum())
    return DataCheck(
        dataset,
        tuple(findings),
        tuple(remarks),
        judged.agreement,
        crossing,
        parts,
        _notes(dataset, float((described.cut > CUT).mean()), judged, findings),
        perf_counter() - start,
    )


def _notes(dataset: Dataset, framed: float, judged: LikelyLabels, findings: Sequence[Finding]) -> tuple[str, ...]:
    """Return what to know about the check itself; ``framed`` is the share of images with ink along an edge."""
    notes = [f"{framed:.0%} of the images have ink along an edge: that is how they were framed"] * (framed > USUAL)
    if judged.agreement < ENOUGH_AGREED and any("label" in (each.kind, *each.also) for each in findings):
        seen = ", which sees outlines and no colours," if dataset.image_shape[-1] > 1 else ""
        notes.insert(
            0,
            f"Only {judged.agreement:.0%} of the labels are what the model{seen} predicts from the other images: "
            "it may be the model that is wrong, so no image is left out for its label alone",
        )
    return tuple(notes)


def _divide(dataset: Dataset, seed: int) -> tuple[NDArray[np.int64], str]:
    """Return the part that each image is in, as a number, and which division that is."""
    if dataset.given_test is not None or dataset.given_validation is not None:
        return part_ranks(dataset), "the source's own parts"
    ranks = np.zeros(len(dataset), np.int64)
    try:
        # The same division that a training with this seed would get.
        parts = split_rows(dataset.labels, test=TEST, validation=VALIDATION, seed=seed)
    except DataError:
        return ranks, ""
    for number, rows in enumerate(parts):
        ranks[rows] = number
    return ranks, f"the parts of the split with seed {seed}"
