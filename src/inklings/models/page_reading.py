"""Reading a page: finding its characters, classifying each, and the text that they make."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from inklings.arguments import caller_stacklevel, checks_call
from inklings.errors import DataError, DataWarning
from inklings.models.model import Model
from inklings.models.picture_framing import KEEPS, describe_lines
from inklings.models.prediction import Prediction, predict_all
from inklings.pages.boxes import Box
from inklings.pages.components import Character, characters_and_lines, draw_boxes
from inklings.pages.page_image import Page
from inklings.reprs import short_repr

if TYPE_CHECKING:
    from PIL import Image

UNSURE = "?"
"""Drawn in place of a prediction that is not confident."""

NOVEL = "¿"
"""Drawn in place of a prediction for what is not like anything that the network learnt."""


@short_repr
@dataclass(frozen=True, eq=False, repr=False)
class ReadPage:
    """A page with the predictions for its characters.

    Parameters
    ----------
    page : Page
    characters : tuple of Character
        In reading order: line by line, from left to right.
    answers : tuple of Prediction
        One prediction per character.

    Examples
    --------
    >>> import io
    >>> import numpy as np
    >>> from PIL import Image
    >>> import inklings
    >>> from inklings.models import read_page
    >>> split, plan = inklings.open_dataset("digits").split(), inklings.preset("softmax", (20, 20, 1), 10)
    >>> model = inklings.Model.from_fit(inklings.fit(plan.network, plan.recipe, split), split)
    >>> paper, picture = np.full((200, 300), 230, np.uint8), io.BytesIO()
    >>> paper[60:160, 80:92] = paper[60:160, 200:212] = 40  # two strokes of a pen
    >>> Image.fromarray(paper).save(picture, "PNG")
    >>> page = picture.getvalue()  # or a path
    >>> [answer.class_name in model.class_names for answer in read_page(model, page).answers]
    [True, True]
    """

    page: Page
    characters: tuple[Character, ...]
    answers: tuple[Prediction, ...]

    @property
    def boxes(self) -> tuple[Box, ...]:
        """Where each character is, in pixels of the picture."""
        return tuple(character.box for character in self.characters)

    @property
    def lines(self) -> list[str]:
        """The recognised text, one string per line; ``?`` if not confident, ``¿`` if not like what was learnt."""
        # By line, in reading order, as the characters come.
        texts: dict[int, str] = {}
        for character, text in zip(self.characters, self._texts, strict=True):
            texts[character.line] = texts.get(character.line, "") + text
        return list(texts.values())

    def draw(self) -> Image.Image:
        """Draw the page with a box around each character and the prediction above it."""
        return draw_boxes(self.page, self.characters, self._texts)

    @property
    def _texts(self) -> list[str]:
        return [_text(answer) for answer in self.answers]


def _text(answer: Prediction) -> str:
    """Return what stands for a character in a text."""
    # Novelty first: how sure a network is of what it never learnt means nothing.
    if answer.is_familiar is False:
        return NOVEL
    return UNSURE if answer.is_confident is False else answer.class_name


@checks_call(DataError)
def read_page(model: Model, content: Path | str | bytes, *, keep_lines: bool = False) -> ReadPage:
    """Find the separate characters on a page, and classify each.

    Parameters
    ----------
    model : Model
        A model of single characters.
    content : Path, str or bytes
        See :func:`inklings.pages.page_image.open_page`.
    keep_lines : bool
        Whether to look for no lines of the paper.

    Raises
    ------
    DataError
        Not a picture; nothing written in it; a model of whole pictures.

    Warns
    -----
    DataWarning
        Lines were taken for the paper's, and taken off.

    Examples
    --------
    >>> import io
    >>> import numpy as np
    >>> from PIL import Image
    >>> import inklings
    >>> from inklings.models import read_page
    >>> split, plan = inklings.open_dataset("digits").split(), inklings.preset("softmax", (20, 20, 1), 10)
    >>> model = inklings.Model.from_fit(inklings.fit(plan.network, plan.recipe, split), split)
    >>> paper, picture = np.full((200, 300), 230, np.uint8), io.BytesIO()
    >>> paper[60:160, 80:92] = paper[60:160, 200:212] = 40  # two strokes of a pen
    >>> Image.fromarray(paper).save(picture, "PNG")
    >>> page = picture.getvalue()  # or a path
    >>> len(read_page(model, page).characters)
    2
    """
    page = model.preparation.open(content)
    try:
        characters, lines = characters_and_lines(page, keep_lines=keep_lines)
    except DataError as error:
        raise error.at(page.source) from error
    if lines:
        said = f"{page.source}: {describe_lines([lines])} ({KEEPS})"
        warnings.warn(said, DataWarning, stacklevel=caller_stacklevel())
    images = np.stack([model.preparation.prepare_character(character) for character in characters])
    return ReadPage(page, characters, tuple(predict_all(model, images)))
