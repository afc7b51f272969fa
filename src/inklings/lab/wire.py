"""Arrays and models as the page's engine takes them: little-endian bytes, and a header in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.models import Model
from inklings.networks import network_to_plain


def model_header(model: Model, title: str) -> dict[str, Any]:
    """Return everything about a model but its weights, as plain values."""
    return {
        "network": network_to_plain(model.network),
        "class_names": list(model.class_names),
        "preparation": {name: model.preprocessing.get(name) for name in ("kind", "size", "channels", "invert")},
        "title": title,
        "accuracy": model.training.get("accuracy"),
        "weights": _places(model.parameters),
    }


def model_weights(model: Model) -> bytes:
    """Return a model's weights as float32, one array after the other, where the header says."""
    return b"".join(to_bytes(values, "<f4") for values in model.parameters.values())


def _places(parameters: Mapping[str, NDArray[Any]]) -> list[dict[str, Any]]:
    places, offset = [], 0
    for name, values in parameters.items():
        places.append({"name": name, "shape": list(values.shape), "dtype": "float32", "offset": offset})
        offset += 4 * values.size
    return places


def to_bytes(values: NDArray[Any], dtype: str) -> bytes:
    """Return an array's values in their order, as little-endian numbers of a type."""
    return np.ascontiguousarray(values, dtype).tobytes()
