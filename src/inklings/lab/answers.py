"""What all answers have in common: whose lab it is, numbers in addresses, errors as one line, work beside the loop."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache, partial
from typing import Any, ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from inklings.errors import InklingsError
from inklings.lab.access import RefusedError
from inklings.lab.gate import refuse
from inklings.lab.laboratory import Laboratory

P = ParamSpec("P")
T = TypeVar("T")

_LONGEST_JSON = 64 << 10
_AT_ONCE = 2


def lab_of(request: Request) -> Laboratory:
    """Return the lab that is asked."""
    lab: Laboratory = request.app.state.lab
    return lab


def number(request: Request, name: str, default: int | None = None) -> int:
    """Return a whole number of the query; a RefusedError if it is something else."""
    text = request.query_params.get(name)
    if text is None and default is not None:
        return default
    # ASCII alone: int() would take digits of any script, and signs, blanks and underscores between them.
    if text is None or not (text.isascii() and text.isdigit() and len(text) < 10):
        raise RefusedError(400, f"{name} is {text!r:.40}, expected a whole number")
    return int(text)


async def read_json(request: Request) -> Any:  # noqa: ANN401 - whatever was sent
    """Return what a request's JSON holds; a RefusedError if it is none, or too long."""
    try:
        return json.loads((await read_body(request, _LONGEST_JSON)).decode())
    except (ValueError, RecursionError):
        raise RefusedError(400, "the request is not JSON") from None


async def read_body(request: Request, most: int) -> bytes:
    """Return a request's body of at most so many bytes."""
    content = bytearray()
    # Counted as it comes: the length that a header claims may be missing or wrong.
    async for part in request.stream():
        content += part
        if len(content) > most:
            raise RefusedError(413, f"more than {most:,} bytes, which is the limit")
    return bytes(content)


async def run_aside(work: Callable[P, T], *arguments: P.args, **settings: P.kwargs) -> T:
    """Do what takes time in another thread, so that other requests are answered meanwhile."""
    return await run_in_threadpool(work, *arguments, **settings)


async def compute_aside(work: Callable[P, T], *arguments: P.args, **settings: P.kwargs) -> T:
    """Do what computes for long as :func:`run_aside` does, but few at a time, so that threads are left for the rest."""
    return await to_thread.run_sync(partial(work, *arguments, **settings), limiter=_computing())


@cache
def _computing() -> CapacityLimiter:
    return CapacityLimiter(_AT_ONCE)


async def answer_refusal(request: Request, error: Exception) -> Response:
    """Answer a request that was refused on its way."""
    assert isinstance(error, RefusedError)
    answer = refuse(error.status, error.reason)
    # What is left of a refused body would otherwise be read as the next request.
    answer.headers["Connection"] = "close"
    return answer


async def answer_http_error(request: Request, error: Exception) -> Response:
    """Answer what the router refuses: no such address, or not by this method."""
    assert isinstance(error, HTTPException)
    reasons = {404: "there is nothing at this address", 405: "this address is not answered to by this method"}
    return refuse(error.status_code, reasons.get(error.status_code, error.detail))


async def answer_error(request: Request, error: Exception) -> Response:
    """Answer what the library refuses, in its own words."""
    assert isinstance(error, InklingsError)
    return refuse(422, str(error))
