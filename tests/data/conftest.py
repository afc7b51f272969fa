"""A few real digits, and writers that do not share a line with the readers they test."""

import gzip
import struct

import numpy as np
import pytest

from inklings.data import open_dataset


@pytest.fixture(scope="session")
def digits28():
    return open_dataset("digits28")


@pytest.fixture(scope="session")
def pixels(digits28):
    """The first 300 bundled digits as the bytes they are made of, shape (300, 28, 28)."""
    return np.round(digits28.images[:300, :, :, 0] * 255).astype(np.uint8)


@pytest.fixture(scope="session")
def labels(digits28):
    return digits28.labels[:300].astype(np.uint8)


@pytest.fixture
def write_idx():
    def write(path, array):
        codes = {"uint8": 0x08, "int16": 0x0B, "int32": 0x0C, "float32": 0x0D}
        content = struct.pack(">HBB", 0, codes[array.dtype.name], array.ndim)
        content += struct.pack(f">{array.ndim}I", *array.shape) + array.astype(array.dtype.newbyteorder(">")).tobytes()
        path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)

    return write
