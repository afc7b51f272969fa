"""Parts of a data set whose values are of different kinds, such as 0 to 1 beside bytes: each brought to 0 to 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from inklings.data.lazy_images import spread_rows
from inklings.data.notes import Decision
from inklings.data.pixels import scale
from inklings.data.value_range import ValueRange, choose_range

_LOOKED_AT = 200
"""Images of each array whose values are looked at."""

_FAR, _FAR_BELOW = 100, 10
"""How many times the range of one part another's must be: of bytes it is 255 times that of 0 to 1, 127 times that of -1
to 1. Parts of one camera's numbers, of up to 14 bits, differ by less. Where only one of them has paper below 0, as what
was standardised has, the second number is enough."""

Arrays = Sequence[NDArray[Any]]


def in_one_range(parts: Sequence[Arrays], names: Sequence[str]) -> tuple[list[list[NDArray[Any]]], list[str]]:
    """Scale each part to 0 to 1 by itself where their values are of different kinds.

    By the range of all together, one of them would be blank.

    Parameters
    ----------
    parts : sequence of sequences of arrays, each of shape (n, ...)
        The arrays of images of each part.
    names : sequence of str
        What the parts are called.

    Returns
    -------
    parts : list of lists of arrays
        As given where all are of one kind.
    notes : list of str
    """
    given = [list(arrays) for arrays in parts]
    samples = [[array[spread_rows(len(array), _LOOKED_AT)] for array in arrays] for arrays in parts]
    if any(each.size == 0 or each.dtype.kind not in "buif" or each.ndim < 2 for some in samples for each in some):
        return given, []
    limits = [(min(float(each.min()) for each in some), max(float(each.max()) for each in some)) for some in samples]
    found = [_range_of(some, *ends) for some, ends in zip(samples, limits, strict=True)]
    if not _differ(found):
        return given, []
    said = ", ".join(f"{part} images {low:g} to {high:g}" for part, (low, high) in zip(names, limits, strict=True))
    scaled = [
        [scale(array, paper=each.paper, ink=each.ink, signed_bytes=each.signed_bytes) for array in arrays]
        for arrays, each in zip(parts, found, strict=True)
    ]
    return scaled, [Decision(f"the values of its parts differ ({said}), and each part is brought to 0 to 1 by itself")]


def _range_of(samples: Arrays, low: float, high: float) -> ValueRange:
    first = samples[0]
    # As images, so that neighbours can be looked at.
    return choose_range(low, high, first.reshape(len(first), first.shape[1], -1, 1))


def _differ(found: Sequence[ValueRange]) -> bool:
    """Whether the ranges of parts are of different kinds."""
    spans = [each.ink - each.paper for each in found]
    if min(spans) <= 0:
        return False
    if len({each.signed_bytes for each in found}) > 1:
        return True
    times = max(spans) / min(spans)
    below = {each.paper < 0 for each in found}
    return times >= _FAR or (len(below) > 1 and times >= _FAR_BELOW)
