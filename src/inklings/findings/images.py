"""From what the checks measure to findings about single images: one for each image that has any."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from inklings.data.dataset import Dataset
from inklings.data.mending_table import KEEP, REMOVE
from inklings.data.suspicious import FAINT
from inklings.findings.finding import KINDS, Finding
from inklings.findings.likely_labels import LikelyLabels
from inklings.findings.near_duplicates import NearDuplicates

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

FAR_OUT = 3.0
"""Standard deviations above the usual distance from which an image is shown as unlike others."""

FEWEST_TO_JUDGE = 8
"""Images of a class below which its labels are not judged: left out, each would be missed by its own class."""

ENOUGH_AGREED = 0.7
"""Labels that the model predicts below which it may be the model that is wrong: it sees outlines, no colours. Of the
bundled digits, with 20 % of the labels changed, it predicts 0.76; of squares that differ in colour alone, 0.38."""

CUT = 0.1
"""Ink along more than this share of an edge: a stroke that only ends there is thinner."""

USUAL = 0.1
"""What more than this share of all images have is how they were framed, or what the class is, and no finding."""


def merge(found: Iterable[Finding]) -> list[Finding]:
    """Return one finding per image, ordered by kind and by how sure they are; the strongest action holds."""
    order = list(KINDS)
    by_row: dict[int, list[Finding]] = {}
    for each in found:
        by_row.setdefault(each.row, []).append(each)
    merged = []
    for own in by_row.values():
        # The gravest kind first; the others become `also`.
        own.sort(key=lambda each: order.index(each.kind))
        first, *others = own
        also = tuple(dict.fromkeys(each.kind for each in others if each.kind != first.kind))
        action = REMOVE if any(each.action == REMOVE for each in own) else KEEP
        suggested = next((each.suggested for each in own if each.suggested), "")
        same = tuple(dict.fromkeys(row for each in own for row in each.same_as))
        merged.append(replace(first, suggested=suggested, same_as=same, action=action, also=also))
    merged.sort(key=lambda each: (order.index(each.kind), -each.score, each.row))
    return merged


def label_findings(dataset: Dataset, judged: LikelyLabels) -> Iterator[Finding]:
    """Yield a finding for each label that is likely wrong; a model that is often wrong leaves none out."""
    sizes = dataset.class_sizes
    action = REMOVE if judged.agreement >= ENOUGH_AGREED else KEEP
    issues = judged.issues
    for row, suggested, margin in zip(issues.rows.tolist(), issues.suggested.tolist(), issues.margins, strict=True):
        if sizes[dataset.labels[row]] >= FEWEST_TO_JUDGE:
            yield Finding(row, "label", float(margin), dataset.class_names[suggested], action=action)


def copy_findings(dataset: Dataset, copy_of: Integers, probabilities: NDArray[np.float64]) -> Iterator[Finding]:
    """Yield a finding for each copy of an image but the one to keep, and for each of several labels of one image.

    Kept is a copy with the label that most copies have; if the source reserves a part for testing, the one in there,
    so that the test stays what it was.
    """
    groups: dict[int, list[int]] = {}
    # Rows whose image is there more than once.
    for row in np.flatnonzero(np.bincount(copy_of, minlength=len(copy_of))[copy_of] > 1).tolist():
        groups.setdefault(int(copy_of[row]), []).append(row)
    rank = part_ranks(dataset)
    for rows in groups.values():
        labels = Counter(dataset.labels[rows].tolist())
        (label, most), *others = labels.most_common()
        # A tie: no label is better supported than the other.
        if others and others[0][1] == most:
            yield from _undecided(dataset, rows, probabilities)
            continue
        # A test image stays where it is: what was measured on it stays comparable.
        kept = min((row for row in rows if dataset.labels[row] == label), key=lambda row: (rank[row], row))
        for row in rows:
            # Some of them: a blank page may be there a thousand times, and this becomes a cell of a table.
            same = tuple(other for other in rows if other != row)[:20]
            if dataset.labels[row] != label:
                yield Finding(row, "conflict", 1.0, dataset.class_names[label], same, REMOVE)
            elif row != kept:
                yield Finding(row, "copy", 1.0, "", same, REMOVE)


def _undecided(dataset: Dataset, rows: list[int], probabilities: NDArray[np.float64]) -> Iterator[Finding]:
    """Yield a finding for each of several copies without a label that most of them have; none can be trusted."""
    labels = sorted(set(dataset.labels[rows].tolist()))
    likeliest = max(labels, key=lambda label: probabilities[rows[0], label])
    for row in rows:
        suggested = dataset.class_names[likeliest] if dataset.labels[row] != likeliest else ""
        yield Finding(row, "conflict", 1.0, suggested, tuple(other for other in rows if other != row)[:20], REMOVE)


def near_findings(near: NearDuplicates) -> Iterator[Finding]:
    """Yield a finding for the later image of each pair that is nearly the same."""
    for first, second, score in zip(near.first.tolist(), near.second.tolist(), near.correlations, strict=True):
        yield Finding(second, "near copy", float(score), same_as=(first,))


def blank_findings(dataset: Dataset, spans: Floats) -> Iterator[Finding]:
    """Yield a finding for each image that shows nothing; a class of such images, such as "empty", is left alone."""
    blank = spans <= FAINT
    for label in range(dataset.class_count):
        rows = np.flatnonzero(dataset.labels == label)
        # Half of a class and more: then blank is what it shows.
        if len(rows) and blank[rows].mean() <= 0.5:
            yield from (Finding(row, "blank", action=REMOVE) for row in rows[blank[rows]].tolist())


def cut_findings(cut: Floats) -> Iterator[Finding]:
    """Yield a finding for each image with ink along an edge, unless that is usual."""
    rows = np.flatnonzero(cut > CUT)
    if len(rows) <= USUAL * len(cut):
        yield from (Finding(row, "cut off", float(cut[row])) for row in rows.tolist())


def unlike_findings(of_class: Floats, of_all: Floats, spans: Floats) -> Iterator[Finding]:
    """Yield a finding for each image that is far out."""
    for kind, scores in (("unlike all", of_all), ("unlike class", of_class)):
        # A blank image is unlike others too, but is named as blank.
        rows = np.flatnonzero((scores >= FAR_OUT) & (spans > FAINT)).tolist()
        yield from (Finding(row, kind, float(scores[row])) for row in rows)


def part_ranks(dataset: Dataset) -> Integers:
    """Return 0 for images that the source reserves for testing, 1 for validation, else 2, shape (n,)."""
    ranks = np.full(len(dataset), 2, np.int64)
    for rank, rows in ((1, dataset.given_validation), (0, dataset.given_test)):
        if rows is not None:
            ranks[rows] = rank
    return ranks
