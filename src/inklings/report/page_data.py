"""The data of the page's script: every test image with every network's prediction, and the curves, as plain values."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from io import BytesIO
from math import ceil, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data import Dataset
from inklings.data.gallery import to_bytes
from inklings.experiments import Comparison, Contender, TrainedNetwork
from inklings.insight.mistakes import worst_mistakes

MOST_IMAGES = 2500  # on the page, so that it stays small: at 28 x 28 these take about a megabyte
MOST_MISTAKES = 24


def inspect(comparison: Comparison) -> dict[str, Any]:
    """Return the data that the page's script works on.

    Returns
    -------
    dict
        ``classes``: their names. ``curves``: each network's title, epochs, costs and accuracies. ``images``: the test
        images shown, on one sheet, with their labels. ``networks``: each one's predictions for those images, the
        probabilities of the prediction and of the label, and its worst mistakes.
    """
    test = comparison.split.test
    shown = choose_images(comparison.contenders, len(test))
    return {
        "classes": list(test.class_names),
        "curves": [_curves(trained) for trained in comparison.trained_networks],
        "images": {**_sheet(test, shown), "labels": test.labels[shown].tolist()},
        "networks": [_answers(contender, test, shown) for contender in comparison.contenders],
    }


def choose_images(contenders: Sequence[Contender], images: int) -> NDArray[np.int64]:
    """Choose the test images to show: all if they are few, else first those that any network misclassifies."""
    wrong = np.zeros(images, bool)
    for contender in contenders:
        wrong |= ~contender.correct
    order = np.argsort(~wrong, kind="stable")
    return np.sort(order[:MOST_IMAGES])


def _curves(trained: TrainedNetwork) -> dict[str, Any]:
    history = trained.fitted.history
    return {
        "title": trained.plan.title,
        "epochs": [row.epoch for row in history],
        "cost": {
            "training": [_short(row.train_loss) for row in history],
            "validation": [_short(row.validation_loss) for row in history],
        },
        "accuracy": {
            "training": [_short(row.train_accuracy) for row in history],
            "validation": [_short(row.validation_accuracy) for row in history],
        },
    }


def _answers(trained: Contender, test: Dataset, shown: NDArray[np.int64]) -> dict[str, Any]:
    probabilities = trained.probabilities
    place = {int(row): number for number, row in enumerate(shown)}
    worst = worst_mistakes(probabilities, test.labels, MOST_MISTAKES)
    return {
        "title": trained.title,
        "answers": trained.answers[shown].tolist(),
        "confidence": [_short(value) for value in probabilities[shown].max(1)],
        "own": [_short(value) for value in probabilities[shown, test.labels[shown]]],
        "worst": [place[int(row)] for row in worst.indices if int(row) in place],
    }


def _sheet(test: Dataset, shown: NDArray[np.int64]) -> dict[str, Any]:
    """Tile the images into one picture, a sprite sheet."""
    from PIL import Image

    height, width, _ = test.image_shape
    columns = ceil(sqrt(len(shown)))
    rows = ceil(len(shown) / columns)
    sheet = np.full((rows * height, columns * width, 3), 255, np.uint8)
    for number, row in enumerate(shown):
        top, left = number // columns * height, number % columns * width
        sheet[top : top + height, left : left + width] = to_bytes(test.images[row])
    picture = Image.fromarray(sheet if test.image_shape[2] == 3 else sheet[..., 0])
    file = BytesIO()
    picture.save(file, "PNG", optimize=True)
    address = "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
    return {"sheet": address, "columns": columns, "rows": rows, "height": height, "width": width}


def _short(value: float) -> float:
    """Round to four significant digits, which keeps the page small."""
    return float(f"{value:.4g}")
