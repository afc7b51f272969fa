"""Settings as plain values (dicts, lists, numbers, text) and back, strictly: what JSON and TOML files hold.

An unknown key is refused with the nearest known one, a value of the wrong type with what was expected.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from difflib import get_close_matches
from inspect import signature
from sys import float_info
from types import GenericAlias, UnionType
from typing import Any, Literal, TypeVar

from inklings.errors import InklingsError

T = TypeVar("T")
MOST_EFFORT = 10**9
"""About seven seconds of tomllib's. It goes through all parts of a key for each of them, and through a table's name for
each key in it: 300,000 parts, which fit into a megabyte, would take ten minutes (python/cpython issues 149231 and
152930)."""


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """Return a hint that names the nearest known word, or all of them when none is near.

    >>> did_you_mean("sofmax", ["softmax", "naive"])
    "did you mean 'softmax'?"
    """
    known = list(known)
    if not known:
        return "there are none"
    near = get_close_matches(word, known, n=1) if isinstance(word, str) else []  # None is near to nothing
    return f"did you mean '{near[0]}'?" if near else f"known are: {', '.join(known)}"


def parse_toml(text: str) -> dict[str, Any]:
    """Parse TOML that somebody else wrote, in bounded time.

    Raises
    ------
    ValueError
        It is not TOML, or nobody needs what it is: keys of thousands of parts, hundreds of brackets within each other.

    Examples
    --------
    >>> parse_toml("a.b = 1")
    {'a': {'b': 1}}
    """
    # Imported here: `import inklings` must stay quick.
    import tomllib

    if _effort(text) > MOST_EFFORT:
        raise ValueError("keys of thousands of parts, a.a.a and so on")
    try:
        return tomllib.loads(text)
    except RecursionError:  # it calls itself for every nested bracket
        raise ValueError("too many brackets within each other") from None


def _effort(text: str) -> int:
    """Return how much tomllib has to do with keys at worst, taking all dots for theirs."""
    dots = [line.count(".") for line in text.splitlines()]
    return sum(count**2 for count in dots) + 10 * max(dots, default=0) * len(dots)


def to_plain(value: Any) -> Any:  # noqa: ANN401 - any setting
    """Convert a dataclass of settings to plain values, without those that equal their default."""
    if is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: to_plain(getattr(value, field.name))
            for field in fields(value)
            # Defaults are left out, so that a file shows what was chosen.
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
        What is being read, for messages: ``"the recipe"``, ``"layer 3 (Dense)"``.
    error : type of InklingsError
        What to raise when a key is unknown, is missing, or has a value of the wrong type.
    """
    return kind(**_read_settings(kind, values, what, error))


def _read_settings(kind: type[Any], values: Mapping[str, Any], what: str, error: type[InklingsError]) -> dict[str, Any]:
    """Return a dataclass's settings in the types it asks for."""
    if not isinstance(values, Mapping):
        raise error(f"{what} is {values!r:.60}, expected an object".lstrip(), found=values)
    # The annotations are strings, since every file postpones their evaluation.
    hints = typing.get_type_hints(kind)
    known = [field for field in fields(kind) if field.init]
    names = [field.name for field in known]
    for key in values:
        if key not in names:
            hint = did_you_mean(key, names)
            raise error(f"{what} has the unknown setting '{key}'", hint, found=key, expected=names)
    for field in known:
        required = field.default is MISSING and field.default_factory is MISSING
        if required and field.name not in values:
            raise error(f"{what} has no '{field.name}', which it needs", expected=field.name)
    return {key: _read(hints[key], value, what, key, error) for key, value in values.items()}


def _read(hint: Any, value: Any, what: str, key: str, error: type[InklingsError]) -> Any:  # noqa: ANN401
    """Check a plain value against a type hint and return it in that type; the first fitting member of a union wins."""
    # Of a share or a number of images, 5 is the number.
    if type(value) is int and int in _members(hint):
        return value
    # In the hint's order: int before float keeps 3 whole where both fit.
    for member in _members(hint):
        origin = typing.get_origin(member)
        if member is Any or (member is type(None) and value is None):
            return value
        if origin is Literal:
            if value in typing.get_args(member):
                return value
        elif is_dataclass(member) and isinstance(member, type):
            if isinstance(value, member):
                return value
            if isinstance(value, Mapping):
                return _read_dataclass(member, value, what, key, error)
        elif origin is tuple and isinstance(value, list | tuple):
            return _read_tuple(member, value, what, key, error)
        elif origin is Sequence and isinstance(value, list | tuple):
            return _read_tuple(GenericAlias(tuple, (*typing.get_args(member), ...)), value, what, key, error)
        elif origin is Mapping and isinstance(value, Mapping):
            return value
        elif member is float and isinstance(value, int | float) and not isinstance(value, bool):
            # TOML and Python's JSON know inf and nan, and JSON integers of any size; none is a usable setting.
            if abs(value) <= float_info.max:
                return float(value)
        # Not isinstance: True would pass for an int.
        elif isinstance(member, type) and type(value) is member:
            return value
    expected = " or ".join(_describe_type(member) for member in _members(hint))
    raise error(f"is {value!r}, expected {expected}", setting=key, found=value, expected=expected).within(what)


def _read_dataclass(kind: Any, values: Mapping[str, Any], what: str, key: str, error: type[InklingsError]) -> Any:  # noqa: ANN401
    settings = _read_settings(kind, values, f"{what}: {key}", error)
    try:
        return kind(**settings)
    except InklingsError as refused:
        # Only its own key: whoever builds the outer dataclass says where that was found.
        raise refused.within(key) from None


def _read_tuple(hint: Any, value: Any, what: str, key: str, error: type[InklingsError]) -> tuple[Any, ...]:  # noqa: ANN401
    items = typing.get_args(hint)
    if len(items) == 2 and items[1] is Ellipsis:
        return tuple(_read(items[0], item, what, key, error) for item in value)
    if len(items) != len(value):
        expected = f"{len(items)} values"
        raise error(f"is {value!r}, expected {expected}", setting=key, found=value, expected=expected).within(what)
    return tuple(_read(kind, item, what, key, error) for kind, item in zip(items, value, strict=True))


def check_stored(hint: Any, value: Any, place: str, error: type[InklingsError]) -> None:  # noqa: ANN401
    """Check plain values that were stored against a type, and leave them as they are.

    Other than settings, which are read strictly, facts may hold more than is known here, since later versions add some;
    and numbers may be NaN or infinite, as the loss of a training that diverged is.

    Parameters
    ----------
    hint : type
        A TypedDict, or what stands in one: lists, tuples, mappings from text, numbers, text, None.
    value : plain values
    place : str
        Where they are from, for the message: ``"split.train"``.
    error : type of InklingsError
        What to raise where they are of another type, or a key is missing that the TypedDict requires.
    """
    if any(_fits(member, value, place, error) for member in _members(hint)):
        return
    expected = " or ".join(_describe_type(member) for member in _members(hint))
    about = f"'{place}'" if place else "it"
    raise error(f"{about} is {value!r:.60}, expected {expected}", found=value, expected=expected)


def _fits(member: Any, value: Any, place: str, error: type[InklingsError]) -> bool:  # noqa: ANN401
    """Return whether a value is of a type; of one that holds others, whether they are is checked on the way."""
    origin, items = typing.get_origin(member) or member, typing.get_args(member)
    if origin is Any or (origin is type(None) and value is None):
        return True
    if typing.is_typeddict(origin) and isinstance(value, Mapping):
        for name, kind in typing.get_type_hints(origin).items():
            if name in value:
                check_stored(kind, value[name], f"{place}.{name}" if place else name, error)
            elif name in origin.__required_keys__:
                raise error(f"has no '{place}.{name}'" if place else f"has no '{name}'", expected=name)
        return True
    if origin is dict and isinstance(value, Mapping):
        for name, each in value.items():
            check_stored(items[1], each, f"{place}.{name:.40}", error)
        return True
    if origin in (list, tuple) and isinstance(value, list | tuple):
        kinds = items * len(value) if origin is list else items
        for number, (kind, each) in enumerate(zip(kinds, value, strict=False)):
            check_stored(kind, each, f"{place}[{number}]", error)
        return len(kinds) == len(value)
    return _is_plain(origin, value)


def _is_plain(kind: Any, value: Any) -> bool:  # noqa: ANN401
    """Return whether a value is a text, a number or a truth value that can be printed and computed with."""
    if kind is str and type(value) is str:
        # JSON can hold half a character, which nothing can print.
        return not any("\ud800" <= letter <= "\udfff" for letter in value)
    if kind is float and type(value) in (int, float):
        return not abs(value) > float_info.max or value in (float("inf"), float("-inf"))
    if kind is int and type(value) is int:
        return abs(value) < 1 << 63
    # Not isinstance: by that, True would pass for a whole number.
    return bool(type(value) is kind)


def arguments_from_plain(
    function: Callable[..., Any], values: Mapping[str, Any], what: str, error: type[InklingsError]
) -> dict[str, Any]:
    """Return plain values as the keyword arguments that a function takes.

    Parameters
    ----------
    function : callable
        Its keyword-only parameters have type hints.
    values, what, error
        As for :func:`from_plain`.
    """
    hints = typing.get_type_hints(function)
    known = [each.name for each in signature(function).parameters.values() if each.kind is each.KEYWORD_ONLY]
    for key in values:
        if key not in known:
            raise error(f"{what} has the unknown setting '{key:.40}'", did_you_mean(key, known), found=key)
    return {key: _read(hints[key], value, what, key, error) for key, value in values.items()}


def _members(hint: Any) -> tuple[Any, ...]:  # noqa: ANN401
    """Return the members of a union, or the type alone."""
    return typing.get_args(hint) if typing.get_origin(hint) in (typing.Union, UnionType) else (hint,)


def _describe_type(hint: Any) -> str:  # noqa: ANN401
    names = {int: "a whole number", float: "a number", str: "a text", bool: "true or false", type(None): "nothing"}
    if (typing.get_origin(hint) or hint) in (tuple, list, Sequence):
        return "a list"
    if typing.is_typeddict(hint) or (typing.get_origin(hint) or hint) in (dict, Mapping):
        return "an object"
    if typing.get_origin(hint) is Literal:
        return " or ".join(map(repr, typing.get_args(hint)))
    return names.get(hint, getattr(hint, "__name__", str(hint)))
