"""The bundled handwritten digits: the first 500 images of each class of MNIST's training file."""

from __future__ import annotations

from importlib.resources import files

import numpy as np

from inklings.data.dataset import Dataset
from inklings.data.resizing import resize

NAMES = ("digits", "digits28")


def load_digits(name: str = "digits", *, size: tuple[int, int] | None = None) -> Dataset:
    """Load the 5,000 bundled digits, in the order of MNIST's file (not sorted by class).

    Parameters
    ----------
    name : {"digits", "digits28"}
        ``digits`` is 20 x 20: each 28 x 28 image resized whole by a bicubic filter, as was the course file that the
        first experiments used; values run from about -0.13 to 1.13. ``digits28`` is the original, 0 to 1.
    size : (int, int), optional
        Another height and width, resized from the original 28 x 28.

    Returns
    -------
    Dataset
        5,000 images, 500 of each class.
    """
    # An npz of this package's own, read with NumPy's pickles off, which is the default.
    with (files("inklings.data") / "bundled" / "digits.npz").open("rb") as file, np.load(file) as arrays:
        pixels, labels = arrays["images"], arrays["labels"]
    # Exact: every byte divided by 255 is its own float32.
    images = pixels[..., None].astype(np.float32) / np.float32(255)
    notes = ["the first 500 images of each class of MNIST's training file"]
    size = size or ((20, 20) if name == "digits" else (28, 28))
    if size != (28, 28):
        # From the original, never from 20 x 20: resizing twice would blur.
        images = resize(images, size)
        notes.append("resized whole from 28 x 28 by a bicubic filter, which overshoots 0 to 1 a little")
    return Dataset(images, labels, tuple("0123456789"), source=name, notes=notes)
