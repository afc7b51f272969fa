"""What a prediction is called: the classes' names, as numbers where they are numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

# At most 18 digits, which fit into int64.
_WHOLE = re.compile("0|-?[1-9][0-9]{0,17}")
"""Names that are numbers; "007" is none, since 7 would be another class's name."""


def as_labels(class_names: Sequence[str]) -> NDArray[Any]:
    """Return names as integers where all of them are whole numbers, so that they equal such labels; else as text.

    >>> as_labels(["3", "-1"]).tolist(), as_labels(["007", "1"]).tolist()
    ([3, -1], ['007', '1'])
    """
    whole = all(_WHOLE.fullmatch(name) for name in class_names)
    return np.array([int(name) for name in class_names] if whole else class_names)
