"""Pictures of writing, made into images like those a network was trained on.

From a photograph to ink on white paper, from ink to connected components, from components to characters in reading
order, each framed as the characters of MNIST are.
"""

from inklings.pages.boxes import Box
from inklings.pages.components import Mark, draw_marks, find_marks
from inklings.pages.mnist_framing import MNIST, Framing
from inklings.pages.normalise import Normalised, Stage, normalise, normalise_mark
from inklings.pages.page import Page, open_page

__all__ = [
    "MNIST",
    "Box",
    "Framing",
    "Mark",
    "Normalised",
    "Page",
    "Stage",
    "draw_marks",
    "find_marks",
    "normalise",
    "normalise_mark",
    "open_page",
]
