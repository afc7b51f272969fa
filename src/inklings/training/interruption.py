"""Ctrl-C and a polite kill: the first asks training to stop, and nothing is lost.

A signal can arrive anywhere, in the middle of writing a file too. So the handler only notes it, and the training loop,
which knows when it is safe, looks at the note. Whoever measures and stores what was trained enters an
:class:`Interruption` round all of it, so that no signal falls between the end of training and the end of storing.
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

    Entered within another, it shares that one's signals: what either noted, both have.

    Parameters
    ----------
    enabled : bool
        Without it, signals do what they did.
    """

    def __init__(self, *, enabled: bool = True) -> None:
        self._requested = False
        self._enabled = enabled
        self._outer: Interruption | None = None
        self._before: dict[signal.Signals, signal._HANDLER] = {}

    @property
    def requested(self) -> bool:
        """Whether somebody asked to stop."""
        return self._requested if self._outer is None else self._outer.requested

    def __enter__(self) -> Interruption:
        if self._enabled and threading.current_thread() is threading.main_thread():
            self._outer = _entered()
            for number in SIGNALS if self._outer is None else ():
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
        if self._requested:
            raise KeyboardInterrupt
        self._requested = True


def _entered() -> Interruption | None:
    """Return the interruption that handles the signals now, if there is one."""
    handlers = (getattr(signal.getsignal(number), "__self__", None) for number in SIGNALS)
    return next((handler for handler in handlers if isinstance(handler, Interruption)), None)
