"""Callbacks: what may watch training, and stop it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from typing import Any

import numpy as np

from inklings.errors import RecipeError
from inklings.networks import Network, Parameters
from inklings.training.history import EpochRecord
from inklings.training.recipe import Recipe


class Callback:
    """A callback that does nothing; override what you need.

    Examples
    --------
    >>> import inklings
    >>> class Print(inklings.Callback):
    ...     def on_epoch_end(self, record):
    ...         print("epoch", record.epoch, "step", record.step)
    >>> split, plan = inklings.open_dataset("digits").split(), inklings.preset("softmax", (20, 20, 1), 10)
    >>> fitted = inklings.fit(plan.network, plan.recipe.with_settings(epochs=1), split, callbacks=[Print()])
    epoch 0 step 0
    epoch 1 step 55
    """

    def on_start(self, network: Network, recipe: Recipe, epochs: int) -> None:
        """Training starts and will take at most ``epochs`` epochs (iterations with a full-batch optimiser)."""

    def on_epoch_end(self, record: EpochRecord) -> None:
        """An epoch or iteration has ended; epoch 0 is the untrained network."""

    def on_parameters(self, record: EpochRecord, parameters: Parameters) -> None:
        """The same moment, with the parameters as they are now; they may be kept, but not changed."""

    def on_end(self) -> None:
        """Training has ended, for whatever reason."""

    def should_stop(self) -> bool:
        """Return whether training should stop after the current batch; called often, so it should be fast."""
        return False

    @property
    def title(self) -> str:
        """The name under which it is reported to have stopped a training."""
        return type(self).__name__


AnyCallback = Callback | Callable[..., object]
"""A Callback, or a function of a record, or of a record and the parameters, that stops training by returning True."""

_HOOKS = tuple(name for name in vars(Callback) if name.startswith("on_"))
_TAKES = 2
"""How much a function may ask for: the record and the parameters."""


class FunctionCallback(Callback):
    """A function that is called after each epoch.

    Parameters
    ----------
    function : callable
        ``function(record)`` or ``function(record, parameters)``; training stops once it returns True.
    """

    def __init__(self, function: Callable[..., object]) -> None:
        self._function, self._takes = function, _count_arguments(function)
        self._stops = False

    def on_parameters(self, record: EpochRecord, parameters: Parameters) -> None:
        """Call the function."""
        # True alone: what a function returns by the way, such as a figure, is no wish to stop.
        # NumPy's True, of comparing weights, is another object than Python's.
        said = self._function(*(record, parameters)[: self._takes])
        self._stops = self._stops or (isinstance(said, bool | np.bool_) and bool(said))

    def should_stop(self) -> bool:
        """Return whether it has returned True."""
        return self._stops

    @property
    def title(self) -> str:
        """The function's name."""
        return str(getattr(self._function, "__name__", type(self._function).__name__))


def as_callbacks(given: Sequence[AnyCallback]) -> tuple[Callback, ...]:
    """Check callbacks before training, so that nothing is found wrong after an hour.

    Raises
    ------
    RecipeError
        One is neither a Callback nor a function of one or two arguments, or has a hook that is never called.
    """
    # A single callback is easily passed in place of a list; iterating over it would fail with a worse message.
    if callable(given) or isinstance(given, Callback):
        raise RecipeError("is a single one, expected a list", "write callbacks=[...]", setting="callbacks")
    if not isinstance(given, Iterable):
        raise RecipeError(f"is {given!r}, expected a list", setting="callbacks", found=given)
    return tuple(_as_callback(each) for each in given)


def _as_callback(given: Any) -> Callback:  # noqa: ANN401 - whatever a user passes
    if isinstance(given, Callback):
        _refuse_unknown_hooks(type(given))
        return given
    if isinstance(given, type) and issubclass(given, Callback):
        name = given.__name__
        raise RecipeError(f"callbacks holds the class {name}, expected an object", f"write {name}()")
    if callable(given):
        return FunctionCallback(given)
    found = type(given).__name__
    raise RecipeError(
        f"callbacks holds an object of type {found}, expected an inklings.Callback or a function",
        f"let {found} inherit from inklings.Callback" if any(hasattr(given, hook) for hook in _HOOKS) else "",
    )


def _refuse_unknown_hooks(kind: type[Callback]) -> None:
    for name in dir(kind):
        if name.startswith("on_") and name not in _HOOKS:
            # cutoff=0: whatever it is like, some hook is the nearest.
            near = get_close_matches(name, _HOOKS, n=1, cutoff=0.0)[0]
            raise RecipeError(
                f"{kind.__name__} has the method {name}, which is never called: hooks are {', '.join(_HOOKS)}",
                f"did you mean {near}?",
            )


def _count_arguments(function: Callable[..., object]) -> int:
    """Return how many of the record and the parameters a function takes."""
    try:
        signature = inspect.signature(function)
    except ValueError:  # some functions in C, such as print before Python 3.13, do not tell
        return 1
    for count in range(_TAKES, 0, -1):
        # Bound to as many arguments as there would be, nothing is called: a callback must not run before training.
        try:
            signature.bind(*[None] * count)
        except TypeError:
            continue
        # *args takes anything: `print` is to print records, not weights.
        kinds = [each.kind for each in signature.parameters.values()]
        return 1 if inspect.Parameter.VAR_POSITIONAL in kinds else count
    name = getattr(function, "__name__", type(function).__name__)
    raise RecipeError(
        f"the callback {name}{signature} cannot be called with an epoch's record",
        "let it take one argument, the record, or two, the record and the parameters",
    )
