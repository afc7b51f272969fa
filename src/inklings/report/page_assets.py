"""Styles and script of the pages that are written as one file: those that the lab has, put together."""

from __future__ import annotations

from importlib.resources import files

from inklings.web.bundle import bundle_modules

_STYLES = ("tokens", "base", "parts", "figures", "report")
_SCRIPT = "report/report.js"


def page_styles() -> str:
    """Return all styles of a report, as one sheet."""
    return "\n".join(_read(f"style/{name}.css") for name in _STYLES)


def page_script(entry: str = _SCRIPT) -> str:
    """Return the modules that a page begins with as one script: the report's, if not told otherwise."""
    return bundle_modules(entry, _read)


def _read(name: str) -> str:
    return (files("inklings.web") / "static" / name).read_text(encoding="utf-8")
