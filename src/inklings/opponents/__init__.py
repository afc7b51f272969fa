"""Opponents: classifiers that are not networks, trained and measured as networks are; by scikit-learn."""

from inklings.opponents.opponent import FittedOpponent, Opponent, fit_opponent
from inklings.opponents.presets import DESCRIPTIONS, OPPONENTS, STRONGEST, named_opponent

__all__ = ["DESCRIPTIONS", "OPPONENTS", "STRONGEST", "FittedOpponent", "Opponent", "fit_opponent", "named_opponent"]
