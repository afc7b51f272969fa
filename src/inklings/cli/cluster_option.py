"""``--cluster``: the repeats of a comparison or of learning curves on the workers of a Dask scheduler."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from inklings.cli.command import SectionOption

if TYPE_CHECKING:
    from inklings.experiments import RunStore

cluster_option = click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Train the repeats on a Dask scheduler's workers, such as tcp://host:8786.",
    cls=SectionOption,
    section="Repeats",
)


@contextmanager
def trained_elsewhere(cluster: str | None, store: RunStore | None = None) -> Iterator[dict[str, Any]]:
    """Yield the setting by which a comparison's repeats are trained on a cluster; none without an address.

    Parameters
    ----------
    cluster : str or None
    store : RunStore, optional
        Where the runs are kept; nowhere if not given.
    """
    if cluster is None:
        yield {}
        return
    from inklings.experiments import RunStore
    from inklings.search.spread import Spread

    with tempfile.TemporaryDirectory() as folder, Spread(cluster, store or RunStore(Path(folder) / "runs")) as spread:
        yield {"elsewhere": spread}
