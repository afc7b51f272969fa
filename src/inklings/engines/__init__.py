"""What computes: a reference engine in NumPy to read and check against, a compiled one in JAX to run."""

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
