"""Which images, labels and rows these are: a digest of each, the same on every machine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from inklings.data.checks import Labels, Weights
from inklings.data.lazy_images import Images, blocks
from inklings.data.split import Indices

# Little-endian everywhere, so that the same values have the same digest on every machine.
_FLOAT32, _FLOAT64, _INT64 = "<f4", "<f8", "<i8"


def fingerprint_of_images(
    images: Images, labels: Labels, class_names: Sequence[str], weights: Weights | None = None
) -> str:
    """Return the SHA-256 of images, their shape, labels, class names and any weights, as 64 hexadecimal digits.

    Neither source nor names of images count: the same images in another format, or in a folder that was moved, are the
    same data.
    """
    digest = hashlib.sha256(repr((images.shape, tuple(class_names))).encode())
    for block in blocks(images):
        digest.update(block.astype(_FLOAT32, copy=False).tobytes())
    digest.update(labels.astype(_INT64, copy=False).tobytes())
    if weights is not None:
        digest.update(weights.astype(_FLOAT64, copy=False).tobytes())
    return digest.hexdigest()


def fingerprint_of_rows(parts: Iterable[Indices]) -> str:
    """Return the SHA-256 of which rows are in which part, as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    for rows in parts:
        # The lengths too: else rows moved from the end of one part to the start of the next would go unnoticed.
        digest.update(len(rows).to_bytes(8, "little") + rows.astype(_INT64, copy=False).tobytes())
    return digest.hexdigest()
