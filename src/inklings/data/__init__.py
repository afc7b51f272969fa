"""Labelled images: where they come from, what they hold, how they are split."""

from inklings.data.dataset import Dataset, Split
from inklings.data.sources import open_dataset

__all__ = ["Dataset", "Split", "open_dataset"]
