"""Ctrl-C and SIGTERM: the first asks training to stop, and nothing is lost.

A signal can arrive anywhere, even while a file is being written. So the handler only sets a flag, and the training
loop, which knows when it is safe to stop, checks it. Code that evaluates and stores what was trained enters an
:class:`Interruption` around all of it, so that no signal falls between the end of training and the end of storing.
"""

from __future__ import annotations

import signal
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType, TracebackType

from inklings.arguments import caller_stacklevel
from inklings.errors import InterruptedWarning

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """A context in which the first SIGINT or SIGTERM sets ``requested`` and the next raises KeyboardInterrupt.

    Python lets only the main thread handle signals, so entering it in another thread changes nothing. Nor does it where
    a signal is ignored, as Ctrl-C is in a job that a script runs in the background, or handled outside Python.

    One that is entered within another shares its flag. Where the outermost ends after a signal, an
    :class:`InterruptedWarning` says so: the program that called goes on, and may take a part of the work for all of it.

    Parameters
    ----------
    enabled : bool
        If false, signals are left as they are.
    signals : sequence of Signals
        Which are handled.
    """

    def __init__(self, *, enabled: bool = True, signals: Sequence[signal.Signals] = SIGNALS) -> None:
        self._requested = False
        self._signals = signals
        self._enabled = enabled
        self._outer: Interruption | None = None
        self._before: dict[signal.Signals, signal._HANDLER] = {}

    @property
    def requested(self) -> bool:
        """Whether a signal asked to stop."""
        return self._requested if self._outer is None else self._outer.requested

    def __enter__(self) -> Interruption:
        if self._enabled and threading.current_thread() is threading.main_thread():
            self._outer = _entered()
            # Only the outermost takes the handlers; those within ask it.
            for number in self._signals if self._outer is None else ():
                # None is a handler that was installed outside Python, which could not be put back afterwards.
                if signal.getsignal(number) not in (None, signal.SIG_IGN):
                    self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()
        if self._requested and kind is None:
            warnings.warn(
                "Ctrl-C or SIGTERM asked to stop: what was done until then is kept, and the program goes on with it",
                InterruptedWarning,
                stacklevel=caller_stacklevel(),
            )

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self._requested:
            # The second time somebody means it: at once, wherever Python is.
            raise KeyboardInterrupt
        self._requested = True


def _entered() -> Interruption | None:
    """Return the interruption that currently handles the signals, if there is one."""
    # Asked of the signal module itself rather than of a global of ours: another handler may have taken over since.
    handlers = (getattr(signal.getsignal(number), "__self__", None) for number in SIGNALS)
    return next((handler for handler in handlers if isinstance(handler, Interruption)), None)


@contextmanager
def interrupting_afterwards() -> Iterator[Interruption | None]:
    """Let a Ctrl-C end training first, and raise its KeyboardInterrupt once all that was learnt is kept.

    For a training within something larger, such as a grid search, which must end at the first Ctrl-C, too, and not go
    on with the next candidate. Gives None where Ctrl-C means something else, or another thread has to deal with it.
    """
    usual = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if not usual or threading.current_thread() is not threading.main_thread():
        yield None
        return
    with Interruption(signals=(signal.SIGINT,)) as interruption:
        yield interruption
        if interruption.requested:
            raise KeyboardInterrupt("training was interrupted; what was learnt is kept")


@contextmanager
def signals_deferred() -> Iterator[None]:
    """Let a step that takes a moment come to its end; what arrives meanwhile is handled after it, in its order.

    For what must not be left half done even by whoever means it. It has to end by itself, since nobody can end it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []
    before = {number: signal.getsignal(number) for number in SIGNALS}
    taken = {number: handler for number, handler in before.items() if handler not in (None, signal.SIG_IGN)}
    for each in taken:
        signal.signal(each, lambda number, frame: arrived.append(number))
    try:
        yield
    finally:
        for each, handler in taken.items():
            signal.signal(each, handler)
        for number in arrived:
            signal.raise_signal(number)
