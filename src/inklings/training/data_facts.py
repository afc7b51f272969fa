"""What a plan knows of the images that it will learn from, besides their shape and the number of classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from inklings.arguments import refuses_unknown
from inklings.data.dataset import Dataset
from inklings.data.kind import Kind, kind_of_images
from inklings.data.parts import Split
from inklings.data.split import TEST, VALIDATION, split_rows
from inklings.errors import DataError

USUAL_IMAGES = 2750
"""As many as the bundled digits have to learn from."""


@refuses_unknown(DataError)
@dataclass(frozen=True)
class DataFacts:
    """How many images there are to learn from, and what they show.

    Some presets depend on it: few images are seen more often, and only pictures of things may be mirrored.

    Parameters
    ----------
    images : int
        The number of training images; that of the bundled digits if it is not known.
    kind : {"characters", "things", "unknown"}
        What they show (:func:`inklings.data.kind.kind_of_images`).

    Examples
    --------
    >>> import inklings
    >>> few = inklings.preset("best", (20, 20, 1), 10, data=inklings.DataFacts(images=500))
    >>> many = inklings.preset("best", (20, 20, 1), 10, data=inklings.DataFacts(images=60_000))
    >>> few.recipe.epochs > many.recipe.epochs
    True
    """

    images: int = USUAL_IMAGES
    kind: Kind = "unknown"

    @classmethod
    def of(cls, data: Dataset | Split) -> Self:
        """Return what is known of the training images of a split, or of a data set's usual split."""
        if isinstance(data, Split):
            return cls(len(data.train_rows), _kind(data.dataset))
        rows, _, _ = split_rows(
            data.labels,
            test=TEST,
            # Any seed: it decides which images are training images, not how many.
            validation=VALIDATION,
            seed=0,
            given_test=data.given_test,
            given_validation=data.given_validation,
        )
        return cls(len(rows), _kind(data))


def _kind(dataset: Dataset) -> Kind:
    return kind_of_images(dataset.class_names, dataset.image_shape[2])
