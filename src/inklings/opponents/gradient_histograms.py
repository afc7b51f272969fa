"""Histograms of oriented gradients: which way the edges run in each part of an image.

After N. Dalal and B. Triggs, Histograms of oriented gradients for human detection, CVPR 2005: each pixel votes for the
direction of its gradient with the gradient's length, the vote is shared among the two nearest directions and the four
nearest cells, and blocks of 2 x 2 cells are normalised together, so that the contrast of a stroke does not matter.

Two choices suit strokes better than the paper's pedestrians. Directions run round the whole circle: the two edges of
a stroke then differ, where the paper folds them onto one (on the bundled digits' validation images 98.0 % instead of
97.3 %). And cells are fractions of the image, not numbers of pixels, so that images of any size have as many.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

BLOCK = 2
"""Cells along each side of a block."""

CLIPPED_AT = np.float32(0.2)
"""No direction counts for more than this in a normalised block (Dalal and Triggs, section 6.4, "L2-Hys")."""

FAINT = np.float32(1e-4)
"""Added to a block's squared length: an empty block must not be divided by 0, nor a blank one's noise be amplified."""

IMAGES_AT_ONCE = 512
"""A batch whose arrays of directions fit in a processor's cache of some megabytes."""


def histograms_of(images: Floats, cells: int, directions: int) -> Floats:
    """Return images' histograms of gradients.

    Parameters
    ----------
    images : array of float32, shape (n, height, width, channels)
        Of several channels, the one with the steepest gradient votes.
    cells : int
        Cells along each side of an image.
    directions : int
        Bins round the circle.

    Returns
    -------
    array of float32, shape (n, blocks * 4 * directions)
    """
    # Part by part; each image's histogram depends on it alone.
    starts = range(0, len(images), IMAGES_AT_ONCE)
    return np.concatenate([_describe(images[start : start + IMAGES_AT_ONCE], cells, directions) for start in starts])


def _describe(images: Floats, cells: int, directions: int) -> Floats:
    lengths, angles = gradients(images)
    return normalise_blocks(vote(lengths, angles, cells, directions))


def gradients(images: Floats) -> tuple[Floats, Floats]:
    """Return each pixel's gradient as a length and an angle from 0 to 2 pi; central differences, paper all around.

    Parameters
    ----------
    images : array of float32, shape (n, height, width, channels)

    Returns
    -------
    lengths, angles : arrays of float32, shape (n, height, width)
    """
    # 0, paper, all around: writing that touches the edge has an edge there.
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    # Twice the slope, as central differences leave out the division by 2: normalising divides by lengths anyway.
    across = padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2]
    down = padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1]
    lengths = np.hypot(across, down)
    # (n, height, width, 1): the channel of the steepest gradient at each pixel.
    steepest = lengths.argmax(axis=3)[..., np.newaxis]
    across, down, lengths = (np.take_along_axis(each, steepest, 3)[..., 0] for each in (across, down, lengths))
    # The remainder of a tiny negative angle rounds to 2 pi itself, which the bins below take as 0.
    angles: Floats = np.arctan2(down, across) % np.float32(2 * np.pi)
    return lengths, angles


def vote(lengths: Floats, angles: Floats, cells: int, directions: int) -> Floats:
    """Sum the gradients' lengths by cell and direction, each shared linearly among the nearest of both.

    Parameters
    ----------
    lengths, angles : arrays of float32, shape (n, height, width)
    cells, directions : int

    Returns
    -------
    array of float32, shape (n, cells, cells, directions)
    """
    count, height, width = lengths.shape
    rows, columns = shares(height, cells), shares(width, cells)
    # In bins, from the centre of the first one.
    place = angles * np.float32(directions / (2 * np.pi)) - np.float32(0.5)
    votes = np.empty((count, cells, cells, directions), np.float32)
    for direction in range(directions):
        # Round the circle: the last direction is the first one's neighbour. A remainder would take twice as long.
        # Less than 1 away: linear shares fall to 0 at the neighbouring direction's centre.
        distance = np.abs(place - np.float32(direction))
        distance = np.minimum(distance, np.float32(directions) - distance)
        weighted = lengths * np.maximum(np.float32(1) - distance, 0)
        # Two matrix products per direction, in place of a loop over pixels.
        # (cells, height) @ (n, height, width) @ (width, cells): each pixel's vote is shared along both axes at once.
        votes[..., direction] = rows @ weighted @ columns.T
    return votes


def shares(side: int, cells: int) -> Floats:
    """Return how much of each pixel's vote each cell along one axis gets, shape (cells, side)."""
    # In cells, from the centre of the first one.
    centres = (np.arange(side) + 0.5) * cells / side - 0.5
    found: Floats = np.maximum(1 - np.abs(centres - np.arange(cells)[:, np.newaxis]), 0).astype(np.float32)
    return found


def normalise_blocks(cells: Floats) -> Floats:
    """Normalise blocks of 2 x 2 cells, which overlap, and return them side by side.

    Parameters
    ----------
    cells : array of float32, shape (n, rows, columns, directions)

    Returns
    -------
    array of float32, shape (n, (rows - 1) * (columns - 1) * 4 * directions)
    """
    count, rows, columns, _ = cells.shape
    blocks = [
        cells[:, row : row + BLOCK, column : column + BLOCK].reshape(count, -1)
        for row in range(rows - BLOCK + 1)
        for column in range(columns - BLOCK + 1)
    ]
    # Normalised, clipped and normalised again (L2-Hys): one strong edge must not silence all others in the block.
    return np.concatenate([_unit(np.minimum(_unit(block), CLIPPED_AT)) for block in blocks], axis=1)


def _unit(block: Floats) -> Floats:
    # (n, 4 * directions)
    scaled: Floats = block / np.sqrt((block**2).sum(axis=1, keepdims=True) + FAINT)
    return scaled
