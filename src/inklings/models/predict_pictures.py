"""Predictions for pictures: of one character each, or of all characters on a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from inklings.data.lazy_images import Images
from inklings.models.model import Model
from inklings.pages.boxes import Box
from inklings.pages.components import Character, draw_boxes, find_characters
from inklings.pages.normalise import Normalised
from inklings.pages.page_image import Page, open_page

if TYPE_CHECKING:
    from PIL import Image

UNSURE = "?"
"""Drawn in place of a prediction that is not confident."""


@dataclass(frozen=True)
class Prediction:
    """A model's prediction for a picture, or for a mark in it.

    Parameters
    ----------
    class_name : str
        The most probable class.
    probabilities : dict of str to float
        Class probabilities, the most probable first.
    is_confident : bool or None
        Whether the probability reaches the model's threshold; None for a model without one.
    """

    class_name: str
    probabilities: dict[str, float]
    is_confident: bool | None

    @property
    def probability(self) -> float:
        """The probability of the predicted class."""
        return self.probabilities[self.class_name]

    def to_plain(self) -> dict[str, Any]:
        """Return the prediction as plain values, for JSON."""
        return {
            "answer": self.class_name,
            "probability": self.probability,
            "sure": self.is_confident,
            "probabilities": self.probabilities,
        }


@dataclass(frozen=True, eq=False)
class ReadPage:
    """A page with the predictions for its characters.

    Parameters
    ----------
    page : Page
    characters : tuple of Character
        In reading order: line by line, from left to right.
    answers : tuple of Prediction
        One prediction per character.
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
        """The recognised text, one string per line; ``?`` where the model is not confident."""
        texts: dict[int, str] = {}
        for character, text in zip(self.characters, self._texts, strict=True):
            texts[character.line] = texts.get(character.line, "") + text
        return list(texts.values())

    def draw(self) -> Image.Image:
        """Draw the page with a box around each character and the prediction above it."""
        return draw_boxes(self.page, self.characters, self._texts)

    @property
    def _texts(self) -> list[str]:
        return [UNSURE if answer.is_confident is False else answer.class_name for answer in self.answers]


def read_picture(model: Model, content: Path | str | bytes) -> tuple[Prediction, Normalised]:
    """Classify a picture; of several characters, the one with the most ink.

    Parameters
    ----------
    model : Model
    content : Path, str or bytes
        See :func:`inklings.pages.page_image.open_page`.

    Returns
    -------
    answer : Prediction
    normalised : Normalised
        The network's input, and the steps from the picture to it.

    Raises
    ------
    DataError
        Not a picture, or nothing written in it.
    """
    normalised = model.preparation.prepare(open_page(content))
    return predict_all(model, normalised.image[np.newaxis])[0], normalised


def read_page(model: Model, content: Path | str | bytes) -> ReadPage:
    """Find the separate characters on a page, and classify each.

    Parameters
    ----------
    model : Model
        A model of single characters.
    content : Path, str or bytes
        See :func:`inklings.pages.page_image.open_page`.

    Raises
    ------
    DataError
        Not a picture; nothing written in it; a model of whole pictures.
    """
    page = open_page(content)
    characters = find_characters(page)
    images = np.stack([model.preparation.prepare_character(character) for character in characters])
    return ReadPage(page, characters, tuple(predict_all(model, images)))


def predict_all(model: Model, images: Images) -> Sequence[Prediction]:
    """Return a prediction for each image; images have the network's size."""
    threshold = model.threshold
    answers = []
    for row in model.predict_proba(images, prepared=True):
        order = np.argsort(-row, kind="stable")
        probabilities = {model.class_names[number]: float(row[number]) for number in order}
        is_confident = None if threshold is None else bool(row.max() >= threshold)
        answers.append(Prediction(model.class_names[order[0]], probabilities, is_confident))
    return answers
