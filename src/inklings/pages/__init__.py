"""Pictures of writing, normalised to images like those a network was trained on.

From a photograph to ink on white paper, from ink to connected components, from components to characters in reading
order, each framed as the characters of MNIST are.
"""

from inklings.pages.boxes import Box
from inklings.pages.components import Character, draw_boxes, find_characters
from inklings.pages.mnist_framing import MNIST, Framing
from inklings.pages.normalise import Normalised, Stage, normalise, normalise_character
from inklings.pages.page_image import Page, open_page

__all__ = [
    "MNIST",
    "Box",
    "Character",
    "Framing",
    "Normalised",
    "Page",
    "Stage",
    "draw_boxes",
    "find_characters",
    "normalise",
    "normalise_character",
    "open_page",
]
