"""Reading IDX files, MNIST's own format, plain or compressed by gzip.

Two zero bytes, one byte for the type, one for the number of axes; then the length of each axis as a big-endian uint32;
then the values in row-major order, big-endian too.
"""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.lazy_images import MAPPED
from inklings.data.notes import Decision
from inklings.data.raw import RawArrays, ReadOptions
from inklings.data.readers.byte_order import check_byte_order
from inklings.data.readers.file_errors import Claim, check_claimed_size, wrap_errors
from inklings.data.readers.folder_tree import describe_others
from inklings.data.readers.joining import Pair, join_train_and_test
from inklings.data.readers.listed_names import list_class_lists, name_classes
from inklings.data.readers.parts import TEST, part_of
from inklings.data.readers.source_file import is_gzip, is_regular, open_decompressed, read_start
from inklings.data.readers.variable_names import understand
from inklings.errors import DataError

# By the type's byte; big-endian where a value has more than one byte.
DTYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def is_idx(start: bytes) -> bool:
    """Whether the first four bytes of a file are those of an IDX file."""
    # An icon (00 00 01 00) begins with two zero bytes too, but 01 is no type.
    return len(start) >= 4 and start[:2] == b"\0\0" and start[2] in DTYPES and 1 <= start[3] <= 4


def read_idx(path: Path, options: ReadOptions) -> RawArrays:
    """Read an IDX file of images and that of its labels: named by ``labels``, or with the same name beside it.

    Given the file of labels, the images are found.

    Raises
    ------
    DataError
        A file is damaged or claims too much; there is no file of labels.
    """
    if not options.labelled and _count_axes(path) > 1:
        return _know_emnist(RawArrays(read_idx_array(path, Claim(path)), None, path), path)
    images, labels = _find_partner(path, options)
    raw = _know_emnist(RawArrays(*read_pair(images, labels), path), images)
    return name_classes(raw, list_class_lists(images.parent, images))


def read_idx_folder(folder: Path, options: ReadOptions) -> RawArrays:
    """Read a folder of IDX files: one pair, or MNIST's four, of which the pair named t10k or test is reserved.

    Raises
    ------
    DataError
        A file is damaged or has no partner; there are neither one pair nor two of which one is the test.
    """
    if options.images is not None:
        return read_idx(folder / options.images, options)
    raw = _read_pairs(folder)
    files = list_idx_files(folder)
    lists = list_class_lists(folder, files[0])
    if others := describe_others(folder, [*files, *lists]):
        raw = replace(raw, notes=[Decision(others), *raw.notes])
    return name_classes(raw, lists)


def _read_pairs(folder: Path) -> RawArrays:
    pairs = _find_pairs(folder)
    # Which of two pairs is the test, by its name; which of more, nobody can tell.
    tests = [pair for pair in pairs if _is_test(pair[0])]
    if len(pairs) == 1:
        return _know_emnist(RawArrays(*read_pair(*pairs[0]), folder), pairs[0][0])
    if len(pairs) != 2 or len(tests) != 1:
        names = [images.name for images, _ in pairs]
        expected = "one, or one to train and one to test"
        raise DataError(
            f"{len(pairs)} files of images ({', '.join(names)}), expected {expected}",
            "name one",
            path=folder,
            found=names,
            expected=expected,
            suggested={"images": names[0]},
        )
    train = next(pair for pair in pairs if pair != tests[0])
    claim = Claim(folder)
    joined = join_train_and_test(read_pair(*train, claim), read_pair(*tests[0], claim), folder)
    return _know_emnist(joined, train[0])


def _is_test(images: Path) -> bool:
    """Whether a file's name says that it is of the test part: t10k-images, testImages, kmnist-test-imgs."""
    named = part_of(plain_name(images))
    return (named[0] if named else understand(images.stem).part) == TEST


def is_emnist(path: Path) -> bool:
    """Whether a file's name says that it is of EMNIST, whose files hold every image transposed.

    G. Cohen et al., EMNIST: an extension of MNIST to handwritten letters, 2017: MATLAB wrote them, column by column,
    and the tables that go round are made from those files.
    """
    return "emnist" in path.name.lower()


def _know_emnist(raw: RawArrays, images: Path) -> RawArrays:
    """Mark images as transposed if their file's name says that they are EMNIST's, and say so where they may be."""
    if is_emnist(images):
        return replace(raw, transposed=True)
    labels = None if raw.labels is None else np.unique(raw.labels)
    # 26 labels from 1: of EMNIST's files only that of letters counts so; other letters may too, so it is only said.
    if labels is not None and np.array_equal(labels, np.arange(1, 27)):
        note = (
            "labels 1 to 26 may be EMNIST's letters, whose files hold images transposed (column_major=True turns them)"
        )
        return replace(raw, notes=(*raw.notes, Decision(note)))
    return raw


def list_idx_files(folder: Path) -> list[Path]:
    """List the IDX files of a folder, plain or gzip, in the order of their names."""
    return [path for path in sorted(folder.iterdir()) if is_regular(path) and is_idx(read_start(path))]


def _find_pairs(folder: Path) -> list[tuple[Path, Path]]:
    by_name: dict[str, Path] = {}
    for path in list_idx_files(folder):
        # x comes before x.gz, so content that is there twice is read once, from the plain file.
        by_name.setdefault(plain_name(path), path)
    pairs = []
    for name, path in by_name.items():
        if "label" in name or ("image" not in name and _count_axes(path) == 1):
            # Labels have one axis; images, called so or not, have more.
            continue
        partner = by_name.get(_label_name(name))
        if partner is None:
            raise _no_labels(path, f"a file {_label_name(name)} beside it", "add it")
        pairs.append((path, partner))
    if not pairs:
        raise DataError(f"no images, found only labels ({', '.join(by_name)})", path=folder, found=list(by_name))
    return pairs


def _count_axes(path: Path) -> int:
    return read_start(path)[3]


def plain_name(path: Path) -> str:
    """Return a file's name in lower case without .gz, and with ``-`` for the ``.`` that some copies have.

    >>> plain_name(Path("train-images.idx3-ubyte.gz"))
    'train-images-idx3-ubyte'
    """
    return path.name.lower().removesuffix(".gz").replace(".idx", "-idx")


def _label_name(name: str) -> str:
    # The number in MNIST's names is that of axes: images have 3, or 4 with channels, and labels 1.
    return name.replace("images", "labels").replace("image", "label").replace("idx3", "idx1").replace("idx4", "idx1")


def _no_labels(path: Path, expected: str, hint: str, **suggested: str) -> DataError:
    return DataError(f"no labels, expected {expected}", hint, path=path, expected=expected, suggested=suggested or None)


def _find_partner(path: Path, options: ReadOptions) -> tuple[Path, Path]:
    """Return the files of images and of labels, given either."""
    if options.labels is not None:
        for candidate in (path.parent / options.labels, Path(options.labels)):
            if candidate.is_file():
                return path, candidate
        raise _no_labels(path, f"the file {options.labels}", "check the name")
    name = plain_name(path)
    for other in sorted(path.parent.iterdir()):
        if other == path or not is_regular(other):
            continue
        # A name without "image" is its own label name; it must not be its own partner.
        if _label_name(name) == plain_name(other) != name:
            return path, other
        if _label_name(plain_name(other)) == name != plain_name(other):
            return other, path
    raise _no_labels(path, f"a file {_label_name(name)} beside it", "name one", labels="FILE")


def read_pair(images: Path, labels: Path, claim: Claim | None = None) -> Pair:
    """Read the arrays of two files that belong together.

    Parameters
    ----------
    images, labels : Path
    claim : Claim, optional
        What the other files of the same data set claim.

    Raises
    ------
    DataError
        A file is damaged; there are not as many labels as images.
    """
    claim = claim or Claim(images)
    pixels, classes = read_idx_array(images, claim), read_idx_array(labels, claim)
    check_byte_order(pixels, images)
    check_byte_order(classes, labels)
    if classes.ndim != 1:
        raise DataError(f"labels have {classes.ndim} axes, expected 1", path=labels, found=classes.ndim, expected=1)
    if pixels.ndim < 2:
        raise DataError(
            f"images have {pixels.ndim} axis, expected 2 to 4", path=images, found=pixels.ndim, expected="2 to 4"
        )
    if len(pixels) != len(classes):
        raise DataError(
            f"{len(pixels)} images but {len(classes)} labels in {labels.name}, expected as many of both",
            path=images,
            found=len(pixels),
            expected=len(classes),
        )
    return pixels, classes


def read_idx_array(path: Path, claim: Claim) -> NDArray[Any]:
    """Read the array of an IDX file, mapped if it is large.

    Parameters
    ----------
    path : Path
    claim : Claim
        What is read is added to it.

    Raises
    ------
    DataError
        The file is damaged or claims too much.
    """
    with wrap_errors(path, "IDX file"), open_decompressed(path) as file:
        start = file.read(4)
        if not is_idx(start):
            expected = "00 00, a type and 1 to 4 axes"
            raise DataError(
                f"begins with bytes {start.hex(' ')}, expected {expected}",
                path=path,
                found=start.hex(" "),
                expected=expected,
            )
        shape = struct.unpack(f">{start[3]}I", file.read(4 * start[3]))
        dtype = np.dtype(DTYPES[start[2]])
        # As Python's integers: four lengths of 32 bits overflow int64.
        size = dtype.itemsize * int(np.prod(shape, dtype=object))
        offset = 4 + 4 * start[3]
        # Mapped only if the length is right; a wrong one is reported below.
        if size > MAPPED and path.stat().st_size == offset + size and not is_gzip(path):
            return np.memmap(path, dtype, "r", offset, shape)
        check_claimed_size(path, "the header", size)
        claim.add(path.name, size)
        # One byte more than claimed shows a file that is too long, and makes gzip read to the end and check its sum.
        content = file.read(size + 1)
    if len(content) != size:
        found = f"{len(content):,}" if len(content) < size else f"more than {size:,}"
        raise DataError(
            f"{found} bytes of content, expected {size:,} for {' x '.join(map(str, shape))} values",
            "the file may be truncated: download it again",
            path=path,
            found=len(content),
            expected=size,
        )
    return np.frombuffer(content, dtype).reshape(shape)
