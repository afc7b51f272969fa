"""Random small changes to images, so that a network sees each of them slightly differently every epoch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.arguments import refuses_unknown
from inklings.data.lazy_images import Images
from inklings.data.warps import CONTROLS, Warps
from inklings.errors import RecipeError
from inklings.portable_math import sin_cos
from inklings.serialise import did_you_mean

LIMITS: dict[str, float] = {
    "shift": 1000.0,
    "rotate": 180.0,
    "scale": 0.9,
    "shear": 80.0,
    "elastic": 1000.0,
    "stroke": 1.0,
    "erase": 1.0,
    "flip": 1.0,
}
"""The largest value of each setting. Scaling by 0 and a shear of 90 degrees would leave nothing of an image."""


@refuses_unknown(RecipeError)
@dataclass(frozen=True)
class Augmentation:
    """How much each image may be changed at random.

    Parameters
    ----------
    shift : float
        Maximum shift in pixels, up, down, left and right.
    rotate : float
        Maximum rotation in degrees, either way.
    scale : float
        Maximum relative change of size: 0.1 draws factors from 0.9 to 1.1.
    shear : float
        Maximum slant of upright lines in degrees, either way.
    elastic : float
        Strength of a smooth random distortion: the standard deviation, in pixels, of the control points of a cubic
        B-spline over the image (after P. Simard, D. Steinkraus and J. Platt, Best practices for convolutional neural
        networks, ICDAR 2003, who smooth random displacements by a Gaussian).
    stroke : float
        Maximum share that a pixel moves towards the largest or the smallest of its neighbours: strokes become thicker
        or thinner.
    erase : float
        Maximum side of a rectangle that becomes paper, as a share of the image's side (Z. Zhong and others, Random
        erasing data augmentation, AAAI 2020).
    flip : float
        Probability that an image is mirrored, left to right. Not for characters: a mirrored one is another one, or
        none.

    Raises
    ------
    RecipeError
        A value is negative, not finite or too large.

    Examples
    --------
    >>> Augmentation(shift=1.5, rotate=8).to_dict()
    {'shift': 1.5, 'rotate': 8.0}
    """

    shift: float = 0.0
    rotate: float = 0.0
    scale: float = 0.0
    shear: float = 0.0
    elastic: float = 0.0
    stroke: float = 0.0
    erase: float = 0.0
    flip: float = 0.0

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

    def draw(self, shape: tuple[int, ...], random: np.random.Generator) -> Warps | None:
        """Draw a change for each of n images of shape (n, height, width, channels); None if nothing is to change."""
        if not self:
            return None
        # Four numbers per image whatever these settings are, so that what is drawn afterwards does not depend on them.
        count, (height, width) = shape[0], shape[1:3]
        # Shift down, shift right, rotation, scale: each from -1 to 1, times its setting.
        draws = random.uniform(-1, 1, (count, 4))
        # Drawn whether they are used or not, for the same reason.
        shears, strokes = (random.uniform(-1, 1, count) for _ in range(2))
        flips = random.random(count) < self.flip
        return Warps(
            matrices=self._matrices(draws, shears, flips),
            shifts=(self.shift * draws[:, :2]).astype(np.float32),
            fields=self._fields(count, random) if self.elastic else None,
            strokes=(self.stroke * strokes).astype(np.float32) if self.stroke else None,
            erased=self._erased(count, (height, width), random) if self.erase else None,
        )

    def _matrices(
        self, draws: NDArray[np.float64], shears: NDArray[np.float64], flips: NDArray[np.bool_]
    ) -> NDArray[np.float32]:
        """Return where a pixel came from, which needs the inverse: scale back, rotate back, shear back, flip."""
        angles, factors = self.rotate * draws[:, 2], 1 + self.scale * draws[:, 3]  # (n,) each
        # Dividing sine and cosine by the factor scales and rotates in one step. Rows run downwards, which turns the
        # sign of the sine against the textbook's.
        sine, cosine = (values / factors for values in sin_cos(angles))
        slant = np.divide(*sin_cos(self.shear * shears))
        # Rotation first, read from the new image back to the old; rows first, so that the second line says from which
        # column a pixel comes: by its row (a slant) and by its column. Written out: BLAS would round the sums of a
        # product of matrices in a way that depends on the processor.
        matrices = np.stack([cosine, sine, slant * cosine - sine, slant * sine + cosine], axis=-1).reshape(-1, 2, 2)
        # Mirrored: the column counts from the other side.
        matrices[flips, 1] *= -1
        return matrices.astype(np.float32)  # (n, 2, 2)

    def _fields(self, count: int, random: np.random.Generator) -> NDArray[np.float32]:
        # In units of the control points: the setting is their standard deviation in pixels.
        controls = random.standard_normal((count, CONTROLS, CONTROLS, 2), np.float32)
        return np.float32(self.elastic) * controls

    def _erased(self, count: int, size: tuple[int, int], random: np.random.Generator) -> NDArray[np.int32]:
        sides, places = (random.random((count, 2)) for _ in range(2))
        # Height and width of each part, shape (n, 2); either may be 0, and nothing is erased.
        lengths = np.round(self.erase * sides * size)
        # Anywhere that it is within the image as a whole.
        # + 1, so that the last place that still fits is as likely as the first.
        corners = np.floor(places * (np.array(size) - lengths + 1))
        return np.concatenate([corners, corners + lengths], axis=1).astype(np.int32)

    def apply(self, images: Images, random: np.random.Generator) -> Images:
        """Change each image by random amounts of its own; what enters from outside is paper.

        Parameters
        ----------
        images : array of float32, shape (n, height, width, channels)
        random : numpy.random.Generator

        Returns
        -------
        array of float32, same shape
            ``images`` itself if nothing is to change.
        """
        warps = self.draw(images.shape, random)
        return images if warps is None else warps.apply(images)

    def to_dict(self) -> dict[str, float]:
        """Return the settings that change anything as plain numbers, for JSON."""
        return {name: value for name, value in asdict(self).items() if value}

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
