"""The command line: it parses, calls the library and prints; nothing is computed here."""

from inklings.cli.main import main

__all__ = ["main"]
