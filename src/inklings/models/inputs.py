"""From whatever a model is asked about to the arrays that its network reads."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inklings.data.checks import check_unmasked
from inklings.data.dataset import Dataset
from inklings.data.interpretation import Interpretation
from inklings.data.lazy_images import Images, spread_rows, take_rows
from inklings.data.pixels import border_pixels
from inklings.data.raw import RawArrays
from inklings.data.value_range import BELOW_PAPER
from inklings.errors import DataError, DataWarning
from inklings.models.arrangement import Shape
from inklings.models.contradictions import SEVERAL, contradicts_border
from inklings.models.raw_images import SAMPLE, apply_again


class Inputs:
    """Turns images into a network's input: raw ones as the training images were, prepared ones as they are.

    Parameters
    ----------
    shape : (int, int, int)
        Height, width and channels of the network's input.
    decided : Interpretation or None
        How the training images came from raw pixels; None if that is not known.
    """

    def __init__(self, shape: Shape, decided: Interpretation | None) -> None:
        self._shape, self._decided = shape, decided
        known = decided or Interpretation()
        # Where training took pixels as they are, an image of the right kind goes through unchanged and at once.
        # What differs between data sets, but changes no pixel, is left out of the comparison.
        as_it_is = replace(known, lowest=0.0, highest=1.0, border=0.0, size=None) == Interpretation()
        self._unchanged = as_it_is and known.size in (None, shape[:2]) and shape[2] == 1 and known.border < 0.3

    def read(self, images: ArrayLike | Dataset, *, prepared: bool | None, as_found: bool) -> Images:
        """Return images as the network reads them, shape (n, height, width, channels).

        Warns
        -----
        DataWarning
            The images contradict what was decided of the training images.
        """
        if isinstance(images, Dataset):
            return self._of_dataset(images)
        # Taken at its word: what a caller has prepared is checked for its shape and for NaN alone.
        if prepared:
            return self.shaped(images)
        array = _as_array(images)
        # A single image is often asked about, thousands of times a second.
        if self._unchanged and not as_found and array.ndim == 4 and len(array) == 1 and self._is_plain(array):
            return array
        raw = RawArrays(array, None, "images")
        applied = apply_again(raw, self._decided, self._shape, as_found=as_found)
        # 4: the line that called Model.predict and the like, through _read and this method.
        for note in applied.notes:
            warnings.warn(f"images: {note}", DataWarning, stacklevel=5)
        return np.ascontiguousarray(applied.images, np.float32)

    def shaped(self, images: ArrayLike) -> NDArray[np.float32]:
        """Bring prepared images into the shape (n, height, width, channels), or refuse them."""
        pixels, shape = _as_array(images), self._shape
        if pixels.dtype.kind not in "biuf":
            raise DataError(f"images are of type {pixels.dtype}, expected numbers", found=str(pixels.dtype))
        pixels = pixels.astype(np.float32, copy=False)
        # Whole images, flat rows, or images without the axis of one channel.
        if pixels.shape[1:] not in (shape, (shape[0] * shape[1] * shape[2],)) and (*pixels.shape[1:], 1) != shape:
            raise DataError(f"images have shape {pixels.shape}, expected (n, {shape[0]}, {shape[1]}, {shape[2]})")
        if not len(pixels):
            raise DataError("no images, expected at least one")
        if not np.isfinite(pixels).all():
            raise DataError("the images hold NaN or infinity, expected numbers")
        return pixels.reshape(-1, *shape)

    # What fails here is not refused but looked at in full, which takes a hundred times as long.
    def _is_plain(self, image: NDArray[np.float32]) -> bool:
        """Whether one image is clearly of the kind that training used as it was: its values, and two dark corners."""
        if image.dtype != np.float32 or image.shape[1:] != self._shape:
            return False
        # An image that is nearly blank, or too bright, is looked at in full as well.
        low, high = image.min(), image.max()  # NaN fails every comparison
        first, last = image[0, 0, 0, 0], image[0, -1, -1, 0]
        dark = BELOW_PAPER <= first <= 0.5 and BELOW_PAPER <= last <= 0.5
        return bool(low >= -0.2 and 0.15 <= high <= 1.2 and dark)

    def _of_dataset(self, dataset: Dataset) -> Images:
        """Return a data set's images, which are prepared; by what was decided of them, not of the training images."""
        if self._decided is not None and self._shape[2] == 1 and dataset.image_shape == self._shape:
            before = self._decided
            # The border that is kept is from before inversion, and a data set's images are inverted already.
            dark = 1 - before.border if before.inverted else before.border
            rows = spread_rows(len(dataset), SAMPLE)
            border = border_pixels(take_rows(dataset.images, rows)[:])
            if contradicts_border(dark, border, max(SEVERAL, len(dataset))):
                found, expected = ("light", "dark") if dark < 0.5 else ("dark", "light")
                warnings.warn(
                    f"{dataset.source}: the border of these images is {found}, where that of the training images is "
                    f"{expected}; they were used as they are (open them with invert=True or False to change it)",
                    DataWarning,
                    stacklevel=6,  # one call further in than `read`
                )
        return self.shaped(dataset.images)


def _as_array(images: ArrayLike) -> NDArray[Any]:
    """Return images as an array, or refuse what is none, such as a list of images of several sizes."""
    if isinstance(images, str | Path):
        hint = "model.predict_file(path) classifies a file of data, inklings.models.read_picture(model, path) a picture"
        raise DataError(f"found '{images}', expected pixels", hint, found=str(images))
    check_unmasked(images)
    try:
        return np.asarray(images)
    except (ValueError, TypeError):
        problem = f"images are a {type(images).__name__} that cannot become an array of numbers"
        hint = "images of several sizes are resized to one first; files are opened by open_dataset"
        raise DataError(problem, hint) from None
