"""Ctrl-C and a polite kill: the first asks training to stop, and nothing is lost.

A signal can arrive anywhere, in the middle of writing a file too. So the handler only notes it, and the training loop,
which knows when it is safe, looks at the note.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """While it is entered, the first SIGINT or SIGTERM sets ``requested``; the next raises KeyboardInterrupt.

    Python lets only the main thread handle signals: in another thread nothing changes, nor where a signal is ignored,
    as Ctrl-C is by a job that a script put in the background, or handled by something other than Python.

    Parameters
    ----------
    enabled : bool
        Without it, signals do what they did.

    Attributes
    ----------
    requested : bool
        Whether somebody asked to stop.
    """

    def __init__(self, *, enabled: bool = True) -> None:
        self.requested = False
        self._enabled = enabled
        self._before: dict[signal.Signals, signal._HANDLER] = {}

    def __enter__(self) -> Interruption:
        if self._enabled and threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                if signal.getsignal(number) not in (None, signal.SIG_IGN):
                    self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True
