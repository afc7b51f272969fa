"""What computes: a reference engine in NumPy to read and check against, a compiled one in JAX to run."""

from inklings.engines.base import DTYPES, ENGINES, Engine, Evaluation, Optimiser, Session, get_engine
from inklings.engines.objective import Objective

__all__ = ["DTYPES", "ENGINES", "Engine", "Evaluation", "Objective", "Optimiser", "Session", "get_engine"]
