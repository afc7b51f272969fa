"""Connections that are bounded in number and in time: by itself uvicorn waits for ever, for headers as for takers."""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

MOST = 200
"""Connections at a time; a browser opens six for each page."""
SECONDS_FOR_HEADERS = 10.0
SECONDS_TO_TAKE = 30.0
"""How long a client may leave what it is sent lying. However slowly it takes something, it is waited for."""
SEND_BUFFER = 32 << 10
"""Bytes that the system may hold for a connection (Linux takes twice as many). They count as taken, and it asks for
more only once a third is free: with the megabytes that it takes unasked, whoever takes 2 kB a second would seem to take
nothing for minutes."""
SECONDS_TO_LINGER = 2.0
"""For a body that nobody reads any more, since its answer is given: a connection closed at once could lose that."""


class _CountingTransport:
    """A transport that knows how many bytes the system has taken from it."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._written = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send bytes, at once or when the client takes them."""
        self._written += len(data)
        self._transport.write(data)

    @property
    def taken(self) -> int:
        """Return the bytes that no longer wait here."""
        return self._written - self.left

    @property
    def left(self) -> int:
        """Return the bytes that wait here."""
        return self._transport.get_write_buffer_size()


class Connection(H11Protocol):
    """A connection that is closed where its request's headers do not arrive, and where others need its place."""

    seconds_to_take = SECONDS_TO_TAKE
    _deadline: asyncio.TimerHandle | None = None
    _next_look: asyncio.TimerHandle | None = None
    _taken_before: int | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a place, that of the connection which has waited longest if all are taken."""
        self._counted = _CountingTransport(transport)
        super().connection_made(self._counted)  # type: ignore[arg-type]
        self._since = self.loop.time()
        if len(self.connections) > MOST:
            known = [each for each in self.connections if isinstance(each, Connection)]
            idle = [each for each in known if each._is_idle and not each.transport.is_closing()]
            # Of a flood, those that came first go first: whoever really asks has asked by then, and is served.
            oldest = min(idle, key=lambda each: each._since, default=self)
            # Not closed in good order: that would wait until the client has taken what it was sent.
            oldest.transport.abort()
        self._wait_for_headers()
        self._look_whether_taken()

    def data_received(self, data: bytes) -> None:
        """Take bytes; the clock goes on until the headers are complete."""
        super().data_received(data)
        if self._is_waiting:
            self._wait_for_headers()
        else:
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of the place."""
        self._stop_waiting()
        if self._next_look is not None:
            self._next_look.cancel()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        self._since = self.loop.time()
        if self.conn.their_state is h11.SEND_BODY:
            self.loop.call_later(SECONDS_TO_LINGER, self._leave_unread, self.conn)

    @property
    def _is_waiting(self) -> bool:
        """Whether no request is under way whose headers are known."""
        # h11 leaves IDLE once the headers are complete, and comes back to it after an answer.
        return self.conn.their_state is h11.IDLE

    @property
    def _is_idle(self) -> bool:
        """Whether it is the client that has to do something: to ask, or to take what it was sent."""
        return self._is_waiting or self.transport.get_write_buffer_size() > 0

    def _wait_for_headers(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(SECONDS_FOR_HEADERS, self._give_up)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _look_whether_taken(self) -> None:
        """Drop a client that has taken nothing since the last look, though something lay there for it."""
        # Progress, not what is left: an event stream lays down as much again as a slow client takes.
        is_left = self._counted.left > 0
        if is_left and self._counted.taken == self._taken_before:
            self.transport.abort()
            return
        self._taken_before = self._counted.taken if is_left else None
        self._next_look = self.loop.call_later(self.seconds_to_take, self._look_whether_taken)

    def _leave_unread(self, conn: h11.Connection) -> None:
        # Another object by now, or another state: the body came, and perhaps another request.
        if conn.their_state is h11.SEND_BODY:
            self.transport.abort()

    def _give_up(self) -> None:
        self._deadline = None
        if self._is_waiting and not self.transport.is_closing():
            self.transport.close()
