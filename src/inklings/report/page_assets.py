"""Styles and script of the pages that are written as one file: those that the lab has, put together."""

from __future__ import annotations

from importlib.resources import files

from inklings.web.bundle import bundle_modules

_STYLES = ("tokens", "base", "parts", "figures", "report")
_SCRIPT = "report/report.js"


def page_styles() -> str:
    """Return all styles of a report, as one sheet."""
    return "\n".join(_read(f"style/{name}.css") for name in _STYLES)


def page_script() -> str:
    """Return the report's modules as one script."""
    return bundle_modules(_SCRIPT, _read)


def _read(name: str) -> str:
    return (files("inklings.web") / "static" / name).read_text(encoding="utf-8")
