"""Runs that are kept, and networks that are compared."""

from inklings.evaluation.evaluate import EvaluationReport
from inklings.experiments.comparison import Comparison
from inklings.experiments.comparisons import compare
from inklings.experiments.ensemble import train_ensemble
from inklings.experiments.evaluations import evaluate
from inklings.experiments.flips import Flips
from inklings.experiments.learning_curve import LearningCurve, learning_curve
from inklings.experiments.learning_curves import LearningCurves, learning_curves
from inklings.experiments.reload import check_comparable, comparison_of
from inklings.experiments.reopen import reopen_split
from inklings.experiments.repeated_comparison import RepeatedComparison
from inklings.experiments.repeats import compare_repeatedly
from inklings.experiments.results import Result, measure, measure_fitted
from inklings.experiments.run import Run
from inklings.experiments.run_writer import RunWriter
from inklings.experiments.runs import RunStore
from inklings.experiments.to_model import ensemble_to_model, fitted_to_model, opponent_to_model, to_model
from inklings.experiments.trained import Contender, TrainedNetwork
from inklings.experiments.trained_ensemble import TrainedEnsemble
from inklings.experiments.trained_opponent import TrainedOpponent
from inklings.experiments.until_sure import Look
from inklings.experiments.variation import Spread, Variation, measure_variation

__all__ = [
    "Comparison",
    "Contender",
    "EvaluationReport",
    "Flips",
    "LearningCurve",
    "LearningCurves",
    "Look",
    "RepeatedComparison",
    "Result",
    "Run",
    "RunStore",
    "RunWriter",
    "Spread",
    "TrainedEnsemble",
    "TrainedNetwork",
    "TrainedOpponent",
    "Variation",
    "check_comparable",
    "compare",
    "compare_repeatedly",
    "comparison_of",
    "ensemble_to_model",
    "evaluate",
    "fitted_to_model",
    "learning_curve",
    "learning_curves",
    "measure",
    "measure_fitted",
    "measure_variation",
    "opponent_to_model",
    "reopen_split",
    "to_model",
    "train_ensemble",
]
