"""The compiled C library: found, checked and loaded, with its structures and functions as Python declares them."""

from __future__ import annotations

import ctypes
import sys
from ctypes import POINTER, c_char_p, c_double, c_int, c_int32, c_int64, c_uint32, c_void_p
from functools import lru_cache
from pathlib import Path
from typing import Any

from inklings.engines.native.source_hash import source_hash

FOLDER = Path(__file__).parent
REALS = {"float32": "float", "float64": "double"}
LEVELS = {0: "what every processor has", 3: "AVX2", 4: "AVX-512"}
"""The vector instructions of each level that ``cpu_features.c`` knows."""
SUFFIX = {"win32": ".dll", "darwin": ".dylib"}.get(sys.platform, ".so")
"""Of shared libraries on this system."""


class Layer(ctypes.Structure):
    """``Layer`` in ``network.h``."""

    # Order and types as in network.h. load() compares sizes, which shows a missing field but not two that are swapped.
    _fields_ = (
        *((name, c_int32) for name in ("kind", "activation")),
        *((name, c_int32) for name in ("height", "width", "channels", "out_height", "out_width", "out_channels")),
        *((name, c_int32) for name in ("kernel_height", "kernel_width", "stride_y", "stride_x")),
        *((name, c_int32) for name in ("pad_top", "pad_left", "regularised")),
        ("dropout_keys", c_uint32 * 2),
        ("dropout_threshold", c_uint32),
        *((name, c_double) for name in ("dropout_scale", "momentum", "epsilon")),
        *((name, c_int64) for name in ("weights", "biases", "mean", "variance")),
    )


class Optimiser(ctypes.Structure):
    """``Optimiser`` in ``optimiser.h``."""

    _fields_ = (
        ("spec", c_int32),
        *((name, c_double) for name in ("momentum", "beta2", "epsilon", "weight_decay", "l1", "l2")),
        *((name, c_void_p) for name in ("first_moment", "second_moment", "gradients")),
    )


class Objective(ctypes.Structure):
    """``Objective`` in ``training.h``."""

    _fields_ = (("binary", c_int32), ("mean", c_int32), ("smoothing", c_double), ("class_weights", c_void_p))


class Warps(ctypes.Structure):
    """``Warps`` in ``augment.h``."""

    _fields_ = (
        *((name, c_int64) for name in ("height", "width", "channels")),
        *((name, c_void_p) for name in ("matrices", "shifts", "fields", "strokes", "erased")),
        *((name, c_void_p) for name in ("basis_rows", "basis_columns")),
    )


class Dataset(ctypes.Structure):
    """``Dataset`` in ``training.h``."""

    _fields_ = (("images", c_void_p), ("labels", c_void_p), ("weights", c_void_p), ("warps", POINTER(Warps)))


# In the order in which structure_sizes (abi.c) writes their sizes.
_STRUCTURES = (Layer, Optimiser, Objective, Dataset, Warps)
_NETWORK = (c_void_p, c_void_p, POINTER(Objective))
_STEPS = (c_void_p, c_int64, c_int64, c_void_p, c_int64, c_int64, c_void_p)
PROTOTYPES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "compiled_from": (c_char_p, ()),
    "compiled_level": (c_int, ()),
    "structure_sizes": (None, (POINTER(c_int64),)),
    "panel_columns": (c_int64, ()),
    "panel_gap": (c_int64, ()),
    "vector_lanes": (c_int64, ()),
    "workspace_create": (c_void_p, (POINTER(Layer), c_int, c_int64, c_int, c_int)),
    "workspace_bytes": (c_int64, (POINTER(Layer), c_int, c_int64, c_int, c_int)),
    "workspace_free": (None, (c_void_p,)),
    "layer_outputs": (c_void_p, (c_void_p, c_int)),
    "predict": (None, (c_void_p, c_void_p, c_void_p, c_int64, c_int, c_void_p)),
    "evaluate": (None, (*_NETWORK, POINTER(Dataset), c_int64, c_void_p)),
    "train": (None, (*_NETWORK, POINTER(Optimiser), POINTER(Dataset), *_STEPS)),
}
"""What each function returns and takes, as in ``abi.h``, ``network.h`` and ``training.h``."""


@lru_cache
def load(dtype: str = "float32", level: int | None = None) -> ctypes.CDLL:
    """Load the library for a dtype, in the version that makes the most of this processor.

    Parameters
    ----------
    dtype : {"float32", "float64"}
        What it computes in.
    level : int, optional
        Of the vector instructions that it may use, a key of :data:`LEVELS`.

    Returns
    -------
    ctypes.CDLL
        With the types of all functions declared.

    Raises
    ------
    OSError
        It was not built, cannot be loaded here, or was compiled from other C sources than those beside it.
    """
    path = _path(dtype, used_level(dtype) if level is None else level)
    library = ctypes.CDLL(str(path))
    # Undeclared, ctypes would pass an address as a 32-bit int, and C would read elsewhere.
    for name, (result, arguments) in PROTOTYPES.items():
        # An older library may lack a function altogether.
        function = getattr(library, name, None)
        if function is None:
            raise OSError(_stale(path))
        function.restype, function.argtypes = result, arguments
    # As the compiler laid them out, padding included: what ctypes assumes has to be the same.
    sizes = (c_int64 * len(_STRUCTURES))()
    library.structure_sizes(sizes)
    sources = source_hash(FOLDER)
    # An installed package may have no sources; then nothing can have changed since it was built either.
    is_current = not sources or library.compiled_from().decode() == sources
    if list(sizes) != [ctypes.sizeof(each) for each in _STRUCTURES] or not is_current:
        raise OSError(_stale(path))
    return library


def _stale(path: Path) -> str:
    return f"{path.name} was compiled from other C sources than those beside it; install Inklings again"


def used_level(dtype: str = "float32") -> int:
    """Return the level of vector instructions that the library loaded for a dtype was compiled for.

    Raises
    ------
    OSError
        There is none for this processor.
    """
    # Of those that run here, the highest: one instruction that a processor lacks ends the whole process.
    level = max((each for each in _built(dtype) if each <= processor_level()), default=None)
    if level is None:
        raise OSError(f"the native engine was not built for {dtype}")
    return level


@lru_cache
def processor_level() -> int:
    """Return the level of vector instructions that this processor supports; :data:`LEVELS` names it."""
    # The library of level 0 runs anywhere, and so is the one that can be asked.
    return int(ctypes.CDLL(str(_path("float32", 0))).processor_level())


def why_not() -> str:
    """Return why the native engine cannot be used here; empty if it can."""
    if not _built("float32") or not _built("float64"):
        return "it was not compiled when the package was installed: there was no C compiler, or it failed"
    try:
        # Both: full-batch optimisers and gradient checks ask for float64 where all else is float32.
        for dtype in REALS:
            load(dtype)
    # AttributeError: a library from before there were levels cannot be asked for the processor's.
    except (OSError, AttributeError) as error:
        return f"its library cannot be loaded: {error}"
    return ""


@lru_cache
def is_available() -> bool:
    """Return whether the native engine can be used here."""
    return not why_not()


def _path(dtype: str, level: int) -> Path:
    return FOLDER / f"native_{REALS[dtype]}_{level}{SUFFIX}"


def _built(dtype: str) -> list[int]:
    return [int(path.stem.rpartition("_")[2]) for path in FOLDER.glob(f"native_{REALS[dtype]}_*{SUFFIX}")]
