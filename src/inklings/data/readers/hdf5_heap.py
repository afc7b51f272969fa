"""Global heaps of an HDF5 file, where texts of variable length lie, checked before the HDF5 library walks through them.

A heap is a list of objects, each of which says how long it is. The library (2.0) goes from one to the next by that
length alone: free space of length 0 keeps it at one place without an end. The layout is that of the HDF5 File Format
Specification, section III.E.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path

from inklings.errors import DataError

_SIGNATURE = b"GCOL\x01\0\0\0"  # with the only version that there is, and three bytes that are kept free
_SMALLEST = 4096


def check_heaps(path: Path, length_bytes: int) -> None:
    """Refuse a file with a heap whose objects do not fill it one after the other.

    Parameters
    ----------
    path : Path
    length_bytes : int
        How many bytes a length takes in this file.

    Raises
    ------
    DataError
        A heap is damaged.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        for begin, end in _heaps(content, length_bytes):
            at = begin + _aligned(8 + length_bytes)
            # What is left, if it is too little for an object, is free space that says nothing.
            while at + _aligned(8 + length_bytes) <= end:
                step = _step(content, at, length_bytes)
                if not 0 < step <= end - at:
                    problem = f"holds a damaged list of texts (an object of length {step:,} at byte {at:,})"
                    raise DataError(problem, "save the file anew, or copy its arrays into another", path=path)
                at += step


def _heaps(content: mmap.mmap, length_bytes: int) -> Iterator[tuple[int, int]]:
    """Yield where each heap begins and ends."""
    at = content.find(_SIGNATURE)
    while at >= 0:
        end = at + int.from_bytes(content[at + 8 : at + 8 + length_bytes], "little")
        # Pixels may happen to look like the beginning of a heap, hardly ever like its length too.
        if at + _SMALLEST <= end <= len(content):
            yield at, end
        at = content.find(_SIGNATURE, at + 1)


def _step(content: mmap.mmap, at: int, length_bytes: int) -> int:
    """Return the bytes from an object to the next."""
    number = int.from_bytes(content[at : at + 2], "little")
    length = int.from_bytes(content[at + 8 : at + 8 + length_bytes], "little")
    # Object 0 is the free space, whose length is that of all of it.
    return _aligned(8 + length_bytes) + _aligned(length) if number else length


def _aligned(length: int) -> int:
    return -(-length // 8) * 8
