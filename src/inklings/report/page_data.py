"""The data of the page's script, over all repeats: curves, confusions, mistakes, flips and their images.

Images are shown by their place on one sheet. What refers to one is a list that begins with that place.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from io import BytesIO
from math import ceil, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.dataset import Dataset
from inklings.data.gallery import to_bytes
from inklings.experiments.flips import Flips
from inklings.report.curve_data import curve_data, shorten
from inklings.report.over_repeats import Answers, Entrant
from inklings.training.plot import COLOURS

MOST_IMAGES = 2500  # on the page, so that it stays small: at 28 x 28 these take about a megabyte
MOST_MISTAKES = 24
MOST_IN_A_CELL = 60
MOST_FLIPS = 24

Places = dict[int, int]
"""An image's place on the sheet, by its row of the data set."""


def inspect(entrants: Sequence[Entrant], flips: Sequence[Flips]) -> dict[str, Any]:
    """Return the data that the page's script works on.

    Returns
    -------
    dict
        ``classes``: their names. ``colours``: of curves, in turn. ``repeats``: how many. ``curves``: see
        :mod:`inklings.report.curve_data`. ``images``: those shown, on one sheet, with their rows of the data set and
        labels. ``networks``: each one's confusion matrix, the images in its cells and its worst mistakes. ``flips``:
        the images that only one of two gets right.
    """
    data = entrants[0].dataset
    # Once for each: the confusion matrix's cells decide which images go on the sheet, and are then shown themselves.
    cells = [_cells(each) for each in entrants]
    shown = choose_images(entrants, cells, flips)
    places = {int(row): place for place, row in enumerate(shown)}
    tested = max(entrants, key=lambda each: len(each.runs)).answers  # one that took part in all repeats
    # Rows are in ascending order there, each at least once: `searchsorted` finds the first.
    labels = tested.labels[np.searchsorted(tested.rows, shown)]
    return {
        "classes": list(data.class_names),
        "colours": COLOURS,
        "repeats": max(len(each.runs) for each in entrants),
        "curves": [curve_data(each.title, each.histories) for each in entrants if each.is_network],
        "images": {**_sheet(data, shown), "rows_of_data": shown.tolist(), "labels": labels.tolist()},
        "networks": [_network(*both, places) for both in zip(entrants, cells, strict=True)],
        "flips": [_flip(each, places) for each in flips],
    }


def choose_images(
    entrants: Sequence[Entrant], cells: Sequence[dict[str, Answers]], flips: Sequence[Flips]
) -> NDArray[np.int64]:
    """Choose the images to show, in ascending order; of too many, those misclassified or flipped go first."""
    # A dict, as a set that keeps its order: what comes first is shown when there is too much.
    wanted: dict[int, None] = {}
    for entrant in entrants:
        wanted |= dict.fromkeys(entrant.worst_mistakes(MOST_MISTAKES).rows.tolist())
    for each in flips:
        best = (*each.rows_for_first[:MOST_FLIPS].tolist(), *each.rows_for_second[:MOST_FLIPS].tolist())
        wanted |= dict.fromkeys(best)
    # Mistakes before what is right: they are fewer, and what people look into.
    for right in (False, True):
        for parts in cells:
            for found in parts.values():
                if bool(found.labels[0] == found.answers[0]) is right:  # all of a cell are of one label and one answer
                    wanted |= dict.fromkeys(found.rows.tolist())
    return np.sort(np.array(list(wanted)[:MOST_IMAGES], np.int64))


def _cells(entrant: Entrant) -> dict[str, Answers]:
    """Return the images in each cell of the confusion matrix, those most often in it and least like it first."""
    found = entrant.answers
    classes = entrant.dataset.class_count
    # np.lexsort sorts by its last key first, which is the cell.
    order = np.lexsort((found.own, -found.times, found.labels * classes + found.answers))
    kinds, starts = np.unique((found.labels * classes + found.answers)[order], return_index=True)
    ends = [*starts[1:], len(order)]
    return {
        f"{kind // classes},{kind % classes}": found.take(order[start : min(end, start + MOST_IN_A_CELL)])
        for kind, start, end in zip(kinds.tolist(), starts, ends, strict=True)
    }


def _network(entrant: Entrant, cells: dict[str, Answers], places: Places) -> dict[str, Any]:
    return {
        "title": entrant.title,
        "repeats": len(entrant.runs),
        "confusion": entrant.confusion.tolist(),
        "images": {kind: _count(entrant, kind) for kind in cells},
        "cells": {kind: _entries(found, places) for kind, found in cells.items()},
        "worst": _entries(entrant.worst_mistakes(MOST_MISTAKES), places),
    }


def _count(entrant: Entrant, kind: str) -> int:
    """Return how many different images are in a cell."""
    label, answer = map(int, kind.split(","))
    found = entrant.answers
    return int(((found.labels == label) & (found.answers == answer)).sum())


def _entries(found: Answers, places: Places) -> list[list[float | None]]:
    """Return place, answer, in how many repeats of how many, and the probabilities of answer and true class."""
    columns = (found.rows, found.answers, found.times, found.tested, found.confidence, found.own)
    return [
        [places[row], answer, times, tested, _below_one(confidence), shorten(own)]
        for row, answer, times, tested, confidence, own in zip(*(each.tolist() for each in columns), strict=True)
        if row in places  # not all fitted on the sheet
    ]


def _below_one(confidence: float) -> float | None:
    """Round a probability, but not to 1, which would be shown as certain."""
    return shorten(confidence if confidence == 1 else min(confidence, 0.9999))


def _flip(flips: Flips, places: Places) -> dict[str, Any]:
    """Return both titles and counts, and for each side the images with how often only it was right, of how often."""
    known = {row: place for place, row in enumerate(flips.rows.tolist())}

    def side(rows: NDArray[np.int64], times: NDArray[np.int64]) -> list[list[int]]:
        return [
            [places[row], int(times[known[row]]), int(flips.tested[known[row]])]
            for row in rows[:MOST_FLIPS].tolist()
            if row in places
        ]

    return {
        "titles": [flips.first, flips.second],
        "repeats": len(flips.tests),
        "counts": [flips.total_first, flips.total_second],
        "images": [side(flips.rows_for_first, flips.only_first), side(flips.rows_for_second, flips.only_second)],
    }


def _sheet(data: Dataset, shown: NDArray[np.int64]) -> dict[str, Any]:
    """Tile the images into one picture, a sprite sheet."""
    from PIL import Image

    height, width, _ = data.image_shape
    # About square: one row of 2,500 images of 28 pixels would be 70,000 wide.
    columns = ceil(sqrt(len(shown)))
    rows = ceil(len(shown) / columns)
    sheet = np.full((rows * height, columns * width, 3), 255, np.uint8)
    for number, row in enumerate(shown):
        top, left = number // columns * height, number % columns * width
        sheet[top : top + height, left : left + width] = to_bytes(data.images[row])
    # Grey: one channel is a third of the bytes.
    picture = Image.fromarray(sheet if data.image_shape[2] == 3 else sheet[..., 0])
    file = BytesIO()
    picture.save(file, "PNG", optimize=True)
    address = "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
    return {"sheet": address, "columns": columns, "rows": rows, "height": height, "width": width}
