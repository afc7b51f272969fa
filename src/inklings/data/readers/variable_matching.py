"""Which of a file's named arrays are the images and the labels: by name if told, else by shape and usual names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.arrays import RawArrays, ReadOptions
from inklings.errors import DataError

IMAGE_NAMES = ("x", "images", "image", "data", "pixels", "features", "img", "imgs")
LABEL_NAMES = ("y", "labels", "label", "targets", "target", "classes", "class", "digits", "digit")


@dataclass(frozen=True)
class Variable:
    """The outside of a named array: what must be known before it is worth reading."""

    name: str
    shape: tuple[int, ...]
    kind: str
    """NumPy's letter for the kind of type: b, i, u, f, U, S, O ..."""

    @property
    def is_vector(self) -> bool:
        """Whether it could hold one label an image."""
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
    choices: ReadOptions,
    source: str,
) -> RawArrays:
    """Find images and labels among named arrays, and read them.

    Files that hold training and test arrays under names with ``train`` and ``test`` give both, the test rows set aside.

    Parameters
    ----------
    variables : mapping from name to Variable
    read : callable
        Reads one variable.
    choices : ReadOptions
        ``images`` and ``labels`` name variables.
    source : str
        For messages.

    Raises
    ------
    DataError
        A named variable is not there; no images; no labels; several could be either.
    """
    if choices.images is None and choices.labels is None:
        groups = [_group(variables, word) for word in ("train", "test")]
        if all(groups):
            return _read_train_and_test(groups, read, source)
    images, labels = _find_pair(variables, choices, source)
    return RawArrays(read(images), read(labels), source)


def _group(variables: Mapping[str, Variable], word: str) -> dict[str, Variable]:
    """Pick the variables whose names hold a word."""
    return {name: variable for name, variable in variables.items() if word in name.lower()}


def _bare(name: str) -> str:
    """Give a name's last word without ``train`` or ``test``: x_train gives x, dataset.test.images gives images."""
    last = name.lower().rpartition(".")[2]
    return last.replace("train", "").replace("test", "").strip("_-. ")


def _read_train_and_test(
    groups: list[dict[str, Variable]], read: Callable[[str], NDArray[Any]], source: str
) -> RawArrays:
    pairs = [_find_pair(group, ReadOptions(), source) for group in groups]
    train, test = ((read(images), read(labels).reshape(-1)) for images, labels in pairs)
    return join_train_and_test(train, test, source)


def join_train_and_test(
    train: tuple[NDArray[Any], NDArray[Any]], test: tuple[NDArray[Any], NDArray[Any]], source: str
) -> RawArrays:
    """Join training and test arrays, images along the first axis, into one with the test rows set aside.

    Raises
    ------
    DataError
        The lengths of images and labels differ, or the sizes of training and test images.
    """
    for part, (images, labels) in (("training", train), ("test", test)):
        if len(images) != len(labels):
            raise DataError(f"{source}: {len(images)} {part} images but {len(labels)} labels, expected as many of both")
    if train[0].shape[1:] != test[0].shape[1:]:
        raise DataError(
            f"{source}: training images of {train[0].shape[1:]} and test images of {test[0].shape[1:]} pixels, "
            "expected the same size"
        )
    first, total = len(train[1]), len(train[1]) + len(test[1])
    return RawArrays(
        np.concatenate([train[0], test[0]]),
        np.concatenate([train[1], test[1]]),
        source,
        notes=(f"the source sets {total - first} images aside for testing",),
        given_test=np.arange(first, total),
    )


def _find_pair(variables: Mapping[str, Variable], choices: ReadOptions, source: str) -> tuple[str, str]:
    """Find the names of the images and the labels."""
    listing = ", ".join(str(variable) for variable in variables.values()) or "nothing"
    for wanted in (choices.images, choices.labels):
        if wanted is not None and wanted not in variables:
            raise DataError(f"{source}: holds no variable '{wanted}', found {listing}")
    images = choices.images or _choose(
        [variable for variable in variables.values() if variable.could_be_images and variable.name != choices.labels],
        IMAGE_NAMES,
        "images",
        f"{source}: no images, expected an array of 2 to 4 axes, found {listing}",
        source,
    )
    if choices.labels is not None:
        return images, choices.labels
    others = [variable for variable in variables.values() if variable.is_vector and variable.name != images]
    missing = f"{source}: no labels, expected a vector with one entry an image, found {listing}"
    return images, _choose(_fitting(others, variables[images]), LABEL_NAMES, "labels", missing, source)


def _fitting(vectors: list[Variable], images: Variable) -> list[Variable]:
    """Those with as many entries as there could be images; all of them if none fits, so that the lengths are told."""
    fitting = [vector for vector in vectors if max(vector.shape) in (images.shape[0], images.shape[-1])]
    return fitting or vectors


def _choose(candidates: list[Variable], usual: tuple[str, ...], what: str, missing: str, source: str) -> str:
    if not candidates:
        raise DataError(missing, f"if they are there, name them with {what}=")
    if len(candidates) == 1:
        return candidates[0].name
    named = [variable for name in usual for variable in candidates if _bare(variable.name) == name]
    if named:
        return named[0].name
    listing = ", ".join(str(variable) for variable in candidates)
    raise DataError(f"{source}: several variables could be the {what}: {listing}", f"name one with {what}=")
