"""What a notebook shows of an object: tables and pictures in HTML, and data frames for those who live in them."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inklings.extras import importing, is_installed

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from PIL import Image

_TALL, _GAP = 56, 4
"""Approximate pixels of an image's height on the page, and between two."""


def as_paragraph(text: str) -> str:
    """Return text, escaped, as a paragraph."""
    return f"<p>{html.escape(text)}</p>"


def as_table(head: Sequence[str], rows: Sequence[Sequence[str]], caption: str = "") -> str:
    """Return cells, escaped, as a table whose first column is text and whose others are numbers.

    Parameters
    ----------
    head : sequence of str
    rows : sequence of sequence of str
        As many cells in each as in ``head``.
    caption : str
    """
    told = f'<caption style="text-align: left">{html.escape(caption)}</caption>' if caption else ""
    lines = [_row("th", head), *(_row("td", row) for row in rows)]
    return f"<table>{told}{''.join(lines)}</table>"


def _row(tag: str, cells: Sequence[str]) -> str:
    aligned = ("left", *("right" for _ in cells[1:]))
    written = (
        f'<{tag} style="text-align: {side}">{html.escape(cell)}</{tag}>'
        for side, cell in zip(aligned, cells, strict=True)
    )
    return f"<tr>{''.join(written)}</tr>"


def as_picture(picture: Image.Image, alt: str) -> str:
    """Return a picture as PNG within the page."""
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return _inline(file.getvalue(), alt)


def as_strip(images: NDArray[np.floating[Any]], alt: str) -> str:
    """Return images side by side, grey ones as ink on paper.

    Parameters
    ----------
    images : array, shape (n, height, width, channels)
        At least one; paper 0 and ink 1, or colours.
    alt : str
    """
    from PIL import Image

    shown = np.clip(images if images.shape[3] == 3 else 1 - images, 0, 1)
    # Enlarged by whole numbers, so that each pixel stays a square; a white line between two images.
    times = max(1, round(_TALL / images.shape[1]))
    tiles = shown.repeat(times, 1).repeat(times, 2)
    tiles = np.pad(tiles, ((0, 0), (0, 0), (0, _GAP), (0, 0)), constant_values=1)
    # Side by side along the width; the last gap is cut off.
    strip = np.concatenate(list(tiles), 1)[:, :-_GAP]
    # (height, width, 1) grey as three channels, by view: nothing is copied until it is rounded.
    pixels = np.round(255 * np.broadcast_to(strip, (*strip.shape[:2], 3))).astype(np.uint8)
    return as_picture(Image.fromarray(pixels), alt)


def as_figure(figure: Figure, alt: str) -> str:
    """Return matplotlib's figure as PNG within the page."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=90, bbox_inches="tight")
    return _inline(file.getvalue(), alt)


def _inline(png: bytes, alt: str) -> str:
    return f'<img alt="{html.escape(alt)}" src="data:image/png;base64,{base64.b64encode(png).decode()}">'


def to_frame(columns: Mapping[str, Sequence[Any]]) -> Any:  # noqa: ANN401 - of pandas or of polars
    """Return columns as a data frame of pandas, or of polars where there is no pandas.

    Raises
    ------
    MissingDependencyError
        There is neither.
    """
    # pandas, unless there is polars alone: of one that is broken it is said so, not that there is none.
    if not is_installed("pandas") and is_installed("polars"):
        with importing("polars", "a data frame needs polars", "polars"):
            import polars
        return polars.DataFrame(dict(columns))
    with importing("pandas", "a data frame needs pandas or polars", "pandas"):
        import pandas
    return pandas.DataFrame(dict(columns))
