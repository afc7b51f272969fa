"""Dividing a Dataset into training, validation and test images: seeded, stratified, never sharing an image."""

from __future__ import annotations

import hashlib
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.dataset import Dataset, Images, Indices, Split
from inklings.data.lazy_images import blocks
from inklings.errors import DataError


def split(
    dataset: Dataset,
    *,
    test: float | int | None = 0.25,
    validation: float | int | None = 0.2,
    seed: int = 0,
    keep_given_test: bool = True,
) -> Split:
    """Divide images at random, each part with the classes in the proportions of the whole.

    The defaults give the experiments' 2,750 / 1,000 / 1,250 on 5,000 images.

    Parameters
    ----------
    dataset : Dataset
        What to divide.
    test, validation : float or int
        The size of each part: a fraction of what is divided if below 1, else a number of images; None for no such
        part.
    seed : int
        The same seed gives the same rows, on every machine.
    keep_given_test : bool
        Whether images that the source sets aside for testing are the test part; ``test`` is then not used.

    Returns
    -------
    Split

    Raises
    ------
    DataError
        A size or the seed is impossible, or a part would be empty.

    Examples
    --------
    >>> import inklings
    >>> parts = inklings.open_dataset("digits").split(seed=0)
    >>> len(parts.train), len(parts.validation), len(parts.test)
    (2750, 1000, 1250)
    """
    if not isinstance(seed, Integral) or seed < 0:
        raise DataError(f"the split's seed is {seed!r}, expected a whole number of at least 0")
    random = np.random.default_rng([int(seed), 0x5B117])
    if keep_given_test and dataset.given_test is not None:
        test_rows = np.sort(dataset.given_test)
        rest = np.setdiff1d(np.arange(len(dataset)), test_rows)
        wanted = [_size(validation, len(rest), "validation")]
        train, held = _draw(dataset, rest, wanted, random)
        validation_rows = held[0]
    else:
        everything = np.arange(len(dataset))
        wanted = [_size(test, len(dataset), "test"), _size(validation, len(dataset), "validation")]
        train, (test_rows, validation_rows) = _draw(dataset, everything, wanted, random)
    crossing = _crossing_duplicates(dataset.images, (train, validation_rows, test_rows))
    return Split(dataset, train, validation_rows, test_rows, seed, crossing)


def _size(wanted: float | int | None, total: int, part: str) -> int:
    if wanted is None:
        return 0
    fits = isinstance(wanted, Real) and 0 < wanted < total
    if not fits or (wanted > 1 and wanted != int(wanted)):
        raise DataError(
            f"the {part} part is asked to be {wanted!r}, expected a fraction between 0 and 1 "
            f"or a number of images from 1 to {total - 1}"
        )
    size = round(wanted * total) if wanted < 1 else int(wanted)
    if size == 0:
        raise DataError(f"the {part} part would be empty: {wanted:g} of {total} images", "ask for more, or add images")
    return size


def _draw(
    dataset: Dataset, rows: Indices, sizes: list[int], random: np.random.Generator
) -> tuple[Indices, list[Indices]]:
    """Draw stratified parts of the given sizes from rows; what is left comes first in the answer."""
    if sum(sizes) >= len(rows):
        raise DataError(
            f"{sum(sizes)} images are asked for validation and test, but there are {len(rows)} in all",
            "leave some to learn from",
        )
    left = random.permutation(rows)
    parts = []
    for size in sizes:
        labels = dataset.labels[left]
        quota = _quotas(np.bincount(labels, minlength=dataset.class_count), size)
        chosen = np.zeros(len(left), bool)
        for label, count in enumerate(quota):
            chosen[np.flatnonzero(labels == label)[:count]] = True
        parts.append(np.sort(left[chosen]))
        left = left[~chosen]
    return np.sort(left), parts


def _quotas(class_sizes: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Share ``size`` among the classes in proportion, by largest remainders; the first of equals wins."""
    exact = class_sizes * (size / class_sizes.sum())
    quota: NDArray[np.int64] = np.floor(exact).astype(np.int64)
    by_remainder = np.argsort(quota - exact, kind="stable")
    quota[by_remainder[: size - quota.sum()]] += 1
    return quota


def _crossing_duplicates(images: Images, parts: tuple[Indices, ...]) -> int:
    """Count images whose pixels equal those of an image in an earlier part."""
    digests = np.concatenate([_digests(block) for block in blocks(images, raw=True)])
    seen, crossing = digests[parts[0]], 0
    for rows in parts[1:]:
        crossing += int(np.isin(digests[rows], seen).sum())
        seen = np.concatenate([seen, digests[rows]])
    return crossing


def _digests(images: NDArray[Any]) -> NDArray[np.uint64]:
    """Give 64 bits for each image, the same for the same pixels, and hardly ever for others."""
    each = (hashlib.blake2b(image.tobytes(), digest_size=8).digest() for image in images)
    return np.frombuffer(b"".join(each), np.uint64)
