"""Which kind of picture a file is, told by its first bytes: endings are missing, changed by browsers, or wrong."""

from __future__ import annotations

import re
import struct
from functools import cache

from inklings.errors import MissingDependencyError
from inklings.extras import importing

START_BYTES = 32
"""Enough of a file for :func:`picture_kind`."""

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM", "AVIF", "HEIF")
"""Pillow's names of the formats that are read. It knows forty; each is a parser of foreign bytes. PPM includes PGM."""

NAMES = "PNG, JPEG, BMP, GIF, TIFF, WebP, PPM, AVIF, HEIC"

_ENDINGS = "png apng jpg jpeg jpe jfif bmp dib gif tif tiff webp pgm ppm pbm pnm avif heic heif"
_OTHER_ENDINGS = "svg ico icns psd jp2 j2k jxl tga pcx eps ai xcf exr hdr dcm dng cr2 cr3 nef arw orf raf"

SUFFIXES = frozenset(f".{ending}" for ending in _ENDINGS.split())
"""Endings that promise a picture of these formats; one whose content is something else is damaged."""

OTHER_PICTURES = frozenset(f".{ending}" for ending in _OTHER_ENDINGS.split())
"""Endings of pictures that are not read; whoever has one wants to hear its name."""

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
)

# ISO media files say in their first box which brands they suit.
_AVIF_BRANDS = (b"avif", b"avis")
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")

# The lengths that the header of a Windows bitmap can have; "BM" alone begins many a text.
_BITMAP_HEADERS = (12, 16, 40, 52, 56, 64, 108, 124)


def picture_kind(start: bytes) -> str | None:
    r"""Return which of :data:`FORMATS` a file is, given its first :data:`START_BYTES` bytes; None if it is none.

    >>> picture_kind(b"\xff\xd8\xff\xe0"), picture_kind(b"Binary, or so it seems")
    ('JPEG', None)
    """
    for signature, kind in _SIGNATURES:
        if start.startswith(signature):
            return kind
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "WEBP"
    # The header's length is a little-endian number at byte 14.
    if start[:2] == b"BM" and len(start) >= 18 and struct.unpack("<I", start[14:18])[0] in _BITMAP_HEADERS:
        return "BMP"
    # With what must follow, a comment or the width: many a text begins with P5.
    if re.match(rb"P[1-6]\s+(#|\d+\s)", start):
        return "PPM"
    if start[4:8] == b"ftyp":
        brands = [start[place : place + 4] for place in range(8, len(start), 4)]
        if any(brand in _AVIF_BRANDS for brand in brands):
            return "AVIF"
        if any(brand in _HEIF_BRANDS for brand in brands):
            return "HEIF"
    return None


@cache
def why_unreadable(kind: str) -> str:
    """Return what to do so that pictures of a kind can be read; empty if they can be."""
    if kind == "HEIF":
        try:
            with importing("pillow_heif", "HEIC needs the package pillow-heif", "'inklings[heic]'"):
                import pillow_heif  # noqa: F401
        except MissingDependencyError as error:
            return f"{error}, or save them as JPEG or PNG"
    if kind == "AVIF":
        from PIL import features

        return "" if features.check("avif") else "save them as PNG, or install a newer Pillow"
    return ""
