"""Labelled images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.arguments import checks_call, refuses_unknown
from inklings.data.checks import (
    Labels,
    Weights,
    check_finite,
    check_labels,
    check_reserved,
    check_rows,
    check_shape,
    check_weights,
)
from inklings.data.class_labels import as_labels
from inklings.data.fingerprints import fingerprint_of_images
from inklings.data.interpretation import Interpretation
from inklings.data.lazy_images import Images, ImageStack, take_rows
from inklings.data.parts import Split
from inklings.data.split import TEST, VALIDATION, Indices, count_crossing_duplicates, draw_some, mislabel, split_rows
from inklings.data.strip import strip_of
from inklings.errors import DataError
from inklings.notebook import as_paragraph


@refuses_unknown(DataError)
@dataclass(frozen=True, eq=False)
class Dataset:
    """Labelled images: one row per image, always.

    Parameters
    ----------
    images : array of float32, shape (n, height, width, channels)
        Paper is 0 and ink is 1; values may overshoot a little after bicubic resizing. 1 or 3 channels. Large ones are
        an :class:`inklings.data.lazy_images.ImageStack`, which behaves as the array and converts images on access.
    labels : array of int64, shape (n,)
        The class of each image, from 0; :attr:`named_labels` are what these classes are called.
    class_names : sequence of str
        One name per class, in the order of the labels.
    source : str
        Where the images came from, for people: a name or a path.
    notes : sequence of str
        What the reader detected or decided, one sentence each; a :class:`inklings.data.notes.Decision` where it
        concerns what the data mean.
    given_test, given_validation : arrays of int64, optional
        Rows that the source itself reserves for testing and for validation; :meth:`split` keeps them apart.
    weights : array of float64, shape (n,), optional
        The weight of each image in the training loss, at least 0; equal by default. Accuracies ignore them.
    interpretation : Interpretation, optional
        How the source's raw pixels became these images; None for images that were never anything else.
    names : sequence of str, optional
        What the source calls each image: a file's name in a folder, an identifier in a table.

    Raises
    ------
    DataError
        Shapes or lengths do not match, a value is NaN or infinite, a label has no class name, a reserved row is not
        there or is there twice, or there is only one class. (A part of a data set may lack images of all classes but
        one.)

    Examples
    --------
    >>> import inklings
    >>> digits = inklings.open_dataset("digits")
    >>> digits.images.shape, digits.labels[:3].tolist(), digits.class_names[0]
    ((5000, 20, 20, 1), [5, 0, 4], '0')
    """

    images: Images
    labels: Labels
    class_names: Sequence[str]
    source: str = "arrays"
    notes: Sequence[str] = ()
    given_test: Indices | None = field(default=None, repr=False)
    given_validation: Indices | None = field(default=None, repr=False)
    weights: Weights | None = field(default=None, repr=False)
    interpretation: Interpretation | None = field(default=None, repr=False)
    names: Sequence[str] | None = field(default=None, repr=False)
    # Not of what is made of it: `init=False` keeps `replace` from handing it on.
    opened: Mapping[str, Any] | None = field(default=None, init=False, repr=False)
    """How :func:`inklings.open_dataset` opened it, in plain values, so that a run can do so again."""

    def __post_init__(self) -> None:
        # A frozen dataclass is filled in through object.__setattr__.
        if not isinstance(self.images, ImageStack):
            object.__setattr__(self, "images", np.ascontiguousarray(self.images, np.float32))
        object.__setattr__(self, "labels", np.ascontiguousarray(self.labels, np.int64))
        object.__setattr__(self, "class_names", tuple(str(name) for name in self.class_names))
        object.__setattr__(self, "notes", tuple(self.notes))
        if self.weights is not None:
            object.__setattr__(self, "weights", np.ascontiguousarray(self.weights, np.float64))
        try:
            self._check()
        except DataError as error:
            raise error.within(self.source) from error

    def _check(self) -> None:
        check_shape(self.images)
        # A stack's raw pixels were checked before the stack was made of them; to check again would convert them all.
        if not isinstance(self.images, ImageStack):
            check_finite(self.images)
        check_labels(self.labels, len(self.images), self.class_names)
        check_reserved((self.given_test, self.given_validation), len(self.images))
        if self.weights is not None:
            check_weights(self.weights, len(self.images))

    def __len__(self) -> int:
        return len(self.images)

    def __repr__(self) -> str:
        shape = " x ".join(map(str, self.image_shape))
        return f"<Dataset {self.source}: {len(self):,} images of {shape}, {self.class_count} classes>"

    def _repr_html_(self) -> str:
        """Show it in a notebook: what it is, and some of its images."""
        return as_paragraph(repr(self).strip("<>")) + strip_of(self.images, self.labels, self.source)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of each image."""
        height, width, channels = self.images.shape[1:]
        return height, width, channels

    @property
    def class_count(self) -> int:
        """The number of classes."""
        return len(self.class_names)

    @property
    def named_labels(self) -> NDArray[Any]:
        """The class of each image by its name, shape (n,), in the form in which :meth:`inklings.Model.predict` answers.

        Examples
        --------
        >>> import inklings
        >>> few = inklings.from_arrays([[0, 9, 0, 0], [0, 0, 0, 9], [0, 9, 9, 0]], ["ant", "bee", "ant"])
        >>> few.labels.tolist(), few.named_labels.tolist()
        ([0, 1, 0], ['ant', 'bee', 'ant'])
        """
        # (classes,) indexed by (n,).
        named: NDArray[Any] = as_labels(self.class_names)[self.labels]
        return named

    @property
    def class_sizes(self) -> NDArray[np.int64]:
        """The number of images of each class, shape (classes,)."""
        return np.bincount(self.labels, minlength=self.class_count).astype(np.int64)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of images, their shape, labels, class names and any weights, as 64 hexadecimal digits."""
        return fingerprint_of_images(self.images, self.labels, self.class_names, self.weights)

    @checks_call(DataError)
    def take(self, rows: Indices | slice | Sequence[int]) -> Dataset:
        """Return some images, in the order of ``rows``, as a Dataset with the same classes.

        Parameters
        ----------
        rows : array of int or bool, shape (k,) or (n,), slice or sequence of int
            Whatever selects rows of an array.

        Raises
        ------
        DataError
            There is no such row, or it selects no rows.
        """
        chosen = check_rows(rows, len(self), self.source)
        # ``given_test`` and ``given_validation`` number rows of the whole, so they are not passed on.
        return Dataset(
            take_rows(self.images, chosen),
            self.labels[chosen],
            self.class_names,
            self.source,
            weights=None if self.weights is None else self.weights[chosen],
            interpretation=self.interpretation,
            names=None if self.names is None else [self.names[row] for row in chosen.tolist()],
        )

    @checks_call(DataError)
    def split(
        self,
        *,
        test: float | int | None = TEST,
        validation: float | int | None = VALIDATION,
        seed: int = 0,
        keep_given_test: bool = True,
        train: int | None = None,
        label_noise: float = 0.0,
    ) -> Split:
        """Divide the images at random, each part with the classes in the proportions of the whole.

        Parameters
        ----------
        test, validation : float, int or None
            The size of each part: a fraction of what is divided if below 1, else a number of images; None for an empty
            part. The defaults divide 5,000 images into 2,750, 1,000 and 1,250.
        seed : int
            The same seed gives the same rows on every machine.
        keep_given_test : bool
            Whether images that the source reserves for testing are the test part, and those it reserves for validation
            the validation part; ``test`` and ``validation`` are then ignored.
        train : int, optional
            Learn from so many of the images only; the other parts stay what they are.
        label_noise : float
            The share of the training images that get a wrong label at random, to see what that does. The labels of the
            other parts stay right.

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
        given = (self.given_test, self.given_validation) if keep_given_test else (None, None)
        # Splits do not look at images: rows follow from labels and seed alone.
        parts = split_rows(
            self.labels, test=test, validation=validation, seed=seed, given_test=given[0], given_validation=given[1]
        )
        if train is not None:
            # Drawn from the training part that there is anyway, so that parts to measure by stay the same.
            parts = (draw_some(self.labels, parts[0], train, seed), *parts[1:])
        data = self
        if label_noise:
            labels = mislabel(self.labels, parts[0], label_noise, seed)
            note = f"{label_noise:.0%} of the training images have a wrong label on purpose"
            data = replace(self, labels=labels, notes=(*self.notes, note))
        # As Python's own number, which JSON can hold: runs are stored with it.
        split = Split(data, *parts, int(seed), count_crossing_duplicates(self.images, parts))
        asked = {"test": test, "validation": validation, "seed": int(seed), "keep_given_test": keep_given_test}
        object.__setattr__(split, "drawn", {**asked, "train": train, "label_noise": label_noise})
        return split
