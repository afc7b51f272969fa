"""Looking over a PNG file before anything decodes it: its size, its parts, and that it is one picture."""

from __future__ import annotations

import struct

from inklings.errors import DataError

MOST_PIXELS = 4 << 20
"""A pad has 256 x 256; a photograph is made smaller by the page."""
MOST_PARTS = 5000

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER = struct.Struct(">I4sIIBBBBB")
_PART = struct.Struct(">I4s")
_CHECKSUM = 4
_ALLOWED = frozenset(
    [b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"pHYs", b"bKGD", b"cICP"]
)
"""What a browser writes. Texts and colour profiles are compressed, and may unpack to anything; acTL means animation."""


def check_png(content: bytes) -> None:
    """Refuse what does not declare itself a plain PNG of one picture of moderate size, without unpacking any of it.

    Raises
    ------
    DataError
        What is wrong with it.
    """
    if not content.startswith(_SIGNATURE) or len(content) < len(_SIGNATURE) + _HEADER.size:
        raise DataError("the drawing is not a PNG picture")
    # The first part is always the header, by the specification; its sizes are known before anything is unpacked.
    length, kind, width, height, *_ = _HEADER.unpack_from(content, len(_SIGNATURE))
    if kind != b"IHDR" or length != 13 or not width or not height:
        raise DataError("the drawing is a damaged PNG picture")
    if width * height > MOST_PIXELS:
        raise DataError(f"the drawing has {width:,} x {height:,} pixels, expected at most {MOST_PIXELS:,} in all")
    _check_parts(content)


def _check_parts(content: bytes) -> None:
    at = len(_SIGNATURE)
    for _ in range(MOST_PARTS):
        if at + _PART.size > len(content):
            raise DataError("the drawing is a PNG picture without its end")
        length, kind = _PART.unpack_from(content, at)
        if kind not in _ALLOWED:
            raise DataError(f"the drawing has a part {kind!r:.12}, expected one plain picture")
        # A length that leads beyond the file ends the next round: there is no room for a part.
        at += _PART.size + length + _CHECKSUM
        if kind == b"IEND":
            if at != len(content):
                raise DataError("something follows the end of the drawing")
            return
    raise DataError(f"the drawing has more than {MOST_PARTS:,} parts")
