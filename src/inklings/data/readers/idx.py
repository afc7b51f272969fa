"""Reading IDX files, MNIST's own format, plain or compressed by gzip.

Two zero bytes, one byte for the type, one for the number of axes; then the length of each axis as four bytes, the most
significant first; then the values.
"""

from __future__ import annotations

import gzip
import struct
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from inklings.data.arrays import RawArrays, ReadOptions, build_dataset
from inklings.data.dataset import Dataset
from inklings.data.lazy_images import MAPPED
from inklings.data.readers.file_errors import check_claim, refusing
from inklings.data.readers.variable_matching import join_train_and_test
from inklings.errors import DataError

TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}

Arrays = tuple[NDArray[Any], NDArray[Any]]


def is_idx(start: bytes) -> bool:
    """Whether the first four bytes of a file are those of an IDX file."""
    return len(start) >= 4 and start[:2] == b"\0\0" and start[2] in TYPES and 1 <= start[3] <= 4


def read_idx(path: Path, choices: ReadOptions) -> Dataset:
    """Read an IDX file of images and that of its labels: named by ``labels``, or with the same name beside it.

    Given the file of labels, the images are looked for.

    Raises
    ------
    DataError
        Damaged; claims more than it may; no file of labels.
    """
    images, labels = _find_partner(path, choices)
    return build_dataset(RawArrays(*read_pair(images, labels), str(path)), choices)


def read_idx_folder(folder: Path, choices: ReadOptions) -> Dataset:
    """Read a folder of IDX files: one pair, or MNIST's four, of which the pair named t10k or test is set aside.

    Raises
    ------
    DataError
        Damaged; a file without its partner; pairs other than one, or two of which one is the test.
    """
    if choices.images is not None:
        return read_idx(folder / choices.images, choices)
    pairs = _find_pairs(folder)
    tests = [pair for pair in pairs if "t10k" in pair[0].name.lower() or "test" in pair[0].name.lower()]
    if len(pairs) == 1:
        return build_dataset(RawArrays(*read_pair(*pairs[0]), str(folder)), choices)
    if len(pairs) != 2 or len(tests) != 1:
        names = ", ".join(images.name for images, _ in pairs)
        raise DataError(
            f"{folder}: {len(pairs)} files of images ({names}), expected one, or one to train and one to test",
            "name one with images=",
        )
    train = next(pair for pair in pairs if pair != tests[0])
    return build_dataset(join_train_and_test(read_pair(*train), read_pair(*tests[0]), str(folder)), choices)


def list_idx_files(folder: Path) -> list[Path]:
    """List the IDX files of a folder, plain or gzip, in the order of their names."""
    return [path for path in sorted(folder.iterdir()) if path.is_file() and is_idx(read_start(path))]


def read_start(path: Path, length: int = 4) -> bytes:
    """Read the first bytes of a file; of what is inside, if it is compressed by gzip."""
    with refusing(path, "gzip file" if is_gzip(path) else "file"), open_plain(path) as file:
        return file.read(length)


def is_gzip(path: Path) -> bool:
    """Whether a file is compressed by gzip."""
    with refusing(path, "file"), path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def open_plain(path: Path) -> BinaryIO:
    """Open a file for reading bytes, unpacked if it is compressed by gzip."""
    return cast(BinaryIO, gzip.open(path)) if is_gzip(path) else path.open("rb")


def _find_pairs(folder: Path) -> list[tuple[Path, Path]]:
    by_name: dict[str, Path] = {}
    for path in list_idx_files(folder):
        by_name.setdefault(plain_name(path), path)  # x before x.gz: the same content twice is read once
    pairs = []
    for name, path in by_name.items():
        if "label" in name or ("image" not in name and _axes(path) == 1):
            continue
        partner = by_name.get(_label_name(name))
        if partner is None:
            raise DataError(f"{path}: no labels, expected a file {_label_name(name)} beside it", "add it")
        pairs.append((path, partner))
    if not pairs:
        raise DataError(f"{folder}: no images, found only labels ({', '.join(by_name)})")
    return pairs


def _axes(path: Path) -> int:
    return read_start(path)[3]


def plain_name(path: Path) -> str:
    """Give a file's name in lower case without .gz, and with ``-`` for the ``.`` that some copies have."""
    return path.name.lower().removesuffix(".gz").replace(".idx", "-idx")


def _label_name(name: str) -> str:
    return name.replace("images", "labels").replace("image", "label").replace("idx3", "idx1").replace("idx4", "idx1")


def _find_partner(path: Path, choices: ReadOptions) -> tuple[Path, Path]:
    """Find the files of images and of labels, given either."""
    if choices.labels is not None:
        for candidate in (path.parent / choices.labels, Path(choices.labels)):
            if candidate.is_file():
                return path, candidate
        raise DataError(f"{path}: no labels, expected the file {choices.labels}", "check the name")
    name = plain_name(path)
    for other in sorted(path.parent.iterdir()):
        if other == path or not other.is_file():
            continue
        if _label_name(name) == plain_name(other) != name:
            return path, other
        if _label_name(plain_name(other)) == name != plain_name(other):
            return other, path
    raise DataError(f"{path}: no labels, expected a file {_label_name(name)} beside it", "name one with labels=")


def read_pair(images: Path, labels: Path) -> Arrays:
    """Read the arrays of two files that belong together.

    Raises
    ------
    DataError
        Damaged; not as many labels as images.
    """
    pixels, classes = _read_array(images), _read_array(labels)
    if classes.ndim != 1:
        raise DataError(f"{labels}: labels have {classes.ndim} axes, expected 1")
    if pixels.ndim < 2:
        raise DataError(f"{images}: images have {pixels.ndim} axis, expected 2 to 4")
    if len(pixels) != len(classes):
        raise DataError(
            f"{images}: {len(pixels)} images but {len(classes)} labels in {labels.name}, expected as many of both"
        )
    return pixels, classes


def _read_array(path: Path) -> NDArray[Any]:
    with refusing(path, "IDX file"), open_plain(path) as file:
        start = file.read(4)
        if not is_idx(start):
            raise DataError(f"{path}: begins with bytes {start.hex(' ')}, expected 00 00, a type and 1 to 4 axes")
        shape = struct.unpack(f">{start[3]}I", file.read(4 * start[3]))
        dtype = np.dtype(TYPES[start[2]])
        expected = dtype.itemsize * int(np.prod(shape, dtype=object))
        offset = 4 + 4 * start[3]
        if expected > MAPPED and path.stat().st_size == offset + expected and not is_gzip(path):
            return np.memmap(path, dtype, "r", offset, shape)
        check_claim(path, "the header", expected)
        # One byte more than expected shows a file that is too long, and makes gzip check its sum.
        content = file.read(expected + 1)
    if len(content) != expected:
        found = f"{len(content):,}" if len(content) < expected else f"more than {expected:,}"
        raise DataError(
            f"{path}: {found} bytes of content, expected {expected:,} for {' x '.join(map(str, shape))} values",
            "the file may be cut off: fetch it again",
        )
    return np.frombuffer(content, dtype).reshape(shape)
