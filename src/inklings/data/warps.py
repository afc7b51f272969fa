"""What augmentation does to each image, drawn beforehand; and how it is done, plainly, by SciPy.

The native engine does the same in C while it gathers a batch; this is what it is tested against.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from inklings.data.lazy_images import Images
from inklings.errors import DataError

Floats = NDArray[np.float32]

CELLS = 4
"""The elastic field bends over a quarter of an image's side: a stroke moves as a whole, its two ends apart."""
CONTROLS = CELLS + 3
"""Control points along each side: a cubic B-spline needs one before the first cell and two behind the last."""
# The coordinates that pixels are sampled at take ten times the images' memory, so a large batch is done in parts.
_WARPED_AT_ONCE = 1000


@dataclass(frozen=True, eq=False)
class Warps:
    """A change for each of n images: where pixels are sampled from, how thick strokes become, what is erased.

    A pixel at ``p``, counted from the image's centre, is sampled at ``matrix @ (p - shift) + field(p)``, with linear
    interpolation; outside the image is paper (0).

    Parameters
    ----------
    matrices : array of float32, shape (n, 2, 2)
        From a place in the new image to one in the old, rows first.
    shifts : array of float32, shape (n, 2)
        Pixels down and to the right.
    fields : array of float32, shape (n, CONTROLS, CONTROLS, 2), optional
        Control points, in pixels, of a cubic B-spline over the image: a smooth random displacement.
    strokes : array of float32, shape (n,), optional
        From -1 to 1: how far each pixel goes towards the largest (above 0) or the smallest (below) of its 3 x 3
        neighbourhood, which makes strokes thicker or thinner.
    erased : array of int32, shape (n, 4), optional
        Top, left, bottom and right of a part that becomes paper.
    """

    matrices: Floats
    shifts: Floats
    fields: Floats | None = None
    strokes: Floats | None = None
    erased: NDArray[np.int32] | None = None

    def __len__(self) -> int:
        return len(self.matrices)

    def check(self, shape: tuple[int, ...]) -> None:
        """Refuse changes that are not those of images of this shape, (n, height, width, channels).

        Raises
        ------
        DataError
        """
        count, (height, width) = shape[0], shape[1:3]
        wanted = ((2, 2), (2,), (CONTROLS, CONTROLS, 2), (), (4,))
        for field, inner in zip(fields(self), wanted, strict=True):
            array = getattr(self, field.name)
            if array is not None and array.shape != (count, *inner):
                raise DataError(f"warps' {field.name} have shape {array.shape}, expected {(count, *inner)}")
        if self.erased is not None and len(self.erased):
            top, left, bottom, right = self.erased.T
            if (
                not ((top >= 0) & (top <= bottom) & (bottom <= height)).all()
                or not ((left >= 0) & (left <= right) & (right <= width)).all()
            ):
                raise DataError(f"a part to erase reaches beyond images of {height} x {width} pixels")

    def take(self, rows: NDArray[np.int64]) -> Warps:
        """Return the changes of some images, in the order of ``rows``."""
        # None stays None: what is not changed for all is not changed for some.
        arrays = (getattr(self, field.name) for field in fields(self))
        return Warps(*(None if array is None else array[rows] for array in arrays))  # type: ignore[arg-type]

    def apply(self, images: Images) -> Floats:
        """Change images, shape (n, height, width, channels); return new ones in float32."""
        changed = np.empty(images.shape, np.float32)
        for start in range(0, len(images), _WARPED_AT_ONCE):
            rows = np.arange(start, min(start + _WARPED_AT_ONCE, len(images)))
            changed[rows] = self.take(rows)._apply_at_once(images[rows])
        return changed

    def _apply_at_once(self, images: Images) -> Floats:
        changed = _sample(images, self._coordinates(images.shape[1:3]))
        if self.strokes is not None:
            changed = _change_strokes(changed, self.strokes)
        for image, (top, left, bottom, right) in zip(changed, () if self.erased is None else self.erased, strict=False):
            image[top:bottom, left:right] = 0
        return changed

    def _coordinates(self, size: tuple[int, ...]) -> NDArray[np.float64]:
        """Return where each pixel is sampled, shape (n, height, width, 2)."""
        # Between the two middle pixels of an even side.
        centre = (np.array(size) - 1) / 2
        # (height, width, 2)
        places = np.stack(np.meshgrid(*(np.arange(length) for length in size), indexing="ij"), axis=-1) - centre
        from_centre = places - self.shifts[:, None, None, :]
        # Each image's own matrix on each place: (n, 2, 2) by (n, height, width, 2).
        found: NDArray[np.float64] = np.einsum("nij,nyxj->nyxi", self.matrices, from_centre) + centre
        if self.fields is not None:
            rows, columns = (spline_basis(length) for length in size)
            # Tensor product of splines: rows, then columns, for both directions of the displacement.
            found += np.einsum("ya,nabi,xb->nyxi", rows, self.fields, columns, optimize=True)
        return found


@lru_cache(16)
def spline_basis(length: int) -> Floats:
    """Return the cubic B-splines' values at each pixel of a side, shape (length, CONTROLS); each row adds up to 1.

    Source: P. Eilers and B. Marx, Flexible smoothing with B-splines and penalties, Statistical Science 11 (1996)
    89-121.
    """
    from scipy.interpolate import BSpline

    # Uniform knots, three more at either end: CONTROLS splines of degree 3 over CELLS cells.
    knots = np.arange(-3, CELLS + 4, dtype=np.float64)
    # Half a pixel from each end, so that both sides of an image are alike.
    places = (np.arange(length) + 0.5) / length * CELLS
    basis: Floats = BSpline.design_matrix(places, knots, 3).toarray().astype(np.float32)
    basis.setflags(write=False)
    return basis


def _sample(images: Images, coordinates: NDArray[np.float64]) -> Floats:
    from scipy.ndimage import map_coordinates

    # The image's number is a third coordinate, and an integer, so one call samples all without mixing neighbours.
    numbers = np.broadcast_to(np.arange(len(images))[:, None, None], coordinates.shape[:3])
    places = np.stack([numbers, coordinates[..., 0], coordinates[..., 1]])
    channels = [
        # "grid-constant" blends an edge pixel with the paper beyond it; "constant" would cut it off.
        map_coordinates(images[..., channel], places, np.float32, order=1, mode="grid-constant", cval=0.0)
        for channel in range(images.shape[3])
    ]
    return np.stack(channels, axis=-1)


def _change_strokes(images: Floats, strokes: Floats) -> Floats:
    from scipy.ndimage import maximum_filter, minimum_filter

    around = (1, 3, 3, 1)
    # "nearest": paper assumed beyond the edge would thin a stroke that the edge cuts.
    largest, smallest = (filtered(images, around, mode="nearest") for filtered in (maximum_filter, minimum_filter))
    share = strokes[:, None, None, None]
    changed: Floats = images + np.abs(share) * (np.where(share > 0, largest, smallest) - images)
    return changed
