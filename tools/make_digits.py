"""Make the bundled digits from MNIST's training files: the first 500 images of each class, in file order.

    python tools/make_digits.py FOLDER

FOLDER holds ``train-images-idx3-ubyte.gz`` and ``train-labels-idx1-ubyte.gz``. The result,
``src/inklings/data/bundled/digits.npz``, is the same to the byte for the same version of NumPy and zlib.
"""

from __future__ import annotations

import gzip
import struct
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

BUNDLED = Path(__file__).parents[1] / "src" / "inklings" / "data" / "bundled" / "digits.npz"
PER_CLASS = 500


def read_idx(path: Path) -> NDArray[np.uint8]:
    """Read an IDX file of bytes; on purpose not by the package, whose reader is tested against this data."""
    content = gzip.decompress(path.read_bytes())
    dimensions = content[3]
    shape = struct.unpack(f">{dimensions}I", content[4 : 4 + 4 * dimensions])
    return np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def choose_rows(labels: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Pick the first 500 rows of each class, in file order."""
    first = [np.flatnonzero(labels == digit)[:PER_CLASS] for digit in range(10)]
    return np.sort(np.concatenate(first))


def main(folder: Path) -> None:
    """Write the bundled file."""
    images = read_idx(folder / "train-images-idx3-ubyte.gz")
    labels = read_idx(folder / "train-labels-idx1-ubyte.gz")
    rows = choose_rows(labels)
    BUNDLED.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(BUNDLED, images=images[rows], labels=labels[rows])
    print(f"{BUNDLED}: {len(rows)} images, the last from row {rows[-1]} of MNIST, {BUNDLED.stat().st_size:,} bytes")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python tools/make_digits.py FOLDER")
    main(Path(sys.argv[1]))
