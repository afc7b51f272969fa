"""What computes: an engine in C to train with, one in NumPy to read, and one in JAX for accelerators."""

from inklings.engines.base import Engine, Evaluation, MultiSession, Optimiser, Session
from inklings.engines.objective import Objective
from inklings.engines.select import DTYPES, ENGINES, engine_name, get_engine, multi_session

__all__ = [
    "DTYPES",
    "ENGINES",
    "Engine",
    "Evaluation",
    "MultiSession",
    "Objective",
    "Optimiser",
    "Session",
    "engine_name",
    "get_engine",
    "multi_session",
]
