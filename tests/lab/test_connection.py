"""Clients that take what they are sent slowly, or not at all: a real server with a short patience, real sockets."""

import asyncio
import socket
import threading
import time
from contextlib import contextmanager

import pytest
import uvicorn

from inklings.lab.connection import Connection
from inklings.lab.server import open_socket
from lab_process import read_all

PATIENCE = 0.5
BUFFERS = 128_000
"""Bytes, about, that lie on the way to a client."""
FILE = 600_000
EVENT = b"data: " + bytes(8000) + b"\n\n"


async def app(scope, receive, send):
    """A file at once, or events without end."""
    headers = [(b"content-length", str(FILE).encode())] if scope["path"] == "/file" else []
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    if headers:
        await send({"type": "http.response.body", "body": bytes(FILE)})
        return
    while True:
        await send({"type": "http.response.body", "body": EVENT, "more_body": True})
        await asyncio.sleep(0.002)  # sending alone lets nobody else come in where the client is gone


class Impatient(Connection):
    seconds_to_take = PATIENCE


@pytest.fixture(scope="module")
def port():
    opened = open_socket("127.0.0.1", 0)
    config = uvicorn.Config(app, http=Impatient, ws="none", lifespan="off", loop="asyncio", log_config=None)
    config.timeout_graceful_shutdown = 0  # the events are cancelled
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([opened],))
    thread.start()
    yield opened.getsockname()[1]
    server.should_exit = True
    thread.join()


@contextmanager
def asked(port, path):
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        connection.settimeout(10)
        connection.connect(("127.0.0.1", port))
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        yield connection


def take(connection, *, bytes_a_second, seconds):
    """Read at a pace, and return how much came; an end of the connection is an error."""
    taken, begun = 0, time.monotonic()
    while time.monotonic() - begun < seconds and taken < FILE:
        part = connection.recv(max(1, min(8192, int(bytes_a_second * (time.monotonic() - begun)) - taken)))
        assert part, f"ended after {taken} bytes"
        taken += len(part)
        time.sleep(0.02)
    return taken


@pytest.mark.parametrize("path", ["/file", "/events"])
def test_who_takes_slowly_is_served_and_who_takes_nothing_is_dropped(port, path):
    # As 2 kB a second are to the half minute that a lab waits, twice over for a busy machine.
    pace = 2 * 2000 * 30 / PATIENCE
    with asked(port, path) as slow, asked(port, path) as idle:
        assert take(slow, bytes_a_second=pace, seconds=4 * PATIENCE) > 2 * BUFFERS
        assert len(read_all(idle, 5)) < 2 * BUFFERS  # of the rest nothing, though now it is asked for
