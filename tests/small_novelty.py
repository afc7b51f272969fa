"""A measure of novelty that is fitted in a moment, for tests of other things; what it tells apart has its own."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def small_novelty() -> Iterator[None]:
    """Measure novelty with few made-up images and few epochs."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (
            ("novelty._MADE_UP", 40),
            ("detectors._MADE_UP", 40),
            ("detectors.EPOCHS", 2),
            ("detectors.JOINT_EPOCHS", 2),
        ):
            patch.setattr(f"inklings.evaluation.{name}", value)
        yield
