"""The images of a data set on a cluster's workers: brought once, by their fingerprint, and kept for the next study.

They are a plugin of Dask of their own, which the scheduler also gives to workers that come later. A driver that finds
one with its images sends nothing. Those that no driver needs any more leave when a study with others begins.
"""

from __future__ import annotations

from typing import Any

from distributed import Client, WorkerPlugin

from inklings.data.dataset import Dataset

_IMAGES, _STUDY = "inklings-images-", "inklings-study-"

_here: dict[str, Dataset] = {}
"""On a worker, by their fingerprint."""


class DataMissingError(Exception):
    """A worker has not got the images that a task is about, or not any more."""


class NamedPlugin(WorkerPlugin):
    """A plugin that a scheduler knows by its name."""

    name: str


class ImagesPlugin(NamedPlugin):
    """Brings a data set to every worker."""

    def __init__(self, dataset: Dataset) -> None:
        self.name = f"{_IMAGES}{dataset.fingerprint}"
        self._dataset = dataset

    def setup(self, worker: Any) -> None:  # noqa: ANN401 - distributed's
        """Take the images."""
        _here[self._dataset.fingerprint] = self._dataset

    def teardown(self, worker: Any) -> None:  # noqa: ANN401
        """Let go of them."""
        _here.pop(self._dataset.fingerprint, None)


def images_of(fingerprint: str) -> Dataset:
    """Return what a worker has got.

    Raises
    ------
    DataMissingError
        It has not got them, or not any more.
    """
    if fingerprint not in _here:
        raise DataMissingError(f"a worker has not got the images {fingerprint[:8]} yet")
    return _here[fingerprint]


def study_plugin_name(client: str, fingerprint: str, token: str) -> str:
    """Return the name of a study's own plugin, which tells whose it is and which images it needs."""
    return f"{_STUDY}{fingerprint}-{token}-{client}"


def bring(client: Client, study: NamedPlugin, dataset: Dataset) -> None:
    """Give workers a study and its images, unless they have them; take away images that no driver needs any more.

    To be called again where a worker lacks them: a driver that looked just before this study was known, or while its
    connection was lost, may have taken them away.
    """
    scheduler: Any = client  # Dask gives these calls no types
    # The study before its images: it says that they are needed.
    if study.name not in scheduler.run_on_scheduler(_plugins_and_clients())[0]:
        client.register_plugin(study)
    plugins, clients = scheduler.run_on_scheduler(_plugins_and_clients())
    for name in _unused(plugins, clients, keep=dataset.fingerprint):
        scheduler.unregister_worker_plugin(name)
    if f"{_IMAGES}{dataset.fingerprint}" not in plugins:
        client.register_plugin(ImagesPlugin(dataset))


def _plugins_and_clients() -> Any:  # noqa: ANN401 - a function
    # A function within one is sent as its code, not by its name: a scheduler need not have Inklings.
    def ask(dask_scheduler: Any) -> tuple[list[str], list[str]]:  # noqa: ANN401
        return list(dask_scheduler.worker_plugins), list(dask_scheduler.clients)

    return ask


def _unused(plugins: list[str], clients: list[str], keep: str) -> list[str]:
    """Return the plugins of drivers that are gone, as after a kill, and the images that none of the others needs.

    >>> _unused(["inklings-images-a", "inklings-images-b", "inklings-study-b-1-x", "inklings-study-c-2-y"], ["x"], "d")
    ['inklings-images-a', 'inklings-study-c-2-y']
    """
    studies = {name: name.removeprefix(_STUDY).split("-", 2) for name in plugins if name.startswith(_STUDY)}
    needed = {keep, *(fingerprint for fingerprint, _, client in studies.values() if client in clients)}
    return [
        name
        for name in plugins
        if (name in studies and studies[name][2] not in clients)
        or (name.startswith(_IMAGES) and name.removeprefix(_IMAGES) not in needed)
    ]
