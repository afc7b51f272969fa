"""Kinds of notes on data: what was found, what was decided about its meaning, and what later steps may supersede."""

from __future__ import annotations

import warnings
from collections.abc import Iterable

from inklings.errors import DataWarning


class Decision(str):
    """A note on what the data mean: shown wherever the data are used, since a wrong decision spoils every result.

    Any other note is plain text, for whoever asks what a data set holds.
    """

    __slots__ = ()


class Numbering(str):
    """A note on how classes were numbered, which no longer holds once they are numbered or named otherwise."""

    __slots__ = ()


class Reservation(str):
    """A note on how many images a source reserves, which no longer holds once others join them."""

    __slots__ = ()


def decisions(notes: Iterable[str]) -> list[str]:
    """Return the notes that are decisions, in their order."""
    return [note for note in notes if isinstance(note, Decision)]


def warn_of_decisions(source: str, notes: Iterable[str], *, stacklevel: int = 4) -> None:
    """Issue a DataWarning for each decision among the notes.

    Parameters
    ----------
    source : str
        What the notes are about, for the message.
    notes : iterable of str
    stacklevel : int
        As :func:`warnings.warn` has it; 4 is the caller of the function, wrapped by what checks its
        arguments, that calls this one.
    """
    for note in decisions(notes):
        warnings.warn(f"{source}: {note}", DataWarning, stacklevel=stacklevel)
