"""Noise told from ink: of a single picture, whose largest mark would else be read as a character.

In a picture of anything, pixels are like their neighbours. Half the mean squared difference of neighbours, as a share
of the variance, is 1 for independent values whatever their distribution, and far less where there are strokes on paper.

Source: J. von Neumann, Distribution of the ratio of the mean square successive difference to the variance, Annals of
Mathematical Statistics 12, 1941.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inklings.errors import DataError
from inklings.pages.boxes import Box

FEWEST = 200
"""Pixels that are needed: of smaller marks chance alone decides; binary digits of 8 x 8 look as noise does."""

INDEPENDENT = 0.9
"""From this ratio on, neighbours have nothing in common: of the marks of 200 pixels or more in 280 pictures of noise,
28 to 200 pixels each way (even, normal, binary and of colours), it is 0.82 to 1.02, small marks spreading most. Of
digits on paper with noise of a third of its brightness it is 0.74 at most; of small ones dithered on white paper
0.88."""


def refuse_noise(grey: NDArray[np.float32], box: Box) -> None:
    """Refuse a mark that is noise.

    Parameters
    ----------
    grey : array of float32, shape (height, width)
        Brightness.
    box : Box
        Where the mark is.

    Raises
    ------
    DataError
        Neighbouring pixels in and around it have nothing in common.
    """
    left, top, right, bottom = box
    # A quarter more on each side, so that paper counts, which is smooth around real ink.
    margin = max(2, max(right - left, bottom - top) // 4)
    around = grey[max(0, top - margin) : bottom + margin, max(0, left - margin) : right + margin]
    if around.size >= FEWEST and neighbour_ratio(around) >= INDEPENDENT:
        raise DataError(
            "looks like noise, expected ink on paper: pixels differ from their neighbours as much as from any other",
            "use a clearer picture, in grey where dots of black and white stand for shades",
        )


def neighbour_ratio(grey: NDArray[np.float32]) -> float:
    """Return von Neumann's ratio, halved, in the direction in which neighbours are most alike; 0 of an even tone."""
    values = grey.astype(np.float64)
    variance = float(values.var())
    if variance == 0:
        return 0.0
    # What is smooth in any direction is not noise: a slanting stroke of one pixel has neighbours only at its corners.
    differences = (
        values[:, 1:] - values[:, :-1],
        values[1:] - values[:-1],
        values[1:, 1:] - values[:-1, :-1],
        values[1:, :-1] - values[:-1, 1:],
    )
    return min(float(np.mean(each**2)) for each in differences) / (2 * variance)
