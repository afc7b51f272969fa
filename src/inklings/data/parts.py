"""A data set in three parts: images to learn from, to choose by, and to look at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from inklings.arguments import refuses_unknown
from inklings.data.fingerprints import fingerprint_of_rows
from inklings.data.split import Indices
from inklings.data.strip import strip_of
from inklings.errors import DataError
from inklings.notebook import as_paragraph

if TYPE_CHECKING:
    from inklings.data.dataset import Dataset


@refuses_unknown(DataError)
@dataclass(frozen=True, eq=False)
class Split:
    """A Dataset divided into three parts that share no row.

    Parameters
    ----------
    dataset : Dataset
        The whole.
    train_rows, validation_rows, test_rows : arrays of int64
        The rows of each part, in ascending order. :func:`inklings.fit` also trains without
        validation images and never looks at test images: either part may be empty there.
    seed : int
        The seed the parts were drawn with.
    crossing_duplicates : int
        Images outside the training part whose pixels equal those of an image in an earlier part.

    Examples
    --------
    >>> import inklings
    >>> split = inklings.open_dataset("digits").split(seed=0)
    >>> len(split.train), len(split.validation), len(split.test)
    (2750, 1000, 1250)
    """

    dataset: Dataset
    train_rows: Indices
    validation_rows: Indices
    test_rows: Indices
    seed: int
    crossing_duplicates: int = 0
    # Not of what is made of it, as of `Dataset.opened`.
    drawn: Mapping[str, Any] | None = field(default=None, init=False, repr=False)
    """What :meth:`Dataset.split` was asked for, so that a run can ask for it again."""

    def __repr__(self) -> str:
        sizes = (len(rows) for rows in (self.train_rows, self.validation_rows, self.test_rows))
        train, validation, test = (f"{size:,}" for size in sizes)
        return (
            f"<Split of {self.dataset.source}: {train} training, {validation} validation, {test} test images, "
            f"seed {self.seed}>"
        )

    def _repr_html_(self) -> str:
        """Show it in a notebook: its sizes, and some images to learn from."""
        return as_paragraph(repr(self).strip("<>")) + strip_of(self.train.images, self.train.labels, self.train.source)

    @cached_property
    def train(self) -> Dataset:
        """The images to learn from."""
        return self.dataset.take(self.train_rows)

    @cached_property
    def validation(self) -> Dataset:
        """The images to make choices by: when to stop, which network to keep."""
        return self.dataset.take(self.validation_rows)

    @cached_property
    def test(self) -> Dataset:
        """The images to look at once, at the end."""
        return self.dataset.take(self.test_rows)

    def forget_parts(self) -> None:
        """Let go of the parts' copies of the images; each is made again when it is asked for."""
        for part in ("train", "validation", "test"):
            self.__dict__.pop(part, None)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of which rows are in which part, as 64 hexadecimal digits."""
        return fingerprint_of_rows((self.train_rows, self.validation_rows, self.test_rows))
