"""Styles and script of the pages that are written as one file: those that the lab has, put together."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from inklings.web.bundle import bundle_modules

_STYLES = ("tokens", "base", "parts", "figures", "report")
_SCRIPT = "report/report.js"


def page_styles() -> str:
    """Return all styles of a report, as one sheet."""
    return "\n".join(_read(f"style/{name}.css") for name in _STYLES)


def page_script(entry: str = _SCRIPT) -> str:
    """Return the modules that a page begins with as one script: the report's, if not told otherwise."""
    return bundle_modules(entry, _read)


def json_in_script(values: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    """Return values as JSON that may stand within a page's script."""
    # It needs no escapes but this one: a class that is called </script> would end it.
    return json.dumps(values, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def render_template(name: str, **values: Any) -> str:  # noqa: ANN401 - whatever the template shows
    """Fill in one of the templates; what is text in them is escaped."""
    from jinja2 import Environment, PackageLoader

    environment = Environment(loader=PackageLoader("inklings.report"), autoescape=True, trim_blocks=True)
    return environment.get_template(name).render(**values)


def _read(name: str) -> str:
    return (files("inklings.web") / "static" / name).read_text(encoding="utf-8")
