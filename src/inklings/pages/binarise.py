"""Where there is ink on a page, and how much, whatever the paper's colour, the light on it and the noise.

1. The light: a plane through the brightness of the page, most of which is paper.
2. Ink is what strays from that plane to one side, far more than anything strays to the other: darker or lighter.
3. The paper: a morphological closing removes whatever is narrower than a third of the page, ink above all, and keeps
   shadows, which are wider (S. R. Sternberg, *Biomedical image processing*, Computer 16, 1983).
4. Light is multiplied by what ink and paper let back, so dark ink is what is missing of the paper's brightness, as a
   part of it; light ink, on what may be quite black, is what is there beyond it.
5. That, smoothed no more than the noise asks for, over what full ink has of it, is the amount of ink.
6. Connected pieces that are faint at least, and dark in good part, are ink.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inklings.errors import DataError
from inklings.pages.page import Grey

Mask = NDArray[np.bool_]

COARSE = 256
"""Light and paper change slowly: they are looked for on a page of at most so many pixels across."""

WIDEST = 1 / 3
"""A stroke is narrower than this part of the page."""

FAINT, DARK, SHARE = 0.3, 0.5, 0.2
"""A piece of ink has at least the first amount everywhere, and the second in such a share of its pixels; what is left
of a shadow or a fold is faint all over, but for the noise."""

FULL = 85
"""So many percent of the dark ink are at most as dark as what counts as full ink."""

LEAST_CONTRAST = 0.08
"""Ink differs from paper by at least so much: the faintest pencil does, paper's grain does not."""

DARKEST_PAPER = np.float32(0.1)
"""Darker paper counts as this bright: in the deepest shadow there is more noise than ink."""

MOST_NOISE = 0.05
"""Noise above this part of full ink is smoothed down to it."""

EIGHT_NEIGHBOURS = np.ones((3, 3), bool)


@dataclass(frozen=True, eq=False)
class Ink:
    """The ink of a page.

    Parameters
    ----------
    amount : array of float32, shape (height, width)
        From 0 for paper to 1 for full ink, everywhere, noise included.
    mask : array of bool, shape (height, width)
        Where there is ink.
    is_light : bool
        Whether the ink is lighter than the paper.
    """

    amount: Grey
    mask: Mask
    is_light: bool


def find_ink(grey: Grey, source: str = "picture", *, light_ink: bool | None = None) -> Ink:
    """Tell ink from paper.

    Parameters
    ----------
    grey : array of float32, shape (height, width)
        Brightness from 0 for black to 1 for white.
    source : str
        For messages.
    light_ink : bool, optional
        Whether ink is lighter than paper; None finds out.

    Returns
    -------
    Ink

    Raises
    ------
    DataError
        There is no ink.
    """
    from scipy.ndimage import binary_dilation, label

    darkness, is_light = _darkness(grey, light_ink)
    amount = _amount(darkness, source)
    pieces, count = label(amount > FAINT, EIGHT_NEIGHBOURS)
    sizes = np.bincount(pieces.ravel(), minlength=count + 1)
    dark = np.bincount(pieces[amount > DARK], minlength=count + 1)
    mask = ((dark >= SHARE * sizes) & (np.arange(count + 1) > 0))[pieces]
    # The soft edge that a pen's stroke has in a small picture is fainter than ink, and part of it.
    return Ink(np.where(binary_dilation(mask, EIGHT_NEIGHBOURS), amount, 0).astype(np.float32), mask, is_light)


def _darkness(grey: Grey, light_ink: bool | None) -> tuple[Grey, bool]:
    """How much darker than paper each pixel is, as a part of the paper's brightness; or how much lighter."""
    from scipy.ndimage import gaussian_filter, grey_closing

    height, width = grey.shape
    coarse = _resize(grey, *_coarse_shape(height, width))
    light = _light(coarse)
    is_light = _strays_upwards(coarse - light) if light_ink is None else light_ink
    sign = np.float32(-1 if is_light else 1)
    window = max(3, round(WIDEST * np.sqrt(coarse.size)) | 1)
    # Without the light's slope, the closing is right up to the edges.
    paper = grey_closing(sign * (coarse - light), size=(window, window), mode="reflect")
    paper = sign * _resize(gaussian_filter(paper, window / 32, mode="nearest") + sign * light, height, width)
    if is_light:
        return grey - paper, is_light
    return (paper - grey) / np.maximum(paper, DARKEST_PAPER), is_light


def _coarse_shape(height: int, width: int) -> tuple[int, int]:
    factor = min(1.0, COARSE / max(height, width))
    return max(3, round(height * factor)), max(3, round(width * factor))


def _light(grey: Grey) -> Grey:
    """A plane through the brightness, in which ink, fingers and table edges count for little."""
    height, width = grey.shape
    y, x = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    terms = np.stack([np.ones_like(x), x, y], axis=-1)
    step = max(1, max(grey.shape) // 64)
    known, values = (array[::step, ::step].reshape(-1, *array.shape[2:]) for array in (terms, grey.astype(np.float64)))
    plane = np.array([np.median(values), 0, 0])
    for _ in range(8):
        stray = values - known @ plane
        # Cauchy's weights, whose square root least squares wants.
        weights = 1 / np.sqrt(1 + (stray / (2 * _spread(stray) + 2e-3)) ** 2)
        plane = np.linalg.lstsq(known * weights[:, None], values * weights, rcond=None)[0]
    light: Grey = (terms @ plane).astype(np.float32)
    return light


def _strays_upwards(stray: Grey) -> bool:
    """Whether the values far from 0 are above it: ink strays from paper to one side only."""
    cubes = float((stray**3).mean())
    if abs(cubes) >= float((stray**2).mean()) ** 1.5:
        return cubes > 0
    # Cut out so closely that ink is nearly half of it: ink is then what there is less of.
    return float(((stray - stray.mean()) ** 3).mean()) > 0


def _amount(darkness: Grey, source: str) -> Grey:
    """Ink from 0 to 1, smoothed if the page is noisy."""
    from scipy.ndimage import gaussian_filter

    # Neighbours on paper differ by noise alone, times the square root of 2. Of a normal distribution, a quarter is
    # within 0.3186 standard deviations; more than a quarter of any page is paper.
    steps = np.abs(np.diff(darkness, axis=1))
    noise = float(np.percentile(steps, 25)) / (0.3186 * np.sqrt(2))
    level, full = _levels(darkness, source)
    if noise > MOST_NOISE * full:
        # A Gaussian of standard deviation s divides white noise by 2 sqrt(pi) s.
        deviation = noise / (2 * np.sqrt(np.pi) * MOST_NOISE * full)
        darkness = gaussian_filter(darkness, min(deviation, 3.0))
        level, full = _levels(darkness, source)
    amount: Grey = np.clip((darkness - level) / full, 0, 1).astype(np.float32)
    return amount


def _levels(darkness: Grey, source: str) -> tuple[float, float]:
    """How dark paper is, and how much darker full ink."""
    # Paper's mean and spread, from quantiles below any ink, again of a normal distribution.
    low, quarter = np.percentile(darkness, (5, 25))
    noise = (quarter - low) / (1.6449 - 0.6745)
    level = float(quarter + 0.6745 * noise)
    candidates = darkness[darkness - level > max(3 * noise, LEAST_CONTRAST)]
    if not len(candidates):
        raise DataError(
            f"{source}: no ink found, expected something written, darker or lighter than the paper",
            "use a darker pen or more light, or cut the picture to what is written",
        )
    dark = candidates[candidates >= _otsu(candidates)]
    return level, float(np.percentile(dark, FULL)) - level


def _otsu(values: Grey) -> float:
    """The threshold between two groups that are furthest apart (N. Otsu, IEEE SMC 9, 1979)."""
    low, high = float(values.min()), float(values.max())
    if high - low < 1e-3:
        return low
    counts, edges = np.histogram(values, 256, (low, high))
    middles = (edges[1:] + edges[:-1]) / 2
    below, sums = np.cumsum(counts)[:-1], np.cumsum(counts * middles)
    between = (sums[-1] * below / counts.sum() - sums[:-1]) ** 2 / (below * (counts.sum() - below))
    return float(edges[1:-1][np.argmax(between)])


def _spread(values: NDArray[np.float64]) -> float:
    """The standard deviation, by the median of distances from 0."""
    return 1.4826 * float(np.median(np.abs(values)))


def _resize(values: Grey, height: int, width: int) -> Grey:
    """Average blocks of pixels on the way down, interpolate on the way up."""
    from PIL import Image

    if values.shape == (height, width):
        return values
    down = height < values.shape[0]
    way = Image.Resampling.BOX if down else Image.Resampling.BILINEAR
    return np.asarray(Image.fromarray(values.astype(np.float32, copy=False)).resize((width, height), way), np.float32)
