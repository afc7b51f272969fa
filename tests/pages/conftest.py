"""Real digits, to photograph."""

import pytest

from inklings.data import open_dataset


@pytest.fixture(scope="session")
def digits28():
    return open_dataset("digits28")
