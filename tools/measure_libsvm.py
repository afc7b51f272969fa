"""Measure how often pixels show whether the indices of a LIBSVM file count from 0 or from 1.

    python tools/measure_libsvm.py

For every kind of image in tools/measure_meaning.py, as they are and inverted, 100 and 1,000 of them: as a file that
counts from 1, and as one that counts from 0, whose first pixel and last pixel are empty. Prints a line for each kind,
and the sums.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
from measure_meaning import kinds
from numpy.typing import NDArray

from inklings.data.readers.libsvm_base import detect_base, find_other_width


def judge(pixels: NDArray[np.float32], shape: tuple[int, int], base: int) -> str:
    """Return whether the base was found, given pixels as a file of that base says them."""
    read = pixels if base == 1 else np.concatenate([pixels[:, 1:], pixels[:, :1]], axis=1)
    found = detect_base(read, shape)
    return "undecided" if found is None else "right" if found == base else "wrong"


def main() -> None:
    """Print the table."""
    total: Counter[str] = Counter()
    for name, make in kinds().items():
        counts: Counter[str] = Counter()
        widths: Counter[str] = Counter()
        for count in (100, 1000):
            images, _ = make(count, np.random.default_rng(0))
            images = images.reshape(len(images), *images.shape[1:3])
            for some in (images, 255 - images):
                pixels = some.reshape(len(some), -1).astype(np.float32)
                pixels[:, [0, -1]] = 0
                counts.update(judge(pixels, images.shape[1:], base) for base in (0, 1))
                if images.shape[1] == images.shape[2]:
                    widths["kept" if find_other_width(pixels, images.shape[1]) is None else "doubted"] += 1
        total += counts
        print(f"{name}: {dict(counts)}, a right width {dict(widths)}", flush=True)
    print(f"all {len(kinds())}: {dict(total)}")


if __name__ == "__main__":
    main()
