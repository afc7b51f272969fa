"""An optimiser's step in numbers, for engines that take it themselves: in C, or compiled by JAX."""

from __future__ import annotations

from typing import NamedTuple


class OptimiserSpec(NamedTuple):
    """Which of the known optimisers, and its settings; the formulas stand in :mod:`inklings.training.optimisers`.

    Parameters
    ----------
    kind : {"sgd", "momentum", "nesterov", "adam"}
    remembered : tuple of str
        The kinds of arrays in its state, each laid out like the parameters.
    momentum : float
        For ``momentum`` and ``nesterov``; for ``adam`` its first factor (beta 1).
    square : float
        Adam's second factor (beta 2).
    epsilon : float
        Adam's.
    decay : float
        The share of each weight that ``adamw`` takes off.
    """

    kind: str
    remembered: tuple[str, ...] = ()
    momentum: float = 0.0
    square: float = 0.0
    epsilon: float = 0.0
    decay: float = 0.0
