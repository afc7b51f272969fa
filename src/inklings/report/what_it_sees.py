"""What a network sees, as two strips of pictures: its first layer's weights, and the pixels that answers hang on."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from inklings.data.gallery import to_bytes
from inklings.errors import NetworkError
from inklings.experiments.trained import TrainedNetwork
from inklings.insight.explain import explain
from inklings.insight.weights import weight_images
from inklings.report.over_repeats import Entrant

MOST_FILTERS, OF_EACH = 12, 3
"""Filters shown, and images that are classified correctly, and as many that are not."""
GAP = 8
"""Pixels between two pictures: filters of a few large pixels each would run into one another."""
# The page's own colours, as numbers: 0 is paper, above 0 warm, below 0 cool.
PAPER, WARM, COOL = ((255, 253, 246), (178, 58, 22), (36, 89, 143))

Pixels = NDArray[np.float64]


@dataclass(frozen=True)
class Strip:
    """Pictures side by side, as one image.

    Attributes
    ----------
    address : str
        A data URI.
    width : int
        How many pixels wide it is shown.
    alt, caption : str
    """

    address: str
    width: int
    alt: str
    caption: str


@dataclass(frozen=True)
class Sight:
    """What one network sees."""

    title: str
    strips: tuple[Strip, ...]


def look_at_all(entrants: Sequence[Entrant]) -> list[Sight]:
    """Return what each network sees, of several trainings the first."""
    return [_look(each.networks[0]) for each in entrants if each.is_network]


def _look(trained: TrainedNetwork) -> Sight:
    strips = [_filters(trained), _explained(trained, right=True), _explained(trained, right=False)]
    return Sight(trained.plan.title, tuple(strip for strip in strips if strip is not None))


def _filters(trained: TrainedNetwork) -> Strip | None:
    try:
        found = weight_images(trained.model)
    except NetworkError:  # no layer of it reads the image as one
        return None
    # The largest: of hundreds of units, many do next to nothing.
    chosen = np.sort(np.argsort(-found.norms)[:MOST_FILTERS])
    # The mean over channels: on grey images the image itself.
    tiles = [_signed(image.mean(-1) / (found.scale or 1.0)) for image in found.images[chosen]]
    total = len(found.images)
    which = f"all {total}" if total <= MOST_FILTERS else f"{MOST_FILTERS} of {total}, those with the largest weights"
    alt = f"Weights of the first layer of {trained.plan.title} as pictures: {which}"
    return _strip(tiles, alt, f"First layer: {which}")


def _explained(trained: TrainedNetwork, *, right: bool) -> Strip | None:
    test, answers = trained.split.test, np.asarray(trained.answers)
    own = trained.probabilities[np.arange(len(test)), test.labels]
    correct = answers == test.labels
    if right:
        # One of a class: the first of each.
        # -1 for all that are wrong; their first is dropped below.
        _, first = np.unique(np.where(correct, test.labels, -1), return_index=True)
        rows = [int(row) for row in np.sort(first) if correct[row]][:OF_EACH]
    else:
        wrong = np.flatnonzero(~correct)
        # Those whose true class was given least: the most surprising.
        rows = wrong[np.argsort(own[wrong], kind="stable")][:OF_EACH].tolist()
    if not rows:
        return None
    tiles = [_saliency(trained, row, int(answers[row])) for row in rows]
    names = trained.split.dataset.class_names
    words = ", ".join(
        names[test.labels[row]] if right else f"{names[test.labels[row]]} taken for {names[answers[row]]}"
        for row in rows
    )
    which = "Classified correctly" if right else "Misclassified"
    alt = f"Pixels that the answers of {trained.plan.title} hang on, {which.lower()}: {words}"
    return _strip(tiles, alt, f"{which}: {words}")


def _saliency(trained: TrainedNetwork, row: int, answer: int) -> NDArray[np.uint8]:
    image = np.asarray(trained.split.test.images[row])
    found = explain(trained.model, image, "saliency", answer)
    # From 0 to 1, of the image's own largest: only where it looks counts, not how much.
    share = np.asarray(found, np.float64)[..., None] / (float(np.max(found)) or 1.0)
    under = to_bytes(image).astype(np.float64)
    # Written lightly, so that what lies over it is what one sees.
    paler = 255 - (255 - under) * 0.55
    tile: NDArray[np.uint8] = (paler * (1 - share) + np.array(WARM) * share).round().astype(np.uint8)
    return tile


def _signed(values: Pixels) -> NDArray[np.uint8]:
    share = np.clip(np.abs(values), 0, 1)[..., None]
    # (height, width, 1) against (3,): each pixel is mixed from paper and its sign's colour.
    end = np.where(values[..., None] > 0, np.array(WARM), np.array(COOL))
    tile: NDArray[np.uint8] = (np.array(PAPER) * (1 - share) + end * share).round().astype(np.uint8)
    return tile


def _strip(tiles: Sequence[NDArray[np.uint8]], alt: str, caption: str) -> Strip:
    """Lay tiles beside one another, all of their pixels enlarged by one whole factor."""
    from PIL import Image

    height, width = tiles[0].shape[:2]
    # By whole factors: a fraction would make some pixels wider than others.
    zoom = max(1, round(56 / max(height, width)))
    # Transparent gaps, by the fourth channel: on the page they have its own paper's colour.
    sheet = np.zeros((height * zoom, len(tiles) * (width * zoom + GAP) - GAP, 4), np.uint8)
    for number, tile in enumerate(tiles):
        left = number * (width * zoom + GAP)
        sheet[:, left : left + width * zoom, :3] = tile.repeat(zoom, 0).repeat(zoom, 1)
        sheet[:, left : left + width * zoom, 3] = 255
    file = BytesIO()
    Image.fromarray(sheet).save(file, "PNG", optimize=True)
    address = "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
    return Strip(address, sheet.shape[1], alt, caption)
