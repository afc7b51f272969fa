"""Random small shifts, rotations and scalings, so that a network sees each image slightly differently every epoch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.lazy_images import Images
from inklings.errors import RecipeError
from inklings.serialise import did_you_mean

# The coordinates that pixels are sampled at take ten times the images' memory, so a large batch is done in parts.
WARPED_AT_ONCE = 1000
LIMITS = {"shift": 1000.0, "rotate": 180.0, "scale": 0.9}


@dataclass(frozen=True)
class Augmentation:
    """How far each image may be shifted, rotated and scaled at random.

    Parameters
    ----------
    shift : float
        Maximum shift in pixels, up, down, left and right.
    rotate : float
        Maximum rotation in degrees, either way.
    scale : float
        Maximum relative change of size: 0.1 draws factors from 0.9 to 1.1.

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
            # bool is an int to Python. NaN fails the comparison, as it should.
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= limit:
                expected = f"a number from 0 to {limit:g}"
                raise RecipeError(f"is {value!r}, expected {expected}", setting=name, found=value, expected=expected)
            object.__setattr__(self, name, float(value))

    def __bool__(self) -> bool:
        """Whether it changes anything."""
        return self != Augmentation()

    def apply(self, images: Images, random: np.random.Generator) -> Images:
        """Transform each image by random amounts of its own; what enters from outside is paper.

        Parameters
        ----------
        images : array of float32, shape (n, height, width, channels)
        random : numpy.random.Generator

        Returns
        -------
        array of float32, same shape
            ``images`` itself if nothing is to change.
        """
        if not self:
            return images
        # Four numbers per image whatever the settings, so that what is drawn afterwards does not depend on them.
        draws = random.uniform(-1, 1, (len(images), 4))
        warped = np.empty(images.shape, np.float32)
        for start in range(0, len(images), WARPED_AT_ONCE):
            part = slice(start, start + WARPED_AT_ONCE)
            warped[part] = warp(
                images[part],
                shifts=self.shift * draws[part, :2],
                degrees=self.rotate * draws[part, 2],
                factors=1 + self.scale * draws[part, 3],
            )
        return warped

    def to_dict(self) -> dict[str, float]:
        """Return the settings as plain numbers, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, settings: Mapping[str, Any]) -> Augmentation:
        """Build an Augmentation from what :meth:`to_dict` returned.

        Raises
        ------
        RecipeError
            A name is unknown, or a value out of range.
        """
        known = [field.name for field in fields(cls)]
        for name in settings:
            if name not in known:
                hint = did_you_mean(name, known)
                raise RecipeError(f"augmentation has no setting '{name}'", hint, found=name, expected=known)
        return cls(**settings)


def warp(
    images: Images, *, shifts: NDArray[np.float64], degrees: NDArray[np.float64], factors: NDArray[np.float64]
) -> Images:
    """Rotate and scale each image about its centre, then shift it, with linear interpolation; paper (0) enters.

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
    # Each output pixel is sampled where it came from, which needs the inverse: shift back, scale back, rotate back.
    down = y[None, :, None] - centre_y - shifts[:, 0, None, None]
    right = x[None, None, :] - centre_x - shifts[:, 1, None, None]
    angles = np.deg2rad(degrees)
    # Dividing sine and cosine by the factor scales and rotates in one step. Rows run downwards, which turns the sign of
    # the sine against the textbook's.
    cosine, sine = ((function(angles) / factors)[:, None, None] for function in (np.cos, np.sin))
    rows = cosine * down + sine * right + centre_y
    columns = cosine * right - sine * down + centre_x
    # The image's number is a third coordinate, and an integer, so one call samples all without mixing neighbours.
    numbers = np.broadcast_to(np.arange(count)[:, None, None], rows.shape)
    coordinates = np.stack([numbers, rows, columns])
    channel_images = [
        map_coordinates(images[..., channel], coordinates, np.float32, order=1, mode="grid-constant", cval=0.0)
        for channel in range(channels)
    ]
    return np.stack(channel_images, axis=-1)
