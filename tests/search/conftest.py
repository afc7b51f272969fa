import pytest

from search.dask_processes import DaskProcesses


@pytest.fixture(scope="session")
def cluster():
    """A scheduler and two workers, as they are started by hand on other machines."""
    pytest.importorskip("distributed")
    with DaskProcesses(workers=2) as processes:
        yield processes.address
