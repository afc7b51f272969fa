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
from types import CodeType, FunctionType, MappingProxyType
from typing import Any, ParamSpec, TypeVar

from inklings.annotated import find_misfit
from inklings.errors import EstimatorError, InklingsError
from inklings.synonyms import hint_of_name

T = TypeVar("T")
P = ParamSpec("P")
R = TypeVar("R")

_HANDING_ON: dict[CodeType, str] = {}
"""Functions that hand their options on to another, by their code, and what messages call them."""


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
        signature = _Signature(kind.__init__, kind.__name__, error, {}, (), meant)
        kind.__init__ = _checked(signature)  # type: ignore[method-assign]
        return kind

    return decorate


def checks_call(
    error: type[InklingsError],
    *,
    takes: Iterable[str] = (),
    meant: Mapping[str, str] = MappingProxyType({}),
    **kinds: type | tuple[type, ...],
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return a decorator of a function that is refused in one line what it cannot be called with.

    Parameters
    ----------
    error : type of InklingsError
        What is raised.
    takes : iterable of str
        The names that it takes as ``**options``; any name if there are none here. A function to which it hands them on
        refuses them in its name.
    meant : mapping of str to str
        For names that are likely to be tried, what to write instead.
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
        signature = _Signature(function, function.__qualname__, error, kinds, tuple(takes), meant)
        if signature.takes_options and not signature.of_a_class:
            _HANDING_ON[function.__code__] = signature.title
        checked: Callable[P, R] = _checked(signature)
        return checked

    return decorate


class _Signature:
    """What a function can be called with, seen once when it is decorated: a call then costs two microseconds more."""

    def __init__(
        self,
        function: Callable[..., Any],
        title: str,
        error: type[InklingsError],
        kinds: Mapping[str, type | tuple[type, ...]],
        takes: Sequence[str],
        meant: Mapping[str, str],
    ) -> None:
        parameters = inspect.signature(function).parameters.values()
        own = [each for each in parameters if each.kind not in (each.VAR_KEYWORD, each.VAR_POSITIONAL)]
        known = [each.name for each in own] + list(takes)
        self.takes_options = bool(takes)
        self.function, self.title, self.error, self.kinds, self.meant = function, title, error, kinds, meant
        # The instance or the class comes first, which no caller wrote.
        self.of_a_class = known[:1] in (["self"], ["cls"])
        self.known = known[self.of_a_class :]
        self.open_to_all = len(own) < len(parameters) and not takes
        self.in_order = [each.name for each in own if each.kind is each.POSITIONAL_OR_KEYWORD]
        self.required = [each.name for each in own if each.default is each.empty and each.name in self.in_order]
        self.defaults = {each.name: each.default for each in own}
        self.accepted = {name: _with_numpy(kind) for name, kind in kinds.items()}
        # As text, which annotations are in every module of ours. Estimators take anything until they are fitted, since
        # scikit-learn copies and changes them before.
        flags = [each.name for each in own if each.annotation in ("bool", "bool | None")]
        self.flags = [] if issubclass(error, EstimatorError) else flags
        self.functions = {each.name: each.default for each in own if isinstance(each.default, FunctionType)}

    def bind(self, given: tuple[Any, ...], named: Mapping[str, Any]) -> dict[str, Any]:
        """Return arguments by name."""
        return {**dict(zip(self.in_order, given, strict=False)), **named}

    def refuse(self, given: tuple[Any, ...], named: Mapping[str, Any]) -> None:
        """Refuse names that it does not know, too many or too few arguments, and what is of another kind."""
        title = self.title_for(given)
        for name in named:
            if not (self.open_to_all or name in self.known):
                hint = hint_of_name(name, self.known, self.meant)
                raise self.error(f"{title} has no argument '{name}'", hint, found=name)
        bound = self.bind(given, named)
        if len(bound) < len(given) + len(named):
            raise self._too_many(title, given, named)
        if missing := [name for name in self.required if name not in bound]:
            problem = f"{title} needs {' and '.join(missing)}, found none"
            raise self.error(problem, self._misfit(bound), expected=missing)
        # The default is always right, None too, whatever kind is asked for otherwise.
        typed = {name: value for name, value in bound.items() if value is not self.defaults.get(name)}
        for name, kind in self.kinds.items():
            if name in typed and not isinstance(typed[name], self.accepted[name]):
                raise wrong_kind(title, name, typed[name], kind, self.error)
        for name in self.flags:
            # Before the call: anything that is not empty would pass for True, "no" too, and nothing would ever fail.
            if name in typed and not is_flag(typed[name]):
                raise _refusal(title, name, typed[name], ["True", "False"], self.error)
        for name, default in self.functions.items():
            # Before the call, too: it may be called when hours of training are over.
            if name in typed and not _can_stand_for(typed[name], default):
                like = f"a function that is called as {name}({', '.join(inspect.signature(default).parameters)})"
                raise _refusal(title, name, typed[name], [like], self.error)

    def title_for(self, given: tuple[Any, ...]) -> str:
        """Return what messages call it: a method by the class of its instance, which may have inherited it.

        By the name of the function that handed its options on to it, if one did, for that is what a user called.
        """
        # Past the method that asks, and the function that stands in for the one that is checked.
        asking = inspect.currentframe()
        for _ in range(3):
            asking = asking and asking.f_back
        if asking and (outer := _HANDING_ON.get(asking.f_code)):
            return outer
        owner, _, method = self.title.rpartition(".")
        if not (owner and self.of_a_class and given):
            return self.title
        kind = given[0] if isinstance(given[0], type) else type(given[0])
        if method == "__init__":
            return kind.__name__
        return f"{kind.__name__}.{method}" if hasattr(kind, method) else self.title

    def _too_many(self, title: str, given: tuple[Any, ...], named: Mapping[str, Any]) -> InklingsError:
        twice = [name for name in self.in_order[: len(given)] if name in named]
        if twice:
            return self.error(f"{title}: {twice[0]} is given twice, by its place and by its name")
        most, found = len(self.in_order) - self.of_a_class, len(given) - self.of_a_class
        count = ("no arguments", "at most one argument")[most] if most < 2 else f"at most {most} arguments"
        others = self.known[most:] or ["name=value"] * self.open_to_all
        naming = f"name {'the others' if most else 'them'}: {', '.join(others)}" if others else ""
        hint = self._misfit(self.bind(given, named)) or naming
        return self.error(f"{title} takes {count} without a name, found {found}", hint)

    def _misfit(self, bound: Mapping[str, Any]) -> str:
        """Say which of too few or too many arguments is of another kind: they are often others than were meant."""
        misfit = find_misfit(self.function, bound)
        return f"{misfit.name} is of type {type(misfit.value).__name__}, expected {misfit.expected}" if misfit else ""

    def explain(self, problem: Exception, given: tuple[Any, ...], named: Mapping[str, Any]) -> InklingsError | None:
        """Return the refusal of an argument that made a call fail, None where all of them fit.

        Asked only once a call has failed: so one that succeeds costs nothing, and takes whatever works.
        """
        misfit = None if isinstance(problem, InklingsError) else find_misfit(self.function, self.bind(given, named))
        return misfit and _refusal(self.title_for(given), misfit.name, misfit.value, [misfit.expected], self.error)


def _checked(signature: _Signature) -> Any:  # noqa: ANN401 - a function that takes and returns what it did
    function = signature.function

    def checked(*given: Any, **named: Any) -> Any:  # noqa: ANN401
        signature.refuse(given, named)
        try:
            return function(*given, **named)
        except (TypeError, AttributeError, ValueError, LookupError) as problem:
            if refusal := signature.explain(problem, given, named):
                raise refusal from problem
            raise

    # With the function's own globals, of which it uses none: by these, doctest tells which module's examples they are.
    same = FunctionType(checked.__code__, function.__globals__, function.__name__, None, checked.__closure__)
    return functools.update_wrapper(same, function)


def _with_numpy(kind: type | tuple[type, ...]) -> type | tuple[type, ...]:
    """Return what passes for a kind: a number of NumPy's is one, too."""
    return Integral if kind is int else kind


def is_flag(value: Any) -> bool:  # noqa: ANN401 - whatever a user gave
    """Return whether a value is plainly true or false."""
    # 0 and 1 are an old habit, and mean nothing else; NumPy's kind comes of comparisons, and has a shape of nothing.
    return value in (0, 1) if isinstance(value, Integral) else getattr(value, "dtype", "") == "bool" and not value.shape


def _can_stand_for(value: object, default: Callable[..., Any]) -> bool:
    """Return whether a value can be called as a default function is."""
    if not callable(value):
        return False
    try:
        inspect.signature(value).bind(*inspect.signature(default).parameters)
    except TypeError:
        return False
    except ValueError:  # some that are written in C do not say what they take
        return True
    return True


def wrong_kind(
    title: str, name: str, found: object, kind: type | tuple[type, ...], error: type[InklingsError]
) -> InklingsError:
    """Return the error of an argument that is of another kind."""
    kinds = kind if isinstance(kind, tuple) else (kind,)
    ours = [each.__module__.partition(".")[0] == "inklings" for each in kinds]
    names = [f"inklings.{each.__name__}" if own else each.__name__ for each, own in zip(kinds, ours, strict=True)]
    return _refusal(title, name, found, names, error)


def _refusal(title: str, name: str, found: object, expected: list[str], error: type[InklingsError]) -> InklingsError:
    shown = f"{found!r:.60}" if isinstance(found, str | int | float) else f"of type {type(found).__name__}"
    # The name is said as written, so no `setting`: the command line has none of it.
    # What can become one is told from what cannot.
    hint = "its .to_model() is one" if "inklings.Model" in expected and hasattr(found, "to_model") else ""
    return error(f"{title}: {name} is {shown}, expected {' or '.join(expected)}", hint, found=found, expected=expected)


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
