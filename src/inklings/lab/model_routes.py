"""The models: which there are, each as the page's engine takes it, and what it makes of images."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from inklings.insight.explain import explain
from inklings.lab.access import RefusedError
from inklings.lab.answers import compute_aside, lab_of, number, read_body, run_aside
from inklings.lab.model_table import Shown
from inklings.models import Model

KINDS = ("saliency", "integrated", "occlusion")


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
    return JSONResponse((await run_aside(shown.for_browser)).header)


async def send_weights(request: Request) -> Response:
    """Return a model's weights."""
    shown = shown_of(request)
    return Response((await run_aside(shown.for_browser)).weights, media_type="application/octet-stream")


async def send_mistakes(request: Request) -> Response:
    """Return which test images a model classifies as what."""
    lab, shown = lab_of(request), shown_of(request)
    return JSONResponse(await compute_aside(shown.mistakes, lab.dataset, lab.test_rows))


async def send_novelty(request: Request) -> Response:
    """Return how unlike what a model learnt an image is."""
    lab, shown = lab_of(request), shown_of(request)
    known = await run_aside(lambda: shown.model)  # it may have to be read first
    image = _as_image(await read_body(request, _image_bytes(known)), known)
    model = await compute_aside(shown.with_novelty, lab.split)
    if model.novelty is None:  # of too few images, nothing is ever marked
        return JSONResponse({"score": None, "threshold": None, "novel": False})
    score = float((await compute_aside(model.score_novelty, image, prepared=True))[0])
    threshold = float(model.novelty.threshold)
    return JSONResponse({"score": score, "threshold": threshold, "novel": score > threshold})


async def send_explanation(request: Request) -> Response:
    """Return which pixels of an image speak for a class, as a map of float32."""
    shown, kind = shown_of(request), request.query_params.get("kind", KINDS[0])
    if kind not in KINDS:
        raise RefusedError(400, f"the kinds are {', '.join(KINDS)}")
    model = await run_aside(lambda: shown.model)
    label = number(request, "class") if "class" in request.query_params else None
    if label is not None and label >= len(model.class_names):
        raise RefusedError(400, f"there are {len(model.class_names)} classes")
    image = _as_image(await read_body(request, _image_bytes(model)), model)
    found = np.ascontiguousarray(await compute_aside(explain, model, image[0], kind, label), "<f4")
    shape = "x".join(map(str, found.shape))
    return Response(found.tobytes(), media_type="application/octet-stream", headers={"X-Shape": shape})


def _image_bytes(model: Model) -> int:
    height, width, channels = model.input_shape
    return 4 * height * width * channels


def _as_image(content: bytes, model: Model) -> NDArray[np.float32]:
    """Return one image of float32; a RefusedError if these bytes are none of the model's size."""
    expected = _image_bytes(model)
    if len(content) != expected:
        raise RefusedError(422, f"{len(content):,} bytes, expected an image of {expected:,}")
    # A copy in this machine's order of bytes; the buffer itself cannot be written to.
    image = np.frombuffer(content, "<f4").astype(np.float32)
    if not np.isfinite(image).all() or np.abs(image).max() > 100:
        raise RefusedError(422, "the image holds values that are not ink, expected 0 to 1")
    return image.reshape(1, *model.input_shape)
