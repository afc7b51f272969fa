"""Functions of NumPy arrays whose last digit does not depend on the processor, as NumPy's own and the C library's do.

Additions, multiplications and divisions alone, each rounded once, as IEEE 754 has it. The C engine's are in
``engines/native/portable_math.h``.
"""

from __future__ import annotations

from decimal import Decimal
from math import factorial, pi

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# ln 2 in two parts: the first has 32 bits, so that a whole number times it is exact (Cody and Waite, 1980).
_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10


def sin_cos(degrees: Floats) -> tuple[Floats, Floats]:
    """Return sine and cosine of angles, within two units in the last place of 1.

    Examples
    --------
    >>> sine, cosine = sin_cos(np.array([0.0, 30.0, 90.0, -180.0]))
    >>> sine.round(9).tolist()
    [0.0, 0.5, 1.0, -0.0]
    """
    quarters = np.rint(degrees / 90)
    angle = (degrees - 90 * quarters) * (pi / 180)  # up to pi / 4 either way
    # Taylor's series: their next terms are below 1e-18.
    sine, cosine = angle * _series(-angle * angle, range(17, 0, -2)), _series(-angle * angle, range(18, -1, -2))
    # Each quarter turn makes the sine the cosine, and the cosine minus the sine.
    odd, turned = quarters % 2 == 1, quarters % 4
    sine, cosine = np.where(odd, cosine, sine), np.where(odd, sine, cosine)
    return np.where(turned >= 2, -sine, sine), np.where((turned == 1) | (turned == 2), -cosine, cosine)


def power(base: float, exponents: Floats) -> Floats:
    """Return powers of a base above 0.

    Examples
    --------
    >>> power(0.25, np.array([0.0, 0.5, 1.0])).tolist()
    [1.0, 0.5, 0.25]
    """
    # decimal computes logarithms by whole numbers, and rounds them correctly.
    logarithms = float(Decimal(base).ln()) * exponents
    halvings = np.rint(logarithms / (_LN2_HIGH + _LN2_LOW))
    rest = (logarithms - halvings * _LN2_HIGH) - halvings * _LN2_LOW  # up to ln 2 / 2 either way
    powers: Floats = np.ldexp(_series(rest, range(13, -1, -1)), halvings.astype(int))
    return powers


def _series(x: Floats, orders: range) -> Floats:
    """Return the sum of ``x^k / order_k!``, summed by Horner's rule from the highest order down."""
    total = np.zeros_like(x)
    for order in orders:
        total = total * x + 1 / factorial(order)
    return total
