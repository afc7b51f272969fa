"""Keeping what was compiled, for the next process.

Compiling the training step and the evaluation of a convolutional network takes seconds, as long as several epochs of a
small data set. JAX can write such programs to a folder and find them there again; it recompiles, with a warning, what
it cannot load. A program holds instructions of the processor that it was compiled for, so each kind has its own folder.
"""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from pathlib import Path

import jax

from inklings.machine import cache_folder, processor_name, vector_instructions

_WORTH_KEEPING = 0.5
"""Seconds of compiling; what takes less, as most of dense networks' programs, is compiled again."""


@lru_cache
def keep_compiled() -> Path | None:
    """Let JAX keep compiled programs in the user's cache folder; a matter of the whole process, done once.

    Returns
    -------
    Path or None
        The folder; None where JAX was told by its own settings what to do, or the folder cannot be written.
    """
    told = jax.config.values
    if told["jax_compilation_cache_dir"] is not None or not told["jax_enable_compilation_cache"]:
        return None
    kind = " ".join([processor_name(), *vector_instructions(), jax.__version__])
    folder = cache_folder() / "compiled" / hashlib.sha256(kind.encode()).hexdigest()[:12]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    if not os.access(folder, os.W_OK):
        return None
    jax.config.update("jax_compilation_cache_dir", str(folder))  # type: ignore[no-untyped-call]
    jax.config.update("jax_persistent_cache_min_compile_time_secs", _WORTH_KEEPING)  # type: ignore[no-untyped-call]
    return folder
