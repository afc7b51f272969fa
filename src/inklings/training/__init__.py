"""How a network is trained: recipes, optimisers, the training loop, and its results."""

from inklings.training.callbacks import Callback
from inklings.training.checkpoints import Checkpoint
from inklings.training.data_facts import DataFacts
from inklings.training.fit import fit
from inklings.training.fit_many import fit_many, fit_together
from inklings.training.fit_result import FitResult, StopReason
from inklings.training.history import EpochRecord, History, best_record
from inklings.training.plans import Plan, read_plan
from inklings.training.plot import plot_curves
from inklings.training.presets import DEFAULT_PRESET, PRESETS, named_plan, preset
from inklings.training.recipe import OPTIMISERS, Recipe
from inklings.training.schedule import Schedule

__all__ = [
    "DEFAULT_PRESET",
    "OPTIMISERS",
    "PRESETS",
    "Callback",
    "Checkpoint",
    "DataFacts",
    "EpochRecord",
    "FitResult",
    "History",
    "Plan",
    "Recipe",
    "Schedule",
    "StopReason",
    "best_record",
    "fit",
    "fit_many",
    "fit_together",
    "named_plan",
    "plot_curves",
    "preset",
    "read_plan",
]
