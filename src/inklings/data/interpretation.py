"""How raw pixels become images: decided once for the data set, and applied again to whatever a model is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from inklings.data.lazy_images import Images, transform
from inklings.data.pixels import scale, to_greyscale
from inklings.data.raw import MAX_SIDE
from inklings.data.resizing import resize
from inklings.data.unit_length import IMAGE, to_full_ink
from inklings.errors import DataError
from inklings.serialise import from_plain

_LEAST_CONTRAST = 1e-30
"""float32 has nothing between 1e-45 and 0."""


@dataclass(frozen=True)
class Interpretation:
    """The meaning of raw pixel arrays, as decided from a data set.

    Parameters
    ----------
    paper, ink : float
        The raw values that become 0 and 1.
    signed_bytes : bool
        Whether values below 0 are bytes of 128 and more, stored with the wrong sign.
    clipped : bool
        Whether values outside of paper to ink were cut off as outliers.
    lowest, highest : float
        The range of raw values that was seen; new values far outside it contradict the decision.
    greyscale : bool
        Whether three channels were mixed into one.
    border : float
        The median of the border pixels once scaled, before any inversion: 0 is black, 1 is white. New images on the
        other side of a half contradict the decision on polarity.
    inverted : bool
        Whether dark and light were swapped, so that ink is 1.
    transposed : bool
        Whether rows and columns were swapped.
    size : (int, int), optional
        Height and width that images were resized to; None for their own.
    flat : bool, optional
        Whether the order of rows and columns was decided for flat rows of pixels, which says nothing about arrays of
        whole images, or the reverse; None if that was not kept.
    planar : bool, optional
        Whether flat rows of three channels hold all red values first, not each pixel's three together; None where
        rows are not so, or it was not kept.
    ten_is_zero : bool
        Whether label 10 was found to stand for the digit 0.
    unit : {"image", "row", "column"}, optional
        What was found to have length 1 throughout (:mod:`inklings.data.unit_length`); images are then divided by their
        largest value.
    colours : (float, float, float), optional
        The mean red, green and blue of images of three channels, scaled.
    typical : tuple of float, optional
        The mean of some of the images, in few pixels: see :mod:`inklings.data.typical`.
    deep : float, optional
        What pictures of more than 8 bits per pixel were divided by when they were read: 1 where all were such; None
        where none was.
    backdrop : {"white", "black"}, optional
        What transparent parts of pictures were laid on; None where there were none.
    pictures : bool, optional
        Whether the source held pictures, whose values are 0 to 1 once they are read, and not arrays; None if that was
        not kept.

    From ``colours`` on, and ``flat``, ``planar`` and ``ten_is_zero``, they are about reading files and labels:
    :meth:`apply` does not need them, and interpretations that turn the same pixels into the same images are equal.
    """

    paper: float = 0.0
    ink: float = 1.0
    signed_bytes: bool = False
    clipped: bool = False
    lowest: float = 0.0
    highest: float = 1.0
    greyscale: bool = False
    border: float = 0.0
    inverted: bool = False
    transposed: bool = False
    size: tuple[int, int] | None = None
    flat: bool | None = field(default=None, compare=False)
    planar: bool | None = field(default=None, compare=False)
    ten_is_zero: bool = field(default=False, compare=False)
    unit: str | None = None
    colours: tuple[float, float, float] | None = field(default=None, compare=False)
    typical: tuple[float, ...] | None = field(default=None, compare=False)
    deep: float | None = field(default=None, compare=False)
    backdrop: str | None = field(default=None, compare=False)
    pictures: bool | None = field(default=None, compare=False)

    @property
    def contrast(self) -> float:
        """The difference between the raw values of paper and ink."""
        return abs(self.ink - self.paper)

    def apply(self, pixels: NDArray[Any]) -> Images:
        """Turn raw pixels into images.

        Parameters
        ----------
        pixels : array of numbers or ImageStack, shape (n, height, width, channels)
            As :func:`inklings.data.axes.split_rows` returns them.

        Returns
        -------
        array of float32, shape (n, height, width, channels); an ImageStack of an ImageStack
            Paper 0 and ink 1, upright.
        """
        # In the order in which inklings.data.decide looked for each: what it saw is the result of the steps before.
        as_scaled = partial(scale, paper=self.paper, ink=self.ink, signed_bytes=self.signed_bytes, clipped=self.clipped)
        images: Images = transform(pixels, as_scaled)
        if self.unit == IMAGE:
            images = transform(images, to_full_ink)
        if self.greyscale:
            images = transform(images, to_greyscale)
        if self.inverted:
            # 1 - x: paper and ink change places.
            images = transform(images, partial(np.subtract, np.float32(1)))
        if self.transposed:
            images = transform(images, _transpose)
        # Last, since resizing is all that depends on neighbouring pixels.
        if self.size is not None and self.size != images.shape[1:3]:
            images = transform(images, partial(resize, size=self.size))
        return images

    def to_plain(self) -> dict[str, Any]:
        """Return the interpretation as plain values, for a run and a model."""
        return {**asdict(self), "size": None if self.size is None else list(self.size)}

    @classmethod
    def from_plain(cls, values: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_plain` returned; a DataError says what is wrong with it."""
        try:
            found = from_plain(cls, values, "it", DataError)
        except DataError as problem:
            raise DataError(f"how pixels were interpreted is missing or invalid ({problem})") from None
        if found.size is not None and not all(1 <= side <= MAX_SIDE for side in found.size):
            raise DataError(f"pixels were resized to {found.size}, expected 1 to {MAX_SIDE} each way", found=found.size)
        if not found.contrast >= _LEAST_CONTRAST:  # what is divided by it would be infinite
            raise DataError(f"paper is {found.paper:g} and ink {found.ink:g}, expected two values", found=found.ink)
        return found


def _transpose(images: Images) -> Images:
    return images.swapaxes(1, 2)
