"""Labelled images: where they come from, what they hold, how they are split.

Importing this loads NumPy and nothing heavier: whatever reads, resizes or draws loads its libraries on first use.
"""

from inklings.data.augment import Augmentation
from inklings.data.build import from_arrays
from inklings.data.dataset import Dataset
from inklings.data.gallery import example_grid, save_grid, terminal_grid
from inklings.data.open import open_dataset
from inklings.data.parts import Split
from inklings.data.summary import Summary, describe

__all__ = [
    "Augmentation",
    "Dataset",
    "Split",
    "Summary",
    "describe",
    "example_grid",
    "from_arrays",
    "open_dataset",
    "save_grid",
    "terminal_grid",
]
