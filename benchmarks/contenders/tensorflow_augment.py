"""The race's augmentation in TensorFlow: on a whole batch, within the compiled step.

Keras' own random layers have no elastic distortion, and take affine changes alone as long as this takes all.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import pi

import tensorflow as tf
from distortion import spline_basis


class Distort:
    """Turn, scale, slant, shift and bend images (n, height, width, channels), and change their strokes."""

    def __init__(self, size: tuple[int, int], settings: Mapping[str, float]) -> None:
        self.size, self.settings = size, settings
        self.rows, self.columns = (tf.constant(spline_basis(length)) for length in size)
        places = tf.meshgrid(*(tf.range(length, dtype=tf.float32) for length in size), indexing="ij")
        self.centre = tf.constant([(length - 1) / 2 for length in size])
        self.places = tf.stack(places, axis=-1) - self.centre

    def __call__(self, images: tf.Tensor) -> tf.Tensor:
        """Return changed images."""
        count, s = tf.shape(images)[0], self.settings
        draws = tf.random.uniform((count, 6), -1, 1)
        angles, factors = s["rotate"] * draws[:, 0] * pi / 180, 1 + s["scale"] * draws[:, 1]
        cosine, sine = tf.cos(angles) / factors, tf.sin(angles) / factors
        slant = tf.tan(s["shear"] * draws[:, 2] * pi / 180)
        # (y, x): the inverse of turning, scaling and slanting.
        values = tf.stack([cosine, sine, slant * cosine - sine, cosine + slant * sine], axis=1)
        matrices = tf.reshape(values, (-1, 1, 2, 2))
        controls = s["elastic"] * tf.random.normal((count, self.rows.shape[1], self.columns.shape[1], 2))
        field = tf.einsum("ya,nabi->nybi", self.rows, controls)
        field = tf.einsum("xb,nybi->nyxi", self.columns, field)
        from_centre = self.places - s["shift"] * draws[:, None, None, 3:5]
        places = tf.linalg.matvec(matrices[:, None], from_centre) + field + self.centre
        changed = self._sample(images, places)
        share = s["stroke"] * draws[:, 5][:, None, None, None]
        thicker = tf.nn.max_pool2d(changed, 3, 1, "SAME")
        thinner = -tf.nn.max_pool2d(-changed, 3, 1, "SAME")
        return changed + tf.abs(share) * (tf.where(share > 0, thicker, thinner) - changed)

    def _sample(self, images: tf.Tensor, places: tf.Tensor) -> tf.Tensor:
        """Interpolate linearly; a border of zeros, to which all that lies outside is moved, stands for paper."""
        height, width = self.size
        channels = images.shape[-1]
        pixels = tf.reshape(
            tf.pad(images, [[0, 0], [1, 1], [1, 1], [0, 0]]), (-1, (height + 2) * (width + 2), channels)
        )
        most = tf.constant([height + 1.0, width + 1.0])
        places = tf.clip_by_value(places + 1, 0.0, most)
        corner = tf.minimum(tf.floor(places), most - 1)
        down, right = tf.split(places - corner, 2, axis=-1)
        first = tf.cast(corner[..., 0] * (width + 2) + corner[..., 1], tf.int32)
        top_left, top_right, bottom_left, bottom_right = (
            tf.gather(pixels, first + step, batch_dims=1) for step in (0, 1, width + 2, width + 3)
        )
        top = top_left + right * (top_right - top_left)
        bottom = bottom_left + right * (bottom_right - bottom_left)
        return top + down * (bottom - top)
