"""Runs that are kept, and networks that are compared."""

from inklings.experiments.comparison import Comparison, Contender, compare
from inklings.experiments.repeats import RepeatedComparison, compare_repeatedly
from inklings.experiments.results import Result, measure, measure_fitted
from inklings.experiments.runs import OpenRun, Run, RunStore

__all__ = [
    "Comparison",
    "Contender",
    "OpenRun",
    "RepeatedComparison",
    "Result",
    "Run",
    "RunStore",
    "compare",
    "compare_repeatedly",
    "measure",
    "measure_fitted",
]
