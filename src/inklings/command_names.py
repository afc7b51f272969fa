"""Parts that have the name of a command: who calls one as the command is called is told which function is meant."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from inklings.errors import InklingsError


class NamedAsACommand(ModuleType):
    """A part such as :mod:`inklings.export`, which ``inklings export`` makes one expect to be a function."""

    meant = ""

    def __call__(self, *_given: Any, **_named: Any) -> Any:  # noqa: ANN401 - whatever was tried
        """Refuse to be called, and say what to call."""
        raise InklingsError(f"{self.__name__} is a part of Inklings and no function", f"did you mean {self.meant}?")


def named_as_a_command(name: str, meant: str) -> None:
    """Let a module, by its ``__name__``, answer a call by what is meant.

    Examples
    --------
    >>> import inklings
    >>> inklings.doctor()
    Traceback (most recent call last):
    inklings.errors.InklingsError: inklings.doctor is a part of Inklings and no function; did you mean ...?
    """
    module = sys.modules[name]
    # Python looks for __call__ on the class alone, and lets a module's be changed for such ends.
    module.__class__ = NamedAsACommand
    module.meant = meant  # type: ignore[attr-defined]
