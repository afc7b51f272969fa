"""Which of a file's named arrays are the images and the labels: as requested, else by shape and common names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from inklings.data.raw import ReadOptions
from inklings.data.readers.label_column import several_could_be
from inklings.data.readers.label_names import LABEL_ARRAYS
from inklings.data.readers.variable_names import (
    CLASS_NAMES,
    IDS,
    IMAGE_NAMES,
    IMAGES,
    LABELS,
    OTHER,
    PARTS,
    Meaning,
    understand,
)
from inklings.errors import DataError

PICKLED = "pickled"
"""In place of NumPy's letter for the kind of dtype: an array of Python objects, which is never opened."""

Reader = Callable[[str], NDArray[Any]]


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
        # A column (n, 1) or a row (1, n) counts: MATLAB has no vectors. So does (n, 1, 1, 1), beside images of 4 axes.
        return 1 <= len(self.shape) <= 4 and sum(length != 1 for length in self.shape) <= 1 and self.kind in "biufUSO"

    @property
    def could_be_images(self) -> bool:
        """Whether it could hold images."""
        # Of four axes, (1, 1, n, 1) is none of images.
        return 2 <= len(self.shape) <= 4 and not self.is_vector and self.kind in "biuf"

    @property
    def meaning(self) -> Meaning:
        """What its name says."""
        return understand(self.name)

    @property
    def length(self) -> int:
        """The number of labels that it would hold."""
        return max(self.shape, default=1) if self.is_vector else self.shape[0]

    def __str__(self) -> str:
        return f"{self.name} {self.shape}"


@dataclass
class Chosen:
    """The names of the variables that hold the images, of which several may be joined, and their labels.

    Parameters
    ----------
    images : list of str
    labels : list of str
        As many as ``images``, or one for all; empty if there are none.
    """

    images: list[str]
    labels: list[str] = field(default_factory=list)


def choose(variables: Iterable[Variable], options: ReadOptions, path: Path) -> Chosen:
    """Choose the images and the labels among the variables of one part of a data set.

    Raises
    ------
    DataError
        There are no images, or no labels though ``options.labelled``; several variables could be either.
    """
    known = list(variables)
    listing = ", ".join(map(str, known)) or "nothing"
    candidates = [each for each in known if each.could_be_images and each.name != options.labels]
    likely = [each for each in candidates if each.meaning.role in (None, IMAGES)]
    labels = [each for each in known if could_be_labels(each) and each.name != options.images]
    if options.labels is not None:
        labels = [each for each in known if each.name == options.labels]
    if options.images is not None:
        images = [each for each in known if each.name == options.images]
        # Labels of the same part, if there are any: those of test_images are test_labels.
        same = [each for each in labels if each.meaning.part == images[0].meaning.part]
        labels = same or labels
    elif not candidates:
        raise _missing("images", "an array of 2 to 4 axes", listing, path)
    else:
        images = _choose_images(likely or candidates, labels, path)
    if not options.labelled and options.labels is None:
        # What is to be predicted needs no labels; those that fit tell at least which axis is that of the images.
        fitting = [each.name for each in labels if len(images) == 1 and each.length in images[0].shape]
        return Chosen([each.name for each in images], fitting[:1])
    if not labels:
        raise _missing("labels", "a vector with one entry per image", listing, path)
    return Chosen([each.name for each in images], [each.name for each in _choose_labels(labels, images, path)])


def could_be_labels(variable: Variable) -> bool:
    """Whether a variable could hold one label per image: a vector, or a matrix that is called labels."""
    role = variable.meaning.role
    if role in (IDS, CLASS_NAMES, PARTS, OTHER):
        return False
    # A matrix may be one-hot, if it is called labels.
    one_hot = len(variable.shape) == 2 and role == LABELS and variable.kind in "biuf"
    return variable.is_vector or one_hot


def fits(labels: Variable, images: Variable) -> bool:
    """Whether there may be as many labels as images."""
    one_hot = () if labels.is_vector else labels.shape[1:2]
    return bool({labels.length, *one_hot} & set(images.shape))


def _choose_images(candidates: Sequence[Variable], labels: Sequence[Variable], path: Path) -> list[Variable]:
    fitting = [each for each in candidates if any(fits(label, each) for label in labels)]
    for some in (fitting, candidates):
        numbered = _numbered(some)
        if len(numbered) > 1 and (len(numbered) == len(some) or not _named(some, IMAGE_NAMES)):
            return numbered
        if some:
            return [_choose_one(some, IMAGE_NAMES, "images", path)]
    raise AssertionError("the caller has candidates")


def _choose_labels(labels: Sequence[Variable], images: Sequence[Variable], path: Path) -> list[Variable]:
    total = sum(image.shape[0] for image in images)
    if len(images) > 1:
        numbers = {each.meaning.number: each for each in _numbered(labels)}
        # data_1 has its labels in labels_1.
        wanted = [each.meaning.number for each in images]
        if all(number in numbers for number in wanted):
            return [numbers[number] for number in wanted]
        fitting = [each for each in labels if each.length == total]
    else:
        fitting = [each for each in labels if fits(each, images[0])]
    # If no vector fits the images, one is chosen all the same: the error then quotes both lengths.
    fitting = fitting or list(labels)
    named = [each for each in fitting if each.meaning.role == LABELS]
    return [_choose_one(named if len(named) == 1 else fitting, LABEL_ARRAYS, "labels", path)]


def _numbered(variables: Sequence[Variable]) -> list[Variable]:
    """Return the variables whose names differ by a number alone, in its order: data_1, data_2."""
    groups: dict[tuple[str, ...], list[Variable]] = {}
    for each in variables:
        if each.meaning.number:
            groups.setdefault(each.meaning.words, []).append(each)
    largest = max(groups.values(), key=len, default=[])
    # Images of one shape, or vectors of whatever lengths.
    alike = len({each.shape[1:] for each in largest}) <= 1 or all(each.is_vector for each in largest)
    return sorted(largest, key=lambda each: each.meaning.number) if alike else []


def _named(candidates: Sequence[Variable], common: Sequence[str]) -> list[Variable]:
    """Return the candidates with a common name, the most common first."""
    ends = [(each.meaning.words or ("",), each) for each in candidates]
    whole = [each for name in common for words, each in ends if words == (name,)]
    # The last word counts too: dataset.images.
    return whole or [each for name in common for words, each in ends if words[-1] == name]


def _choose_one(candidates: Sequence[Variable], common: Sequence[str], what: str, path: Path) -> Variable:
    """Return the only candidate, or the only one with the most common name."""
    if len(candidates) == 1:
        return candidates[0]
    named = _named(candidates, common)
    if named and [each.meaning.words for each in named].count(named[0].meaning.words) == 1 and _alone(named, common):
        return named[0]
    listing = ", ".join(map(str, candidates))
    raise several_could_be(what, [each.name for each in candidates], path, kind="variables", listing=listing)


def _alone(named: Sequence[Variable], common: Sequence[str]) -> bool:
    """Whether the first is the only one with its last word: of coarse and fine labels, neither is the labels."""
    first = (named[0].meaning.words or ("",))[-1]
    last = [(each.meaning.words or ("",))[-1] for each in named]
    return len(named[0].meaning.words) <= 1 or last.count(first) == 1


def _missing(what: str, expected: str, listing: str, path: Path) -> DataError:
    return DataError(
        f"no {what}, expected {expected}, found {listing}",
        "if they are there, name them",
        path=path,
        found=listing,
        expected=expected,
        suggested={what: "NAME"},
    )


def choose_fitting(variables: Sequence[Variable], options: ReadOptions, count: int, path: Path) -> str:
    """Choose the images that there are ``count`` labels for, in another file.

    Raises
    ------
    DataError
        There are none, or several.
    """
    candidates = [each for each in variables if each.could_be_images]
    if options.images is not None:
        candidates = [each for each in candidates if each.name == options.images]
    if not candidates:
        listing = ", ".join(map(str, variables)) or "nothing"
        raise _missing("images", "an array of 2 to 4 axes", listing, path)
    fitting = [each for each in candidates if count in each.shape]
    return _choose_one(fitting or candidates, IMAGE_NAMES, "images", path).name


def called(requested: str, variables: Sequence[Variable]) -> list[str]:
    """Return the names of the variable that is meant, or of those with a field of that name."""
    exact = [each.name for each in variables if each.name == requested]
    return exact or [each.name for each in variables if each.name.endswith(f".{requested}")]


def within(options: ReadOptions, variables: Sequence[Variable], path: Path) -> ReadOptions:
    """Return the options with the full names of what they ask for, among the variables of one part.

    Raises
    ------
    DataError
        Several have that name.
    """
    names: dict[str, str | None] = {"images": options.images, "labels": options.labels}
    for what, requested in names.items():
        found = [] if requested is None else called(requested, variables)
        if len(found) > 1:
            raise DataError(
                f"several variables are called {requested}: {', '.join(found)}",
                "give the whole name",
                path=path,
                found=found,
                suggested={what: found[0]},
            )
        names[what] = found[0] if found else requested
    return replace(options, images=names["images"], labels=names["labels"])
