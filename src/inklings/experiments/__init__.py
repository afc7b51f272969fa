"""Runs that are kept, and networks that are compared."""

from inklings.experiments.compare import Comparison, Contender, compare
from inklings.experiments.results import Result, measure, measure_fitted
from inklings.experiments.runs import OpenRun, Run, RunStore

__all__ = [
    "Comparison",
    "Contender",
    "OpenRun",
    "Result",
    "Run",
    "RunStore",
    "compare",
    "measure",
    "measure_fitted",
]
