"""The images: what they are, and some of them as bytes."""

from __future__ import annotations

import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from inklings.lab.answers import lab_of, number, run_aside
from inklings.lab.gate import refuse
from inklings.lab.laboratory import PARTS, Laboratory

MOST_IMAGES = 1000


async def describe_data(request: Request) -> Response:
    """Return what the images are."""
    lab = lab_of(request)
    data = lab.dataset
    parts = {part: len(rows) for part in PARTS if (rows := lab.rows(part)) is not None}
    return JSONResponse(
        {
            "name": data.source,
            "class_names": list(data.class_names),
            "image_shape": list(data.image_shape),
            "parts": parts,
        }
    )


async def send_images(request: Request) -> Response:
    """Return some images of a part: float32 pixels, then int32 labels."""
    lab, part = lab_of(request), request.query_params.get("part", "test")
    offset, limit = number(request, "offset", 0), number(request, "limit", 200)
    if lab.rows(part) is None:
        return refuse(404, f"the parts are {', '.join(PARTS)}")
    if limit > MOST_IMAGES:
        return refuse(400, f"limit is {limit}, expected at most {MOST_IMAGES}")
    content, count = await run_aside(_read_images, lab, part, offset, limit)
    return Response(content, media_type="application/octet-stream", headers={"X-Count": str(count)})


def _read_images(lab: Laboratory, part: str, offset: int, limit: int) -> tuple[bytes, int]:
    rows = lab.rows(part)
    assert rows is not None
    chosen = rows[offset : offset + limit]
    # Little-endian whatever this machine is: (n, height, width, channels), then the labels.
    images = np.ascontiguousarray(lab.dataset.images[chosen], "<f4")
    return images.tobytes() + lab.dataset.labels[chosen].astype("<i4").tobytes(), len(chosen)
