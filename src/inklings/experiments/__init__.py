"""Runs that are kept, and networks that are compared."""

from inklings.experiments.comparison import Comparison, compare
from inklings.experiments.flips import Flips
from inklings.experiments.learning_curve import LearningCurve, learning_curve
from inklings.experiments.reload import check_comparable, comparison_of, reopen_split
from inklings.experiments.repeated_comparison import RepeatedComparison
from inklings.experiments.repeats import compare_repeatedly
from inklings.experiments.results import Result, measure, measure_fitted
from inklings.experiments.run_writer import RunWriter
from inklings.experiments.runs import Run, RunStore
from inklings.experiments.to_model import to_model
from inklings.experiments.trained import Contender, TrainedNetwork
from inklings.experiments.trained_opponent import TrainedOpponent
from inklings.experiments.until_sure import Look

__all__ = [
    "Comparison",
    "Contender",
    "Flips",
    "LearningCurve",
    "Look",
    "RepeatedComparison",
    "Result",
    "Run",
    "RunStore",
    "RunWriter",
    "TrainedNetwork",
    "TrainedOpponent",
    "check_comparable",
    "compare",
    "compare_repeatedly",
    "comparison_of",
    "learning_curve",
    "measure",
    "measure_fitted",
    "reopen_split",
    "to_model",
]
