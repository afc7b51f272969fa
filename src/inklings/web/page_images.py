"""Images that a page carries, to train on and to look at: as bytes, since hardly a network tells the difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from inklings.data.dataset import Dataset
from inklings.data.parts import Split
from inklings.models.classes import match_classes

MOST_TRAINING = 1000
"""Training images of a page, if no other number is asked for: it trains on as many ten times a second and more."""
_VALIDATION, _TEST = 300, 200


@dataclass(frozen=True)
class PageImages:
    """Images for a page.

    Parameters
    ----------
    header : dict
        Plain values: the data's name, class names, image shape, how many images each part has, and the values that the
        bytes 0 and 255 stand for.
    content : bytes
        A byte a pixel of all images of the parts train, validation and test; then their labels, two bytes each.
    """

    header: dict[str, Any]
    content: bytes


def choose_images(split: Split, class_names: Sequence[str], *, train: int = MOST_TRAINING) -> PageImages:
    """Take some images of each part of a split, mixed.

    Parameters
    ----------
    split : Split
    class_names : sequence of str
        The network's, by which the labels are numbered.
    train : int
        How many training images, or all if there are fewer; of the other parts some hundred.

    Raises
    ------
    DataError
        The images have a class that the network does not know.
    """
    # By the split's seed: the same model and data make the same page.
    random = np.random.default_rng(split.seed or 0)
    parts = {
        "train": _some(split.train, train, random),
        "validation": _some(split.validation, _VALIDATION, random),
        "test": _some(split.test, _TEST, random),
    }
    images = np.concatenate([np.asarray(part.images, np.float32) for part in parts.values()])
    # Resized images overshoot 0 and 1 a little; cut off, they would be other images.
    low, high = min(0.0, float(images.min())), max(1.0, float(images.max()))
    pixels = np.rint((images - low) * (255 / (high - low))).astype(np.uint8)
    found = np.concatenate([part.labels for part in parts.values()])
    labels, _ = match_classes(class_names, split.dataset.class_names, found)
    header = {
        "name": split.dataset.source,
        "class_names": list(class_names),
        "image_shape": list(split.dataset.image_shape),
        "parts": {name: len(part) for name, part in parts.items()},
        "low": low,
        "high": high,
    }
    return PageImages(header, pixels.tobytes() + labels.astype("<u2").tobytes())


def _some(part: Dataset, count: int, random: np.random.Generator) -> Dataset:
    return part.take(random.permutation(len(part))[:count])
