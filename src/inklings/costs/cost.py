"""What a run will cost, before it starts: arithmetic, seconds, memory.

::

    cost = inklings.forecast(plan.network, plan.recipe, (2750, 1000))
    print(cost)            # 328,810 parameters, 2.6 Tflop, about 14 s and 110 MB

Seconds are those of a machine with nothing else to do; other programs make them more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral

from inklings import hardware
from inklings.arguments import checks_call
from inklings.costs.timing import time_parts
from inklings.costs.workload import Workload
from inklings.engines import engine_name, get_engine
from inklings.errors import RecipeError
from inklings.networks import Network
from inklings.training.memory import describe_bytes, training_bytes
from inklings.training.recipe import Recipe


@dataclass(frozen=True)
class Cost:
    """What a run takes.

    Attributes
    ----------
    parameters : int
        That training changes.
    operations_per_image : int
        Floating-point operations to classify an image.
    operations : float
        In all, evaluation after each epoch included.
    steps, epochs : int
        At most; early stopping may end training before.
    compiling : float
        Seconds before the first step to compile; nothing but by JAX.
    seconds : float
        On this machine by itself, compiling included, as ``FitResult.seconds`` counts them.
    memory : int
        Bytes of the process at its peak.

    Examples
    --------
    >>> import inklings
    >>> plan = inklings.preset("softmax", (20, 20, 1), 10)
    >>> cost = inklings.forecast(plan.network, plan.recipe, images=(2750, 1000))
    >>> cost.parameters, cost.steps, cost.compiling
    (4010, 1000, 0.0)
    """

    parameters: int
    operations_per_image: int
    operations: float
    steps: int
    epochs: int
    compiling: float
    seconds: float
    memory: int

    def __str__(self) -> str:
        return (
            f"{self.parameters:,} parameters, {describe_operations(self.operations)}, about "
            f"{describe_seconds(self.seconds)} and {describe_bytes(self.memory)}"
        )

    def seconds_until(self, epoch: int) -> float:
        """Forecast when an epoch will be over."""
        # Linear between: an epoch takes as long as another.
        return self.compiling + (self.seconds - self.compiling) * epoch / max(1, self.epochs)


@checks_call(RecipeError, network=Network, recipe=Recipe, images=(tuple, list))
def forecast(network: Network, recipe: Recipe, images: tuple[int, int], *, engine: str = "auto") -> Cost:
    """Forecast what ``fit`` will take.

    The training itself is timed, for a few hundredths of a second, up to half a second before a long one
    (:mod:`inklings.costs.timing`). By JAX it is compiled first, which may take seconds.

    Parameters
    ----------
    network, recipe
        As for :func:`inklings.fit`.
    images : (int, int)
        How many training and validation images there are.
    engine : {"auto", "native", "reproducible", "numpy", "jax"}
        Which engine trains.

    Returns
    -------
    Cost

    Raises
    ------
    RecipeError
        The recipe does not suit the network, or ``images`` are not two such numbers.

    Examples
    --------
    >>> import inklings
    >>> plan = inklings.preset("softmax", (20, 20, 1), 10)
    >>> print(inklings.forecast(plan.network, plan.recipe, images=(2750, 1000)))  # doctest: +ELLIPSIS
    4,010 parameters, ...
    """
    train, validation = whole_counts(images, 2, "forecast", "training and validation images", (2750, 1000))
    workload, name = Workload(network, recipe, (train, validation)), engine_name(engine)
    get_engine(name)  # loads what it needs, which counts as memory of the process before training
    memory = _peak_memory(workload, name)  # before anything is timed
    times = time_parts(workload, name)
    return Cost(
        parameters=network.parameter_count,
        operations_per_image=network.operations,
        operations=workload.operations,
        steps=workload.step_count.steps,
        epochs=workload.step_count.epochs,
        compiling=times.compiling,
        seconds=times.total(workload),
        memory=memory,
    )


def whole_counts(given: Sequence[int], length: int, title: str, what: str, example: tuple[int, ...]) -> list[int]:
    """Return how many images there are of each part, as Python's own numbers.

    Parameters
    ----------
    given : sequence of int
        The first, of the training images, at least 1.
    length : int
        How many numbers there must be.
    title, what, example
        The function's name, what the numbers mean, and some, for the error.
    """
    counts = list(given) if isinstance(given, Sequence) and not isinstance(given, str) else []
    whole = all(isinstance(count, Integral) and not isinstance(count, bool) for count in counts)
    if not whole or len(counts) != length or counts[0] < 1 or min(counts) < 0:
        shown = f"{len(counts)} entries" if len(counts) > length else f"{given!r:.60}"
        problem = f"{title}: images is {shown}, expected how many {what} there are"
        raise RecipeError(problem, f"such as images={example}", found=given)
    return [int(count) for count in counts]


def _peak_memory(workload: Workload, engine: str) -> int:
    """Return the bytes of this process at its peak, which may be over already."""
    resident, peak = hardware.resident_memory() or 0, hardware.peak_memory() or 0
    # The peak is the system's for the whole life of the process: loading may already have needed more.
    return max(peak, resident + training_bytes(workload.network, workload.recipe, workload.images, engine))


def describe_operations(count: float) -> str:
    """Word a number of floating-point operations."""
    for limit, prefix in ((1e15, "P"), (1e12, "T"), (1e9, "G")):
        if count >= limit:
            return f"{count / limit:.3g} {prefix}flop"
    return f"{count / 1e6:.3g} Mflop"


def describe_seconds(seconds: float) -> str:
    """Word a duration."""
    if seconds < 120:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
