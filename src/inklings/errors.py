"""Every error that Inklings raises on purpose, and the exit code each gives the command line.

::

    InklingsError                 1   anything below
    ├── DataError                 3   a file, folder or array that is not a usable set of labelled images
    ├── NetworkError              4   layers that do not fit each other or their input
    ├── RecipeError               5   a training setting that is unknown, impossible or does not suit the network
    ├── TrainingDivergedError     6   the loss became NaN or infinite
    ├── RunError                  7   a stored run that is missing, damaged or cannot be compared
    ├── MissingDependencyError    8   an optional package that this action needs
    ├── OutOfMemoryError          7   an engine that gets no memory for a batch: a MemoryError too
    └── EstimatorError            1   what a scikit-learn estimator refuses: a ValueError too

Exit code 2 stays with the command line's own usage errors, as is the custom; 130 is an interruption.

A message says what was found and what was expected; ``hint`` says what to do. Both fit on one line. What an error is
about stands beside the sentence, for programs: ``setting``, ``path``, ``found``, ``expected`` and ``suggested``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from pathlib import Path
from typing import Any, Self, TypeVar

Raised = TypeVar("Raised", bound="InklingsError")
FREE_MEMORY = "close other programs, or raise `ulimit -v`"
"""What to do where there is not enough memory."""


def _assign(setting: str, value: object) -> str:
    return f"{setting}={value}"


class InklingsError(Exception):
    """The root of the tree: catch this to catch everything that Inklings raises on purpose.

    Parameters
    ----------
    message : str
        What was found and what was expected, without a full stop. With ``setting`` or ``path``, only the
        predicate: the sentence begins with that name.
    hint : str, optional
        What to do about it, without a full stop.
    setting : str, optional
        The setting it is about, by its name in Python: ``"batch_size"``.
    path : str or Path, optional
        The file or folder it is about.
    found, expected : object, optional
        The value at fault, and what would have been right.
    suggested : mapping of str to object, optional
        Settings to try instead. They end the hint: ``try learning_rate=0.01``.

    Examples
    --------
    >>> error = RecipeError("is 0, expected at least 1", setting="batch_size", found=0)
    >>> str(error)
    'batch_size is 0, expected at least 1'
    >>> error.sentence(setting_name=lambda name: "--" + name.replace("_", "-"))
    '--batch-size is 0, expected at least 1'
    >>> str(error.within("recipe.toml"))
    'recipe.toml: batch_size is 0, expected at least 1'
    """

    exit_code = 1

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        setting: str | None = None,
        path: str | Path | None = None,
        found: object = None,
        expected: object = None,
        suggested: Mapping[str, Any] | None = None,
    ) -> None:
        # As arguments of the exception, since one that is pickled, as between processes, is made anew from these.
        super().__init__(message, hint)
        self.message: str = message
        self.hint: str = hint
        self.setting = setting
        self.path: Path | None = None if path is None else Path(path)
        self.found: object = found
        self.expected: object = expected
        self.suggested: dict[str, Any] = dict(suggested or {})
        self.where = ""

    def within(self, where: str) -> Self:
        """Return the same error with the place it was found in before its sentence, such as a layer or a file."""
        # A copy: the error may be raised again elsewhere without the place.
        error = copy(self)
        error.where = f"{where}: {self.where}"
        return error

    def at(self, source: str | Path) -> Self:
        """Return the same error with where it was found: the file, which becomes ``path``, or words for it."""
        if isinstance(source, str):
            # Said once, though several on the way up know it.
            return self if self.where.startswith(f"{source}: ") else self.within(source)
        error = copy(self)
        error.path = source
        return error

    def advising(self, hint: str) -> Self:
        """Return the same error with another hint: who calls may know a way out that whoever raised it does not."""
        error = copy(self)
        error.hint = hint
        return error

    def into(self, kind: type[Raised]) -> Raised:
        """Return the same error as one of another kind, for a caller that promises to raise only that."""
        error = kind(
            self.message,
            self.hint,
            setting=self.setting,
            path=self.path,
            found=self.found,
            expected=self.expected,
            suggested=self.suggested,
        )
        error.where = self.where
        return error

    def sentence(
        self, setting_name: Callable[[str], str] = str, assignment: Callable[[str, object], str] = _assign
    ) -> str:
        """Return the error as one line.

        Parameters
        ----------
        setting_name : callable
            How a setting is called where the line is read; the command line says ``--batch-size``.
        assignment : callable
            How a setting and a value to try are written there.
        """
        subject = self.where + (f"{self.path}: " if self.path else "")
        subject += f"{setting_name(self.setting)} " if self.setting else ""
        tries = " ".join(assignment(name, value) for name, value in self.suggested.items())
        parts = (subject + self.message, self.hint, f"try {tries}" if tries else "")
        # Split and joined: whatever line breaks a message had, an error is one line.
        return " ".join("; ".join(part for part in parts if part).split())

    def __str__(self) -> str:
        return self.sentence()


class DataError(InklingsError):
    """A file, folder or array is not a usable set of labelled images.

    Examples
    --------
    >>> import inklings
    >>> try:
    ...     inklings.from_arrays([[0.0, 1.0], [1.0, 0.0]], ["a", "b", "c"])
    ... except inklings.DataError as error:
    ...     print(error)
    arrays: 2 images (shape (2, 2)) but 3 labels, expected as many of both; give each image exactly one label
    """

    exit_code = 3


class NetworkError(InklingsError):
    """Layers do not fit each other or their input.

    Examples
    --------
    >>> import inklings
    >>> try:
    ...     inklings.Network((20, 20, 1), [inklings.Dense(10, "softmax")])
    ... except inklings.NetworkError as error:
    ...     print(error)
    layer 1 (dense_1): Dense expects a vector (features,), found (20, 20, 1); put Flatten() before it
    """

    exit_code = 4


class RecipeError(InklingsError):
    """A training setting is unknown, impossible or does not suit the network.

    Examples
    --------
    >>> import inklings
    >>> try:
    ...     inklings.Recipe("adm")
    ... except inklings.RecipeError as error:
    ...     print(error)
    optimiser 'adm' is unknown; did you mean 'adam'?
    """

    exit_code = 5


class TrainingDivergedError(InklingsError):
    """The loss became NaN or infinite, or so large that no training would come back from it.

    Examples
    --------
    >>> import inklings
    >>> split, plan = inklings.open_dataset("digits").split(), inklings.preset("mlp", (20, 20, 1), 10, hidden_units=20)
    >>> fitted = inklings.fit(plan.network, plan.recipe.with_settings(learning_rate=1e6, epochs=3), split)
    >>> isinstance(fitted.error, inklings.TrainingDivergedError), str(fitted.stop_reason)
    (True, 'diverged')
    """

    exit_code = 6


class RunError(InklingsError):
    """A stored run is missing, damaged or cannot be compared.

    Examples
    --------
    >>> import inklings
    >>> inklings.load("nowhere.inkling")
    Traceback (most recent call last):
    inklings.errors.RunError: nowhere.inkling: cannot be read (No such file or directory), expected a saved model
    """

    exit_code = 7


class MissingDependencyError(InklingsError):
    """An optional package is needed, and is not installed or cannot be imported.

    Examples
    --------
    >>> from inklings import InklingsError, MissingDependencyError
    >>> issubclass(MissingDependencyError, InklingsError), MissingDependencyError.exit_code
    (True, 8)
    """

    exit_code = 8


class OutOfMemoryError(InklingsError, MemoryError):
    """An engine gets no memory for a batch; a MemoryError, as Python and NumPy have it for arrays.

    Examples
    --------
    >>> from inklings import OutOfMemoryError
    >>> issubclass(OutOfMemoryError, MemoryError), OutOfMemoryError.exit_code
    (True, 7)
    """

    exit_code = 7

    @classmethod
    def for_batch(cls, images: int) -> Self:
        """Return the error of a batch of so many images."""
        return cls(f"there is not enough memory for a batch of {images:,} images", FREE_MEMORY, found=images)


class EstimatorError(InklingsError, ValueError):
    """A scikit-learn estimator refuses its parameters or its input; a ValueError, as scikit-learn has it.

    Examples
    --------
    >>> from inklings import EstimatorError
    >>> issubclass(EstimatorError, ValueError)
    True
    """


class NativeEngineMissingWarning(UserWarning):
    """The native engine is not there, so a slower one was chosen; a warning, since training works all the same."""


class TrainingWarning(UserWarning):
    """Training is not what may be expected, such as a network that answers one class for all; a warning, no error.

    Examples
    --------
    >>> import warnings
    >>> warnings.simplefilter("error", TrainingWarning)  # where a useless network must not go on unnoticed
    """


class InterruptedWarning(TrainingWarning):
    """Ctrl-C or SIGTERM ended a training or a comparison early; the program goes on with what was done until then.

    Examples
    --------
    >>> import warnings
    >>> warnings.simplefilter("error", InterruptedWarning)  # where a part of the work must not pass for all of it
    """


class DataWarning(UserWarning):
    """What was decided about the meaning of data, such as an inversion; a warning, since it may well be right.

    Examples
    --------
    >>> import warnings
    >>> warnings.simplefilter("ignore", DataWarning)  # who knows what is decided need not be told
    """
