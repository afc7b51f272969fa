"""NumPy's masked arrays, in which some values are said to be missing."""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray


def mask_of(array: object) -> NDArray[np.bool_] | None:
    """Return what is masked, shape of the array; None if it is no masked array.

    >>> mask_of(np.ma.masked_less([3, -1, 2], 0))
    array([False,  True, False])
    """
    # NumPy loads its part for them when it is first asked for, which takes a fifth as long as NumPy itself: nobody can
    # have made one before.
    ma = sys.modules.get("numpy.ma")
    return np.asarray(ma.getmaskarray(array)) if ma is not None and isinstance(array, ma.MaskedArray) else None
