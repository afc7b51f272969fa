"""Who may ask: hosts and origins from a list, and a token, which a cookie carries after the first visit.

A page elsewhere can make a browser send requests here, and can even give its own name this machine's address (DNS
rebinding). Therefore nothing that a request says of itself is believed: Host and Origin must be in a list made when the
server starts. Ports share cookies and count as one site to a browser, so that the cookie alone would not do.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import ip_address
from time import monotonic

from starlette.datastructures import Headers

# They change nothing (RFC 9110, section 9.2.1), so a page opened by a link needs no Origin.
SAFE_METHODS = ("GET", "HEAD")
METHODS = (*SAFE_METHODS, "POST")
"""What is answered at all."""

SECONDS_OF_A_PASS = 120.0

_UNKNOWN_HOST = "the lab does not answer to this name; open the address in the terminal (a tunnel needs the same port)"
_SAME_ORIGIN, _NAVIGATION = "same-origin", "navigate"
# A page that is reached through a tunnel has these names too, whatever the server listens on.
_LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
_HTTP_PORT = 80


class RefusedError(Exception):
    """A request that is not answered.

    Parameters
    ----------
    status : int
    reason : str
        In one line, for whoever opened a page by mistake.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


@dataclass(frozen=True)
class Access:
    """The rules by which requests are let in.

    Parameters
    ----------
    hosts : frozenset of str
        What a Host header may be, with the port: ``"127.0.0.1:8520"``.
    port : int
        Part of the cookie's name, since a browser shows all ports the same cookies.
    token : str
        Random by default.
    """

    hosts: frozenset[str]
    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    _passes: dict[str, float] = field(default_factory=dict, repr=False)

    @property
    def cookie(self) -> str:
        """The cookie's name: its own for each port, so that two labs do not take each other's."""
        return f"inklings-lab-{self.port}"

    @property
    def cookie_header(self) -> str:
        """The header that sets the cookie, until the browser is closed."""
        return f"{self.cookie}={self.token}; Path=/; HttpOnly; SameSite=Strict"

    def check(self, method: str, headers: Headers, *, is_stream: bool) -> None:
        """Raise a RefusedError unless method, host and origin are ones that are expected; every method alike."""
        if method not in METHODS:
            raise RefusedError(405, f"{method:.10} is not answered here")
        _check_framing(headers)
        hosts = headers.getlist("host")
        # Compared with a list, not with the Origin: a name that an attacker lets point to this machine is the same in
        # both. 421 (misdirected) is the answer to a name that is not the server's.
        if len(hosts) != 1 or hosts[0].lower() not in self.hosts:
            raise RefusedError(421, _UNKNOWN_HOST)
        self._check_origin(method, headers, is_stream=is_stream)

    def _check_origin(self, method: str, headers: Headers, *, is_stream: bool) -> None:
        origins, site = headers.getlist("origin"), headers.get("sec-fetch-site")
        for origin in origins:
            # The whole of it: "http://127.0.0.1:8520.evil.example" begins like one that is right.
            if not origin.startswith("http://") or origin.removeprefix("http://") not in self.hosts:
                raise RefusedError(403, "another site asked for this")
        # The browser's own word, which no page can forge. "none" is an address that was typed; None is a browser
        # without the header, or no browser, for which the token stands guard.
        if site not in (None, _SAME_ORIGIN, "none") and not _is_visit(method, headers):
            raise RefusedError(403, "another site asked for this")
        if method not in SAFE_METHODS and len(origins) != 1:
            raise RefusedError(403, "a request that changes something must say where it comes from, by its Origin")
        # A browser sends no Origin with a stream of the same origin, but says that it is one.
        if is_stream and not origins and site != _SAME_ORIGIN:
            raise RefusedError(403, "a stream is for the lab's own page")

    def issue_pass(self) -> str:
        """Return a token that lets one visitor in, soon: what a browser is started with, other users can read."""
        made = secrets.token_urlsafe(24)
        self._passes[made] = monotonic() + SECONDS_OF_A_PASS
        return made

    def admits(self, token: str) -> bool:
        """Return whether an address with this token lets its visitor in; a pass does so once."""
        # Taken out before it is judged: of two requests with one pass, only the first finds it.
        until = self._passes.pop(token, 0.0)
        return self.fits(token) or monotonic() < until

    def fits(self, token: str) -> bool:
        """Return whether a token is the right one, in a time that says nothing of how much of it is."""
        # Encoded, since compare_digest refuses text outside ASCII with a TypeError.
        return secrets.compare_digest(token.encode(), self.token.encode())


def _check_framing(headers: Headers) -> None:
    """Refuse two lengths for one body, by which a request can be hidden in another."""
    lengths = headers.getlist("content-length")
    if len(lengths) > 1 or (lengths and "transfer-encoding" in headers):
        raise RefusedError(400, "the length of the request is given twice")


def _is_visit(method: str, headers: Headers) -> bool:
    """Return whether a browser opens a page of its own, as by a link in another one: nothing can read its answer."""
    return (
        method == "GET"
        and headers.get("sec-fetch-mode") == _NAVIGATION
        and headers.get("sec-fetch-dest") in (None, "document")
    )


def allowed_hosts(names: Iterable[str], port: int) -> frozenset[str]:
    """Return what a Host header may be, given the names and addresses that the server answers to.

    Parameters
    ----------
    names : iterable of str
        Besides those of the loopback address.
    port : int

    Examples
    --------
    >>> sorted(allowed_hosts([], 8520))
    ['127.0.0.1:8520', '[::1]:8520', 'localhost:8520']
    """
    every = {*_LOOPBACK_NAMES, *(_in_brackets(name.lower()) for name in names)}
    with_port = {f"{name}:{port}" for name in every}
    return frozenset(with_port | every if port == _HTTP_PORT else with_port)


def _in_brackets(name: str) -> str:
    """Return a name as an address has it: IPv6 in brackets."""
    return f"[{name}]" if ":" in name else name


def is_loopback(host: str) -> bool:
    """Return whether an address is reached from this machine alone."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
