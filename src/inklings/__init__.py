"""Train small neural networks on labelled images, compare them honestly, look inside."""

__version__ = "0.1.0"

from inklings.data import Augmentation, Dataset, Split, describe, from_arrays, open_dataset
from inklings.errors import (
    DataError,
    InklingsError,
    MissingDependencyError,
    NetworkError,
    RecipeError,
    RunError,
    TrainingDivergedError,
)
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

__all__ = [
    "Activation",
    "Augmentation",
    "BatchNorm",
    "Conv2D",
    "DataError",
    "Dataset",
    "Dense",
    "Dropout",
    "Flatten",
    "GlobalPool",
    "Initializer",
    "InklingsError",
    "MaxPool2D",
    "MissingDependencyError",
    "Network",
    "NetworkError",
    "RecipeError",
    "RunError",
    "Split",
    "TrainingDivergedError",
    "describe",
    "from_arrays",
    "open_dataset",
]
