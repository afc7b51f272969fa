"""What full brightness is in pictures of several depths, and which paper shows what is drawn on transparency.

Both are decided once for a set of pictures; what a model is given later is read in the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from inklings.data.lazy_images import Images
from inklings.data.value_range import choose_range

if TYPE_CHECKING:
    from PIL import Image

WHITE, BLACK = "white", "black"

WHOLE_DEPTH = 65535.0

FADED = 0.1
"""What is drawn on transparency is lost on white if it shows at most this share of the contrast that it has on black:
white ink none, light grey little; yellow has a sixth, and stays on white as everything else does."""


def full_brightness(pictures: Sequence[Images]) -> float:
    """Return what full brightness is in pictures of more than 8 bits per pixel, which have it in common.

    Parameters
    ----------
    pictures : sequence of arrays of float32, shape (height, width, channels)
        The numbers that they hold; of one size.
    """
    low, high = min(float(each.min()) for each in pictures), max(float(each.max()) for each in pictures)
    found = choose_range(low, high, np.stack(pictures[:: -(-len(pictures) // 200)]))
    # Beside pictures of 8 bits, whose black is 0.
    return found.ink if found.paper == 0 else WHOLE_DEPTH


def lay_on_paper(picture: Image.Image, colour: str = WHITE) -> Image.Image:
    """Convert to three channels; transparent parts take the paper's colour."""
    from PIL import Image

    if not picture.has_transparency_data:
        return picture.convert("RGB")
    paper = Image.new("RGBA", picture.size, colour)
    return Image.alpha_composite(paper, picture.convert("RGBA")).convert("RGB")


def is_transparent(picture: Image.Image) -> bool:
    """Whether a part of a picture is transparent; many are stored with transparency and have none."""
    if not picture.has_transparency_data:
        return False
    return int(picture.convert("RGBA").getchannel("A").getextrema()[0]) < 255  # type: ignore[arg-type]


def fades_on_white(picture: Image.Image, on_white: Image.Image) -> bool:
    """Whether what is drawn on transparency is as light as white paper, and is lost on it.

    Parameters
    ----------
    picture : Image
    on_white : Image
        The same, laid on white paper.
    """
    return _contrast(on_white) <= FADED * _contrast(lay_on_paper(picture, BLACK))


def _contrast(picture: Image.Image) -> int:
    """Return how far the brightest and the darkest pixel are apart."""
    low, high = picture.convert("L").getextrema()
    return int(high) - int(low)  # type: ignore[arg-type]
