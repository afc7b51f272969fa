"""How fast this machine trains: measured once, kept in the user's cache folder, and used to forecast every run."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from importlib.metadata import version
from math import log
from pathlib import Path

from inklings import __version__, hardware
from inklings.costs.operations import step_bytes, step_operations
from inklings.storage import write_atomically

# What decides how fast the same program is, besides the processor.
_PACKAGES = ("numpy", "jax", "jaxlib")
_VARIABLES = ("NPROC", "XLA_FLAGS", "JAX_PLATFORMS", "OPENBLAS_CORETYPE", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")


SMALL, LARGE = 1 << 18, 1 << 21
"""Parameters of which all that an optimiser keeps fits into a processor's cache, and of which it does not."""


@dataclass(frozen=True)
class Calibration:
    """Seconds, and amounts a second.

    Attributes
    ----------
    step, call : float
        Seconds that a step within a compiled loop takes besides its arithmetic, and that a call of a program does.
    product, reading, reading64 : float
        Floating-point operations a second in dense layers: in a training step, in evaluation, in float64.
    small_update, large_update : float
        Bytes a second that an optimiser reads and writes: for parameters that stay in the cache, and that do not.
    double, double_reading : float
        Seconds that an input value takes in float64, in a gradient over all images and in evaluation.
    mask : float
        Values a second that dropout decides about.
    first_convolution, later_convolution, first_reading, later_reading : float
        Operations a second of convolutions with their pooling: of one channel or of many, in training or evaluation.
    begin : float
        Seconds to load the optimisers and lay out the parameters.
    compile_training, compile_reading, compile_convolution : float
        Seconds to compile a dense network's training, its evaluation, and to train one convolution.
    reference, reference_convolution : float
        Operations a second of the reference engine.
    resident : float
        Bytes of the process with the engine at work and nothing in it.
    """

    step: float
    call: float
    product: float
    reading: float
    reading64: float
    small_update: float
    large_update: float
    double: float
    double_reading: float
    mask: float
    first_convolution: float
    later_convolution: float
    first_reading: float
    later_reading: float
    begin: float
    compile_training: float
    compile_reading: float
    compile_convolution: float
    reference: float
    reference_convolution: float
    resident: float

    def update(self, parameters: float) -> float:
        """Give the bytes a second that pass through an optimiser of so many parameters."""
        share = min(max(log(max(parameters, 1) / SMALL) / log(LARGE / SMALL), 0.0), 1.0)
        return float(self.small_update ** (1 - share) * self.large_update**share)


def calibrate() -> Calibration:
    """Measure this machine, which takes some three seconds."""
    from inklings.engines.compilation import keep_nothing

    with keep_nothing():
        return _measure()


def _measure() -> Calibration:
    from inklings.costs import probes

    least, dense = probes.dense_steps()
    products = probes.BATCH * (step_operations(probes.DENSE).dense - step_operations(probes.LEAST).dense)
    small, large = probes.update_rate(SMALL), probes.update_rate(LARGE)
    # The probe's own traffic is counted as that of other networks is, so what is left is arithmetic.
    traffic = step_bytes(probes.DENSE.parameter_count, "sgd") / small
    double, double_reading = probes.double_seconds()
    first, later = probes.convolving("first"), probes.convolving("later")
    return Calibration(
        step=least.step,
        call=probes.call().seconds,
        product=products / max(dense.step - least.step - traffic, 0.25 * dense.step),
        reading=probes.reading_rate("float32"),
        reading64=probes.reading_rate("float64"),
        small_update=small,
        large_update=large,
        double=double,
        double_reading=double_reading,
        mask=probes.mask_rate(),
        first_convolution=first.training,
        later_convolution=later.training,
        first_reading=first.reading,
        later_reading=later.reading,
        begin=least.begin,
        compile_training=(least.compile_training + dense.compile_training) / 2,
        compile_reading=(least.compile_reading + dense.compile_reading) / 2,
        compile_convolution=(first.compiling + later.compiling) / 2,
        reference=probes.reference_rate("dense"),
        reference_convolution=probes.reference_rate("convolutional"),
        resident=float(hardware.resident_memory() or 0),
    )


def this_machine(*, measure_anew: bool = False) -> Calibration:
    """Give this machine's calibration: from the cache folder, or measured now and kept there.

    Parameters
    ----------
    measure_anew : bool
        Whether to measure even if there is one.
    """
    if measure_anew:
        _known.cache_clear()
        _path().unlink(missing_ok=True)
    return _known(_path())


@lru_cache(1)
def _known(path: Path) -> Calibration:
    kept = _read(path)
    if kept is None:
        kept = calibrate()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, json.dumps(asdict(kept), indent=1))
        except OSError:
            pass  # a cache that cannot be written costs the next run three seconds; the doctor names it
    return kept


def _read(path: Path) -> Calibration | None:
    """Read what was kept; whatever is wrong with it, it can be measured again."""
    try:
        values = json.loads(path.read_text())
        kept = Calibration(**{field.name: float(values[field.name]) for field in fields(Calibration)})
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return kept if all(value > 0 for value in asdict(kept).values()) else None


def _path() -> Path:
    """Name the file after all that the figures depend on."""
    facts = [hardware.processor_name(), hardware.vector_instructions(), hardware.cores().usable, __version__]
    facts += [version(package) for package in _PACKAGES] + [os.environ.get(name) for name in _VARIABLES]
    return hardware.cache_folder() / f"calibration-{hashlib.sha256(repr(facts).encode()).hexdigest()[:16]}.json"
