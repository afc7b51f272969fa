"""One finding: an image, what is the matter with it, how sure that is, and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from inklings.data.mending_table import KEEP

KINDS: dict[str, str] = {
    "conflict": "the same pixels under several labels",
    "label": "labels that are likely wrong",
    "copy": "copies of an image",
    "near copy": "nearly the same as another image",
    "blank": "blank, or nearly so",
    "unlike all": "unlike all other images",
    "unlike class": "unlike the rest of their class",
    "cut off": "cut off at an edge",
}
"""The kinds of findings, in the order in which they are shown, and what they are."""


@dataclass(frozen=True)
class Finding:
    """What is the matter with an image.

    Parameters
    ----------
    row : int
        Its row in the data set, from 0.
    kind : str
        One of :data:`KINDS`, the first that holds.
    score : float
        How sure it is. Of a label: by how much the suggested class is more probable, 0 to 1. Of a near copy: the
        correlation. Of images unlike others: robust standard deviations above the usual distance. Of one that is cut
        off: the share of the edge. Else 1.
    suggested : str
        Another class that it looks like; empty if there is none.
    same_as : tuple of int
        Rows of the same image, or nearly.
    action : {"keep", "remove"}
        What to do unless a person decides otherwise.
    also : tuple of str
        Further kinds that hold.

    Examples
    --------
    >>> from inklings.findings import Finding
    >>> Finding(12, "label", score=0.93, suggested="7", action="remove").suggested
    '7'
    """

    row: int
    kind: str
    score: float = 1.0
    suggested: str = ""
    same_as: tuple[int, ...] = ()
    action: str = KEEP
    also: tuple[str, ...] = ()
