"""Every error that Inklings raises on purpose, and the exit code each gives the command line.

::

    InklingsError                 1   anything below
    ├── DataError                 3   a file, folder or array that is not a usable set of labelled images
    ├── NetworkError              4   layers that do not fit each other or their input
    ├── RecipeError               5   a training setting that is unknown, impossible or does not suit the network
    ├── TrainingDivergedError     6   the loss became NaN or infinite
    ├── RunError                  7   a stored run that is missing, damaged or cannot be compared
    ├── MissingDependencyError    8   an optional package that this action needs
    └── EstimatorError            1   what a scikit-learn estimator refuses: a ValueError too

Exit code 2 stays with the command line's own usage errors, as is the custom; 130 is an interruption.

A message says what was found and what was expected; ``hint`` says what to do. Both fit on one line.
"""

from __future__ import annotations


class InklingsError(Exception):
    """The root of the tree: catch this to catch everything that Inklings raises on purpose.

    Parameters
    ----------
    message : str
        What was found and what was expected, without a full stop.
    hint : str, optional
        What to do about it, without a full stop.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        line = f"{self.message}; {self.hint}" if self.hint else self.message
        return " ".join(line.split())


class DataError(InklingsError):
    """A file, folder or array is not a usable set of labelled images."""

    exit_code = 3


class NetworkError(InklingsError):
    """Layers do not fit each other or their input."""

    exit_code = 4


class RecipeError(InklingsError):
    """A training setting is unknown, impossible or does not suit the network."""

    exit_code = 5


class TrainingDivergedError(InklingsError):
    """The loss became NaN or infinite."""

    exit_code = 6


class RunError(InklingsError):
    """A stored run is missing, damaged or cannot be compared."""

    exit_code = 7


class MissingDependencyError(InklingsError):
    """An optional package is needed and not installed."""

    exit_code = 8


class EstimatorError(InklingsError, ValueError):
    """A scikit-learn estimator refuses its parameters or its input; a ValueError, as scikit-learn has it."""
