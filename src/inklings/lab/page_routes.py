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
    # In quotation marks, which belong to an ETag.
    tag = f'"{asset.sha256[:32]}"'
    # Asked for again each time, since another version may have been installed, but sent only if it is another one.
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(asset.content, media_type=asset.content_type, headers=headers)
