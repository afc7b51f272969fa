"""Whether a run is being trained: a lock on its folder, which the system lets go of however the process ends."""

from __future__ import annotations

import os
import threading
import weakref
from pathlib import Path

from inklings.errors import RunError
from inklings.storage import writing


class RunLock:
    """Holds a run's folder against other processes until it is released, or forgotten.

    Where the system or the file system knows no such locks, nothing is held and nothing refused.

    Parameters
    ----------
    folder : Path
        The run's; it must exist.

    Raises
    ------
    RunError
        Another process holds it.
    """

    def __init__(self, folder: Path) -> None:
        descriptor = _open_locked(folder)
        # `finalize` closes it when the object is forgotten, at exit at the latest: nobody needs to remember.
        self._close = None if descriptor is None else weakref.finalize(self, os.close, descriptor)
        # Resolved: by a link or a relative path it would be another key, and a second lock on the same folder is
        # refused.
        self._folder, self._thread = folder.resolve(), threading.current_thread()
        _held[self._folder] = self

    def release(self) -> None:
        """Let other processes have the run."""
        if self._close is not None:
            self._close()  # the second time it does nothing
        if _held.get(self._folder) is self:  # whoever asks again must get one that holds
            del _held[self._folder]

    def refuse_other_threads(self) -> None:
        """Raise if another thread took the lock and may still be training; its own may ask again."""
        if self._thread is not threading.current_thread() and self._thread.is_alive():
            problem = "is being trained by another thread of this process"
            raise RunError(problem, "wait until that has ended, or stop it", path=self._folder)


# The lock belongs to an opened descriptor, not to the process: opened a second time, as when a run is begun and then
# resumed, the folder would be refused as another's.
_held: weakref.WeakValueDictionary[Path, RunLock] = weakref.WeakValueDictionary()
_asking = threading.Lock()


def lock_run(folder: Path) -> RunLock:
    """Return a lock on a run's folder: the one that this thread has, if it has one already.

    Raises
    ------
    RunError
        Another process or another thread holds it.
    """
    with _asking:
        held = _held.get(folder.resolve())
        if held is None:
            return RunLock(folder)
        held.refuse_other_threads()
        return held


def _open_locked(folder: Path) -> int | None:
    """Return the descriptor that holds the lock; None where there are no locks."""
    try:
        import fcntl
    except ImportError:  # Windows
        return None
    # The folder itself, so that no lock file is left behind in it.
    with writing(folder):
        descriptor = os.open(folder, os.O_RDONLY)
    try:
        # Exclusive, and at once: to wait for a training's end would look like a program that hangs.
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        os.close(descriptor)
        # Anything else, as on a network drive without locks, refuses nothing.
        if isinstance(problem, BlockingIOError):
            raise RunError(
                "is being trained by another process", "wait until that has ended, or stop it", path=folder
            ) from None
        return None
    return descriptor
