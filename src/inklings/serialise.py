"""Settings as plain values (dicts, lists, numbers, text) and back, strictly: what JSON and TOML files hold.

An unknown key is refused with the nearest known one, a value of the wrong kind with what was expected.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from difflib import get_close_matches
from sys import float_info
from typing import Any, Literal, TypeVar

from inklings.errors import InklingsError

T = TypeVar("T")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Give a hint that names the nearest known word, or lists them all when none is near.

    >>> did_you_mean("sofmax", ["softmax", "naive"])
    "did you mean 'softmax'?"
    """
    known = list(known)
    if not known:
        return "there are none"
    near = get_close_matches(word, known, n=1)
    return f"did you mean '{near[0]}'?" if near else f"known are: {', '.join(known)}"


def to_plain(value: Any) -> Any:  # noqa: ANN401 - any setting
    """Turn a dataclass of settings into plain values, leaving out what equals its default."""
    if is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: to_plain(getattr(value, field.name))
            for field in fields(value)
            if field.init and getattr(value, field.name) != _default(field)
        }
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    return value


def _default(field: Any) -> Any:  # noqa: ANN401 - dataclasses.Field of anything
    return field.default_factory() if field.default_factory is not MISSING else field.default


def from_plain(kind: type[T], values: Mapping[str, Any], what: str, error: type[InklingsError]) -> T:
    """Build a dataclass of settings from plain values.

    Parameters
    ----------
    kind : type
        A dataclass.
    values : mapping of str to plain values
        Its fields; those left out keep their defaults.
    what : str
        What is being read, for messages: ``"recipe"``, ``"layer 3 (Dense)"``.
    error : type of InklingsError
        What to raise when a key is unknown, is missing, or has a value of the wrong kind.
    """
    return kind(**_read_settings(kind, values, what, error))


def _read_settings(kind: type[Any], values: Mapping[str, Any], what: str, error: type[InklingsError]) -> dict[str, Any]:
    """Return a dataclass's settings in the types it asks for."""
    hints = typing.get_type_hints(kind)
    known = [field for field in fields(kind) if field.init]
    names = [field.name for field in known]
    for key in values:
        if key not in names:
            raise error(f"{what} has the unknown setting '{key}'", did_you_mean(key, names))
    for field in known:
        required = field.default is MISSING and field.default_factory is MISSING
        if required and field.name not in values:
            raise error(f"{what} has no '{field.name}', which it needs")
    return {key: _read(hints[key], value, what, key, error) for key, value in values.items()}


def _read(hint: Any, value: Any, what: str, key: str, error: type[InklingsError]) -> Any:  # noqa: ANN401
    """Check a plain value against a type hint and give it in that type; the first fitting choice of a union wins."""
    for choice in _choices(hint):
        origin = typing.get_origin(choice)
        if choice is Any or (choice is type(None) and value is None):
            return value
        if origin is Literal:
            if value in typing.get_args(choice):
                return value
        elif is_dataclass(choice) and isinstance(choice, type):
            if isinstance(value, choice):
                return value
            if isinstance(value, Mapping):
                settings = _read_settings(choice, value, f"{what}: '{key}'", error)
                try:
                    return choice(**settings)
                except InklingsError as refused:
                    raise refused.within(key) from None
        elif origin is tuple and isinstance(value, list | tuple):
            return _read_tuple(choice, value, what, key, error)
        elif choice is float and isinstance(value, int | float) and not isinstance(value, bool):
            if abs(value) <= float_info.max:
                return float(value)
        elif isinstance(choice, type) and type(value) is choice:
            return value
    expected = " or ".join(_kind_name(choice) for choice in _choices(hint))
    raise error(f"{what}: '{key}' is {value!r}, expected {expected}", found=value, expected=expected)


def _read_tuple(hint: Any, value: Any, what: str, key: str, error: type[InklingsError]) -> tuple[Any, ...]:  # noqa: ANN401
    items = typing.get_args(hint)
    if len(items) == 2 and items[1] is Ellipsis:
        return tuple(_read(items[0], item, what, key, error) for item in value)
    if len(items) != len(value):
        raise error(f"{what}: '{key}' is {value!r}, expected {len(items)} values", found=value)
    return tuple(_read(kind, item, what, key, error) for kind, item in zip(items, value, strict=True))


def _choices(hint: Any) -> tuple[Any, ...]:  # noqa: ANN401
    return typing.get_args(hint) if typing.get_origin(hint) in (typing.Union, types.UnionType) else (hint,)


def _kind_name(hint: Any) -> str:  # noqa: ANN401
    names = {int: "a whole number", float: "a number", str: "a text", bool: "true or false", type(None): "nothing"}
    if typing.get_origin(hint) is tuple:
        return "a list"
    if typing.get_origin(hint) is Literal:
        return " or ".join(map(repr, typing.get_args(hint)))
    return names.get(hint, getattr(hint, "__name__", str(hint)))
