"""What stands before every request, whatever it asks for: access, limits, and the headers of every answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from html import escape

from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inklings.lab.access import Access, RefusedError

LARGEST_BODY = 8 << 20
"""Bytes: a photograph of a phone."""
_TOO_LONG = f"more than {LARGEST_BODY >> 20} MiB, which is the limit"
SECONDS_FOR_BODY = 10.0
# 'wasm-unsafe-eval' lets WebAssembly be compiled and nothing else.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_HEAD = (
    "<!doctype html><html lang=en><meta name=viewport content='width=device-width'>"
    "<meta name=color-scheme content='light dark'><title>Inklings</title>"
)
_ENTER = f"{_HEAD}<meta http-equiv=refresh content='0;url=/'><a href='/'>Open the lab</a>"
"""The first answer to whoever followed a link from another site: after a redirect the cookie would not be sent."""


class Gate:
    """Lets in what may come in, bounded in size and time.

    Parameters
    ----------
    app : ASGI application
    access : Access
    is_stream : callable
        Whether a path is one of an event stream.
    """

    def __init__(self, app: ASGIApp, access: Access, is_stream: Callable[[str], bool]) -> None:
        self._app, self._access, self._is_stream = app, access, is_stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":  # no websockets, no lifespan
            return
        send = _with_headers(send)
        try:
            answer = self._admit(scope)
        except RefusedError as refusal:
            answer = _refuse(refusal, Headers(scope=scope))
            answer.headers["Connection"] = "close"  # whatever else came with it is not read
        await (answer or self._app)(scope, _bounded(receive), send)

    def _admit(self, scope: Scope) -> Response | None:
        """Return the answer to whoever has just come in with the token; None for who has the cookie."""
        headers, query = Headers(scope=scope), QueryParams(scope["query_string"])
        self._access.check(scope["method"], headers, is_stream=self._is_stream(scope["path"]))
        length = headers.get("content-length", "0")
        # By what the header claims, before anything is read; what then comes is counted too.
        if int(length) > LARGEST_BODY:  # the HTTP library has refused what is not a number
            raise RefusedError(413, _TOO_LONG)
        token = query.get("token")
        if scope["path"] == "/" and token is not None and self._access.admits(token):
            # SameSite=Strict: through a redirect that another site began, the browser would not send the new cookie
            # along.
            from_elsewhere = headers.get("sec-fetch-site") in ("cross-site", "same-site")
            answer = HTMLResponse(_ENTER) if from_elsewhere else RedirectResponse("/", 303)
            answer.headers["Set-Cookie"] = self._access.cookie_header
            return answer
        if not any(map(self._access.fits, _cookies(headers, self._access.cookie))):
            raise RefusedError(
                403, "the token is missing or wrong; open the address that the terminal shows, with cookies allowed"
            )
        return None


def _cookies(headers: Headers, name: str) -> Iterator[str]:
    """Yield all values of a cookie: two of one name may come, of which the browser's own is among them.

    Its value needs no quotation marks, so none are taken off: Python's own way to do so takes quadratic time
    (CVE-2024-7592), before anybody has shown a token.
    """
    for header in headers.getlist("cookie"):
        for pair in header.split(";"):
            key, _, value = pair.strip().partition("=")
            if key == name:
                yield value


def _refuse(refusal: RefusedError, headers: Headers) -> Response:
    """Return a refusal: to whoever opened a page, as words on a page."""
    if headers.get("sec-fetch-dest") != "document":
        return refuse(refusal.status, refusal.reason)
    words = escape(refusal.reason[0].upper() + refusal.reason[1:])
    return HTMLResponse(f"{_HEAD}<p>{words}.", refusal.status)


def refuse(status: int, reason: str) -> JSONResponse:
    """Return an error as every part of the lab gives it: one line in JSON."""
    # JSON may hold half of a surrogate pair, which is no character and cannot be sent: it is quoted as it was typed.
    return JSONResponse({"error": reason.encode("utf-8", "backslashreplace").decode()}, status)


def _bounded(receive: Receive) -> Receive:
    """Return a ``receive`` that refuses a body which is too long, as it comes in, or too slow."""
    # One deadline for the whole body: a byte now and then would satisfy a limit on each part.
    taken, deadline = 0, asyncio.get_running_loop().time() + SECONDS_FOR_BODY
    is_complete = False

    async def bounded() -> Message:
        nonlocal taken, is_complete
        if is_complete:  # what comes now is the end of the connection, for which there is no hurry
            return await receive()
        try:
            async with asyncio.timeout_at(deadline):
                message = await receive()
        except TimeoutError:
            raise RefusedError(408, f"the request took longer than {SECONDS_FOR_BODY:.0f} seconds") from None
        is_complete = not message.get("more_body", False)
        taken += len(message.get("body", b""))
        if taken > LARGEST_BODY:
            raise RefusedError(413, _TOO_LONG)
        return message

    return bounded


def _with_headers(send: Send) -> Send:
    """Return a ``send`` that adds the headers which every answer has, unless it has its own."""

    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return with_headers
