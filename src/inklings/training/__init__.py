"""How a network learns: the choices, the optimisers, the loop, and what is kept of a run."""

from inklings.training.callbacks import Callback
from inklings.training.checkpoints import Checkpoint
from inklings.training.fit import fit
from inklings.training.fitted import Ending, Fitted
from inklings.training.history import History, Row, best_row
from inklings.training.plans import Plan, read_plan
from inklings.training.presets import PRESETS, named_plan, preset
from inklings.training.recipe import OPTIMISERS, Recipe
from inklings.training.schedule import Schedule
from inklings.training.together import fit_together

__all__ = [
    "OPTIMISERS",
    "PRESETS",
    "Callback",
    "Checkpoint",
    "Ending",
    "Fitted",
    "History",
    "Plan",
    "Recipe",
    "Row",
    "Schedule",
    "best_row",
    "fit",
    "fit_together",
    "named_plan",
    "preset",
    "read_plan",
]
