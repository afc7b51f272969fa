"""What a run will cost, before it starts: arithmetic, seconds, memory.

::

    cost = inklings.forecast(plan.network, plan.recipe, (2750, 1000))
    print(cost)            # 328,810 parameters, 2.6 Tflop, about 14 s and 110 MB

Seconds are those of a machine with nothing else to do; other programs make them more.
"""

from __future__ import annotations

from dataclasses import dataclass

from inklings import hardware
from inklings.costs.calibration import Calibration, this_machine
from inklings.costs.kept import measured
from inklings.costs.modelled import Modelled
from inklings.costs.work import Work
from inklings.engines import engine_name
from inklings.networks import Network
from inklings.training.kept_programs import has_programs
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
        Floating-point operations to read an image.
    operations : float
        In all, evaluation after each epoch included.
    steps, epochs : int
        At most; early stopping may end training before.
    compiling : float
        Seconds before the first step, to compile, or to load what an earlier training compiled.
    seconds : float
        On this machine by itself, compiling included, as ``FitResult.seconds`` counts them.
    memory : int
        Bytes of the process at its peak.
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
        return self.compiling + (self.seconds - self.compiling) * epoch / max(1, self.epochs)


def forecast(
    network: Network,
    recipe: Recipe,
    images: tuple[int, int],
    *,
    engine: str = "auto",
    calibration: Calibration | None = None,
) -> Cost:
    """Forecast what ``fit`` will take.

    A training by the native engine is measured itself, for a moment (:mod:`inklings.costs.measured`). One by another is
    forecast from how fast the machine is (:mod:`inklings.costs.modelled`), which is measured the first time, in some
    three seconds. Both are kept in the user's cache folder.

    Parameters
    ----------
    network, recipe
        As for :func:`inklings.fit`.
    images : (int, int)
        How many training and validation images there are.
    engine : {"auto", "native", "compiled", "reference"}
        What will compute.
    calibration : Calibration, optional
        How fast the machine is, for the compiled and the reference engine; this one's if not given. With one that is
        given, nothing counts as compiled before.

    Raises
    ------
    RecipeError
        The recipe does not suit the network.
    """
    work, name = Work(network, recipe, images), engine_name(engine)
    if name == "native":
        memory = _native_memory(work)  # as it is before anything is measured
        compiling, seconds = 0.0, measured(work).seconds(work)
    else:
        kept = calibration is None and has_programs(network, recipe, images)
        rates = calibration or this_machine()
        modelled = Modelled(work, name, rates, kept)
        compiling, seconds = modelled.compiling, modelled.seconds
        memory = max(hardware.resident_memory() or 0, int(rates.resident)) + training_bytes(
            network, recipe, images, name
        )
    return Cost(
        parameters=network.parameter_count,
        operations_per_image=network.operations,
        operations=work.operations,
        steps=work.course.steps,
        epochs=work.course.epochs,
        compiling=compiling,
        seconds=seconds,
        memory=memory,
    )


def _native_memory(work: Work) -> int:
    """Give the bytes of this process at its peak, which may be over already."""
    resident, peak = hardware.resident_memory() or 0, hardware.peak_memory() or 0
    return max(peak, resident + training_bytes(work.network, work.recipe, work.images, "native"))


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
