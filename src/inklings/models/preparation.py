"""Preprocessing: turning a picture into an image like those a network was trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from inklings.arguments import refuses_unknown
from inklings.data.dataset import Dataset
from inklings.data.interpretation import Interpretation
from inklings.data.lazy_images import Images
from inklings.data.parts import Split
from inklings.data.pixels import border_pixels
from inklings.data.raw import MAX_SIDE
from inklings.data.resizing import resize
from inklings.errors import DataError
from inklings.models.raw_images import interpretation_of
from inklings.pages.components import Character
from inklings.pages.mnist_framing import MNIST
from inklings.pages.normalise import Normalised, Stage, normalise, normalise_character
from inklings.pages.page_image import BYTE, Page, open_page
from inklings.serialise import check_stored

CHARACTER, WHOLE = "character", "whole"
KINDS = (CHARACTER, WHOLE)
_SAMPLE = 1000
_EMPTY_BORDER, _OFF_CENTRE = 0.02, 0.05
"""Images are framed as MNIST's are if their border holds less ink than the first, on average, and 95 % have their
centre of mass within the second fraction of a side from the middle. Of the bundled digits: 0.0005, and 0.034."""


class _StoredPreparation(TypedDict):
    """What :meth:`Preparation.to_plain` gives."""

    kind: str
    size: tuple[int, int]
    channels: int
    invert: bool


@refuses_unknown(DataError)
@dataclass(frozen=True)
class Preparation:
    """How a picture becomes a network's input.

    Parameters
    ----------
    kind : {"character", "whole"}
        Find the ink and frame it the way MNIST does, or resize the whole picture.
    size : (int, int)
        Height and width of the network's input.
    channels : {1, 3}
        Grey, or red, green and blue.
    invert : bool
        Whether a whole picture is inverted, as the training images were.
    interpretation : Interpretation, optional
        How the training images came from raw pixels, for new ones that are not pictures; None if it was not kept.
    keep_lines : bool
        Whether to look for no lines of the paper around a character. It is said of pictures, and never stored.

    Raises
    ------
    DataError
        An unknown kind, or characters in colour.

    Examples
    --------
    >>> from inklings import open_dataset
    >>> preparation = Preparation.of(open_dataset("digits"))
    >>> preparation.kind, preparation.size
    ('character', (20, 20))
    """

    kind: str
    size: tuple[int, int]
    channels: int = 1
    invert: bool = False
    interpretation: Interpretation | None = None
    keep_lines: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise DataError(f"preprocessing is of kind '{self.kind}', expected one of: {', '.join(KINDS)}")
        if not all(1 <= side <= MAX_SIDE for side in self.size):
            found, expected = f"{self.size[0]} x {self.size[1]}", f"1 to {MAX_SIDE} pixels each way"
            raise DataError(f"pictures are prepared to {found}, expected {expected}", found=self.size)
        if self.channels not in (1, 3) or (self.kind == CHARACTER and self.channels != 1):
            raise DataError(f"a network of {self.channels} channels cannot read pictures as '{self.kind}'")

    @classmethod
    def of(cls, dataset: Dataset, kind: str | None = None) -> Preparation:
        """Detect the preprocessing that makes pictures look like a data set's images.

        Parameters
        ----------
        dataset : Dataset
        kind : {"character", "whole"}, optional
            None detects whether the images are framed as MNIST's are.
        """
        height, width, channels = dataset.image_shape
        found = CHARACTER if kind is None and is_framed(dataset.images) else WHOLE
        interpretation = interpretation_of(dataset)
        # By these images alone: a data set that was inverted when it was opened needs its pictures inverted too.
        return cls(kind or found, (height, width), channels, interpretation.inverted, interpretation)

    @classmethod
    def from_plain(cls, values: Mapping[str, Any]) -> Preparation:
        """Read what :meth:`to_plain` gave; a DataError says what is wrong with it."""
        try:
            check_stored(_StoredPreparation, values, "", DataError)
        except DataError as problem:
            raise DataError(f"the preprocessing is missing or invalid ({problem})", "save the model anew") from None
        raw = values.get("interpretation")
        interpretation = None if raw is None else Interpretation.from_plain(raw)
        height, width = values["size"]
        return cls(values["kind"], (height, width), values["channels"], values["invert"], interpretation)

    def to_plain(self) -> dict[str, Any]:
        """Return the preprocessing as plain values."""
        plain = {"kind": self.kind, "size": list(self.size), "channels": self.channels, "invert": self.invert}
        if self.interpretation is not None:
            plain["interpretation"] = self.interpretation.to_plain()
        return {**plain, "box": MNIST.box, "field": MNIST.field} if self.kind == CHARACTER else plain

    def open(self, content: Path | str | bytes | NDArray[Any], source: str | None = None) -> Page:
        """Open a picture as :func:`inklings.pages.page_image.open_page` does, read as the training images were.

        Of a dim picture of 16 bits alone nobody can tell that it is not one of 12, nor of a yellow drawing on
        transparency whether its paper was white.
        """
        known = self.interpretation
        # Pictures of one character are framed by their ink, whatever their depth and paper.
        if known is None or self.kind != WHOLE:
            return open_page(content, source)
        if known.deep is None and known.ink <= BYTE:
            return open_page(content, source, backdrop=known.backdrop)
        # Where training had none such but arrays of as many bits, pictures are taken as those were.
        times = known.deep or 1.0
        return open_page(content, source, full=times * known.ink, empty=times * known.paper, backdrop=known.backdrop)

    def prepare(self, page: Page) -> Normalised:
        """Make a page into the network's input; of several characters the one with the most ink."""
        if self.kind != CHARACTER:
            return self._whole(page)
        return normalise(page, size=self.size, framing=MNIST, keep_lines=self.keep_lines)

    def prepare_character(self, character: Character) -> Images:
        """Make one of a page's characters into the network's input; a DataError if it takes whole pictures."""
        if self.kind != CHARACTER:
            raise DataError("the model reads whole pictures, expected one of single characters to read a page")
        return normalise_character(character, size=self.size, framing=MNIST)[0]

    def _whole(self, page: Page) -> Normalised:
        # Grey as one channel, (height, width, 1); colours stay three, scaled to 0 to 1.
        pixels = page.grey[..., np.newaxis] if self.channels == 1 else page.pixels / np.float32(255)
        ink = np.asarray(1 - pixels if self.invert else pixels, np.float32)
        image = resize(ink[np.newaxis], self.size)[0]
        height, width = self.size
        stages = (
            Stage("picture", "as given, upright", page.grey),
            Stage("input", f"resized whole to the network's {height} x {width}", image.mean(-1)),
        )
        return Normalised(image, stages)


def is_framed(images: Images) -> bool:
    """Return whether grey images hold one character each, framed as MNIST's are: an empty border, the ink centred."""
    if images.shape[3] != 1:
        return False
    # (n, height, width): every so many images, so that all classes are among them though the data be sorted.
    ink = np.clip(images[:: max(1, len(images) // _SAMPLE), :, :, 0], 0, 1)
    border = border_pixels(ink[..., np.newaxis]).mean()
    # A blank image has no centre: 1e-6 keeps it finite, at 0, and so off-centre.
    mass = np.maximum(ink.sum((1, 2)), 1e-6)
    # Half a pixel more, so that the middle is at 0.5 of the side, whatever its length.
    offsets = [
        # Ink summed along the other direction, times where it is: the centre of mass as a share of the side, less 0.5.
        np.abs(ink.sum(other) @ (np.arange(side) + 0.5) / mass / side - 0.5)
        for other, side in ((2, ink.shape[1]), (1, ink.shape[2]))
    ]
    return bool(border < _EMPTY_BORDER and np.quantile(np.maximum(*offsets), 0.95) < _OFF_CENTRE)


def class_names_and_preparation(
    data: Dataset | Split | Preparation, class_names: Sequence[str], classes: int
) -> tuple[Sequence[str], Preparation]:
    """Return what a model takes over from the images that it was trained on.

    Parameters
    ----------
    data : Dataset, Split or Preparation
    class_names : sequence of str
        Where ``data`` has none; the numbers from 0 if there are none here either.
    classes : int
        How many classes there are.

    Raises
    ------
    DataError
        ``data`` is something else.
    """
    if isinstance(data, Preparation):
        return class_names or tuple(map(str, range(classes))), data
    dataset = data.dataset if isinstance(data, Split) else data
    if not isinstance(dataset, Dataset):
        problem = f"found a {type(data).__name__}, expected the data that the model was trained on"
        raise DataError(problem, "pass the Dataset, Split or Preparation")
    return class_names or dataset.class_names, Preparation.of(dataset)
