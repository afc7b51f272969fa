"""Small random changes of images, so that a network sees each digit a little different every epoch."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.dataset import Images
from inklings.errors import RecipeError

# The places that pixels come from take ten times the images' memory, so not those of a large data set at once.
MOVED_AT_ONCE = 1000
LIMITS = {"shift": 1000.0, "rotate": 180.0, "scale": 0.9}


@dataclass(frozen=True)
class Augmentation:
    """How far images may be moved, turned and scaled at random, each image on its own.

    Parameters
    ----------
    shift : float
        At most so many pixels up, down, left and right.
    rotate : float
        At most so many degrees either way.
    scale : float
        At most so large a fraction smaller or larger: 0.1 draws from 0.9 to 1.1.

    Raises
    ------
    RecipeError
        A value is negative, not finite or too large.

    Examples
    --------
    >>> Augmentation(shift=1.5, rotate=8).to_dict()
    {'shift': 1.5, 'rotate': 8.0, 'scale': 0.0}
    """

    shift: float = 0.0
    rotate: float = 0.0
    scale: float = 0.0

    def __post_init__(self) -> None:
        for name, limit in LIMITS.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= limit:
                expected = f"a number from 0 to {limit:g}"
                raise RecipeError(f"is {value!r}, expected {expected}", setting=name, found=value, expected=expected)
            object.__setattr__(self, name, float(value))

    def __bool__(self) -> bool:
        """Whether it changes anything."""
        return self != Augmentation()

    def apply(self, images: Images, random: np.random.Generator) -> Images:
        """Change each image by a draw of its own; what comes in from outside is paper.

        Parameters
        ----------
        images : array of float32, shape (n, height, width, channels)
        random : numpy.random.Generator
            Gives four numbers an image, whatever the settings, so that a later draw does not depend on them.

        Returns
        -------
        array of float32, same shape
            The very same array if nothing is to change.
        """
        if not self:
            return images
        draws = random.uniform(-1, 1, (len(images), 4))
        moved = np.empty(images.shape, np.float32)
        for start in range(0, len(images), MOVED_AT_ONCE):
            part = slice(start, start + MOVED_AT_ONCE)
            moved[part] = move_images(
                images[part],
                shifts=self.shift * draws[part, :2],
                degrees=self.rotate * draws[part, 2],
                factors=1 + self.scale * draws[part, 3],
            )
        return moved

    def to_dict(self) -> dict[str, float]:
        """Give the settings as plain numbers, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, settings: Mapping[str, Any]) -> Augmentation:
        """Make it of what :meth:`to_dict` gave.

        Raises
        ------
        RecipeError
            An unknown name, or a value out of range.
        """
        known = [field.name for field in fields(cls)]
        for name in settings:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                advice = f"did you mean '{near[0]}'?" if near else f"known are: {', '.join(known)}"
                raise RecipeError(f"augmentation has no setting '{name}'", advice)
        return cls(**settings)


def move_images(
    images: Images, *, shifts: NDArray[np.float64], degrees: NDArray[np.float64], factors: NDArray[np.float64]
) -> Images:
    """Turn and scale each image about its centre, then shift it, with linear interpolation; paper (0) comes in.

    Parameters
    ----------
    images : array of float32, shape (n, height, width, channels)
    shifts : array, shape (n, 2)
        Pixels down and to the right.
    degrees : array, shape (n,)
        Anticlockwise, as one looks at the image.
    factors : array, shape (n,)
        Above 1 enlarges.

    Returns
    -------
    array of float32, same shape
    """
    from scipy.ndimage import map_coordinates

    count, height, width, channels = images.shape
    centre_y, centre_x = (height - 1) / 2, (width - 1) / 2
    y, x = (np.arange(length, dtype=np.float64) for length in (height, width))
    # Where does each pixel of the result come from? The inverse of shift after scaling after turning.
    down = y[None, :, None] - centre_y - shifts[:, 0, None, None]
    right = x[None, None, :] - centre_x - shifts[:, 1, None, None]
    angles = np.deg2rad(degrees)
    cosine, sine = ((function(angles) / factors)[:, None, None] for function in (np.cos, np.sin))
    rows = cosine * down + sine * right + centre_y
    columns = cosine * right - sine * down + centre_x
    places = np.stack([np.broadcast_to(np.arange(count)[:, None, None], rows.shape), rows, columns])
    moved = [
        map_coordinates(images[..., channel], places, np.float32, order=1, mode="grid-constant", cval=0.0)
        for channel in range(channels)
    ]
    return np.stack(moved, axis=-1)
