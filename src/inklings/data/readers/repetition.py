"""Text that unpacks to one line again and again: a megabyte can hold a gigabyte of it, which takes minutes to parse.

How many times its size a file unpacks to does not tell: a table of black and white images, written as NumPy's
``savetxt`` does, comes to 216 times with gzip and 851 times with bzip2, where zeros come to 1,000. But each of its
lines is another image.
"""

from __future__ import annotations

from pathlib import Path

from inklings.errors import DataError

SUSPICIOUS = 50
"""Lines are looked at where text is more than this many times as large as its file: of grey digits it is 11 times."""

WINDOW = 64 << 20
"""Bytes of text by which it is judged, again and again: no table with so much of it is written by hand."""

LEAST_DISTINCT = 0.02
"""The share of its lines that differ in their middles, at least; at the ends of a line may be a number that counts."""

ENOUGH_DISTINCT = 200
"""So many are enough: a table with a pixel in each line has few different middles, and is no line again and again."""

_EVERY = 8
"""One in this many chunks is looked at, so that many short lines take no time either."""


class RepetitionWatch:
    """Sees the text that a compressed file unpacks to, and refuses it where nearly all lines are the same.

    Parameters
    ----------
    path : Path
        For messages.
    packed : int
        The bytes that it was compressed to.
    """

    def __init__(self, path: Path, packed: int) -> None:
        self._path, self._packed = path, packed
        self._total = self._seen = self._chunks = self._lines = 0
        self._middles: set[int] = set()

    def see(self, chunk: bytes) -> None:
        """Look at the next piece of the text, of a mebibyte or so.

        Raises
        ------
        DataError
            Of a window of text, nearly all lines are the same.
        """
        self._total += len(chunk)
        if self._total <= SUSPICIOUS * self._packed:
            return
        self._seen += len(chunk)
        self._chunks += 1
        if self._chunks % _EVERY == 1:
            # Both ends of a piece may be parts of lines.
            lines = chunk.split(b"\n")[1:-1]
            self._lines += len(lines)
            self._middles.update(hash(line[len(line) // 4 : -len(line) // 4 or None]) for line in lines)
        if self._seen > WINDOW:
            self._judge()
            self._seen = self._lines = 0
            self._middles.clear()

    def _judge(self) -> None:
        if len(self._middles) >= min(LEAST_DISTINCT * self._lines, ENOUGH_DISTINCT):
            return
        raise DataError(
            f"{self._packed / 1e6:.1f} MB unpack to {self._total / 1e6:,.0f} MB of text and more, nearly all lines of "
            f"which are the same ({len(self._middles):,} different ones among {self._lines:,})",
            "if it is a data set all the same, unpack it, and give what comes out",
            path=self._path,
            found=len(self._middles),
        )
