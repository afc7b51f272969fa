"""Each library holds the instructions that its name says, learns the same, the best is chosen, and is worth having."""

import ctypes
import platform
from contextlib import contextmanager
from pathlib import Path
from time import thread_time

import numpy as np
import pytest

from inklings import Conv2D, Dense, Flatten, MaxPool2D, Network
from inklings.engines.native import bindings
from inklings.engines.native.engine import NativeEngine
from specimens import NETWORKS

CPUINFO = Path("/proc/cpuinfo")
AVX2 = {"avx2", "fma", "bmi1", "bmi2"}
AVX512 = AVX2 | {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}
VECTOR_BYTES = {0: 16, 3: 32, 4: 64}
TWO_CONVOLUTIONS = Network(
    (20, 20, 1),
    (Conv2D(16, 5, activation="relu"), MaxPool2D(2), Conv2D(32, 3, activation="relu"), Flatten(), Dense(10, "softmax")),
)
WIDE = Network((20, 20, 1), (Flatten(), Dense(400, "relu"), Dense(10, "softmax")))


def libraries():
    return sorted(bindings.FOLDER.glob(f"native_*{bindings.SUFFIX}"))


def level_of(path):
    return int(path.stem.rpartition("_")[2])


@pytest.mark.skipif(
    not CPUINFO.exists() or platform.machine() != "x86_64", reason="the system does not list the processor's features"
)
def test_the_processors_level_is_what_the_system_says_of_it():
    flags = set(next(line for line in CPUINFO.read_text().splitlines() if line.startswith("flags")).split())
    expected = 4 if flags >= AVX512 else 3 if flags >= AVX2 else 0
    for path in libraries():
        if level_of(path) == 0:  # others may hold instructions that this processor does not know
            assert ctypes.CDLL(str(path)).processor_level() == expected


def test_each_library_was_compiled_for_the_level_in_its_name():
    for path in libraries():
        if level_of(path) <= bindings.processor_level():
            loaded = ctypes.CDLL(str(path))
            loaded.vector_lanes.restype = ctypes.c_int64
            width = 4 if "float" in path.name else 8
            assert loaded.compiled_level() == level_of(path)
            assert loaded.vector_lanes() * width == VECTOR_BYTES[level_of(path)]


def test_the_best_library_that_this_processor_can_run_is_used():
    for dtype, real in bindings.REALS.items():
        levels = [level_of(path) for path in libraries() if f"_{real}_" in path.name]
        assert bindings.used_level(dtype) == max(level for level in levels if level <= bindings.processor_level())


def seconds_of_a_step(data, begin, take, dtype):
    """The quickest of several, in this thread's own time, so that what else the machine does counts little."""
    session, (images, labels) = begin(NativeEngine(dtype, threads=1), WIDE), data(WIDE, 200)
    seconds = []
    for _ in range(8):
        started = thread_time()
        take(session, images, labels, batch_size=50, steps=4)
        seconds.append(thread_time() - started)
    return min(seconds)


@pytest.fixture
def at_level(monkeypatch):
    """Use the library of a level while a block runs."""
    from inklings.engines.native.lowering import lower

    @contextmanager
    def use(level):
        with monkeypatch.context() as patch:
            patch.setattr(bindings, "processor_level", lambda: level)
            bindings.load.cache_clear(), lower.cache_clear()
            yield
        bindings.load.cache_clear(), lower.cache_clear()

    return use


# Sums are in another order with wider vectors, and SSE2 has no multiplication and addition in one rounding. Found: 8e-7
# and 2e-15. Not with Adam, which divides by the root of a gradient's square: a gradient of rounding alone moves a
# weight as far as any other.
SAME_BUT_FOR_ROUNDING = {"float32": 1e-5, "float64": 1e-13}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ["dense", "convolution normalised", "two convolutions"])
def test_every_level_learns_the_same_but_for_rounding(name, dtype, trained, at_level):
    network = {"dense": WIDE, "two convolutions": TWO_CONVOLUTIONS}.get(name) or NETWORKS[name]
    levels = sorted({level_of(path) for path in libraries() if level_of(path) <= bindings.processor_level()})
    found = []
    for level in levels:
        with at_level(level):
            found.append(trained(network, dtype=dtype, optimiser="nesterov"))
    for other in found[1:]:
        for key, value in found[0].items():
            scale = max(1.0, float(np.abs(value).max(initial=0)))
            assert np.abs(other[key] - value).max(initial=0) <= SAME_BUT_FOR_ROUNDING[dtype] * scale, key


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_wider_vectors_take_less_time(dtype, data, begin, take, monkeypatch):
    from inklings.engines.native.lowering import lower

    if bindings.used_level(dtype) == 0:
        pytest.skip("there is one level only")
    seconds = {}
    for level in (0, bindings.used_level(dtype)):
        with monkeypatch.context() as patch:
            patch.setattr(bindings, "processor_level", lambda level=level: level)
            bindings.load.cache_clear(), lower.cache_clear()
            seconds[level] = seconds_of_a_step(data, begin, take, dtype)
    bindings.load.cache_clear(), lower.cache_clear()
    assert seconds[bindings.used_level(dtype)] < 0.7 * seconds[0], np.round(list(seconds.values()), 5)
