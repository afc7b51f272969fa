"""Measure whether the mean of a batch tells images with rows and columns swapped from others.

    python tools/measure_typical.py

For every kind of image in tools/measure_meaning.py whose images are square: the mean of 60 % of them is held against 40
batches of 20, 50 and 200 of the others, as they are and swapped. Prints the largest difference of an upright batch
(above 0.05 it would be said to lie), the share of swapped ones above 0.05, and the largest of a single class.
"""

from __future__ import annotations

import numpy as np
from measure_meaning import kinds

from inklings.data.typical import TRANSPOSED, coarse_mean, how_much_transposed

COUNT, BATCHES, SIZES = 600, 40, (20, 50, 200)


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
            upright = max(how_much_transposed(known, batch) for batch in batches)
            swapped = [how_much_transposed(known, batch.swapaxes(1, 2)) > TRANSPOSED for batch in batches]
            found.append(f"{size}: {upright:+.3f}, {np.mean(swapped):.0%} told")
        classes = [images[labels == label] for label in np.unique(labels)]
        single = max(how_much_transposed(known, each) for each in classes)
        print(f"{name:36} {'; '.join(found)}; one class {single:+.3f}", flush=True)


if __name__ == "__main__":
    main()
