"""Connections that are bounded in number and in time: by itself uvicorn waits for a request's headers for ever."""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

MOST = 200
"""Connections at a time; a browser opens six for each page."""
SECONDS_FOR_HEADERS = 10.0
SECONDS_TO_TAKE = 30.0
"""How long a client may leave what it is sent lying."""
SECONDS_TO_LINGER = 2.0
"""For a body that nobody reads any more, since its answer is given: a connection closed at once could lose that."""


class Connection(H11Protocol):
    """A connection that is closed where its request's headers do not arrive, and where others need its place."""

    _deadline: asyncio.TimerHandle | None = None
    _next_look: asyncio.TimerHandle | None = None
    _untaken = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a place, that of the connection which has waited longest if all are taken."""
        super().connection_made(transport)
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
        """Drop a client that has taken nothing since the last look, and goes on holding what it was sent."""
        untaken = self.transport.get_write_buffer_size()
        if untaken and untaken >= self._untaken > 0:
            self.transport.abort()
            return
        self._untaken = untaken
        self._next_look = self.loop.call_later(SECONDS_TO_TAKE, self._look_whether_taken)

    def _leave_unread(self, conn: h11.Connection) -> None:
        # Another object by now, or another state: the body came, and perhaps another request.
        if conn.their_state is h11.SEND_BODY:
            self.transport.abort()

    def _give_up(self) -> None:
        self._deadline = None
        if self._is_waiting and not self.transport.is_closing():
            self.transport.close()
