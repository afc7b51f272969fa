"""The server process: its address, its limits, and how it ends."""

from __future__ import annotations

import errno
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp

from inklings.errors import InklingsError
from inklings.lab.access import is_loopback
from inklings.lab.connection import SEND_BUFFER, Connection

PORT = 8520
_TRIED = 20
"""Ports after the usual one that are tried where it is taken, as by another lab."""
_SECONDS_TO_END = 2
UNSAFE_PORTS = frozenset(
    [1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, *range(6665, 6670), 6679, 6697, 10080]
)
"""Ports of other protocols above 1023, which browsers refuse to open (https://fetch.spec.whatwg.org/#port-blocking)."""
_LARGEST_HEADERS = 16 << 10


def open_socket(host: str, port: int | None) -> socket.socket:
    """Return a socket that listens on an address.

    Parameters
    ----------
    host : str
    port : int, optional
        0 takes any that is free; None the usual one, or the next that is free.

    Raises
    ------
    InklingsError
        The port is taken, or the address is none of this machine's.
    """
    if port in UNSAFE_PORTS:
        raise InklingsError(f"browsers do not open port {port}", f"choose another, such as --port {PORT}")
    ports = range(PORT, PORT + _TRIED) if port is None else [port]
    for candidate in ports:
        try:
            return _bind(host, candidate)
        except OSError as problem:
            if problem.errno != errno.EADDRINUSE or candidate == ports[-1]:
                raise _explain(host, candidate, problem) from None
    raise AssertionError("there is always a port to try")


def _bind(host: str, port: int) -> socket.socket:
    # The system decides between IPv4 and IPv6 by what the host looks like.
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    opened = socket.socket(family, kind, protocol)
    try:
        # On Windows the option means that others may take the port as well.
        if sys.platform != "win32":
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)  # each connection inherits it
        opened.bind(address)
        opened.listen(256)
    except OSError:
        opened.close()
        raise
    return opened


def _explain(host: str, port: int, problem: OSError) -> InklingsError:
    if problem.errno == errno.EADDRINUSE:
        return InklingsError(f"port {port} is taken, as by another lab", "choose another with --port, or leave it out")
    if problem.errno == errno.EACCES:
        return InklingsError(f"port {port} is not allowed to you", f"choose one above 1023, such as --port {PORT}")
    reason = problem.strerror or problem
    return InklingsError(f"cannot listen on {host}, port {port} ({reason})", "give an address of this machine")


def serve(app: ASGIApp, opened: socket.socket, on_end: Callable[[], None]) -> None:
    """Answer requests until Ctrl-C or SIGTERM.

    Parameters
    ----------
    app : ASGI application
    opened : socket
        That listens already.
    on_end : callable
        Called as soon as the end is asked for: open event streams must end, or the server would wait for them.
    """
    config = uvicorn.Config(
        app,
        http=Connection,
        ws="none",
        loop="asyncio",
        # The application has nothing to start; what is to end is ended by `on_end`, before connections are waited for.
        lifespan="off",
        log_config=None,
        access_log=False,
        # A client could otherwise write into a header from where it comes and by which scheme.
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_SECONDS_TO_END,
        h11_max_incomplete_event_size=_LARGEST_HEADERS,
    )
    server = _Server(config, on_end)
    # The server ends in good order at these, and then sends itself the signal again: as an exception, not as an end at
    # once, so that whoever called can store what is under way. The last one comes when the terminal is closed.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, server.handle_exit)
    with suppress(KeyboardInterrupt):
        server.run([opened])


class _Server(uvicorn.Server):
    """A server that says that it ends before it waits for its connections."""

    def __init__(self, config: uvicorn.Config, on_end: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_end = on_end

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End."""
        # Event streams end by themselves only then: waited for first, each would use up the whole time that is allowed.
        self._on_end()
        await super().shutdown(sockets)


def reached_by(host: str) -> str:
    """Return what to write into a browser's address for a server that listens on an address."""
    # A browser cannot open the address that stands for all of a machine's.
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"[{shown}]" if ":" in shown else shown


def names_of(host: str) -> list[str]:
    """Return the names and addresses under which a server on this address is reached, beside those of the loopback."""
    if is_loopback(host):
        return []
    own = socket.gethostname()
    names = {host, own, f"{own}.local"}
    if host in ("0.0.0.0", "::"):
        names |= _own_addresses()
    return sorted(names)


def _own_addresses() -> set[str]:
    """Return this machine's addresses, as far as it knows them."""
    found = set()
    with suppress(OSError):  # of a machine that does not know its own name
        found |= {str(each[4][0]).partition("%")[0] for each in socket.getaddrinfo(socket.gethostname(), None)}
    # Addresses for documentation (RFC 5737, RFC 3849), which belong to nobody.
    for family, elsewhere in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as asked:
                asked.connect((elsewhere, 9))  # sends nothing: the system only says by which address it would
                found.add(str(asked.getsockname()[0]))
        except OSError:
            continue
    return found
