"""Pictures read by a model: one character each, or all on a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from inklings.data.dataset import Images
from inklings.models.model import Model
from inklings.pages.boxes import Box
from inklings.pages.components import Mark, draw_marks, find_marks
from inklings.pages.normalise import Normalised
from inklings.pages.page import Page, open_page

if TYPE_CHECKING:
    from PIL import Image

UNSURE = "?"
"""Drawn in place of an answer that a model is not sure of."""


@dataclass(frozen=True)
class Prediction:
    """What a model takes a picture, or a mark in it, for.

    Parameters
    ----------
    class_name : str
        The most probable class.
    probabilities : dict of str to float
        Each class's, the most probable first.
    is_sure : bool or None
        Whether the model's threshold is reached; None for a model without one.
    """

    class_name: str
    probabilities: dict[str, float]
    is_sure: bool | None

    @property
    def probability(self) -> float:
        """That of the answer."""
        return self.probabilities[self.class_name]

    def to_plain(self) -> dict[str, Any]:
        """Give it in plain values, for JSON."""
        return {
            "answer": self.class_name,
            "probability": self.probability,
            "sure": self.is_sure,
            "probabilities": self.probabilities,
        }


@dataclass(frozen=True, eq=False)
class ReadPage:
    """A page and what was read on it.

    Parameters
    ----------
    page : Page
    marks : tuple of Mark
        From left to right, line by line.
    answers : tuple of Prediction
        One a mark.
    """

    page: Page
    marks: tuple[Mark, ...]
    answers: tuple[Prediction, ...]

    @property
    def boxes(self) -> tuple[Box, ...]:
        """Where each mark is, in pixels of the picture."""
        return tuple(mark.box for mark in self.marks)

    @property
    def lines(self) -> list[str]:
        """What was read, a text a line; ``?`` where the model is not sure."""
        texts: dict[int, str] = {}
        for mark, text in zip(self.marks, self._texts, strict=True):
            texts[mark.line] = texts.get(mark.line, "") + text
        return list(texts.values())

    def draw(self) -> Image.Image:
        """Draw the page with a box round each mark and the answer above."""
        return draw_marks(self.page, self.marks, self._texts)

    @property
    def _texts(self) -> list[str]:
        return [UNSURE if answer.is_sure is False else answer.class_name for answer in self.answers]


def read_picture(model: Model, content: Path | str | bytes) -> tuple[Prediction, Normalised]:
    """Read a picture as a whole: of several characters the one with the most ink.

    Parameters
    ----------
    model : Model
    content : Path, str or bytes
        See :func:`inklings.pages.page.open_page`.

    Returns
    -------
    answer : Prediction
    normalised : Normalised
        What the network saw, and how the picture became it.

    Raises
    ------
    DataError
        Not a picture, or nothing written in it.
    """
    normalised = model.preparation.prepare(open_page(content))
    return answer_all(model, normalised.image[np.newaxis])[0], normalised


def read_page(model: Model, content: Path | str | bytes) -> ReadPage:
    """Find the separate characters on a page, and read each.

    Parameters
    ----------
    model : Model
        Of single characters.
    content : Path, str or bytes
        See :func:`inklings.pages.page.open_page`.

    Raises
    ------
    DataError
        Not a picture; nothing written in it; the model reads whole pictures.
    """
    page = open_page(content)
    marks = find_marks(page)
    images = np.stack([model.preparation.prepare_mark(mark) for mark in marks])
    return ReadPage(page, marks, tuple(answer_all(model, images)))


def answer_all(model: Model, images: Images) -> Sequence[Prediction]:
    """Give the answer to each of some images of the network's size."""
    threshold = model.threshold
    answers = []
    for row in model.predict_proba(images):
        order = np.argsort(-row, kind="stable")
        probabilities = {model.class_names[number]: float(row[number]) for number in order}
        is_sure = None if threshold is None else bool(row.max() >= threshold)
        answers.append(Prediction(model.class_names[order[0]], probabilities, is_sure))
    return answers
