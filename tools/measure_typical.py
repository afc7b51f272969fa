"""Measure whether the mean of a batch tells images with rows and columns swapped from others.

    python tools/measure_typical.py

For every kind of image in tools/measure_meaning.py whose images are square: the mean of 60 % of them is held against 40
batches of 20, 50 and 200 of the others, as they are and swapped. Prints the largest difference of an upright batch
(above 0.05 it would be said to lie), the share of swapped ones above 0.05, and the largest of a single class. Then, of
batches of 30 that are upright, of all classes or of a third to a half of them, how many would be said to run backwards,
and what share of those that do.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from measure_meaning import kinds
from numpy.typing import NDArray

from inklings.data.typical import FLIPS, TRANSPOSED, coarse_mean, find_flip, how_much_transposed

COUNT, BATCHES, SIZES = 600, 40, (20, 50, 200)


def flips(
    images: NDArray[np.float32], labels: NDArray[Any], learnt: NDArray[np.int64], others: NDArray[np.int64]
) -> str:
    """Return how many upright batches are said to run backwards, and the share of those that do."""
    known, random = coarse_mean(images[learnt]), np.random.default_rng(0)
    assert known is not None, "they are square"

    def flip(some: NDArray[np.float32]) -> str | None:
        return find_flip(known, coarse_mean(some), float(some.std()))

    batches = [images[random.choice(others, 30, replace=False)] for _ in range(BATCHES)]
    classes, wrong = np.unique(labels), sum(flip(batch) is not None for batch in batches)
    for _ in range(BATCHES):
        some = random.choice(classes, max(2, round(random.uniform(0.3, 0.5) * len(classes))), replace=False)
        of_some = np.flatnonzero(np.isin(labels, some))
        wrong += flip(images[random.choice(of_some, min(30, len(of_some)), replace=False)]) is not None
    told = {name: np.mean([flip(np.flip(batch, axes)) == name for batch in batches]) for name, axes in FLIPS.items()}
    return f"backwards: {wrong} wrong, " + ", ".join(f"{name} {share:.0%}" for name, share in told.items())


def main() -> None:
    """Print a line for each kind."""
    for name, make in kinds().items():
        images, labels = make(COUNT, np.random.default_rng(0))
        images = images.reshape(len(images), *images.shape[1:3], -1).astype(np.float32)
        if images.shape[1] != images.shape[2]:
            continue
        random = np.random.default_rng(0)
        rows = random.permutation(len(images))
        learnt, others = np.split(rows, [round(0.6 * len(rows))])
        known = coarse_mean(images[learnt])
        assert known is not None, "they are square"
        found = []
        for size in (size for size in SIZES if size <= len(others)):
            batches = [images[random.choice(others, size, replace=False)] for _ in range(BATCHES)]
            upright = max(how_much_transposed(known, coarse_mean(batch)) for batch in batches)
            swapped = [how_much_transposed(known, coarse_mean(batch.swapaxes(1, 2))) > TRANSPOSED for batch in batches]
            found.append(f"{size}: {upright:+.3f}, {np.mean(swapped):.0%} told")
        classes = [images[labels == label] for label in np.unique(labels)]
        single = max(how_much_transposed(known, coarse_mean(each)) for each in classes)
        print(
            f"{name:36} {'; '.join(found)}; one class {single:+.3f}; {flips(images, labels, learnt, others)}",
            flush=True,
        )


if __name__ == "__main__":
    main()
