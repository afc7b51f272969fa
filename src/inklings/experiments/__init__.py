"""Runs that are kept, and networks that are compared."""

from inklings.experiments.comparison import Comparison, compare
from inklings.experiments.contender import Contender
from inklings.experiments.learning_curve import LearningCurve, learning_curve
from inklings.experiments.packing import pack
from inklings.experiments.repeats import RepeatedComparison, compare_repeatedly
from inklings.experiments.results import Result, measure, measure_fitted
from inklings.experiments.runs import OpenRun, Run, RunStore
from inklings.experiments.stored import check_comparable, comparison_of, reopen_split

__all__ = [
    "Comparison",
    "Contender",
    "LearningCurve",
    "OpenRun",
    "RepeatedComparison",
    "Result",
    "Run",
    "RunStore",
    "check_comparable",
    "compare",
    "compare_repeatedly",
    "comparison_of",
    "learning_curve",
    "measure",
    "measure_fitted",
    "pack",
    "reopen_split",
]
