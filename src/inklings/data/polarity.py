"""Whether ink is dark or light: greyscale images with a light border are inverted, so that paper is 0 and ink is 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inklings.data.checks import Labels
from inklings.data.lazy_images import Images
from inklings.data.notes import Decision

DARK, LIGHT = 0.35, 0.65
"""Of the border pixels' median: below the first, the background is dark, above the second it is light, between them
"cannot tell". Scans of paper lie above 0.75, white strokes on black below 0.1; photographs of things anywhere."""

MIXED = 0.1
"""The share of images with the other background from which on it is worth a word."""

APART = 0.5
"""How much the share of light backgrounds may differ among classes before the background alone tells them apart."""


@dataclass(frozen=True)
class Polarity:
    """What the borders of images show.

    Parameters
    ----------
    border : float
        The median of all border pixels: 0 is black, 1 is white.
    inverted : bool
        Whether images are to be inverted.
    notes : tuple of str
    """

    border: float
    inverted: bool
    notes: tuple[str, ...]


def choose_polarity(borders: Images, labels: Labels, class_names: Sequence[str], invert: bool | None) -> Polarity:
    """Choose whether to invert greyscale images; colour images are never inverted unless requested.

    In photographs light is not paper, so three channels stay as they are.

    Parameters
    ----------
    borders : array of float32, shape (n, pixels, 1, channels)
        The border pixels of some images, scaled to 0..1.
    labels : array of int64, shape (n,)
    class_names : sequence of str
    invert : bool or None
        What the user said; None looks at the borders.
    """
    # Of all border pixels together: some images may have ink at their edge, few at most of it.
    middle = float(np.median(borders))
    if invert is not None:
        return Polarity(middle, invert, ("images were inverted, as requested",) if invert else ())
    if borders.shape[3] != 1:
        return Polarity(middle, False, ())
    # Per image here, so that two kinds of backgrounds in one set are seen.
    mixed = _describe_mixture(np.median(borders, axis=(1, 2, 3)), labels, class_names)
    if middle > LIGHT:
        note = "images were inverted, since their background was light: ink is 1 (invert=False keeps them)"
        return Polarity(middle, True, (Decision(note), *mixed))
    if middle >= DARK:
        note = (
            f"cannot tell whether ink is dark or light, since the border is neither (median {middle:.2f} of 0 to 1): "
            "images are kept as they are (invert=True swaps dark and light)"
        )
        return Polarity(middle, False, (Decision(note), *mixed))
    return Polarity(middle, False, mixed)


def _describe_mixture(backgrounds: NDArray[np.floating], labels: Labels, class_names: Sequence[str]) -> tuple[str, ...]:
    """Say so where some images have a dark background and others a light one."""
    light, dark = backgrounds > LIGHT, backgrounds < DARK
    clear = light | dark
    if not clear.any():
        return ()
    share = float(light.sum() / clear.sum())
    # A few odd ones are no mixture.
    if not MIXED <= share <= 1 - MIXED:
        return ()
    shares = {
        name: float(light[of].mean())
        for number, name in enumerate(class_names)
        # One image of a class would make its share 0 or 1.
        if (of := clear & (labels == number)).sum() >= 2
    }
    note = (
        f"{share:.0%} of the images have a light background and {1 - share:.0%} a dark one, and all are treated alike"
    )
    if shares and max(shares.values()) - min(shares.values()) > APART:
        lightest, darkest = max(shares, key=shares.__getitem__), min(shares, key=shares.__getitem__)
        note += (
            f": mostly light in class '{lightest}', dark in '{darkest}', which a network can learn instead of shapes"
        )
    return (Decision(note),)
