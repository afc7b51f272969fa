import pytest

from inklings import compare, open_dataset, write_report
from small_novelty import small_novelty


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
