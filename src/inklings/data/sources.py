"""From a name or a path to a Dataset."""

from __future__ import annotations

from pathlib import Path

from inklings.data.dataset import Dataset
from inklings.data.digits import NAMES, load_digits
from inklings.errors import DataError


def open_dataset(name_or_path: str | Path) -> Dataset:
    """Open a bundled data set by its name."""
    if name_or_path in NAMES:
        return load_digits(str(name_or_path))
    raise DataError(f"no data set is called '{name_or_path}'")
