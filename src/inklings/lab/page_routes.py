"""The page itself and its files."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from inklings.lab.gate import refuse
from inklings.web.assets import Asset, assets

VIEWS = ("draw", "inside", "learn", "mistakes", "compare", "guide")
"""Each is an address that can be bookmarked; the page finds out which it is."""
_PAGE = "index.html"


async def send_page(request: Request) -> Response:
    """Return the page, which is the same for all views."""
    return _send(request, assets().get(_PAGE))


async def send_asset(request: Request) -> Response:
    """Return a file of the page; its name is looked up in a list."""
    return _send(request, assets().get(request.path_params["name"]))


def _send(request: Request, asset: Asset | None) -> Response:
    if asset is None:
        return refuse(404, "there is nothing at this address")
    # For who opens the lab of another machine by a slow network. Nothing here is secret, so its length tells nothing.
    packs = _takes_gzip(request.headers.get("accept-encoding", ""))
    # In quotation marks, which belong to an ETag; what is compressed has one of its own (RFC 9110, section 8.8.3).
    tag = f'"{asset.sha256[:32]}{"-gzip" if packs else ""}"'
    # Asked for again each time, since another version may have been installed, but sent only if it is another one.
    headers = {"ETag": tag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    if packs:
        headers["Content-Encoding"] = "gzip"
    return Response(asset.compressed if packs else asset.content, media_type=asset.content_type, headers=headers)


def _takes_gzip(accepted: str) -> bool:
    """Return whether a header names gzip, and does not do so to refuse it."""
    for coding in accepted.lower().replace(" ", "").split(","):
        name, _, quality = coding.partition(";q=")
        if name == "gzip":
            return quality == "" or quality.strip("0.") != ""
    return False
