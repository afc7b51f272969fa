"""Arguments of public classes: one that a class does not know is refused with the name that was meant."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from inklings.errors import InklingsError
from inklings.serialise import did_you_mean

T = TypeVar("T")

SYNONYMS: Mapping[str, str] = {
    "optimizer": "optimiser",
    "solver": "optimiser",
    "lr": "learning_rate",
    "learning_rate_init": "learning_rate",
    "lr_schedule": "schedule",
    "max_iter": "epochs",
    "max_epochs": "epochs",
    "n_epochs": "epochs",
    "num_epochs": "epochs",
    "mini_batch_size": "batch_size",
    "alpha": "l2",
    "regularize": "regularise",
    "hidden_units": "hidden_layer_sizes",
    "early_stop": "early_stopping",
    "patience": "early_stopping",
    "class_weight": "class_weights",
    "random_state": "seed",
    "neurons": "units",
    "out_features": "units",
    "out_channels": "filters",
    "kernel": "kernel_size",
    "strides": "stride",
    "strength": "rate",
    "p": "rate",
    "eps": "epsilon",
    "rotation": "rotate",
    "rotation_range": "rotate",
    "zoom": "scale",
    "translate": "shift",
    "erasing": "erase",
    "mirror": "flip",
    "warmup": "warm_up",
}
"""What scikit-learn, Keras and PyTorch call a setting, and the American spelling: what it is called here."""


def refuses_unknown(error: type[InklingsError]) -> Callable[[type[T]], type[T]]:
    """Return a decorator of a class whose unknown arguments are refused in one line, before anything is made of them.

    Parameters
    ----------
    error : type of InklingsError
        What is raised.

    Examples
    --------
    >>> from inklings import Recipe
    >>> Recipe(lr=0.1)
    Traceback (most recent call last):
    inklings.errors.RecipeError: Recipe has no argument 'lr'; did you mean 'learning_rate'?
    """

    def decorate(kind: type[T]) -> type[T]:
        make = kind.__init__
        known = list(inspect.signature(make).parameters)[1:]

        @functools.wraps(make)
        def checked(self: T, *given: Any, **named: Any) -> None:  # noqa: ANN401 - whatever the class takes
            # Python's own TypeError would name the argument, but not what was meant.
            for name in named:
                if name not in known:
                    raise error(f"{kind.__name__} has no argument '{name}'", _hint(name, known), found=name)
            make(self, *given, **named)

        kind.__init__ = checked  # type: ignore[method-assign, assignment]
        return kind

    return decorate


def _hint(name: str, known: list[str]) -> str:
    meant = SYNONYMS.get(name)
    return f"did you mean '{meant}'?" if meant in known else did_you_mean(name, known)


def as_path(given: object, what: str, error: type[InklingsError]) -> Path:
    """Return a path that a user gave as one.

    Raises
    ------
    InklingsError
        Of the kind ``error``: it is no text and no path. ``what`` says what it stands for.
    """
    if isinstance(given, str | os.PathLike):
        # "~" is the shell's business, and in Python nobody's.
        return Path(os.fspath(given)).expanduser()
    raise error(f"{what} is of type {type(given).__name__}, expected a name or a path", found=given)
