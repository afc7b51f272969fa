"""Whether the elements of a MATLAB file of version 5 to 7 fit together, checked before SciPy reads them.

Such a file is a sequence of elements, each a tag (type and length) and its bytes; an array is an element of elements,
and each variable may be a zlib stream of one. SciPy trusts the tags: given a wrong type it reads outside its tables,
which crashes the whole process, and it reads a truncated stream as far as it goes. So nothing reaches it unchecked.

The format: MathWorks, "MAT-File Format", chapter 1.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from inklings.data.readers.file_errors import Claim, check_claimed_size
from inklings.errors import DataError

HEADER_BYTES = 128

# Data types of elements: miINT8, miINT32, ... in the format's description.
INT8, INT32, UINT32, MATRIX, COMPRESSED, UTF8 = 1, 5, 6, 14, 15, 16
NUMBER_BYTES = {1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 4, 7: 4, 9: 8, 12: 8, 13: 8}
CHARACTER_BYTES = {1: 1, 2: 1, 3: 2, 4: 2, 16: 1, 17: 2, 18: 4}
"""The fewest bytes that a number or character of each data type takes."""
DATA_TYPES = {*NUMBER_BYTES, *CHARACTER_BYTES, MATRIX}

# Classes of arrays: mxCELL_CLASS, ... From 6 on, double, single and the integers.
CELL, STRUCT, CHARACTERS = 1, 2, 4
NUMERIC = range(6, 16)
CLASS_BYTES = {8: 1, 9: 1, 10: 2, 11: 2, 7: 4, 12: 4, 13: 4}
"""What an entry takes once read, by class; 8 bytes in the others."""

COMPLEX_FLAG = 0x800

MAX_DEPTH = 30
"""Deeper nesting is an attack on the stack, not a data set."""

_PADDING = 64
"""Bytes that may follow an array within its compressed stream."""

Element = tuple[int, memoryview]


def check_elements(path: Path, claim: Claim) -> list[str] | None:
    """Check all elements of a file.

    Parameters
    ----------
    path : Path
    claim : Claim
        What arrays within cells and structs claim is added to it; that of whole variables is left to the caller.

    Returns
    -------
    list of str, or None
        The names of the variables that may be read: numbers, text, cells and structs, not objects, functions or sparse
        matrices. None for a file of version 4, which has no elements.

    Raises
    ------
    DataError
        There is no variable, or one is truncated, damaged or too large; the message has its number, from 1.
    """
    content = memoryview(path.read_bytes())
    header = bytes(content[:HEADER_BYTES])
    if header[:10] != b"MATLAB 5.0":
        return None
    if len(content) <= HEADER_BYTES:
        raise DataError("a MATLAB file without any variable, expected images and labels", path=path)
    # The header ends with the characters MI as one 16-bit number; read as IM, they were written little-endian.
    order = "<" if header[126:128] == b"IM" else ">"
    offset, number = HEADER_BYTES, 0
    names = []
    while offset < len(content):
        number += 1
        # A tag that is cut off is filled up to a length that no file has, and so refused below.
        # Type and length, 4 bytes each, in the file's own byte order.
        data_type, length = struct.unpack(f"{order}2I", bytes(content[offset : offset + 8]).ljust(8, b"\xff"))
        offset += 8 + length
        # The end is checked before anything of the element is read.
        if offset > len(content):
            raise DataError(
                f"variable {number} ends at byte {offset:,}, but the file has {len(content):,}",
                "it is truncated or damaged: download or create it again",
                path=path,
                found=len(content),
                expected=offset,
            )
        body = content[offset - length : offset]
        try:
            if data_type == COMPRESSED:
                # A compressed element holds one array element, and nothing else is read of it.
                data_type, body = next(_split(_decompress(body, path, number, order), order))
            names.append(_check_array(data_type, body, order, claim))
        except (ValueError, zlib.error) as error:
            raise DataError(
                f"variable {number} is damaged ({error})", "download or create the file again", path=path
            ) from error
    return [name for name in names if name is not None]


def _decompress(stream: memoryview, path: Path, number: int, order: str) -> memoryview:
    """Decompress a whole zlib stream, which checks its sum: as much of it as the array in it says that it has."""
    decompressor = zlib.decompressobj()
    tag = decompressor.decompress(stream, 8)
    if len(tag) < 8:
        raise ValueError("a truncated tag")
    data_type, length = struct.unpack(f"{order}2I", tag)
    if data_type != MATRIX:
        raise ValueError(f"an element of type {data_type}, expected an array")
    check_claimed_size(path, f"variable {number}", length)
    # A little more, so that the end is reached, where the sum is; some writers pad what they compress.
    content = decompressor.decompress(decompressor.unconsumed_tail, length + _PADDING)
    if not decompressor.eof:
        raise ValueError("its compressed stream has no end, or goes on behind its array")
    return memoryview(tag + content)


def _check_array(data_type: int, body: memoryview, order: str, claim: Claim, depth: int = 0) -> str | None:
    """Check an array and all within it; return its name, or None if it is of a class that is not read."""
    if data_type != MATRIX:
        raise ValueError(f"an element of type {data_type}, expected an array")
    if depth > MAX_DEPTH:
        raise ValueError(f"arrays within arrays, more than {MAX_DEPTH} deep")
    elements = list(_split(body, order))
    types = [element[0] for element in elements]
    # Flags come first, two 32-bit numbers: class, and whether it is complex.
    if types[:1] != [UINT32] or len(elements[0][1]) != 8:
        raise ValueError("an array that does not begin with its flags")
    flags = _integers(elements[0][1], order)[0]
    array_class = flags & 0xFF
    if array_class not in (CELL, STRUCT, CHARACTERS, *NUMERIC):
        if depth:
            raise ValueError(f"an array of class {array_class} within another, expected numbers or text")
        return None
    # Some writers use unsigned dimensions, or UTF-8 names, against the format's description.
    if types[1:2] not in ([INT32], [UINT32]) or types[2:3] not in ([INT8], [UTF8]):
        raise ValueError("an array without its dimensions and name")
    dimensions = _integers(elements[1][1], order)
    if len(dimensions) < 2 or min(dimensions) < 0:
        raise ValueError(f"an array of dimensions {dimensions}, expected two or more from 0")
    if not _content_fits(array_class, bool(flags & COMPLEX_FLAG), math.prod(dimensions), elements[3:], order):
        raise ValueError(f"an array of class {array_class} whose content does not fit its dimensions {dimensions}")
    if depth:
        claim.add_to_total("the cells and structs", CLASS_BYTES.get(array_class, 8) * math.prod(dimensions))
    for inner_type, inner in elements[3:]:
        # An empty cell is an array element of no bytes.
        if inner_type == MATRIX and len(inner):
            _check_array(inner_type, inner, order, claim, depth + 1)
    return bytes(elements[2][1]).decode("latin-1")


def _content_fits(array_class: int, is_complex: bool, count: int, content: list[Element], order: str) -> bool:
    """Whether what follows an array's name is what its class, flags and dimensions promise."""
    types = [data_type for data_type, _ in content]
    if array_class in NUMERIC:
        # A real part, and an imaginary one if complex, each possibly stored in a smaller type than its class.
        promised = [NUMBER_BYTES.get(data_type, 0) * count for data_type in types]
        return (
            len(types) == 1 + is_complex
            and NUMBER_BYTES.keys() >= set(types)
            and promised == [len(body) for _, body in content]
        )
    if array_class == CHARACTERS:
        length = len(content[0][1]) if content else 0
        fits = len(types) == 1 and types[0] in CHARACTER_BYTES
        return fits and (length == 0 or count * CHARACTER_BYTES[types[0]] <= length)
    if array_class == CELL:
        return set(types) <= {MATRIX} and len(types) == count
    # A struct: the length of a field's name, all names padded to that length, then the fields of each entry in turn.
    if types[:2] != [INT32, INT8] or len(content[0][1]) != 4:
        return False
    name_length = _integers(content[0][1], order)[0]
    fields = len(content[1][1]) // name_length if name_length > 0 else -1
    return set(types[2:]) <= {MATRIX} and len(types) - 2 == fields * count


def _integers(body: memoryview, order: str) -> tuple[int, ...]:
    return struct.unpack(f"{order}{len(body) // 4}i", body[: len(body) // 4 * 4])


def _split(body: memoryview, order: str) -> Iterator[Element]:
    """Yield the elements that a body consists of; each begins at a multiple of 8 bytes."""
    offset = 0
    while offset < len(body):
        if len(body) - offset < 8:
            raise ValueError("a truncated tag")
        data_type, length = struct.unpack(f"{order}2I", body[offset : offset + 8])
        start = offset + 8
        # A small element: length and type share four bytes, and up to four bytes of content follow at once.
        if data_type >> 16:
            # The lower half is the type, the upper one the length.
            data_type, length, start = data_type & 0xFFFF, data_type >> 16, offset + 4
        if data_type not in DATA_TYPES:
            raise ValueError(f"an element of type {data_type}")
        if start + length > len(body) or (start == offset + 4 and length > 4):
            raise ValueError(f"an element of {length:,} bytes where there are {len(body) - start:,}")
        yield data_type, body[start : start + length]
        # Up to the next multiple of 8.
        offset = start + length + -(start + length) % 8
