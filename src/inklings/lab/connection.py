"""Connections that are bounded in number and in time: by itself uvicorn waits for a request's headers for ever."""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

MOST = 200
"""Connections at a time; a browser opens six for each page."""
SECONDS_FOR_HEADERS = 10.0


class Connection(H11Protocol):
    """A connection that is closed where its request's headers do not arrive, and where others need its place."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a place, that of the connection which has waited longest if all are taken."""
        super().connection_made(transport)
        self._since = self.loop.time()
        if len(self.connections) > MOST:
            waiting = [each for each in self.connections if isinstance(each, Connection) and each._is_waiting]
            # Of a flood, those that came first go first: whoever really asks has asked by then, and is served.
            oldest = min(waiting, key=lambda each: each._since, default=self)
            oldest.transport.close()
        self._wait_for_headers()

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
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        self._since = self.loop.time()

    @property
    def _is_waiting(self) -> bool:
        """Whether no request is under way whose headers are known."""
        # h11 leaves IDLE once the headers are complete, and comes back to it after an answer.
        return self.conn.their_state is h11.IDLE

    def _wait_for_headers(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(SECONDS_FOR_HEADERS, self._give_up)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        if self._is_waiting and not self.transport.is_closing():
            self.transport.close()
