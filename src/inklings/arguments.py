"""Arguments of public classes and functions: what one cannot be called with is refused in one line.

A name that it does not know is answered with the one that was meant, one that is missing or of another kind with what
is expected. So whoever calls Inklings meets its own errors alone.
"""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from numbers import Integral
from pathlib import Path
from types import FunctionType, MappingProxyType
from typing import Any, ParamSpec, TypeVar

from inklings.annotated import Misfit, find_misfit
from inklings.errors import EstimatorError, InklingsError
from inklings.serialise import did_you_mean

T = TypeVar("T")
P = ParamSpec("P")
R = TypeVar("R")

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
    "test_size": "test",
    "validation_size": "validation",
    "validation_split": "validation",
    "train_size": "train",
    "target_names": "class_names",
    "names": "class_names",
    "image_size": "size",
    "img_size": "size",
    "target_size": "size",
    "color": "colour",
    "color_mode": "colour",
    "checkpoint": "checkpoints",
    "checkpoint_path": "checkpoints",
    "n_splits": "repeats",
    "n_repeats": "repeats",
    "networks": "network",
    "model": "network",
}
"""What scikit-learn, Keras and PyTorch call a setting, and the American spelling: what it is called here."""


def refuses_unknown(error: type[InklingsError], **meant: str) -> Callable[[type[T]], type[T]]:
    """Return a decorator of a class whose unknown arguments are refused in one line, before anything is made of them.

    Parameters
    ----------
    error : type of InklingsError
        What is raised.
    **meant : str
        For names that are likely to be tried, what to write instead.

    Examples
    --------
    >>> from inklings import Recipe
    >>> Recipe(lr=0.1)
    Traceback (most recent call last):
    inklings.errors.RecipeError: Recipe has no argument 'lr'; did you mean 'learning_rate'?
    """

    def decorate(kind: type[T]) -> type[T]:
        kind.__init__ = _checked(kind.__init__, kind.__name__, error, {}, (), meant)  # type: ignore[method-assign]
        return kind

    return decorate


def checks_call(
    error: type[InklingsError], *, takes: Iterable[str] = (), **kinds: type | tuple[type, ...]
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return a decorator of a function that is refused in one line what it cannot be called with.

    Parameters
    ----------
    error : type of InklingsError
        What is raised.
    takes : iterable of str
        The names that it takes as ``**options``; any name if there are none here.
    **kinds : type or tuple of types
        What an argument of that name must be, unless it is its default.

    Examples
    --------
    >>> from inklings import open_dataset
    >>> open_dataset("digits").split(test_size=0.2)
    Traceback (most recent call last):
    inklings.errors.DataError: Dataset.split has no argument 'test_size'; did you mean 'test'?
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        checked: Callable[P, R] = _checked(function, function.__qualname__, error, kinds, tuple(takes))
        return checked

    return decorate


def _checked(
    function: Callable[..., Any],
    title: str,
    error: type[InklingsError],
    kinds: Mapping[str, type | tuple[type, ...]],
    takes: Sequence[str],
    meant: Mapping[str, str] = MappingProxyType({}),
) -> Any:  # noqa: ANN401 - a function that takes and returns what it did
    # Once, when the function is decorated: a call then costs two microseconds more.
    parameters = inspect.signature(function).parameters.values()
    own = [each for each in parameters if each.kind not in (each.VAR_KEYWORD, each.VAR_POSITIONAL)]
    open_to_all = len(own) < len(parameters) and not takes
    known = [each.name for each in own] + list(takes)
    if known[:1] in (["self"], ["cls"]):
        known = known[1:]
    in_order = [each.name for each in own if each.kind is each.POSITIONAL_OR_KEYWORD]
    required = {each.name for each in own if each.default is each.empty}
    defaults = {each.name: each.default for each in own}
    accepted = {name: _with_numpy(kind) for name, kind in kinds.items()}
    # As text, which annotations are in every module of ours. scikit-learn's estimators take all until they are fitted.
    flags = [each.name for each in own if each.annotation in ("bool", "bool | None") and error is not EstimatorError]

    def bind(given: tuple[Any, ...], named: Mapping[str, Any]) -> dict[str, Any]:
        return {**dict(zip(in_order, given, strict=False)), **named}

    def refuse(given: tuple[Any, ...], named: Mapping[str, Any]) -> None:
        for name in named:
            if not (open_to_all or name in known):
                hint = f"did you mean {meant[name]}?" if name in meant else hint_of_name(name, known)
                raise error(f"{title} has no argument '{name}'", hint, found=name)
        # Fewer than were given: one was given twice, by place and by name, or there are too many without a name.
        bound = bind(given, named)
        if len(bound) < len(given) + len(named):
            # The instance or the class comes first, which no caller wrote.
            own_first = in_order[:1] in (["self"], ["cls"])
            most, found = len(in_order) - own_first, len(given) - own_first
            raise error(f"{title} takes at most {most} arguments without a name, found {found}", "name the others")
        if missing := [name for name in in_order if name in required and name not in bound]:
            raise _missing(title, missing, find_misfit(function, bound), error)
        for name, kind in kinds.items():
            # The default is always right, None too, whatever kind is asked for otherwise.
            if name in bound and bound[name] is not defaults.get(name) and not isinstance(bound[name], accepted[name]):
                raise wrong_kind(title, name, bound[name], kind, error)
        for name in flags:
            # Before the call: anything that is not empty would pass for True, "no" too, and nothing would ever fail.
            if name in bound and bound[name] is not defaults.get(name) and not is_flag(bound[name]):
                raise _refusal(title, name, bound[name], ["True", "False"], error)

    def explain(problem: Exception, given: tuple[Any, ...], named: Mapping[str, Any]) -> InklingsError | None:
        # Only once a call has failed: so one that succeeds costs nothing, and takes whatever works.
        misfit = None if isinstance(problem, InklingsError) else find_misfit(function, bind(given, named))
        return misfit and _refusal(title, misfit.name, misfit.value, [misfit.expected], error)

    def checked(*given: Any, **named: Any) -> Any:  # noqa: ANN401
        refuse(given, named)
        try:
            return function(*given, **named)
        except (TypeError, AttributeError, ValueError, LookupError) as problem:
            if refusal := explain(problem, given, named):
                raise refusal from problem
            raise

    # With the function's own globals, of which it uses none: by these, doctest tells which module's examples they are.
    same = FunctionType(checked.__code__, function.__globals__, function.__name__, None, checked.__closure__)
    return functools.update_wrapper(same, function)


def _with_numpy(kind: type | tuple[type, ...]) -> type | tuple[type, ...]:
    """Return what passes for a kind: a number of NumPy's is one, too."""
    return Integral if kind is int else kind


def _missing(title: str, missing: list[str], misfit: Misfit | None, error: type[InklingsError]) -> InklingsError:
    # Where arguments are too few, those that are there are often others than were meant.
    hint = f"{misfit.name} is of type {type(misfit.value).__name__}, expected {misfit.expected}" if misfit else ""
    return error(f"{title} needs {' and '.join(missing)}, found none", hint, expected=missing)


def is_flag(value: Any) -> bool:  # noqa: ANN401 - whatever a user gave
    """Return whether a value is plainly true or false."""
    # 0 and 1 are an old habit, and mean nothing else; NumPy's kind comes of comparisons, and has a shape of nothing.
    return value in (0, 1) if isinstance(value, Integral) else getattr(value, "dtype", "") == "bool" and not value.shape


def wrong_kind(
    title: str, name: str, found: object, kind: type | tuple[type, ...], error: type[InklingsError]
) -> InklingsError:
    """Return the error of an argument that is of another kind."""
    kinds = kind if isinstance(kind, tuple) else (kind,)
    names = [each.__name__ if each.__module__ == "builtins" else f"inklings.{each.__name__}" for each in kinds]
    return _refusal(title, name, found, names, error)


def _refusal(title: str, name: str, found: object, expected: list[str], error: type[InklingsError]) -> InklingsError:
    shown = f"{found!r:.60}" if isinstance(found, str | int | float) else f"of type {type(found).__name__}"
    # The name is said as written, so no `setting`: the command line has none of it.
    return error(f"{title}: {name} is {shown}, expected {' or '.join(expected)}", found=found, expected=expected)


def hint_of_name(name: str, known: list[str]) -> str:
    """Return a hint that names the argument which was meant, by its name elsewhere or by its spelling."""
    meant = SYNONYMS.get(name)
    return f"did you mean '{meant}'?" if meant in known else did_you_mean(name, known)


def as_path(given: object, what: str, error: type[InklingsError], hint: str = "") -> Path:
    """Return a path that a user gave as one.

    Raises
    ------
    InklingsError
        Of the kind ``error``: it is no text and no path. ``what`` says what it stands for.
    """
    if isinstance(given, str | os.PathLike):
        # "~" is the shell's business, and in Python nobody's.
        return Path(os.fspath(given)).expanduser()
    raise error(f"{what} is of type {type(given).__name__}, expected a name or a path", hint, found=given)


def caller_stacklevel() -> int:
    """Return the ``stacklevel`` of a warning that a function issues about what Inklings was called with.

    It is that of the first line outside of this package, however many functions of ours are between: a method that
    hands on to a function, and what checks the arguments of both.
    """
    level, frame = 0, inspect.currentframe()
    while frame and frame.f_globals.get("__name__", "").partition(".")[0] == "inklings":
        level, frame = level + 1, frame.f_back
    return level
