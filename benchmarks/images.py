"""The images that all contenders read, written once into files."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import inklings
from inklings import Dataset, preset
from inklings.errors import DataError
from inklings.networks import initial_parameters
from inklings.training.full_batch.iterations import to_vector

MANY = 60_000
NAMES = "train_images", "train_labels", "test_images", "test_labels"


def prepare(folder: Path, wanted: Collection[str], mnist: Path | None = None) -> dict[str, Path]:
    """Write what of :class:`rows.Work`'s data is wanted, with where a naive network begins.

    Raises
    ------
    DataError
        If what stands in for MNIST cannot be read, or is something else.
    """
    split = inklings.open_dataset("digits").split()
    digits = split.train.images, split.train.labels, split.test.images, split.test.labels
    sets = {"digits": digits, "digits10": (*(np.concatenate([values] * 10) for values in digits[:2]), *digits[2:])}
    sets["digits-validation"] = *digits[:2], split.validation.images, split.validation.labels
    if "mnist" in wanted:
        bundled = inklings.open_dataset("digits28")
        sets["mnist"] = (*sixty_thousand(bundled, mnist), bundled.images[:1000], bundled.labels[:1000])
    paths = {}
    for name in wanted:
        paths[name] = folder / f"{name}.npz"
        named = dict(zip(NAMES, sets[name], strict=True))
        network = preset("naive", named["train_images"].shape[1:], 10).network
        np.savez(paths[name], **named, start=to_vector(network, initial_parameters(network, 0)))
    return paths


def sixty_thousand(bundled: Dataset, mnist: Path | None) -> tuple[NDArray[Any], ...]:
    """Give 60,000 images and their labels: MNIST's, or without it the bundled 5,000, twelve times over."""
    source = inklings.open_dataset(mnist) if mnist else bundled
    kinds = [(each.image_shape, len(each.class_names)) for each in (source, bundled)]
    if kinds[0] != kinds[1]:
        found, expected = (f"images of {' x '.join(map(str, shape))} in {count} classes" for shape, count in kinds)
        raise DataError(f"{mnist}: holds {found}, expected {expected}")
    repeats = -(-MANY // len(source.images))
    return tuple(np.concatenate([values] * repeats)[:MANY] for values in (source.images, source.labels))
