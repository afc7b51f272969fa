"""What every part of Inklings means by labelled images: a Dataset, and a Split of one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.lazy_images import Images as Images
from inklings.data.lazy_images import ImageStack, blocks, take_rows
from inklings.errors import DataError

Labels = NDArray[np.int64]
Weights = NDArray[np.float64]
Indices = NDArray[np.int64]


def check_finite(images: NDArray[Any], source: str) -> None:
    """Refuse images of which any holds NaN or infinity.

    Raises
    ------
    DataError
        Names the first such image and how many there are.
    """
    # The extremes tell without an array of the images' size: NaN and infinity come through both.
    if images.dtype.kind in "bui" or (np.isfinite(images.min()) and np.isfinite(images.max())):
        return
    bad = np.array([not np.isfinite(image).all() for block in blocks(images) for image in block])
    raise DataError(
        f"{source}: image {int(np.argmax(bad))} (of {int(bad.sum())} such) holds NaN or infinity, expected numbers",
        "repair or remove it",
    )


def check_classes(labels: Labels, class_names: Sequence[str], source: str) -> None:
    """Refuse labels that are all the same, from which nothing can be learnt.

    A part of a Dataset may have such: the one test image of five, say.

    Raises
    ------
    DataError
        Names the class.
    """
    if labels.min() == labels.max():
        raise DataError(
            f"{source}: all {len(labels)} images have the one class '{class_names[labels[0]]}', "
            "expected at least two classes"
        )


@dataclass(frozen=True, eq=False)
class Dataset:
    """Labelled images, rows in and rows out.

    Parameters
    ----------
    images : array of float32, shape (n, height, width, channels)
        Paper is 0 and ink is 1; values may overshoot a little after bicubic resizing. 1 or 3 channels. Large ones are
        an :class:`inklings.data.lazy_images.ImageStack`, which acts as the array and makes images when asked for.
    labels : array of int64, shape (n,)
        The class of each image, from 0.
    class_names : sequence of str
        One name a class, in the order of the labels.
    source : str
        Where the images came from, for people: a name or a path.
    notes : sequence of str
        What the reader found out or decided on the way, a sentence each.
    given_test : array of int64, shape (m,), optional
        Rows that the source itself sets aside for testing; :meth:`split` respects them.
    weights : array of float64, shape (n,), optional
        How much each image counts in training, at least 0; all the same if not given. Measuring counts images.

    Raises
    ------
    DataError
        Shapes or lengths do not match, a value is NaN or infinite, a label has no class, or there is only
        one class. (A part of a data set may lack images of all classes but one.)
    """

    images: Images
    labels: Labels
    class_names: Sequence[str]
    source: str = "arrays"
    notes: Sequence[str] = ()
    given_test: Indices | None = field(default=None, repr=False)
    weights: Weights | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not isinstance(self.images, ImageStack):
            object.__setattr__(self, "images", np.ascontiguousarray(self.images, np.float32))
        object.__setattr__(self, "labels", np.ascontiguousarray(self.labels, np.int64))
        object.__setattr__(self, "class_names", tuple(str(name) for name in self.class_names))
        object.__setattr__(self, "notes", tuple(self.notes))
        self._check_images()
        self._check_labels()
        if self.weights is not None:
            object.__setattr__(self, "weights", np.ascontiguousarray(self.weights, np.float64))
            self._check_weights(self.weights)

    def _check_images(self) -> None:
        if self.images.ndim != 4 or self.images.shape[-1] not in (1, 3):
            raise DataError(
                f"{self.source}: images have shape {self.images.shape}, expected (n, height, width, 1 or 3)",
                "add a last axis for the channel: images[..., None]",
            )
        if 0 in self.images.shape:
            raise DataError(f"{self.source}: no images (shape {self.images.shape}), expected at least one")
        # A stack's pixels were checked before anything was made of them.
        if not isinstance(self.images, ImageStack):
            check_finite(self.images, self.source)

    def _check_labels(self) -> None:
        if self.labels.shape != (len(self.images),):
            raise DataError(
                f"{self.source}: {len(self.images)} images but labels of shape {self.labels.shape}",
                "give each image exactly one label",
            )
        low, high, classes = int(self.labels.min()), int(self.labels.max()), len(self.class_names)
        if low < 0 or high >= classes:
            raise DataError(
                f"{self.source}: labels run from {low} to {high}, expected 0 to {classes - 1} for {classes} class names"
            )
        if classes < 2:
            check_classes(self.labels, self.class_names, self.source)

    def _check_weights(self, weights: Weights) -> None:
        if weights.shape != self.labels.shape:
            raise DataError(f"{self.source}: {len(self.images)} images but weights of shape {weights.shape}")
        bad = ~((weights >= 0) & np.isfinite(weights))
        if bad.any():
            first = int(np.argmax(bad))
            raise DataError(
                f"{self.source}: the weight of image {first} is {weights[first]}, expected a number of at least 0"
            )

    def __len__(self) -> int:
        return len(self.images)

    def __repr__(self) -> str:
        shape = " x ".join(map(str, self.image_shape))
        return f"<Dataset {self.source}: {len(self):,} images of {shape}, {self.class_count} classes>"

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of each image."""
        height, width, channels = self.images.shape[1:]
        return height, width, channels

    @property
    def class_count(self) -> int:
        """How many classes there are."""
        return len(self.class_names)

    @property
    def class_sizes(self) -> NDArray[np.int64]:
        """How many images each class has, shape (classes,)."""
        return np.bincount(self.labels, minlength=self.class_count).astype(np.int64)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of images, their shape, labels, class names and any weights, as 64 hexadecimal digits."""
        digest = hashlib.sha256()
        digest.update(repr((self.images.shape, self.class_names)).encode())
        for block in blocks(self.images):
            digest.update(block.astype("<f4", copy=False).tobytes())
        digest.update(self.labels.astype("<i8", copy=False).tobytes())
        if self.weights is not None:
            digest.update(self.weights.astype("<f8", copy=False).tobytes())
        return digest.hexdigest()

    def take(self, rows: Indices) -> Dataset:
        """Those images, as a Dataset with the same classes."""
        weights = None if self.weights is None else self.weights[rows]
        images = take_rows(self.images, rows)
        return Dataset(images, self.labels[rows], self.class_names, self.source, weights=weights)

    def split(
        self,
        *,
        test: float | int | None = 0.25,
        validation: float | int | None = 0.2,
        seed: int = 0,
        keep_given_test: bool = True,
    ) -> Split:
        """Divide the images into training, validation and test images; see :func:`inklings.data.split.split`."""
        from inklings.data.split import split

        return split(self, test=test, validation=validation, seed=seed, keep_given_test=keep_given_test)


@dataclass(frozen=True, eq=False)
class Split:
    """A Dataset divided in three; no image is in two parts.

    Parameters
    ----------
    dataset : Dataset
        The whole.
    train_rows, validation_rows, test_rows : arrays of int64
        The rows of each part, in ascending order. :func:`inklings.fit` also trains without
        validation images, and looks at no test images: either part may be empty there.
    seed : int
        What the division was drawn from.
    crossing_duplicates : int
        Images outside the training part whose pixels equal those of an image in an earlier part.
    """

    dataset: Dataset
    train_rows: Indices
    validation_rows: Indices
    test_rows: Indices
    seed: int
    crossing_duplicates: int = 0

    def __repr__(self) -> str:
        sizes = (len(rows) for rows in (self.train_rows, self.validation_rows, self.test_rows))
        train, validation, test = (f"{size:,}" for size in sizes)
        return (
            f"<Split of {self.dataset.source}: {train} training, {validation} validation, {test} test images, "
            f"seed {self.seed}>"
        )

    @cached_property
    def train(self) -> Dataset:
        """The images to learn from."""
        return self.dataset.take(self.train_rows)

    @cached_property
    def validation(self) -> Dataset:
        """The images to make choices by."""
        return self.dataset.take(self.validation_rows)

    @cached_property
    def test(self) -> Dataset:
        """The images to look at once, at the end."""
        return self.dataset.take(self.test_rows)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of which rows are in which part, as 64 hexadecimal digits."""
        digest = hashlib.sha256()
        for rows in (self.train_rows, self.validation_rows, self.test_rows):
            digest.update(len(rows).to_bytes(8, "little") + rows.astype("<i8", copy=False).tobytes())
        return digest.hexdigest()
