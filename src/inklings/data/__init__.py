"""Labelled images: where they come from, what they hold, how they are split.

Importing this loads NumPy and nothing heavier: what reads, resizes or draws loads its libraries when it is used.
"""

from inklings.data.arrays import from_arrays
from inklings.data.augment import Augmentation
from inklings.data.box import Box
from inklings.data.dataset import Dataset, Split
from inklings.data.framing import MNIST, Framing
from inklings.data.gallery import example_grid, save_grid, terminal_grid
from inklings.data.marks import Mark, draw_marks, find_marks
from inklings.data.normalise import Normalised, Stage, normalise, normalise_mark
from inklings.data.page import Page, open_page
from inklings.data.sources import open_dataset
from inklings.data.split import split
from inklings.data.summary import Summary, describe

__all__ = [
    "MNIST",
    "Augmentation",
    "Box",
    "Dataset",
    "Framing",
    "Mark",
    "Normalised",
    "Page",
    "Split",
    "Stage",
    "Summary",
    "describe",
    "draw_marks",
    "example_grid",
    "find_marks",
    "from_arrays",
    "normalise",
    "normalise_mark",
    "open_dataset",
    "open_page",
    "save_grid",
    "split",
    "terminal_grid",
]
