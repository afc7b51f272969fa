"""What holds for tests and for the examples in docstrings alike."""

import gc
import sys
from collections.abc import Generator, Iterator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Let Python look for garbage neither while tests are collected, nor among what was collected while they run.

    There are thousands of tests, which are all kept: to look through them again and again took a third of collection.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session", autouse=True)
def _small_novelty() -> Iterator[None]:
    """Fit the measure of novelty in a moment: every saved model has one, and few tests are about it."""
    from small_novelty import small_novelty

    with small_novelty():
        yield


@pytest.fixture(autouse=True)
def _closed_figures() -> Iterator[None]:
    """Close the figures that a test has opened: pyplot keeps them, and warns of more than twenty."""
    yield
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close("all")
