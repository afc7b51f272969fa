"""The models: which there are, and each as the page's engine takes it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from inklings.lab.access import RefusedError
from inklings.lab.answers import lab_of, run_aside
from inklings.lab.model_table import Shown
from inklings.lab.wire import model_header, model_weights


def shown_of(request: Request) -> Shown:
    """Return the model that an address names; a RefusedError if there is none."""
    shown = lab_of(request).models.get(request.path_params["id"])
    if shown is None:
        raise RefusedError(404, "there is no such model")
    return shown


async def list_models(request: Request) -> Response:
    """Return all models."""
    return JSONResponse([shown.summary() for shown in lab_of(request).models])


async def send_header(request: Request) -> Response:
    """Return everything about a model but its weights."""
    shown = shown_of(request)
    return JSONResponse(await run_aside(lambda: model_header(shown.model, shown.title)))


async def send_weights(request: Request) -> Response:
    """Return a model's weights."""
    shown = shown_of(request)
    content = await run_aside(lambda: model_weights(shown.model))
    return Response(content, media_type="application/octet-stream")
