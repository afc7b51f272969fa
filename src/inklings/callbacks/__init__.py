"""Callbacks that are ready to use: pass them to ``fit(..., callbacks=[...])`` or to the scikit-learn classifiers.

::

    from inklings.callbacks import BestCheckpoint, CSVLogger, Progress

    watching = [Progress(), CSVLogger("history.csv"), BestCheckpoint("best.inkling", split)]
    fitted = inklings.fit(network, recipe, split, callbacks=watching)

One of your own is a function of an epoch's record, or inherits from :class:`inklings.Callback`. Early stopping is no
callback but a setting of the recipe, ``Recipe(early_stopping=5)``, so that a run keeps it and repeats it.
"""

from typing import NoReturn

from inklings.callbacks.best_checkpoint import BestCheckpoint
from inklings.callbacks.csv_logger import CSVLogger
from inklings.callbacks.mlflow_logger import MLflowLogger
from inklings.callbacks.progress import Progress
from inklings.callbacks.tensorboard_logger import TensorBoardLogger
from inklings.serialise import did_you_mean
from inklings.training.callbacks import Callback

__all__ = ["BestCheckpoint", "CSVLogger", "Callback", "MLflowLogger", "Progress", "TensorBoardLogger"]

_ELSEWHERE = {
    "EarlyStopping": "early stopping is a setting of the recipe: Recipe(early_stopping=5)",
    "LearningRateScheduler": "schedules are a setting of the recipe: Recipe(schedule=Schedule('cosine'))",
    "ReduceLROnPlateau": "schedules are a setting of the recipe: Recipe(schedule=Schedule('cosine'))",
    "LRFinder": "train with several learning rates at once instead: inklings.fit_many(network, recipes, split)",
    "ModelCheckpoint": "did you mean 'BestCheckpoint'?",
    "TensorBoard": "did you mean 'TensorBoardLogger'?",
    "ProgressBar": "did you mean 'Progress'?",
}
"""What other libraries have as callbacks, and where it is found here."""


def __getattr__(name: str) -> NoReturn:
    hint = _ELSEWHERE.get(name) or did_you_mean(name, __all__)
    raise AttributeError(f"module 'inklings.callbacks' has no attribute '{name}'; {hint}")
