"""Which of a file's named arrays are the images and the labels: as requested, else by shape and common names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.raw import RawArrays, ReadOptions
from inklings.errors import DataError

IMAGE_NAMES = ("x", "images", "image", "data", "pixels", "features", "img", "imgs")
LABEL_NAMES = ("y", "labels", "label", "targets", "target", "classes", "class", "digits", "digit")

Pair = tuple[NDArray[Any], NDArray[Any]]


@dataclass(frozen=True)
class Variable:
    """A named array that has not been read yet.

    Parameters
    ----------
    name : str
    shape : tuple of int
    kind : str
        NumPy's letter for the kind of dtype: b, i, u, f, U, S, O ...
    """

    name: str
    shape: tuple[int, ...]
    kind: str

    @property
    def is_vector(self) -> bool:
        """Whether it could hold one label per image."""
        # A column (n, 1) or a row (1, n) counts: MATLAB has no vectors.
        return 1 <= len(self.shape) <= 2 and sum(length != 1 for length in self.shape) <= 1 and self.kind in "biufUSO"

    @property
    def could_be_images(self) -> bool:
        """Whether it could hold images."""
        return 2 <= len(self.shape) <= 4 and not self.is_vector and self.kind in "biuf"

    def __str__(self) -> str:
        return f"{self.name} {self.shape}"


def find_arrays(
    variables: Mapping[str, Variable],
    read: Callable[[str], NDArray[Any]],
    options: ReadOptions,
    path: Path,
) -> RawArrays:
    """Find images and labels among named arrays, and read them.

    Of files that hold training and test arrays under names with ``train`` and ``test``, both are read, and the test
    rows reserved.

    Parameters
    ----------
    variables : mapping from name to Variable
    read : callable
        Reads one variable.
    options : ReadOptions
        ``images`` and ``labels`` name variables.
    path : Path
        For messages.

    Raises
    ------
    DataError
        A requested variable is missing; there are no images or no labels; several variables could be either.
    """
    if options.images is None and options.labels is None and options.labelled:
        groups = [_group(variables, word) for word in ("train", "test")]
        if all(groups):
            pairs = [_find_pair(group, options, path) for group in groups]
            train, test = ((read(images), read(labels).reshape(-1)) for images, labels in pairs)
            return join_train_and_test(train, test, path)
    if not options.labelled:
        return RawArrays(read(_find_images(variables, options, path)), None, path)
    images, labels = _find_pair(variables, options, path)
    return RawArrays(read(images), read(labels), path)


def _group(variables: Mapping[str, Variable], word: str) -> dict[str, Variable]:
    """Return the variables whose names contain a word."""
    return {name: variable for name, variable in variables.items() if word in name.lower()}


def _base_name(name: str) -> str:
    """Return a name's last part without ``train`` or ``test``.

    >>> _base_name("x_train"), _base_name("dataset.test.images")
    ('x', 'images')
    """
    last = name.lower().rpartition(".")[2]
    return last.replace("train", "").replace("test", "").strip("_-. ")


def join_train_and_test(train: Pair, test: Pair, source: Path | str) -> RawArrays:
    """Join training and test arrays, images along the first axis, with the test rows reserved.

    Parameters
    ----------
    train, test : (array, array)
        Images, and labels of shape (n,).
    source : Path or str
        A file or folder, or words for where the arrays came from.

    Raises
    ------
    DataError
        The lengths of images and labels differ, or the sizes of training and test images.
    """
    for part, (images, labels) in (("training", train), ("test", test)):
        if len(images) != len(labels):
            raise DataError(
                f"{len(images)} {part} images but {len(labels)} labels, expected as many of both",
                found=len(images),
                expected=len(labels),
            ).at(source)
    sizes = [images.shape[1:] for images, _ in (train, test)]
    if sizes[0] != sizes[1]:
        raise DataError(
            f"training images of {sizes[0]} and test images of {sizes[1]} pixels, expected the same size",
            found=sizes[1],
            expected=sizes[0],
        ).at(source)
    first, total = len(train[1]), len(train[1]) + len(test[1])
    return RawArrays(
        np.concatenate([train[0], test[0]]),
        np.concatenate([train[1], test[1]]),
        source,
        notes=(f"the source reserves {total - first} images for testing",),
        given_test=np.arange(first, total),
    )


def _find_images(variables: Mapping[str, Variable], options: ReadOptions, path: Path) -> str:
    """Return the name of the images."""
    listing = ", ".join(str(variable) for variable in variables.values()) or "nothing"
    for requested in (options.images, options.labels):
        if requested is not None and requested not in variables:
            raise DataError(
                f"holds no variable '{requested}', found {listing}",
                path=path,
                found=list(variables),
                expected=requested,
            )
    images = options.images
    if images is None:
        candidates = [each for each in variables.values() if each.could_be_images and each.name != options.labels]
        if not candidates:
            raise _missing("images", "an array of 2 to 4 axes", listing, path)
        images = _choose(candidates, IMAGE_NAMES, "images", path)
    return images


def _find_pair(variables: Mapping[str, Variable], options: ReadOptions, path: Path) -> tuple[str, str]:
    """Return the names of the images and the labels."""
    images = _find_images(variables, options, path)
    listing = ", ".join(str(variable) for variable in variables.values()) or "nothing"
    if options.labels is not None:
        return images, options.labels
    vectors = [variable for variable in variables.values() if variable.is_vector and variable.name != images]
    if not vectors:
        raise _missing("labels", "a vector with one entry per image", listing, path)
    # If no vector fits the images, one is chosen all the same: the error then quotes both lengths.
    fitting = [each for each in vectors if max(each.shape) in (variables[images].shape[0], variables[images].shape[-1])]
    return images, _choose(fitting or vectors, LABEL_NAMES, "labels", path)


def _missing(what: str, expected: str, listing: str, path: Path) -> DataError:
    return DataError(
        f"no {what}, expected {expected}, found {listing}",
        "if they are there, name them",
        path=path,
        found=listing,
        expected=expected,
        suggested={what: "NAME"},
    )


def _choose(candidates: list[Variable], common: tuple[str, ...], what: str, path: Path) -> str:
    """Return the only candidate's name, or that of the one with the most common name."""
    if len(candidates) == 1:
        return candidates[0].name
    named = [variable for name in common for variable in candidates if _base_name(variable.name) == name]
    if named:
        return named[0].name
    listing = ", ".join(str(variable) for variable in candidates)
    raise DataError(
        f"several variables could be the {what}: {listing}",
        "name one",
        path=path,
        found=[variable.name for variable in candidates],
        suggested={what: candidates[0].name},
    )
