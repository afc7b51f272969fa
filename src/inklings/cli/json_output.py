"""``--json``: what a command found, for other programs.

Standard output is one JSON value: an object, or of ``predict`` and ``doctor`` a list of objects. Its keys are the
library's names; accuracies are fractions, times seconds, sizes numbers, paths text; what is unknown or not a number is
null. Everything else (notes, progress, errors) goes to standard error, and an error prints no JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from inklings.experiments.results import Result

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
_ASKED = "inklings.json"


def json_option(command: Decorated) -> Decorated:
    """Add ``--json``, which :func:`wants_json` tells of: so it is not handed from function to function."""
    option = click.option(
        "--json",
        "as_json",
        is_flag=True,
        expose_value=False,
        callback=_note,
        help="Print JSON, for other programs.",
    )
    return option(command)


def _note(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value:
        context.meta[_ASKED] = True  # which a group's context shares with its commands'


def wants_json() -> bool:
    """Whether ``--json`` was typed."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(_ASKED))


def print_json(value: Mapping[str, Any] | Iterable[Any]) -> None:
    """Print the one JSON value of a command."""
    plain = to_json(value)
    # Letters as they are, for people who look; \u escapes only where the output cannot hold them.
    text = json.dumps(plain, indent=1, allow_nan=False, ensure_ascii=False)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:  # letters that the output does not know, or bytes in a file's name that are not text
        text = json.dumps(plain, indent=1, allow_nan=False)
    click.echo(text)


def to_json(value: Any) -> Any:  # noqa: ANN401 - whatever a command found
    """Return a value as JSON can hold it.

    >>> to_json({"loss": float("nan"), "out": Path("report"), "interval": (0.1, 0.2)})
    {'loss': None, 'out': 'report', 'interval': [0.1, 0.2]}
    """
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_json(getattr(value, field.name)) for field in fields(value)}
    # By what it has, so that this module does not import NumPy.
    if hasattr(value, "tolist"):  # NumPy's arrays and numbers
        return to_json(value.tolist())
    if isinstance(value, float):
        return float(value) if isfinite(value) else None
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str | Path):
        return str(value)
    return [to_json(item) for item in value]


def result_to_json(result: Result) -> dict[str, Any]:
    """Return a row of a comparison's table, by its title."""
    return {"title": result.title, **to_json(result)}
