"""Measure how often pixels tell which axis of an array is that of the images, where lengths do not.

    python tools/measure_axes.py

For every kind of image in tools/measure_meaning.py: 28 images of 28 x 28 with the axis of the images first and last,
and 64 of 8 x 8 as rows and as columns of a square matrix, each in random order and sorted by class. Prints a line for
each kind that is not right throughout, and the sums.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from measure_meaning import kinds
from numpy.typing import NDArray

from inklings.data.axes import images_first
from inklings.data.resizing import resize


def judge(array: NDArray[Any], expected: NDArray[Any]) -> str:
    """Return whether the axes were found, and whether with confidence."""
    found, notes = images_first(array, len(array))
    if not any("pixels show an order" in note for note in notes):
        return "undecided"
    return "right" if np.array_equal(found, expected) else "wrong"


def judge_all(images: NDArray[np.uint8], labels: NDArray[Any]) -> Counter[str]:
    """Judge images in both orders, as a cube and as a square matrix, with their axis first and last."""
    counts: Counter[str] = Counter()
    small = np.round(resize((images[:64, ..., None] / 255).astype(np.float32), (8, 8))[..., 0] * 255)
    for stack in (images[: images.shape[1]], small.reshape(len(small), -1)):
        for order in (np.arange(len(stack)), np.argsort(labels[: len(stack)], kind="stable")):
            some = stack[order]
            counts[judge(some, some)] += 1
            counts[judge(np.moveaxis(some, 0, -1), some)] += 1
    return counts


def main() -> None:
    """Print the table."""
    total: Counter[str] = Counter()
    for name, make in kinds().items():
        counts: Counter[str] = Counter()
        for seed in range(3):
            images, labels = make(100, np.random.default_rng(seed))
            images = images.reshape(len(images), *images.shape[1:3])
            counts += judge_all(images, labels)
        total += counts
        if set(counts) != {"right"}:
            print(f"{name}: {dict(counts)}", flush=True)
    print(f"all {len(kinds())}: {dict(total)}")


if __name__ == "__main__":
    main()
