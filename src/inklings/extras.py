"""Packages that extras bring: asked for where they are used, and what is told where one is missing, or is broken.

A package that is installed and cannot be imported is not "not installed": its own dependency may be missing, it may
have been built for another NumPy, or half of it may have been removed. Whoever is told to install it does so in vain.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from inklings.errors import MissingDependencyError

_NO_MEMORY = ("failed to map segment", "annot allocate memory")


def is_installed(package: str) -> bool:
    """Whether there is such a package, found without importing it; it may be broken all the same."""
    try:
        return find_spec(package) is not None
    except ValueError:
        # Of one that was imported in an unusual way and has no __spec__.
        return sys.modules.get(package) is not None


@contextmanager
def importing(
    package: str, need: str, install: str, *, otherwise: str = "", path: Path | None = None
) -> Iterator[None]:
    """Import a package, and say what is wrong if it cannot be.

    Parameters
    ----------
    package : str
        The name that is imported.
    need : str
        What needs it, with the name by which people know it, to be followed by ``, which is not installed``.
    install : str
        What pip is asked for if it is not installed.
    otherwise : str
        What to do in place of that, if anything.
    path : Path, optional
        The file that needs it.

    Raises
    ------
    MissingDependencyError
        It is not installed; or it is, and cannot be imported.

    Examples
    --------
    >>> with importing("nosuch", "an example needs nosuch", "nosuch"):
    ...     import nosuch
    Traceback (most recent call last):
        ...
    inklings.errors.MissingDependencyError: an example needs nosuch, which is not installed; pip install nosuch
    """
    other = f", or {otherwise}" if otherwise else ""
    try:
        yield
    except Exception as error:
        # Deliberately broad: built for another NumPy, packages raise ValueError, AttributeError and SystemError.
        if is_out_of_memory(error):
            raise
        if isinstance(error, ModuleNotFoundError) and error.name == package:
            told, what_to_do = f"{need}, which is not installed", f"pip install {install}"
        else:
            told = f"{need}, which is installed, but cannot be imported ({_describe(error)})"
            what_to_do = f"pip install --force-reinstall {_distribution(package)}"
        raise MissingDependencyError(told, what_to_do + other, path=path, expected=package) from error


def is_out_of_memory(error: Exception) -> bool:
    """Whether a library could not be loaded for want of memory, in the words of the C library."""
    return isinstance(error, MemoryError) or any(sign in str(error) for sign in _NO_MEMORY)


def _describe(error: Exception) -> str:
    """Return what an import raised, in a line: ``"ModuleNotFoundError: No module named 'google'"``."""
    # Some packages raise several paragraphs, of which the first says what is wrong.
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    return f"{type(error).__name__}: {first[:160]}" if first else type(error).__name__


def _distribution(package: str) -> str:
    """Return the name by which pip knows a package that is installed: mlflow may be of mlflow-skinny."""
    return _distributions().get(package, [package])[0]


@cache
def _distributions() -> Mapping[str, list[str]]:
    # Of an error alone, and once: it reads the list of files of all that is installed, most of a second of them.
    from importlib.metadata import packages_distributions

    return packages_distributions()
