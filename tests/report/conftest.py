import pytest

from inklings import compare, open_dataset, write_report


@pytest.fixture(scope="session")
def comparison():
    split = open_dataset("digits").split(test=0.2, validation=0.6)
    return compare(["softmax", "naive", "mlp"], split, quick=True)


@pytest.fixture(scope="session")
def folder(comparison, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report") / "new"
    write_report(comparison, folder, command="inklings compare softmax naive mlp")
    return folder
