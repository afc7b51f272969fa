"""Separating ink from paper on a page, whatever the paper's colour, the lighting and the noise.

1. Illumination: a plane is fitted through the brightness of the page, most of which is paper.
2. Polarity: ink deviates from that plane to one side, far more than anything deviates to the other; it is darker than
   paper or lighter.
3. Paper: a morphological closing removes whatever is narrower than a third of the page, ink above all, and keeps
   shadows, which are wider (S. R. Sternberg, *Biomedical image processing*, Computer 16, 1983).
4. Brightness is illumination times reflectance, so dark ink is measured as the missing part of the paper's brightness;
   light ink, on what may be quite black, as the brightness beyond it.
5. That, smoothed no more than the noise requires, divided by its value at full ink, is the amount of ink.
6. Lines of the paper's own (:mod:`inklings.pages.paper_lines`) are taken off.
7. Hysteresis: connected components of faint ink are kept if a good part of them is dark.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inklings.errors import DataError
from inklings.pages.boxes import Boxes
from inklings.pages.line_removal import take_off
from inklings.pages.page_image import EIGHT_NEIGHBOURS, Grey, Mask
from inklings.pages.paper_line import PaperLine
from inklings.pages.paper_lines import find_paper_lines

COARSE_SIDE = 256
"""Illumination and paper vary slowly: they are estimated on a copy of at most this many pixels across."""

MAX_STROKE = 1 / 3
"""The widest stroke, as a fraction of the page."""

FAINT, DARK, DARK_SHARE = 0.3, 0.5, 0.2
"""A component of ink has at least the first amount everywhere, and the second in at least this share of its pixels.
What remains of a shadow or a fold is faint all over, but for the noise."""

LINE = 0.15
"""A line of the paper may be fainter than ink; noise, at most 0.05, is fainter still."""

MIN_WRITING = 0.004
"""Less than this fraction of the page is not strengthened: it may be a rest of the lines."""

FULL_INK_PERCENTILE = 85
"""Of the dark ink's pixels. The darkest would make full ink a matter of noise, the median one of stroke edges."""

MIN_CONTRAST = 0.08
"""The faintest pencil differs from paper by more; the grain of paper by less."""

MIN_PAPER = np.float32(0.1)
"""Darker paper counts as this bright: in the deepest shadow there is more noise than ink."""

MAX_NOISE = 0.05
"""Noise above this fraction of full ink is smoothed down to it."""


@dataclass(frozen=True, eq=False)
class Ink:
    """The ink of a page.

    Parameters
    ----------
    amount : array of float32, shape (height, width)
        From 0 for paper to 1 for full ink; 0 away from the mask.
    mask : array of bool, shape (height, width)
        Where there is ink.
    is_light : bool
        Whether the ink is lighter than the paper.
    ruling : tuple of PaperLine
        The paper's own lines: frames, grids, ruled and squared paper.
    lines : array of float32, shape (height, width), optional
        Their ink, which was taken off; None if there are none.
    """

    amount: Grey
    mask: Mask
    is_light: bool
    ruling: tuple[PaperLine, ...] = ()
    lines: Grey | None = None


def find_ink(grey: Grey, *, light_ink: bool | None = None, keep_lines: bool = False) -> Ink:
    """Separate ink from paper.

    Parameters
    ----------
    grey : array of float32, shape (height, width)
        Brightness from 0 for black to 1 for white.
    light_ink : bool, optional
        Whether ink is lighter than paper; None detects it.
    keep_lines : bool
        Whether to look for no lines of the paper.

    Returns
    -------
    Ink

    Raises
    ------
    DataError
        There is no ink.
    """
    from scipy.ndimage import binary_dilation, label

    contrast, is_light = _contrast(grey, light_ink)
    amount = _amount(contrast)
    ruling = () if keep_lines else _find_ruling(amount)
    lines = None
    if ruling:
        amount, lines = take_off(amount, ruling, LINE)
        amount = _strengthened(amount)
    components, count = label(amount > FAINT, EIGHT_NEIGHBOURS)
    sizes = np.bincount(components.ravel(), minlength=count + 1)  # ink pixels of each component, (count + 1,)
    dark = np.bincount(components[amount > DARK], minlength=count + 1)
    # Component 0 is the paper.
    # A table look-up: each pixel gets the answer of its component.
    mask = ((dark >= DARK_SHARE * sizes) & (np.arange(count + 1) > 0))[components]
    if lines is not None and not mask.any():
        raise DataError("nothing is written between the lines of the paper, expected a character")
    # In a small picture, the soft edge of a stroke is fainter than the threshold, and part of the stroke.
    return Ink(
        np.where(binary_dilation(mask, EIGHT_NEIGHBOURS), amount, 0).astype(np.float32), mask, is_light, ruling, lines
    )


def _strengthened(amount: Grey) -> Grey:
    """Return ink in proportion to the writing's, where the lines were much darker than it."""
    left = amount[amount > LINE]
    if left.size < MIN_WRITING * amount.size:
        return amount
    full = float(np.percentile(left, FULL_INK_PERCENTILE))
    # From DARK on, writing is kept as it is.
    return np.minimum(amount / np.float32(full), 1) if FAINT - 0.05 < full < DARK else amount


def _find_ruling(amount: Grey) -> tuple[PaperLine, ...]:
    """Find the paper's lines, if there are any."""
    from scipy.ndimage import find_objects, label

    components, _ = label(amount > FAINT, EIGHT_NEIGHBOURS)
    boxes = Boxes.of_slices(find_objects(components))
    weights = np.bincount(components.ravel(), amount.ravel(), len(boxes) + 1)[1:]  # ink of each component, (count,)
    order = np.argsort(boxes.longer_sides)
    total = np.cumsum(weights[order])
    if not len(boxes):
        return ()
    # The median weighted by ink: specks, though many, have little.
    typical = float(boxes.longer_sides[order[np.searchsorted(total, total[-1] / 2)]])
    # With the fainter threshold: a line's ends and its soft edge belong to it.
    return find_paper_lines(amount, LINE, typical)


def _contrast(grey: Grey, light_ink: bool | None) -> tuple[Grey, bool]:
    """Return how much darker than paper each pixel is, as a fraction of the paper's brightness; or how much lighter."""
    from scipy.ndimage import gaussian_filter, grey_closing

    height, width = grey.shape
    coarse = _resize(grey, *_coarse_shape(height, width))
    plane = _fit_illumination(coarse)
    is_light = _is_skewed_upwards(coarse - plane) if light_ink is None else light_ink
    # Light ink becomes dark by the sign, so that one closing serves both polarities.
    sign = np.float32(-1 if is_light else 1)
    # The square root of all pixels: a side of a square page as large.
    # Odd, so that the window has a middle.
    window = max(3, round(MAX_STROKE * np.sqrt(coarse.size)) | 1)
    # Mirrored at the edges, the slope of the illumination would have a kink there; without it, the closing holds up to
    # the edges.
    paper = grey_closing(sign * (coarse - plane), size=(window, window), mode="reflect")
    # Smoothed by a small part of the window, since a closing leaves flat steps; then back up with the plane.
    paper = sign * _resize(gaussian_filter(paper, window / 32, mode="nearest") + sign * plane, height, width)
    if is_light:
        return grey - paper, is_light
    # A fraction of the paper's brightness: the same pencil is as dark in the shadow as beside it.
    return (paper - grey) / np.maximum(paper, MIN_PAPER), is_light


def _coarse_shape(height: int, width: int) -> tuple[int, int]:
    factor = min(1.0, COARSE_SIDE / max(height, width))
    return max(3, round(height * factor)), max(3, round(width * factor))


def _fit_illumination(grey: Grey) -> Grey:
    """Fit a plane through the brightness by iteratively reweighted least squares, robust to ink, fingers and tables."""
    height, width = grey.shape
    # Both from -1 to 1, whatever the page's size, so that the three coefficients have one scale.
    y, x = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    terms = np.stack([np.ones_like(x), x, y], axis=-1)
    # Some 64 x 64 points determine three coefficients well enough.
    step = max(1, max(grey.shape) // 64)
    known, values = (array[::step, ::step].reshape(-1, *array.shape[2:]) for array in (terms, grey.astype(np.float64)))
    # Begins level at the median, which ink of less than half the page does not move.
    plane = np.array([np.median(values), 0, 0])
    for _ in range(8):
        residuals = values - known @ plane  # (points,)
        # Cauchy weights, 1 / (1 + (r/c)^2). The constant keeps c above 0 on a page without any noise.
        # Twice the robust deviation is where a point's weight is half.
        weighted = known / (1 + (residuals / (2 * _robust_deviation(residuals) + 2e-3)) ** 2)[:, None]
        # The normal equations, 3 x 3, halve the time of the fit, and are well conditioned since x and y run from -1 to
        # 1. lstsq, unlike solve, also takes a strip so low that all points have the same y.
        plane = np.linalg.lstsq(weighted.T @ known, weighted.T @ values, rcond=None)[0]
    illumination: Grey = (terms @ plane).astype(np.float32)
    return illumination


def _is_skewed_upwards(deviation: Grey) -> bool:
    """Whether the values far from 0 are above it: ink deviates from paper to one side only."""
    # The third moment: far values on one side outweigh many small ones on the other.
    squares = deviation * deviation
    cubes = float((squares * deviation).mean())
    if abs(cubes) >= float(squares.mean()) ** 1.5:
        return cubes > 0
    # In a closely cropped picture, ink is nearly half of it and the plane lies between ink and paper. Ink is then the
    # rarer of the two, to which the skewness about the mean points.
    return float(((deviation - deviation.mean()) ** 3).mean()) > 0


def _amount(contrast: Grey) -> Grey:
    """Return the amount of ink from 0 to 1, smoothed if the page is noisy."""
    from scipy.ndimage import gaussian_filter

    # Neighbours on paper differ by noise alone, times the square root of 2. A quarter of a normal distribution lies
    # within 0.3186 standard deviations of its mean, and more than a quarter of any page is paper.
    steps = np.abs(np.diff(contrast, axis=1))
    # 0.3186 is the 62.5 % quantile: a quarter of a normal distribution's absolute values lie below it.
    noise = float(np.percentile(steps, 25)) / (0.3186 * np.sqrt(2))
    paper, full = _levels(contrast)
    if noise > MAX_NOISE * full:
        # A Gaussian filter of standard deviation s divides white noise by 2 sqrt(pi) s. Beyond 3 pixels it would merge
        # strokes.
        # What is left of the noise is then MAX_NOISE of full ink.
        deviation = noise / (2 * np.sqrt(np.pi) * MAX_NOISE * full)
        contrast = gaussian_filter(contrast, min(deviation, 3.0))
        # Smoothing takes peaks down: levels are measured again.
        paper, full = _levels(contrast)
    amount: Grey = np.clip((contrast - paper) / full, 0, 1).astype(np.float32)
    return amount


def _levels(contrast: Grey) -> tuple[float, float]:
    """Return the contrast of paper, and how much higher that of full ink is."""
    # Paper's mean and deviation from two quantiles that lie below any ink: the 5 % and 25 % quantiles of a normal
    # distribution are 1.6449 and 0.6745 standard deviations below its mean.
    low, quarter = np.percentile(contrast, (5, 25))
    noise = (quarter - low) / (1.6449 - 0.6745)
    paper = float(quarter + 0.6745 * noise)
    # Ink is above the noise by three deviations, and by the least contrast in any case.
    candidates = contrast[contrast - paper > max(3 * noise, MIN_CONTRAST)]
    if not len(candidates):
        raise DataError(
            "no ink found, expected something written, darker or lighter than the paper",
            "use a darker pen or more light, or crop the picture to what is written",
        )
    # Soft edges fall below Otsu's threshold; full ink is measured on what is above.
    dark = candidates[candidates >= _otsu_threshold(candidates)]
    return paper, float(np.percentile(dark, FULL_INK_PERCENTILE)) - paper


def _otsu_threshold(values: Grey) -> float:
    """Return the threshold that maximises the variance between the two groups (N. Otsu, IEEE SMC 9, 1979)."""
    low, high = float(values.min()), float(values.max())
    if high - low < 1e-3:
        return low
    counts, edges = np.histogram(values, 256, (low, high))
    middles = (edges[1:] + edges[:-1]) / 2
    below, sums = np.cumsum(counts)[:-1], np.cumsum(counts * middles)
    # Neither group is empty: the first and the last bin hold the extremes.
    # Otsu's criterion, of each of the 255 thresholds: (mean w - m)^2 / (w (1 - w)), times a constant.
    between = (sums[-1] * below / counts.sum() - sums[:-1]) ** 2 / (below * (counts.sum() - below))
    return float(edges[1:-1][np.argmax(between)])


def _robust_deviation(values: NDArray[np.float64]) -> float:
    """Return the standard deviation, estimated from the median absolute value."""
    # The median of |x| is 0.6745 standard deviations of a normal distribution, and 1 / 0.6745 is 1.4826.
    return 1.4826 * float(np.median(np.abs(values)))


def _resize(values: Grey, height: int, width: int) -> Grey:
    """Average blocks of pixels when reducing, interpolate linearly when enlarging."""
    from PIL import Image

    if values.shape == (height, width):
        return values
    # BOX averages, and so takes noise down with the resolution.
    reducing = height < values.shape[0]
    method = Image.Resampling.BOX if reducing else Image.Resampling.BILINEAR
    picture = Image.fromarray(values.astype(np.float32, copy=False))
    return np.asarray(picture.resize((width, height), method), np.float32)
