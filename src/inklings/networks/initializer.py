"""The distributions that initial weights are drawn from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite, prod, sqrt

import numpy as np
from numpy.typing import NDArray

from inklings.arguments import refuses_unknown
from inklings.errors import NetworkError
from inklings.serialise import did_you_mean

Shape = tuple[int, ...]
Array = NDArray[np.float64]
Draw = Callable[[np.random.Generator, Shape, float], Array]

_DRAWS_OF_TRUNCATED_NORMAL = 64
BY_FANS = ("glorot_uniform", "he_normal")
"""Distributions that go by how many inputs and outputs a layer has, which a vector of biases does not say."""


@refuses_unknown(NetworkError)
@dataclass(frozen=True)
class Initializer:
    """A distribution of initial values.

    Parameters
    ----------
    distribution : str
        ``zeros``, ``constant`` (all equal to ``scale``), ``uniform`` (between -scale and scale),
        ``truncated_normal`` (standard deviation ``scale``, redrawn beyond two of them),
        ``glorot_uniform`` (between plus and minus ``scale * sqrt(6 / (fan_in + fan_out))``; Glorot and
        Bengio, 2010, equation 16) or ``he_normal`` (standard deviation ``scale * sqrt(2 / fan_in)``; He and
        others, 2015, equation 10). The last two are for weights alone.
    scale : float
        As above.

    Raises
    ------
    NetworkError
        There is no such distribution, or the scale is NaN or infinite.

    Examples
    --------
    >>> from inklings import Dense, Initializer
    >>> Dense(25, "sigmoid", weights=Initializer("uniform", 0.12), biases=Initializer("zeros")).weights.scale
    0.12
    """

    distribution: str
    scale: float = 1.0

    def __post_init__(self) -> None:
        if self.distribution not in DISTRIBUTIONS:
            raise NetworkError(
                f"unknown distribution '{self.distribution}' of initial values",
                did_you_mean(self.distribution, DISTRIBUTIONS),
            )
        if not isfinite(self.scale):
            raise NetworkError(f"the scale of initial values is {self.scale}, expected a finite number")

    def draw(self, random: np.random.Generator, shape: Shape) -> Array:
        """Draw an array of float64 whose last axis is the outputs and the one before it the inputs."""
        return DISTRIBUTIONS[self.distribution](random, shape, self.scale)


def _truncated_normal(random: np.random.Generator, shape: Shape, scale: float) -> Array:
    values = random.standard_normal(shape)
    # 4.6 % of draws lie beyond two standard deviations: after 64 rounds none is left, and the loop surely ends.
    for _ in range(_DRAWS_OF_TRUNCATED_NORMAL):
        beyond = np.abs(values) > 2
        if not beyond.any():
            break
        values[beyond] = random.standard_normal(int(beyond.sum()))
    # Not corrected for the cut, which leaves a standard deviation of 0.88 (as TensorFlow's TruncatedNormal does not).
    return values * scale


def _fans(shape: Shape) -> tuple[int, int]:
    """Return fan-in and fan-out: how many inputs each output is connected to, and the reverse."""
    field = prod(shape[:-2])  # of a convolution, whose weights are (height, width, channels, filters); else 1
    return field * shape[-2], field * shape[-1]


def _glorot_uniform(random: np.random.Generator, shape: Shape, scale: float) -> Array:
    # Within plus and minus L the variance is L^2 / 3, so that it becomes 2 / (fan_in + fan_out).
    limit = scale * sqrt(6 / sum(_fans(shape)))
    return random.uniform(-limit, limit, shape)


def _he_normal(random: np.random.Generator, shape: Shape, scale: float) -> Array:
    # 2 / fan_in, since a rectifier silences half of what comes in.
    return random.standard_normal(shape) * scale * sqrt(2 / _fans(shape)[0])


DISTRIBUTIONS: dict[str, Draw] = {
    "zeros": lambda random, shape, scale: np.zeros(shape),
    "constant": lambda random, shape, scale: np.full(shape, scale),
    "uniform": lambda random, shape, scale: random.uniform(-scale, scale, shape),
    "truncated_normal": _truncated_normal,
    "glorot_uniform": _glorot_uniform,
    "he_normal": _he_normal,
}
