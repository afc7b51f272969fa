"""Pictures as people have them, made of known digits: enlarged, placed, lit, blemished, compressed."""

import io

import numpy as np
from PIL import Image


def enlarge(digit, scale):
    """A digit of shape (28, 28), ink 1, ``scale`` times as large."""
    side = round(28 * scale)
    picture = Image.fromarray(np.ascontiguousarray(digit, np.float32)).resize((side, side), Image.Resampling.BICUBIC)
    return np.clip(np.asarray(picture), 0, 1)


def place(digit, shape, top, left):
    """Ink on a larger field of nothing."""
    field = np.zeros(shape, np.float32)
    field[top : top + digit.shape[0], left : left + digit.shape[1]] = digit
    return field


def to_bytes(brightness):
    return np.round(np.clip(brightness, 0, 1) * 255).astype(np.uint8)


def on_paper(ink, random, *, paper=0.8, pen=0.25, dimmest=0.6, noise=0.02):
    """Brightness of ink on grey paper, with light that falls off to one side and a sensor's noise."""
    down, right = np.meshgrid(*(np.linspace(-0.5, 0.5, length) for length in ink.shape), indexing="ij")
    angle = random.uniform(0, 2 * np.pi)
    light = 1 - (1 - dimmest) * np.clip(0.5 + np.cos(angle) * right + np.sin(angle) * down, 0, 1)
    return light * (paper - (paper - pen) * ink) + random.normal(0, noise, ink.shape)


def as_jpeg(pixels, quality=60):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return file.getvalue()


def as_png(picture):
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def jaggedly_enlarged(mask, factor):
    """Enlarge without a filter: every pixel becomes a square."""
    return np.kron(mask, np.ones((factor, factor), mask.dtype))
