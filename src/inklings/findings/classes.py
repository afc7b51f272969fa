"""What is the matter with whole classes: too few images, many more of one than of another, two classes in one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inklings.data.split import TEST
from inklings.findings.near_duplicates import principal_parts

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

FEW = 20
"""A class with fewer images has about five to test by."""

IMBALANCE = 5
"""How many times as many images the largest class has as the smallest before it is worth a remark."""

VALLEY = 0.5
"""Two halves of a class are two where images between them are less than this share as frequent as in the rarer half.

Of the ten bundled digits none is below (the nearest, 1, has 0.56); of the 45 pairs of digits, put together as one
class, 38 are."""

ENOUGH = 100
"""Images of a class from which its halves can be told."""

DIRECTIONS = 10


@dataclass(frozen=True)
class ClassRemark:
    """Something about a class.

    Parameters
    ----------
    kind : {"few", "imbalance", "two"}
    class_name : str
    sentence : str
        For people.
    examples : tuple of (tuple of int)
        Rows to look at, by group: of two classes in one, the most typical of each.
    """

    kind: str
    class_name: str
    sentence: str
    examples: tuple[tuple[int, ...], ...] = ()


def remark_on_classes(features: Floats, labels: Integers, class_names: Sequence[str]) -> list[ClassRemark]:
    """Return what is remarkable about the classes.

    Parameters
    ----------
    features : array of float32, shape (n, features)
    labels : array of int64, shape (n,)
    class_names : sequence of str
    """
    sizes = np.bincount(labels, minlength=len(class_names))
    found = [*_few(sizes, class_names), *_imbalance(sizes, class_names)]
    for label, name in enumerate(class_names):
        rows = np.flatnonzero(labels == label)
        if len(rows) >= ENOUGH and (halves := find_halves(features[rows])) is not None:
            found.append(_two(name, rows, halves))
    return found


@dataclass(frozen=True, eq=False)
class Halves:
    """Two groups of images with few between them.

    Attributes
    ----------
    positions : array of float64, shape (n,)
        Where each image lies between the centres: 0 is the first, 1 the second.
    second : array of bool, shape (n,)
        Which group each image is in.
    valley : float
        How frequent images are between the groups, as a share of the rarer group's density.
    """

    positions: NDArray[np.float64]
    second: NDArray[np.bool_]
    valley: float


def find_halves(features: Floats) -> Halves | None:
    """Divide images by 2-means, and return the groups if there is a valley between them.

    Any cloud of points can be divided; a normal one is densest where it is. So the images' density along the line
    through the two centres is estimated (a Gaussian kernel, a bandwidth a little below Silverman's), and the lowest
    between the groups' medians compared with the lower of those at the medians.
    """
    from sklearn.cluster import KMeans

    reduced = principal_parts(features, DIRECTIONS)
    # Among copies of one image, there are no two centres to find.
    if np.allclose(reduced, reduced[0]):
        return None
    means = KMeans(2, n_init=5, random_state=0).fit(reduced)
    one, other = means.cluster_centers_.astype(np.float64)
    along = other - one
    # Projected onto the line through both centres, scaled so that these are at 0 and 1.
    places = (reduced - one) @ along / float(along @ along)
    second = means.labels_ == 1
    if min(second.sum(), (~second).sum()) < 2:
        return None
    between = np.linspace(np.median(places[~second]), np.median(places[second]), 41)
    # Like Silverman's rule of thumb, a little narrower so that two halves are not smeared into one: it falls with the
    # fifth root of the number. 1.0 where all places are one.
    bandwidth = 0.85 * float(places.std()) * len(places) ** -0.2 or 1.0
    # (41, n) summed over images: the density up to a constant, which cancels in the ratio.
    density = np.exp(-0.5 * ((between[:, np.newaxis] - places) / bandwidth) ** 2).mean(axis=1)
    valley = float(density.min() / min(density[0], density[-1]))
    return Halves(places, second, valley) if valley < VALLEY else None


def _few(sizes: Integers, class_names: Sequence[str]) -> list[ClassRemark]:
    found = []
    for name, size in zip(class_names, sizes.tolist(), strict=True):
        if size < FEW:
            images = f"{size} image{'s' * (size != 1)}" if size else "no image"
            tested = f", about {round(TEST * size)} of them for testing" if size > 3 else ""
            found.append(ClassRemark("few", name, f"'{name}' has {images}{tested}: too few to learn or to measure it"))
    return found


def _imbalance(sizes: Integers, class_names: Sequence[str]) -> list[ClassRemark]:
    present = np.flatnonzero(sizes)
    # Classes without any image are "few" already, and would make any ratio infinite.
    largest, smallest = present[sizes[present].argmax()], present[sizes[present].argmin()]
    ratio = sizes[largest] / sizes[smallest]
    if ratio < IMBALANCE:
        return []
    counts = f"{sizes[largest]:,} and {sizes[smallest]:,}"
    sentence = (
        f"'{class_names[largest]}' has {ratio:,.0f} times as many images as '{class_names[smallest]}' ({counts}): "
        f"a network that neglects the rare class would still look accurate; look at each class's recall"
    )
    return [ClassRemark("imbalance", class_names[smallest], sentence)]


def _two(name: str, rows: Integers, halves: Halves) -> ClassRemark:
    share = 100 * halves.second.mean()
    sentence = (
        f"'{name}' looks like two classes: {100 - share:.0f} % and {share:.0f} % of its images, with few between them"
    )
    groups = []
    for group in (False, True):
        own = np.flatnonzero(halves.second == group)
        # The nearest to the middle of its group is the most typical.
        typical = own[np.argsort(np.abs(halves.positions[own] - np.median(halves.positions[own])), kind="stable")[:8]]
        groups.append(tuple(rows[typical].tolist()))
    return ClassRemark("two", name, sentence, tuple(groups))
