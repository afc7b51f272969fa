"""Some images of a data set in a row, as a notebook shows them."""

from __future__ import annotations

import numpy as np

from inklings.data.checks import Labels
from inklings.data.lazy_images import Images, spread_rows, take_rows
from inklings.notebook import as_strip

_SHOWN = 20


def strip_of(images: Images, labels: Labels, source: str) -> str:
    """Return some images, spread evenly over their classes, as HTML."""
    # Sorted by class first, then evenly through: each class shows.
    rows = np.argsort(labels, kind="stable")[spread_rows(len(labels), _SHOWN)]
    return as_strip(np.asarray(take_rows(images, rows)), f"examples of {source}")
