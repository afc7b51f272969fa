from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from inklings import compare, open_dataset, write_report


@contextmanager
def small_novelty() -> Iterator[None]:
    """Measure novelty with few made-up images and one epoch: a report says its share, which tests of its own judge."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("detectors._MADE_UP", 20), ("detectors.EPOCHS", 1), ("detectors.JOINT_EPOCHS", 1)):
            patch.setattr(f"inklings.evaluation.{name}", value)
        patch.setattr("inklings.evaluation.novelty._MADE_UP", 20)
        yield


@pytest.fixture(scope="module", autouse=True)
def _small_novelty():
    with small_novelty():
        yield


@pytest.fixture(scope="session")
def comparison():
    split = open_dataset("digits").split(test=0.2, validation=0.6)
    return compare(["softmax", "naive", "mlp"], split, quick=True)


@pytest.fixture(scope="session")
def folder(comparison, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report") / "new"
    with small_novelty():  # a fixture of the session is made before those of a module
        write_report(comparison, folder, command="inklings compare softmax naive mlp")
    return folder
