"""A measure of novelty that is fitted in a moment, for tests of other things; what it tells apart has its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module

import pytest

# Few made-up images, and few epochs of those that learn to tell them from real ones.
_SMALL = {
    ("novelty", "_MADE_UP"): 40,
    ("detectors", "_MADE_UP"): 40,
    ("detectors", "EPOCHS"): 2,
    ("detectors", "JOINT_EPOCHS"): 2,
}


@contextmanager
def small_novelty() -> Iterator[None]:
    """Measure novelty in a twentieth of the time, and less well."""
    _users_own()
    with _set(_SMALL):
        yield


@contextmanager
def full_novelty() -> Iterator[None]:
    """Measure novelty as users do, where that is what is tested."""
    with _set(_users_own()):
        yield


@cache
def _users_own() -> dict[tuple[str, str], int]:
    return {(module, name): getattr(_module(module), name) for module, name in _SMALL}


@contextmanager
def _set(values: dict[tuple[str, str], int]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for (module, name), value in values.items():
            patch.setattr(_module(module), name, value)
        yield


def _module(name: str):
    return import_module(f"inklings.evaluation.{name}")
