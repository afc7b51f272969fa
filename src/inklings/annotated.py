"""Which argument of a call does not fit its annotation: asked after a call has failed, to say why in one line.

Given None in place of a model, Python raises an error about whichever line meets it first. The annotations, which every
public function has, show which argument was wrong. Where all of them fit, the fault is ours and is raised as it is.
"""

from __future__ import annotations

import builtins
import inspect
import os
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from numbers import Integral, Real
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike


class Misfit(NamedTuple):
    """An argument that does not fit: its name, what it is, and what was expected, in words."""

    name: str
    value: object
    expected: str


def find_misfit(function: Callable[..., Any], arguments: Mapping[str, object]) -> Misfit | None:
    """Return the first argument that does not fit its annotation; None if all do, as far as can be told.

    Parameters
    ----------
    function : callable
    arguments : mapping
        Its arguments by name.
    """
    for name, parameter in inspect.signature(function).parameters.items():
        if name not in arguments or arguments[name] is parameter.default:
            continue
        hint = _resolve(parameter.annotation, function)
        if not _fits(hint, arguments[name]):
            return Misfit(name, arguments[name], _describe(hint))
    return None


class _Names(dict[str, Any]):
    """Names that a module imports for the type checker alone: what the package's face calls so."""

    def __init__(self, known: Mapping[str, Any]) -> None:
        super().__init__()
        self._known = known

    def __missing__(self, name: str) -> object:
        if name in self._known or hasattr(builtins, name):
            raise KeyError(name)  # it is found there next
        import inklings

        return inklings if name == "inklings" else getattr(inklings, name)


def _resolve(annotation: object, function: Callable[..., Any]) -> object:
    """Return what an annotation means; Any, which everything fits, where that is not known."""
    if annotation is inspect.Parameter.empty:
        return Any
    if not isinstance(annotation, str):
        return annotation
    try:
        # Our own source's annotations, never text from outside.
        return eval(annotation, function.__globals__, _Names(function.__globals__))
    except (NameError, AttributeError, TypeError):
        return Any


def _fits(hint: Any, value: object) -> bool:  # noqa: ANN401 - an annotation
    """Return whether a value fits an annotation; True where that cannot be told."""
    if hint is Any:
        return True
    if hint == ArrayLike:
        return _is_array_like(value)
    origin, members = typing.get_origin(hint) or hint, typing.get_args(hint)
    if origin is typing.Union or origin is types.UnionType:
        return any(_fits(each, value) for each in members)
    if origin is None or origin is type(None):
        return value is None
    if origin is Literal:
        return type(value) in {type(each) for each in members}
    if not isinstance(origin, type) or typing.is_typeddict(origin) or getattr(origin, "_is_protocol", False):
        return True
    if origin is np.ndarray:
        # Lists are taken for arrays in most places; text is not.
        return hasattr(value, "shape") or (_is_array_like(value) and np.asarray(value).dtype.kind not in "USM")
    if issubclass(origin, Iterable) and origin is not str and hasattr(origin, "__class_getitem__") and members:
        return _holds(origin, members, value)
    return isinstance(value, _WIDER.get(origin, origin))


_WIDER: Mapping[type, type | tuple[type, ...]] = {
    int: Integral,
    float: Real,
    bool: (bool, np.bool_),
    Path: os.PathLike,
}
"""What passes for a type besides itself."""


def _holds(origin: type, members: tuple[Any, ...], value: object) -> bool:
    """Return whether a value is a list, a mapping or the like of what it should hold."""
    if issubclass(origin, Mapping):
        return isinstance(value, Mapping)
    # Text is a sequence of text, and seldom meant as one.
    if isinstance(value, str | Mapping) or not isinstance(value, Iterable):
        return False
    if not isinstance(value, list | tuple):
        return True  # an array, or what can be looked at only once
    if origin is tuple and Ellipsis not in members:
        return len(value) == len(members) and all(map(_fits, members, value))
    return all(_fits(members[0], each) for each in value)


def _is_array_like(value: object) -> bool:
    try:
        # Of text, numbers or truth values; an array of objects is of anything.
        return np.asarray(value).dtype.kind != "O"
    except (ValueError, TypeError):
        return False


def _describe(hint: Any) -> str:  # noqa: ANN401
    """Word an annotation."""
    if hint == ArrayLike:
        return "an array"
    origin, members = typing.get_origin(hint) or hint, typing.get_args(hint)
    if origin is typing.Union or origin is types.UnionType:
        return " or ".join(dict.fromkeys(_describe(each) for each in members if each is not type(None)))
    if origin is Literal:
        return " or ".join(map(repr, members))
    if origin is np.ndarray:
        return "an array"
    if isinstance(origin, type) and issubclass(origin, Iterable) and members:
        what = "a mapping" if issubclass(origin, Mapping) else "a list"
        kinds = [each for each in members if each is not Ellipsis]
        return f"{what} of {' and '.join(dict.fromkeys(map(_describe, kinds)))}"
    name = getattr(origin, "__name__", str(origin))
    module = getattr(origin, "__module__", "")
    return f"inklings.{name}" if module.partition(".")[0] == "inklings" else name
