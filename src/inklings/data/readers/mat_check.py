"""Whether the elements of a MATLAB file of version 5 to 7 fit together, looked at before SciPy reads them.

Such a file is a sequence of elements, each a tag (type and length) and its bytes; an array is an element of elements,
and each variable may be a zlib stream of one. SciPy trusts the tags: with a wrong type it reads outside its tables,
which ends the whole process, and it reads a cut-off stream as far as it goes. So nothing reaches it unchecked.

The format: MathWorks, "MAT-File Format", chapter 1.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from inklings.data.readers.file_errors import MOST_BYTES, check_claim
from inklings.errors import DataError

HEADER = 128
INT8, INT32, FLAGS, MATRIX, COMPRESSED, UTF8 = 1, 5, 6, 14, 15, 16
NUMBERS = {1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 4, 7: 4, 9: 8, 12: 8, 13: 8}
TEXTS = {1: 1, 2: 1, 3: 2, 4: 2, 16: 1, 17: 2, 18: 4}
"""How many bytes a number or character of each type has at least."""
TYPES = {*NUMBERS, *TEXTS, MATRIX}

CELL, STRUCT, CHARACTERS = 1, 2, 4
NUMERIC = range(6, 16)
DEEPEST = 30

Element = tuple[int, memoryview]


def check_elements(path: Path) -> list[str] | None:
    """Walk all elements of a file.

    Returns
    -------
    list of str, or None
        The names of the variables that may be read: numbers, text, cells and structs, not objects, functions or sparse
        matrices. None for a file of version 4, which has no elements.

    Raises
    ------
    DataError
        Names the variable, counted from 1, that is cut off, damaged or too large; or there is none.
    """
    content = memoryview(path.read_bytes())
    head = bytes(content[:HEADER])
    if head[:10] != b"MATLAB 5.0":
        return None
    if len(content) <= HEADER:
        raise DataError(f"{path}: a MATLAB file without any variable, expected images and labels")
    order = "<" if head[126:128] == b"IM" else ">"
    offset, number = HEADER, 0
    names = []
    while offset < len(content):
        number += 1
        kind, length = struct.unpack(f"{order}2I", bytes(content[offset : offset + 8]).ljust(8, b"\xff"))
        offset += 8 + length
        if offset > len(content):
            raise DataError(
                f"{path}: variable {number} ends at byte {offset:,}, but the file has {len(content):,}",
                "it is cut off or damaged: fetch or make it again",
            )
        body = content[offset - length : offset]
        try:
            if kind == COMPRESSED:
                kind, body = next(_split(_unpack(body, path, number), order))
            names.append(_check_array(kind, body, order))
        except (ValueError, zlib.error) as error:
            raise DataError(
                f"{path}: variable {number} is damaged ({error})", "fetch or make the file again"
            ) from error
    return [name for name in names if name is not None]


def _unpack(stream: memoryview, path: Path, number: int) -> memoryview:
    """Unpack a zlib stream as a whole, which checks its sum."""
    unpacker = zlib.decompressobj()
    body = unpacker.decompress(stream, MOST_BYTES + 1)
    check_claim(path, f"variable {number}", len(body))
    if not unpacker.eof:
        raise ValueError("its compressed stream has no end")
    return memoryview(body)


def _check_array(kind: int, body: memoryview, order: str, depth: int = 0) -> str | None:
    """Check an array and all within it; its name, or None if it is of a class that is not read."""
    if kind != MATRIX:
        raise ValueError(f"an element of type {kind}, expected an array")
    if depth > DEEPEST:
        raise ValueError(f"arrays within arrays, more than {DEEPEST} deep")
    elements = list(_split(body, order))
    kinds = [element[0] for element in elements]
    if kinds[:1] != [FLAGS] or len(elements[0][1]) != 8:
        raise ValueError("an array that does not begin with its flags")
    flags = _integers(elements[0][1], order)[0]
    array_class = flags & 0xFF
    if array_class not in (CELL, STRUCT, CHARACTERS, *NUMERIC):
        if depth:
            raise ValueError(f"an array of class {array_class} within another, expected numbers or text")
        return None
    if kinds[1:2] not in ([INT32], [FLAGS]) or kinds[2:3] not in ([INT8], [UTF8]):  # some writers' dialects
        raise ValueError("an array without its dimensions and name")
    dimensions = _integers(elements[1][1], order)
    if len(dimensions) < 2 or min(dimensions) < 0:
        raise ValueError(f"an array of dimensions {dimensions}, expected two or more from 0")
    if not _content_fits(array_class, bool(flags & 0x800), math.prod(dimensions), elements[3:], order):
        raise ValueError(f"an array of class {array_class} whose content does not fit its dimensions {dimensions}")
    for inner_kind, inner in elements[3:]:
        if inner_kind == MATRIX and len(inner):
            _check_array(inner_kind, inner, order, depth + 1)
    return bytes(elements[2][1]).decode("latin-1")


def _content_fits(array_class: int, is_complex: bool, count: int, content: list[Element], order: str) -> bool:
    """Tell whether what follows an array's name is what its class, flags and dimensions promise."""
    kinds = [kind for kind, _ in content]
    if array_class in NUMERIC:
        promised = [NUMBERS.get(kind, 0) * count for kind in kinds]
        return (
            len(kinds) == 1 + is_complex and NUMBERS.keys() >= set(kinds) and promised == [len(b) for _, b in content]
        )
    if array_class == CHARACTERS:
        length = len(content[0][1]) if content else 0
        return len(kinds) == 1 and kinds[0] in TEXTS and (length == 0 or count * TEXTS[kinds[0]] <= length)
    if array_class == CELL:
        return set(kinds) <= {MATRIX} and len(kinds) == count
    if kinds[:2] != [INT32, INT8] or len(content[0][1]) != 4:
        return False
    name_length = _integers(content[0][1], order)[0]
    fields = len(content[1][1]) // name_length if name_length > 0 else -1
    return set(kinds[2:]) <= {MATRIX} and len(kinds) - 2 == fields * count


def _integers(body: memoryview, order: str) -> tuple[int, ...]:
    return struct.unpack(f"{order}{len(body) // 4}i", body[: len(body) // 4 * 4])


def _split(body: memoryview, order: str) -> Iterator[Element]:
    """Give the elements that a body is made of; each begins at a multiple of 8 bytes."""
    offset = 0
    while offset < len(body):
        if len(body) - offset < 8:
            raise ValueError("a tag that is cut off")
        kind, length = struct.unpack(f"{order}2I", body[offset : offset + 8])
        start = offset + 8
        if kind >> 16:  # a small element: length and type share four bytes, the content is the other four
            kind, length, start = kind & 0xFFFF, kind >> 16, offset + 4
        if kind not in TYPES:
            raise ValueError(f"an element of type {kind}")
        if start + length > len(body) or (start == offset + 4 and length > 4):
            raise ValueError(f"an element of {length:,} bytes where there are {len(body) - start:,}")
        yield kind, body[start : start + length]
        offset = start + length + -(start + length) % 8
