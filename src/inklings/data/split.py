"""Which rows go into training, validation and test: seeded and stratified, on plain arrays of labels."""

from __future__ import annotations

import hashlib
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.lazy_images import Images, blocks
from inklings.errors import DataError

Indices = NDArray[np.int64]
Parts = tuple[Indices, Indices, Indices]
"""The rows of the training, validation and test part, each in ascending order."""

TEST, VALIDATION = 0.25, 0.2
"""Shares of all images, unless other ones are asked for."""

# Keeps the split's random numbers apart from those of weights and shuffles, which start from the same seed.
_STREAM = 0x5B117


def split_rows(
    labels: NDArray[np.int64],
    *,
    test: float | int | None,
    validation: float | int | None,
    seed: int,
    given_test: Indices | None = None,
    given_validation: Indices | None = None,
) -> Parts:
    """Draw stratified parts: each has the classes in the proportions of the whole.

    Parameters
    ----------
    labels : array of int64, shape (n,)
    test, validation : float, int or None
        The size of each part: a fraction of what is divided if below 1, else a number of images; None for an empty
        part.
    seed : int
        The same seed gives the same rows on every machine.
    given_test : array of int64, optional
        Rows that are the test part already; ``test`` is then ignored.
    given_validation : array of int64, optional
        Rows that are the validation part already; ``validation`` is then ignored.

    Returns
    -------
    train, validation, test : arrays of int64

    Raises
    ------
    DataError
        A size or the seed is impossible, or a part would be empty.
    """
    if not isinstance(seed, Integral) or seed < 0:
        expected = "a whole number of at least 0"
        raise DataError(f"is {seed!r}, expected {expected}", setting="seed", found=seed, expected=expected)
    random = np.random.default_rng([int(seed), _STREAM])
    everything = np.arange(len(labels))
    # Sorted, and taken off by turns below: the test rows first, if they are given.
    given = [np.sort(rows) for rows in (given_test, given_validation) if rows is not None]
    rest = np.setdiff1d(everything, np.concatenate(given)) if given else everything
    # The test part is drawn first: its rows stay the same whatever is asked for validation.
    # Both sizes are shares of the same rest, so that a quarter is a quarter whatever the other part takes.
    wanted = [("test", test)] * (given_test is None) + [("validation", validation)] * (given_validation is None)
    train, drawn = _draw(labels, rest, [_part_size(size, len(rest), part) for part, size in wanted], random)
    test_rows = drawn.pop(0) if given_test is None else given.pop(0)
    validation_rows = drawn[0] if given_validation is None else given[0]
    return train, validation_rows, test_rows


def _part_size(wanted: float | int | None, total: int, part: str) -> int:
    if wanted is None:
        return 0
    # NaN fails the comparison. NumPy's numbers count as Real.
    fits = isinstance(wanted, Real) and 0 < wanted < total
    if not fits or (wanted > 1 and wanted != int(wanted)):
        expected = f"a fraction between 0 and 1 or a number of images from 1 to {total - 1}"
        raise DataError(f"is {wanted!r}, expected {expected}", setting=part, found=wanted, expected=expected)
    # Below 1 a fraction; 1 is one image.
    size = round(wanted * total) if wanted < 1 else int(wanted)
    if size == 0:
        raise DataError(
            f"is {wanted:g} of {total} images, which rounds to none, expected at least one",
            "ask for more, or add images",
            setting=part,
            found=wanted,
        )
    return size


def _draw(
    labels: NDArray[np.int64], rows: Indices, sizes: list[int], random: np.random.Generator
) -> tuple[Indices, list[Indices]]:
    """Draw stratified parts of the given sizes from rows, and return the remaining rows and the parts."""
    # Not all: at least one image is left to learn from.
    if sum(sizes) >= len(rows):
        raise DataError(
            f"{sum(sizes)} images are asked for validation and test, but there are {len(rows)} in all",
            "leave some to learn from",
            found=sum(sizes),
            expected=f"fewer than {len(rows)}",
        )
    left = random.permutation(rows)
    classes = int(labels.max()) + 1
    parts = []
    for size in sizes:
        of_left = labels[left]
        chosen = np.zeros(len(left), bool)
        # ``left`` is in random order, so the first rows of each class are a random draw.
        for label, count in enumerate(_quotas(np.bincount(of_left, minlength=classes), size)):
            chosen[np.flatnonzero(of_left == label)[:count]] = True
        parts.append(np.sort(left[chosen]))
        left = left[~chosen]
    return np.sort(left), parts


def _quotas(class_sizes: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Apportion ``size`` among the classes by largest remainders; of equal remainders, the first class wins."""
    # Rounding each share alone would not add up to ``size``.
    exact = class_sizes * (size / class_sizes.sum())
    quota: NDArray[np.int64] = np.floor(exact).astype(np.int64)
    # The largest remainders first; stable, so that equal ones go in the order of the classes.
    by_remainder = np.argsort(quota - exact, kind="stable")
    quota[by_remainder[: size - quota.sum()]] += 1
    return quota


def draw_some(labels: NDArray[np.int64], rows: Indices, count: int, seed: int) -> Indices:
    """Draw some of the rows, each class in its proportion; with the same seed, fewer are among those of more.

    Raises
    ------
    DataError
        There are not as many.
    """
    if not 1 <= count <= len(rows):
        expected = f"a number of images from 1 to {len(rows):,}"
        raise DataError(f"is {count!r}, expected {expected}", setting="train", found=count, expected=expected)
    if count == len(rows):
        return rows
    # A stream of its own: the parts that are there stay what they were without it. The order is drawn once for any
    # count, and each class gives the first of its rows in it.
    shuffled = np.random.default_rng([seed, _STREAM, 1]).permutation(rows)
    places = [np.flatnonzero(labels[shuffled] == label) for label in range(int(labels[rows].max()) + 1)]
    quotas = _growing_quotas(np.array([len(each) for each in places]), count)
    chosen = np.concatenate([each[:quota] for each, quota in zip(places, quotas, strict=True)])
    return np.sort(shuffled[chosen])


def _growing_quotas(class_sizes: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Apportion ``size`` among the classes by the odd divisors of Webster and Sainte-Laguë.

    By largest remainders a class can get fewer of more (the Alabama paradox: of classes of 6, 6 and 2, the last gives
    2 of 10 but 1 of 11), and what was drawn would not be among what is drawn of more.
    """
    label = np.repeat(np.arange(len(class_sizes)), class_sizes)
    already = np.concatenate([np.arange(each) for each in class_sizes])  # how many the class has given before
    claim = class_sizes[label] / (2 * already + 1)
    # Of equal claims, whoever has given fewest comes first, so that small classes are there soon.
    return np.bincount(label[np.lexsort((already, -claim))[:size]], minlength=len(class_sizes))


def mislabel(labels: NDArray[np.int64], rows: Indices, share: float, seed: int) -> NDArray[np.int64]:
    """Return the labels with a share of these rows' changed, each to another class, all of which are as likely.

    Raises
    ------
    DataError
        The share is not between 0 and 1, or all images have one class.
    """
    if not 0 <= share <= 1:
        expected = "a share of the training images, from 0 to 1"
        raise DataError(f"is {share!r}, expected {expected}", setting="label_noise", found=share, expected=expected)
    classes = int(labels.max()) + 1
    if classes < 2:
        raise DataError("needs images of a second class, whose label is then wrong", setting="label_noise", found=share)
    random = np.random.default_rng([seed, _STREAM, 2])
    # Of one permutation, the first: so a larger share has the wrong labels of a smaller one, and more.
    wrong = random.permutation(rows)
    moved = random.integers(1, classes, len(wrong))
    wrong, moved = wrong[: round(share * len(rows))], moved[: round(share * len(rows))]
    changed = labels.copy()
    # By 1 to classes - 1 places on: never the class itself, and all others alike.
    changed[wrong] = (labels[wrong] + moved) % classes
    return changed


def count_crossing_duplicates(images: Images, parts: Parts) -> int:
    """Count images whose pixels equal those of an image in an earlier part.

    Parameters
    ----------
    images : array or ImageStack, shape (n, height, width, channels)
    parts : (array, array, array) of int64
        The rows of each part.

    Returns
    -------
    int
        Equality is judged by 64-bit hashes: for 100,000 images the chance of even one false match is 3e-10.
    """
    # A stack's raw pixels do as well, and cost no conversion to float32.
    hashes = np.concatenate([hash_images(block) for block in blocks(images, raw=True)])
    # Not by np.isin: before 2.1 it overflows where hashes above 2**63 are close to each other.
    seen, crossing = set(hashes[parts[0]].tolist()), 0
    # An image that is in several parts counts once for each later one.
    for rows in parts[1:]:
        of_part = hashes[rows].tolist()
        crossing += sum(each in seen for each in of_part)
        seen.update(of_part)
    return crossing


def hash_images(images: NDArray[Any]) -> NDArray[np.uint64]:
    """Return 64 bits for each image: the same for the same pixels."""
    # blake2b, whose digest may have any length: 8 bytes are enough to compare, not to secure.
    each = (hashlib.blake2b(image.tobytes(), digest_size=8).digest() for image in images)
    return np.frombuffer(b"".join(each), np.uint64)
