"""What a Dataset holds, in numbers and words, before anything is trained on it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from inklings.arguments import checks_call
from inklings.data.dataset import Dataset
from inklings.errors import DataError


@dataclass(frozen=True)
class Summary:
    """A Dataset in numbers and words.

    Parameters
    ----------
    source : str
    images : int
        The number of images.
    height, width, channels : int
    classes : dict from str to int
        The number of images of each class.
    least, greatest, mean : float
        The range and the mean of the pixel values.
    given_test : int
        The number of images that the source itself reserves for testing.
    fingerprint : str
        SHA-256 of the content.
    notes : tuple of str
        What the reader detected and decided.

    Examples
    --------
    >>> import inklings
    >>> summary = inklings.describe(inklings.open_dataset("digits"))
    >>> summary.images, summary.height, summary.classes["7"]
    (5000, 20, 500)
    """

    source: str
    images: int
    height: int
    width: int
    channels: int
    classes: dict[str, int]
    least: float
    greatest: float
    mean: float
    given_test: int
    fingerprint: str
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the summary as plain values, for JSON."""
        return {**asdict(self), "notes": list(self.notes)}

    def lines(self) -> list[tuple[str, str]]:
        """Return the summary as pairs of a heading and a text, for people."""
        sizes = set(self.classes.values())
        each = f"{sizes.pop():,} images each" if len(sizes) == 1 else f"{min(sizes):,} to {max(sizes):,} images"
        counts = ", ".join(f"{name} ({count:,})" for name, count in self.classes.items())
        lines = [
            ("source", self.source),
            (
                "images",
                f"{self.images:,} of {self.height} x {self.width}, {'grey' if self.channels == 1 else 'colour'}",
            ),
            ("classes", f"{len(self.classes)}, {each}: {counts}"),
            ("values", f"{self.least:.3f} to {self.greatest:.3f}, mean {self.mean:.3f} (paper 0, ink 1)"),
            ("set aside", f"{self.given_test:,} images for testing") if self.given_test else ("", ""),
            ("fingerprint", self.fingerprint),
            *(("note", note) for note in self.notes),
        ]
        return [line for line in lines if line[0]]


@checks_call(DataError, dataset=Dataset)
def describe(dataset: Dataset) -> Summary:
    """Summarise a Dataset.

    Parameters
    ----------
    dataset : Dataset

    Returns
    -------
    Summary

    Examples
    --------
    >>> import inklings
    >>> describe(inklings.open_dataset("digits")).classes["7"]
    500
    """
    height, width, channels = dataset.image_shape
    return Summary(
        source=dataset.source,
        images=len(dataset),
        height=height,
        width=width,
        channels=channels,
        classes=dict(zip(dataset.class_names, dataset.class_sizes.tolist(), strict=True)),
        # Over all images: a stack goes through them block by block.
        least=float(dataset.images.min()),
        greatest=float(dataset.images.max()),
        mean=float(dataset.images.mean()),
        given_test=0 if dataset.given_test is None else len(dataset.given_test),
        fingerprint=dataset.fingerprint,
        notes=tuple(dataset.notes),
    )
