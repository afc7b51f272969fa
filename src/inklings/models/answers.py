"""What a model says of the images of a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.notebook import to_frame
from inklings.reprs import short_repr


@short_repr
@dataclass(frozen=True, eq=False, repr=False)
class Answers:
    """A model's predictions for the images of a file.

    Parameters
    ----------
    names : tuple of str
        What the file calls each image, else the number of its row.
    class_names : tuple of str
        In the order of the model's outputs.
    probabilities : array, shape (n, classes)
    threshold : float or None
        The probability below which a prediction is not confident.
    notes : tuple of str
        What was decided about the meaning of the pixels.
    novelty : array of float64, shape (n,), optional
        How unlike what the network learnt each image is (:meth:`Model.score_novelty`); None for a model without a
        measure of it.
    familiar : array of bool, shape (n,), optional
        Whether the novelty is at most the model's threshold. If not, the class says little.
    """

    names: tuple[str, ...]
    class_names: tuple[str, ...]
    probabilities: NDArray[np.floating[Any]]
    threshold: float | None
    notes: tuple[str, ...] = ()
    novelty: NDArray[np.float64] | None = None
    familiar: NDArray[np.bool_] | None = None

    def to_frame(self) -> Any:  # noqa: ANN401 - of pandas or of polars
        """Return a data frame of pandas, or of polars where there is no pandas: an image a row, as ``--out`` has it.

        Raises
        ------
        MissingDependencyError
            There is neither.
        """
        columns: dict[str, Any] = {"id": self.names, "label": self.labels, "probability": self.probabilities.max(1)}
        if self.novelty is not None:
            columns |= {"familiar": self.familiar, "novelty": self.novelty}
        return to_frame(columns)

    @property
    def labels(self) -> list[str]:
        """The most probable class of each image, by name."""
        return [self.class_names[number] for number in self.probabilities.argmax(1)]
