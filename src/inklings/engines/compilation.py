"""Keeping what was compiled, for the next process.

Compiling takes half a second for a dense network, and seconds for a convolutional one. JAX can write programs to a
folder and find them there again; it recompiles, with a warning, what it cannot load. A program holds instructions of
the processor that it was compiled for, so each kind has its own folder. Beside the programs lies a note of each
training that compiled some, by which the next one's forecast knows that it will be spared that.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from inklings.hardware import cache_folder, processor_name, vector_instructions

_WORTH_KEEPING = 0.1
"""Seconds of compiling."""
_NO = {"0", "n", "no", "f", "false", "off"}
"""By which JAX's settings in the environment are false."""
_LEAST_SECONDS = "jax_persistent_cache_min_compile_time_secs"


@lru_cache
def keep_compiled() -> Path | None:
    """Let JAX keep compiled programs in the user's cache folder; a matter of the whole process, done once.

    Returns
    -------
    Path or None
        The folder; None where JAX was told by its own settings what to do, or the folder cannot be written.
    """
    import jax

    told = jax.config.values
    if told["jax_compilation_cache_dir"] is not None or not told["jax_enable_compilation_cache"]:
        return None
    folder = _folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    if not os.access(folder, os.W_OK):
        return None
    jax.config.update("jax_compilation_cache_dir", str(folder))  # type: ignore[no-untyped-call]
    jax.config.update(_LEAST_SECONDS, _WORTH_KEEPING)  # type: ignore[no-untyped-call]
    return folder


def note_compiled(training: str) -> None:
    """Note that a training's programs were compiled in this process, and so are kept if anything is.

    Where the note cannot be written, the next forecast is a little too long; nothing else depends on it.

    Parameters
    ----------
    training : str
        Everything that its programs depend on.
    """
    if folder := keep_compiled():
        with suppress(OSError):
            (folder / _note(training)).touch()


def was_compiled(training: str) -> bool:
    """Say whether a training's programs are kept from an earlier one; without JAX, which takes long to load."""
    if os.environ.get("JAX_COMPILATION_CACHE_DIR") or os.environ.get("JAX_ENABLE_COMPILATION_CACHE", "").lower() in _NO:
        return False
    return (_folder() / _note(training)).exists()


@contextmanager
def keep_nothing() -> Iterator[None]:
    """Keep no program that is compiled meanwhile, and forget those in memory, so that compiling can be measured."""
    import jax

    keep_compiled()  # first, or the next engine would do so meanwhile
    jax.clear_caches()  # type: ignore[no-untyped-call]
    before = jax.config.values[_LEAST_SECONDS]
    jax.config.update(_LEAST_SECONDS, float("inf"))  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        jax.config.update(_LEAST_SECONDS, before)  # type: ignore[no-untyped-call]


def _folder() -> Path:
    kind = " ".join([processor_name(), *vector_instructions(), version("jax")])
    return cache_folder() / "compiled" / hashlib.sha256(kind.encode()).hexdigest()[:12]


def _note(training: str) -> str:
    return f"training-{hashlib.sha256(training.encode()).hexdigest()[:16]}"
