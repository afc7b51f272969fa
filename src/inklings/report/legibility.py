"""Letters that can be read on whatever colour lies under them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

if TYPE_CHECKING:
    from matplotlib.image import AxesImage

LEAST_CONTRAST = 4.5
"""Of letters and what they stand on: WCAG 2.2, section 1.4.3."""


def letters_at(image: AxesImage, value: float, ink: str = "black") -> str:
    """Return the colour of letters on the square of an image that shows a value."""
    return letters_on(image.to_rgba(np.asarray(value)), ink)


def letters_on(ground: ArrayLike, ink: str = "black") -> str:
    """Return the colour of letters on a ground: ink where it can be read, else black or white.

    Parameters
    ----------
    ground : array, shape (3,) or (4,)
        Red, green and blue, from 0 to 1; how opaque it is does not count.
    ink : str
        A colour as matplotlib names it.
    """
    if contrast(ink, ground) >= LEAST_CONTRAST:
        return ink
    # Between dark and bright no ink but black is dark enough; of black and white, one always has 4.58 or more.
    return max("black", "white", key=lambda colour: contrast(colour, ground))


def contrast(letters: str, ground: ArrayLike) -> float:
    """Return the contrast of two colours as WCAG 2 defines it, from 1 to 21."""
    from matplotlib.colors import to_rgb

    dark, bright = sorted((_luminance(to_rgb(letters)), _luminance(ground)))
    return (bright + 0.05) / (dark + 0.05)


def _luminance(colour: ArrayLike) -> float:
    values = np.asarray(colour, np.float64)[:3]
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))
