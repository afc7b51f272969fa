"""The user's drawings: kept with what they show, in a folder of the user's, and counted."""

from __future__ import annotations

import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from inklings.data.kept_drawings import count_drawings, drawings_folder, keep_drawing
from inklings.errors import DataError
from inklings.lab.access import RefusedError
from inklings.lab.answers import compute_aside, lab_of, read_body, run_aside
from inklings.lab.laboratory import Laboratory
from inklings.lab.png import check_png
from inklings.models.preparation import CHARACTER, Preparation
from inklings.pages.mnist_framing import MNIST

LARGEST_DRAWING = 2 << 20
"""Bytes."""


async def list_drawings(request: Request) -> Response:
    """Return how many drawings are kept, and where."""
    return JSONResponse(await run_aside(_describe))


def _describe() -> dict[str, object]:
    labels = count_drawings()
    return {"folder": str(drawings_folder()), "count": sum(labels.values()), "labels": labels}


async def add_drawing(request: Request) -> Response:
    """Keep a drawing with what it shows."""
    lab, label = lab_of(request), request.query_params.get("label", "")
    # Looked up among the classes: nothing that was sent becomes part of a path.
    name = next((name for name in lab.dataset.class_names if name == label), None)
    if name is None:
        raise RefusedError(422, "the label is none of the classes")
    content = await read_body(request, LARGEST_DRAWING)
    return JSONResponse({"count": await compute_aside(_keep, lab, name, content)}, 201)


def _keep(lab: Laboratory, name: str, content: bytes) -> int:
    check_png(content)
    preparation = lab.preparation
    if preparation.kind == CHARACTER:
        # As large as MNIST frames it, whatever the size of these images, which were made from that size too.
        preparation = Preparation(CHARACTER, (MNIST.field, MNIST.field))
    image = preparation.prepare(preparation.open(content, "the drawing")).image
    if not np.any(image):
        raise DataError("there is nothing on the drawing")
    keep_drawing(image, name)
    return sum(count_drawings().values())
