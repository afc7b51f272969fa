"""What a model predicts for an image: the class, the probabilities, and whether to trust them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.lazy_images import Images
from inklings.models.model import Model
from inklings.reprs import percent


@dataclass(frozen=True, repr=False)
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

    def __repr__(self) -> str:
        doubts = [", unsure"] * (self.is_confident is False) + [", not like what it learnt"] * (
            self.is_familiar is False
        )
        return f"<Prediction '{self.class_name}', {percent(self.probability)}{''.join(doubts)}>"

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
