"""Train small neural networks on labelled images, compare them honestly, look inside.

::

    import inklings

    comparison = inklings.compare(["softmax", "mlp", "cnn2"], "digits")
    for result in comparison.results:
        print(result.title, result.test, result.interval)
    inklings.write_report(comparison, "digits-report")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from inklings import callbacks as callbacks
    from inklings import costs as costs
    from inklings import data as data
    from inklings import doctor as doctor
    from inklings import engines as engines
    from inklings import errors as errors
    from inklings import estimators as estimators
    from inklings import evaluation as evaluation
    from inklings import experiments as experiments
    from inklings import export as export
    from inklings import findings as findings
    from inklings import insight as insight
    from inklings import models as models
    from inklings import networks as networks
    from inklings import opponents as opponents
    from inklings import pages as pages
    from inklings import plots as plots
    from inklings import report as report
    from inklings import search as search
    from inklings import training as training
    from inklings.costs import forecast
    from inklings.data import Augmentation, Dataset, Split, describe, from_arrays, open_dataset
    from inklings.engines import get_engine
    from inklings.errors import (
        DataError,
        DataWarning,
        EstimatorError,
        InklingsError,
        InterruptedWarning,
        MissingDependencyError,
        NetworkError,
        OutOfMemoryError,
        RecipeError,
        RunError,
        TrainingDivergedError,
        TrainingWarning,
    )
    from inklings.estimators import DenseClassifier, NetworkClassifier
    from inklings.experiments import Comparison, Result, RunStore, compare, evaluate, train_ensemble
    from inklings.models import Model, load
    from inklings.networks import (
        Activation,
        BatchNorm,
        Conv2D,
        Dense,
        Dropout,
        Flatten,
        GlobalPool,
        Initializer,
        MaxPool2D,
        Network,
    )
    from inklings.opponents import Opponent
    from inklings.report import write_report
    from inklings.search import Study, open_study, run_search
    from inklings.training import (
        Callback,
        DataFacts,
        FitResult,
        Plan,
        Recipe,
        Schedule,
        plot_curves,
        preset,
        read_plan,
    )

    # Not from the room, where a checker also finds the modules of these names.
    from inklings.training.fit import fit
    from inklings.training.fit_many import fit_many

# Where each public name lives. A name is imported when it is first used, so that the command line's help, say, does
# not load what it never calls.
_HOMES = {
    "inklings.data": ("Augmentation", "Dataset", "Split", "describe", "from_arrays", "open_dataset"),
    "inklings.engines": ("get_engine",),
    "inklings.errors": (
        "DataError",
        "DataWarning",
        "EstimatorError",
        "InklingsError",
        "InterruptedWarning",
        "MissingDependencyError",
        "NetworkError",
        "OutOfMemoryError",
        "RecipeError",
        "RunError",
        "TrainingDivergedError",
        "TrainingWarning",
    ),
    "inklings.estimators": ("DenseClassifier", "NetworkClassifier"),
    "inklings.experiments": ("Comparison", "Result", "RunStore", "compare", "evaluate", "train_ensemble"),
    "inklings.costs": ("forecast",),
    "inklings.models": ("Model", "load"),
    "inklings.networks": (
        "Activation",
        "BatchNorm",
        "Conv2D",
        "Dense",
        "Dropout",
        "Flatten",
        "GlobalPool",
        "Initializer",
        "MaxPool2D",
        "Network",
    ),
    "inklings.opponents": ("Opponent",),
    "inklings.report": ("write_report",),
    "inklings.search": ("Study", "open_study", "run_search"),
    "inklings.training": (
        "Callback",
        "DataFacts",
        "FitResult",
        "Plan",
        "Recipe",
        "Schedule",
        "fit",
        "fit_many",
        "plot_curves",
        "preset",
        "read_plan",
    ),
}
_ROOMS = (
    "callbacks",
    "costs",
    "data",
    "doctor",
    "engines",
    "errors",
    "estimators",
    "evaluation",
    "experiments",
    "export",
    "findings",
    "insight",
    "models",
    "networks",
    "opponents",
    "pages",
    "plots",
    "report",
    "search",
    "training",
)
"""Parts that are found without being imported, each where it is first used."""
_ELSEWHERE = {
    "train": "fit",
    "Trainer": "fit",
    "Sequential": "Network",
    "MLPClassifier": "DenseClassifier",
    "load_model": "load",
    "load_data": "open_dataset",
    "load_dataset": "open_dataset",
    "predict": "Model.predict",
    "save": "Model.save",
    "EarlyStopping": "Recipe(early_stopping=...)",
    "ModelCheckpoint": "callbacks.BestCheckpoint",
    "Checkpoint": "training.Checkpoint",
    "to_onnx": "Model.to_onnx",
}
"""What other libraries, or parts of this one, call what is found here by another name."""

_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Activation",
    "Augmentation",
    "BatchNorm",
    "Callback",
    "Comparison",
    "Conv2D",
    "DataError",
    "DataFacts",
    "DataWarning",
    "Dataset",
    "Dense",
    "DenseClassifier",
    "Dropout",
    "EstimatorError",
    "FitResult",
    "Flatten",
    "GlobalPool",
    "Initializer",
    "InklingsError",
    "InterruptedWarning",
    "MaxPool2D",
    "MissingDependencyError",
    "Model",
    "Network",
    "NetworkClassifier",
    "NetworkError",
    "Opponent",
    "OutOfMemoryError",
    "Plan",
    "Recipe",
    "RecipeError",
    "Result",
    "RunError",
    "RunStore",
    "Schedule",
    "Split",
    "Study",
    "TrainingDivergedError",
    "TrainingWarning",
    "compare",
    "describe",
    "evaluate",
    "fit",
    "fit_many",
    "forecast",
    "from_arrays",
    "get_engine",
    "load",
    "open_dataset",
    "open_study",
    "plot_curves",
    "preset",
    "read_plan",
    "run_search",
    "train_ensemble",
    "write_report",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    if name == "fit_together":  # the earlier name of fit_many, which warns when it is called
        return import_module("inklings.training").fit_together
    if name in _ROOMS:
        return import_module(f"inklings.{name}")
    if name not in _HOME_OF:
        from difflib import get_close_matches

        near = [_ELSEWHERE[name]] if name in _ELSEWHERE else get_close_matches(name, [*__all__, *_ROOMS], n=1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        raise AttributeError(f"module 'inklings' has no attribute '{name}'{hint}")
    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_ROOMS})
