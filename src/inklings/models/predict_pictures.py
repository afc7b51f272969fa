"""Predictions for pictures: of one character each, or of all characters on a page."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.lazy_images import Images
from inklings.errors import DataWarning, InklingsError
from inklings.models.model import Model
from inklings.models.picture_polarity import contradict_picture
from inklings.models.picture_workers import picture_workers
from inklings.pages.boxes import Box
from inklings.pages.components import Character, draw_boxes, find_characters
from inklings.pages.normalise import Normalised
from inklings.pages.page_image import Page

if TYPE_CHECKING:
    from PIL import Image

    from inklings.models.preparation import Preparation

TOGETHER = 1000
"""Pictures that are classified at a time."""

UNSURE = "?"
"""Drawn in place of a prediction that is not confident."""

NOVEL = "¿"
"""Drawn in place of a prediction for what is not like anything that the network learnt."""


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
    novelty : float, optional
        How unlike what the network learnt it is (:meth:`Model.score_novelty`); None if it was not measured.
    is_familiar : bool, optional
        Whether the novelty is at most the model's threshold. If not, the class says little.

    Examples
    --------
    >>> from inklings.models import Prediction
    >>> answer = Prediction("7", {"7": 0.97, "1": 0.02, "9": 0.01}, is_confident=True)
    >>> answer.class_name, answer.probabilities["7"]
    ('7', 0.97)
    """

    class_name: str
    probabilities: dict[str, float]
    is_confident: bool | None
    novelty: float | None = None
    is_familiar: bool | None = None

    @property
    def probability(self) -> float:
        """The probability of the predicted class."""
        return self.probabilities[self.class_name]

    def to_plain(self) -> dict[str, Any]:
        """Return the prediction as plain values, for JSON."""
        return {
            "prediction": self.class_name,
            "probability": self.probability,
            "confident": self.is_confident,
            "familiar": self.is_familiar,
            "novelty": self.novelty,
            "probabilities": self.probabilities,
            # What these two were called in the previous version; they go with the next.
            "answer": self.class_name,
            "sure": self.is_confident,
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

    Warns
    -----
    DataWarning
        A whole picture has a light border where the training images had dark ones, or the reverse.

    Examples
    --------
    >>> import io
    >>> import numpy as np
    >>> from PIL import Image
    >>> import inklings
    >>> from inklings.models import read_picture
    >>> split, plan = inklings.open_dataset("digits").split(), inklings.preset("softmax", (20, 20, 1), 10)
    >>> model = inklings.Model.from_fit(inklings.fit(plan.network, plan.recipe, split), split)
    >>> paper, picture = np.full((200, 300), 230, np.uint8), io.BytesIO()
    >>> paper[60:160, 80:92] = paper[60:160, 200:212] = 40  # two strokes of a pen
    >>> Image.fromarray(paper).save(picture, "PNG")
    >>> page = picture.getvalue()  # or a path
    >>> answer, normalised = read_picture(model, page)
    >>> normalised.image.shape
    (20, 20, 1)
    """
    normalised = model.preparation.prepare(model.preparation.open(content))
    for note in contradict_picture(model.preparation, normalised.image):
        warnings.warn(f"picture: {note}", DataWarning, stacklevel=2)
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
    characters = find_characters(page)
    images = np.stack([model.preparation.prepare_character(character) for character in characters])
    return ReadPage(page, characters, tuple(predict_all(model, images)))


def predict_pictures(
    model: Model,
    paths: Sequence[Path],
    preparation: Preparation | None = None,
    *,
    processes: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
) -> Iterator[tuple[Path, Prediction | InklingsError]]:
    """Classify many pictures, prepared several at a time.

    Parameters
    ----------
    model : Model
    paths : sequence of Path
    preparation : Preparation, optional
        In place of the model's own, as :func:`inklings.models.picture_polarity.choose_picture_polarity` returns it.
    processes : bool
        Whether many pictures are prepared in processes, on all cores, not in threads. A script that asks for it must
        guard what it runs by ``if __name__ == "__main__"``, since each process imports it.
    on_progress : callable, optional
        Called with how many pictures are done, and how many there are.

    Yields
    ------
    path : Path
        In the order given.
    answer : Prediction or InklingsError
        Or what is wrong with this picture.
    """
    prepare = partial(_prepare, preparation or model.preparation)
    with picture_workers(len(paths) if processes else 0) as workers:
        for start in range(0, len(paths), TOGETHER):
            some = paths[start : start + TOGETHER]
            # Each thread silences warnings while it decodes, and may put back what another had silenced.
            with warnings.catch_warnings():
                # In chunks for processes, to each of which a chunk is one message; threads take no notice.
                prepared = list(workers.map(prepare, some, chunksize=16))
            # Pictures that failed are left out here, and put back in their places below.
            images = [image for image in prepared if not isinstance(image, InklingsError)]
            answers = iter(predict_all(model, np.stack(images)) if images else ())
            for path, image in zip(some, prepared, strict=True):
                yield path, image if isinstance(image, InklingsError) else next(answers)
            if on_progress:
                on_progress(start + len(some), len(paths))


def _prepare(preparation: Preparation, path: Path) -> Images | InklingsError:
    try:
        return preparation.prepare(preparation.open(path)).image
    except InklingsError as problem:
        return problem


def predict_all(model: Model, images: Images) -> Sequence[Prediction]:
    """Return a prediction for each image, with its novelty if the model has a measure; images have its size."""
    rows = model.predict_proba(images, prepared=True)
    scores = None if model.novelty is None else model.score_novelty(images, prepared=True)
    return as_predictions(model, rows, scores)


def as_predictions(
    model: Model, rows: NDArray[np.floating[Any]], novelty: NDArray[np.float64] | None
) -> Sequence[Prediction]:
    """Return the probabilities of images, shape (n, classes), as Predictions, with their novelty, shape (n,)."""
    answers = [_as_prediction(model, row) for row in rows]
    if novelty is None or model.novelty is None:
        return answers
    return [
        replace(answer, novelty=score, is_familiar=score <= model.novelty.threshold)
        for answer, score in zip(answers, novelty.tolist(), strict=True)
    ]


def _as_prediction(model: Model, row: NDArray[np.floating[Any]]) -> Prediction:
    # Stable: of two classes that are as probable the first, as argmax has it elsewhere.
    order = np.argsort(-row, kind="stable")
    probabilities = {model.class_names[number]: float(row[number]) for number in order}
    is_confident = None if model.threshold is None else bool(row.max() >= model.threshold)
    return Prediction(model.class_names[order[0]], probabilities, is_confident)
