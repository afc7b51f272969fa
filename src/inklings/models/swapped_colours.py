"""Whether new images have red and blue swapped, as OpenCV reads them, where those of training had not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inklings.data.interpretation import Interpretation
from inklings.data.lazy_images import Images
from inklings.models.contradictions import SEVERAL

CLEAR = 0.04
"""How much more red than blue there must be in the training images, or less, of 0 to 1: pictures of the open air and of
skin have twice that."""

NEARER = 0.25
"""How much nearer the new means must be to those of training once they are swapped, as a share of before."""


def describe_swapped(decided: Interpretation | None, images: Images) -> list[str]:
    """Say so if the mean red and blue of new images are clearly those of training the other way round.

    Parameters
    ----------
    decided : Interpretation or None
        As in training.
    images : array of float32, shape (n, height, width, 3)
        Some of the new images, scaled.
    """
    if decided is None or decided.colours is None or images.shape[3] != 3 or len(images) < SEVERAL:
        return []
    before, now = np.array(decided.colours), images.mean(axis=(0, 1, 2), dtype=np.float64)  # (3,) each
    # Nearly grey means nothing either way; swapped means must fit four times as well as they are.
    if abs(before[0] - before[2]) < CLEAR or _distance(now, before[::-1]) > NEARER * _distance(now, before):
        return []
    more, less = ("red", "blue") if before[0] > before[2] else ("blue", "red")
    return [
        f"there is more {less} than {more}, where the training images have more {more}: red and blue may be swapped, "
        "as OpenCV reads them (images[..., ::-1] swaps them); images were used as they are"
    ]


def _distance(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(one - other))
