"""Labelled images: where they come from, what they hold, how they are split."""

from inklings.data.arrays import from_arrays
from inklings.data.dataset import Dataset, Split
from inklings.data.sources import open_dataset
from inklings.data.split import split

__all__ = ["Dataset", "Split", "from_arrays", "open_dataset", "split"]
