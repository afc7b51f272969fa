"""The classes of other data, by name: a model's outputs keep the order that training gave them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inklings.data.notes import Decision
from inklings.errors import DataError

Labels = NDArray[np.int64]

_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_SHOWN = 12  # names in a message


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
    numbers = np.array([places.get(name, 0) for name in found], np.int64)
    return numbers[labels], [Decision(note) for note in notes]


def _unknown_classes(known: Sequence[str], present: Sequence[str], unknown: Sequence[str]) -> DataError:
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
    words |= {word: number for number, word in words.items()}
    for name in unknown:
        other = words.get(name.casefold(), "")
        if other in folded:
            return f"'{name}' may be the model's '{folded[other]}': rename the labels"
    if numbered:
        return f"if label 0 is '{known[0]}', 1 is '{known[1]}' and so on, say so"
    return "leave out the images of classes that it was not taught, or rename the labels"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"'{name}'" for name in names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN} more"
