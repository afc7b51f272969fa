"""The classes of other data, by name: a model's outputs keep the order that training gave them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from inklings.data.digit_labels import are_one_to_ten, rename_ten
from inklings.data.interpretation import Interpretation
from inklings.data.labels import Encoded
from inklings.data.lazy_images import Images, spread_rows, take_rows
from inklings.data.notes import Decision
from inklings.errors import DataError

Labels = NDArray[np.int64]

_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_SHOWN = 12  # names in a message

TEN_SAMPLE = 2000
"""At most this many images are looked at to find out whether label 10 is the digit 0."""


def match_classes(known: Sequence[str], found: Sequence[str], labels: Labels) -> tuple[Labels, list[str]]:
    """Number labels as a model numbers its classes.

    Parameters
    ----------
    known : sequence of str
        The model's class names, in the order of its outputs.
    found : sequence of str
        The data's class names.
    labels : array of int64, shape (n,)
        Positions in ``found``.

    Returns
    -------
    labels : array of int64, shape (n,)
        Positions in ``known``. Never matched by position alone.
    notes : list of Decision
        Which of the model's classes the data lack, if any.

    Raises
    ------
    DataError
        The data hold a class that the model does not know.
    """
    present = [name for number, name in enumerate(found) if (labels == number).any()]
    places = {name: number for number, name in enumerate(known)}
    unknown = [name for name in present if name not in places]
    if unknown:
        raise _unknown_classes(known, present, unknown)
    lacking = [name for name in known if name not in present]
    notes = [f"no images of {_listed(lacking)}: {len(present)} of the model's {len(known)} classes"] if lacking else []
    # A class that no image has may be unknown; its number is never looked up.
    numbers = np.array([places.get(name, 0) for name in found], np.int64)
    return numbers[labels], [Decision(note) for note in notes]


def name_ten(known: Sequence[str], decided: Interpretation | None, encoded: Encoded, images: Images) -> Encoded:
    """Let label 10 be the digit 0, as MATLAB's users have it, where a model knows 0 to 9 and the images agree.

    Parameters
    ----------
    known : sequence of str
        The model's class names.
    decided : Interpretation or None
        What was found of the training images.
    encoded : Encoded
        Labels of other images.
    images : array of float32 or ImageStack, shape (n, height, width, channels)
        These, as the network sees them.
    """
    if set(known) != set("0123456789"):
        return encoded
    # As in training even where the images do not show it: of a few alone, they seldom do.
    if decided is not None and decided.ten_is_zero:
        return _name_ten_as_in_training(encoded)
    if not are_one_to_ten(encoded.class_names):
        return encoded
    # Spread over all, since files often have their classes one after the other.
    rows = spread_rows(len(images), TEN_SAMPLE)
    return rename_ten(encoded, take_rows(images, rows)[:], rows)


def _name_ten_as_in_training(encoded: Encoded) -> Encoded:
    """Name class 10 by the digit 0, as was found in training: some classes alone would not show it again."""
    names = encoded.class_names
    if "10" not in names or "0" in names:
        return encoded
    note = Decision("label 10 stands for the digit 0, as in training")
    renamed = tuple("0" if name == "10" else name for name in names)
    return replace(encoded, class_names=renamed, notes=(*encoded.notes, note))


def _unknown_classes(known: Sequence[str], present: Sequence[str], unknown: Sequence[str]) -> DataError:
    # Labels as numbers where the model knows names: most likely positions in its list.
    numbered = all(name.isdecimal() for name in present) and not any(name.isdecimal() for name in known)
    return DataError(
        f"the model's classes are {_listed(known)}, the data's are {_listed(present)}, expected no others; "
        f"the model does not know {_listed(unknown)}",
        _hint(known, unknown, numbered),
        suggested={"class_names": ",".join(known)} if numbered and len(known) <= _SHOWN else None,
        found=list(unknown),
        expected=list(known),
    )


def _hint(known: Sequence[str], unknown: Sequence[str], numbered: bool) -> str:
    """Say how the names may be brought together."""
    folded = {name.casefold(): name for name in known}
    for name in unknown:
        if name.casefold() in folded:
            return f"'{name}' and '{folded[name.casefold()]}' differ by case alone: rename one"
    words = {str(number): word for number, word in enumerate(_NUMBERS)}
    # Both ways: "three" may be the model's "3", and "3" its "three".
    words |= {word: number for number, word in words.items()}
    for name in unknown:
        other = words.get(name.casefold(), "")
        if other in folded:
            return f"'{name}' may be the model's '{folded[other]}': rename the labels"
    numbers = {int(name): name for name in known if name.isdecimal()}
    for name in unknown:
        if name.isdecimal() and int(name) in numbers:
            return f"'{name}' and '{numbers[int(name)]}' differ by leading zeros alone: rename one"
    if numbered:
        return f"if label 0 is '{known[0]}', 1 is '{known[1]}' and so on, say so"
    return "leave out the images of classes that it was not taught, or rename the labels"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"'{name}'" for name in names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN} more"
