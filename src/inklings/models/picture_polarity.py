"""Whether whole pictures are dark and light as the training images were.

They are inverted as in training, and a line says where their borders contradict that. Pictures of single characters
need none of this, since their ink is found in each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inklings.data.interpretation import Interpretation
from inklings.data.lazy_images import Images, spread_rows
from inklings.data.notes import Decision
from inklings.data.pixels import border_pixels
from inklings.data.polarity import LIGHT
from inklings.errors import InklingsError
from inklings.models.contradictions import border_of, contradicts_border, describe_border
from inklings.models.preparation import WHOLE, Preparation

SAMPLE = 50
"""At most this many pictures, spread over all, are looked at for their border: each is decoded for it."""


def choose_picture_polarity(
    preparation: Preparation, paths: Sequence[Path], *, invert: bool | None = None, as_found: bool = False
) -> tuple[Preparation, list[str]]:
    """Choose whether to invert whole pictures.

    Parameters
    ----------
    preparation : Preparation
        As in training.
    paths : sequence of Path
        The pictures; what cannot be read is passed over.
    invert : bool, optional
        What the user says; it overrides training and pictures.
    as_found : bool
        Whether their own borders decide, not training.

    Returns
    -------
    preparation : Preparation
    notes : list of str
        A Decision where the borders contradict training.
    """
    if invert is not None:
        return replace(preparation, invert=invert), []
    if preparation.kind != WHOLE or preparation.channels != 1:
        return preparation, []
    # Only now are pictures decoded: neither the user nor the kind of model has decided.
    borders = _read_borders(preparation, paths)
    if not len(borders):
        return preparation, []
    if as_found:
        inverted = border_of(borders) > LIGHT
        said = f"images were {'' if inverted else 'not '}inverted, as their own border says"
        notes = [Decision(said)] if inverted or preparation.invert else []
        return replace(preparation, invert=inverted), list(notes)
    return preparation, _contradictions(preparation, borders, len(paths))


def contradict_picture(preparation: Preparation, image: Images) -> list[str]:
    """Return the notes on one prepared picture, shape (height, width, channels)."""
    if preparation.kind != WHOLE or preparation.channels != 1:
        return []
    border = border_pixels(image[np.newaxis])
    # As it was before it was inverted: so is the border that is kept of the training images.
    return _contradictions(preparation, 1 - border if preparation.invert else border, 1)


def _contradictions(preparation: Preparation, borders: NDArray[np.float32], count: int) -> list[str]:
    decided = preparation.interpretation
    if decided is None:
        if not preparation.invert:
            return []
        # A model of an earlier version inverts because its training images had light borders.
        decided = Interpretation(border=1.0, inverted=True)
    if not contradicts_border(decided.border, borders, count):
        return []
    return [Decision(f"{describe_border(border_of(borders), decided)} (as_found=True decides anew)")]


def _read_borders(preparation: Preparation, paths: Sequence[Path]) -> NDArray[np.float32]:
    """Return the border pixels of some pictures, not inverted, shape (n, pixels, 1, 1)."""
    plain = replace(preparation, invert=False)
    borders = []
    for number in spread_rows(len(paths), SAMPLE).tolist():
        try:
            borders.append(border_pixels(plain.prepare(plain.open(paths[number])).image[np.newaxis]))
        # A picture that cannot be read is reported when it is its turn to be classified.
        except InklingsError:
            continue
    # No picture could be read: there is nothing to contradict.
    return np.concatenate(borders) if borders else np.zeros((0, 0, 1, 1), np.float32)
