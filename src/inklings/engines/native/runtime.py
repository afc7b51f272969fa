"""What the engine and its sessions share: arrays as the library takes them, workspaces, and evaluation in batches."""

from __future__ import annotations

from math import nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.engines.array_cache import ArrayCache
from inklings.engines.base import Evaluation, Images, Labels
from inklings.engines.batches import eval_chunks
from inklings.engines.native.lowering import LoweredNetwork, lower
from inklings.engines.native.resources import INFERENCE_BATCH, usable_threads
from inklings.engines.native.workspace import Data, Workspace
from inklings.engines.objective import Objective
from inklings.networks import Network, Parameters
from inklings.networks.folding import fold_batch_norms


class Runtime:
    """The library in one dtype, with a number of threads.

    Parameters
    ----------
    dtype : {"float32", "float64"}
        What it computes in.
    threads : int, optional
        How many share the work; one per core if not given.
    level : int, optional
        Of the vector instructions that it may use; the highest that there is here if not given.
    """

    def __init__(self, dtype: str = "float32", *, threads: int | None = None, level: int | None = None) -> None:
        self.dtype: np.dtype[Any] = np.dtype(dtype)
        self.level = level
        self.threads = threads or usable_threads()
        self._copies = ArrayCache(_converted)

    def place(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return an array as the library takes it: itself where possible, else a copy, which is kept a while."""
        # What C can read where it lies is not copied; numbers of another type, or every second image, are.
        # A stack of lazy images is no array yet; converting makes it one.
        fits = isinstance(values, np.ndarray) and values.flags.c_contiguous and values.flags.aligned
        return values if fits and values.dtype == _kind(values) else self._copies(values)

    def lower(self, network: Network) -> LoweredNetwork:
        """Lower a network for the library."""
        return lower(network, self.dtype, self.level)

    def workspace(self, network: Network, batch_size: int, objective: Objective, **settings: Any) -> Workspace:  # noqa: ANN401
        """Allocate memory for batches of a size; the settings are those of :class:`Workspace`."""
        return Workspace(self.lower(network), max(1, batch_size), self.threads, objective, **settings)

    def fold(self, network: Network, parameters: Parameters) -> tuple[Network, NDArray[Any]]:
        """Return a network with its batch normalisations folded, and its parameters in one array."""
        folded = fold_batch_norms(network)
        return folded.network, self.lower(folded.network).layout.join(folded.parameters(parameters))

    def evaluate_vector(
        self, network: Network, objective: Objective, vector: NDArray[Any], images: Images, labels: Labels
    ) -> Evaluation:
        """Evaluate a network whose parameters are in one array; the loss is that of ``objective.plain_loss()``."""
        # For this evaluation alone: kept, it would add to what training takes.
        workspace, sums = self.workspace(network, min(len(images), INFERENCE_BATCH), objective), np.zeros(2)
        for _, (pixels, answers) in eval_chunks(self.place, images, labels):
            sums += workspace.evaluate(vector, Data(pixels, answers))
        loss, accuracy = sums / len(images) if len(images) else (nan, nan)
        return Evaluation(float(loss), float(accuracy))


def _kind(values: NDArray[Any]) -> type:
    """Return the type that the library takes: images in float32, labels in int64, images' weights in float64."""
    if values.ndim > 1:
        return np.float32
    return np.int64 if values.dtype.kind in "iu" else np.float64


def _converted(values: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(values, _kind(values))
