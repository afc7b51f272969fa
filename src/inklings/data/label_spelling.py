"""How a label is spelt: which words mean that there is none, what is the same text, and which text is a number."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

MISSING = frozenset(
    {"", "nan", "-nan", "na", "n/a", "<na>", "#n/a", "#na", "1.#qnan", "-1.#ind", "nat", "null", "none", "?"}
)
"""How programs write a label that is not there, in small letters: never a class."""

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+|\d\.\d+[eE][+-]\d{2,3})")
"""A number as programs write labels: 3, 3.0, and 3.000e+00 as NumPy's savetxt does. 1E2 and 4E00 are codes: a well on a
plate, a Chinese character's number."""
_LONGEST = 40
"""Digits; what is longer is a code, not a number that somebody counted to."""
CODE = re.compile(rf"[+-]?(0\d+|\d{{{_LONGEST + 1},}})")
"""Digits that are a code and no number: with a zero in front, as 007, or too many."""

_INVISIBLE = "\ufeff\u200b\u200e\0"
"""Marks that files carry into a first or last cell and nobody sees; blanks are trimmed besides."""


def is_missing(value: object) -> bool:
    """Whether a label is none: None, NaN, pandas' NA and NaT, or a word that programs write for it."""
    # pandas' NA is not a float, but calls itself <NA>.
    return value is None or (isinstance(value, float) and value != value) or as_text(value).lower() in MISSING


def as_text(value: object) -> str:
    """Return a label as text that can be compared: trimmed, and in Unicode's composed form."""
    # NumPy's and HDF5's fixed-length text is bytes.
    text = _decode(value) if isinstance(value, bytes) else str(value)
    # One letter may be written as one code point or two, as macOS does in file names: to a person they are the same.
    return unicodedata.normalize("NFC", text).strip().strip(_INVISIBLE).strip()


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        # Every byte is a letter there, so that different labels stay different.
        return content.decode("latin-1")


def whole_number(text: str) -> int | None:
    """Return the whole number that a text spells, exactly: 3, 3.0, 3. or 3.0e+00; None if it spells none."""
    if not text.isascii() or not NUMBER.fullmatch(text):
        return None
    # Exact: a float would make a number of 20 digits another one.
    number = Decimal(text)
    if number.adjusted() > _LONGEST or number != number.to_integral_value():
        return None
    return int(number)


def canonical(label: object) -> str:
    """Return the text that stands for a label and all others that say the same."""
    text = as_text(label)
    # 007 is a code: as a number it would meet 7, which may be another class.
    whole = None if CODE.fullmatch(text) else whole_number(text)
    return text if whole is None else str(whole)
