"""What computes: engines in C and in JAX to run, and one in NumPy to read and to check against."""

from inklings.engines.base import (
    DTYPES,
    ENGINES,
    Engine,
    Evaluation,
    Optimiser,
    Session,
    engine_name,
    get_engine,
    side_by_side,
)
from inklings.engines.objective import Objective

__all__ = [
    "DTYPES",
    "ENGINES",
    "Engine",
    "Evaluation",
    "Objective",
    "Optimiser",
    "Session",
    "engine_name",
    "get_engine",
    "side_by_side",
]
