"""Any picture of a character made into what a network was trained on, with every stage to look at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.dataset import Images
from inklings.data.resizing import resize
from inklings.pages.binarise import find_ink
from inklings.pages.components import Mark, separate
from inklings.pages.mnist_framing import MNIST, Framing, even_strokes, frame
from inklings.pages.page import Grey, Page, open_page

if TYPE_CHECKING:
    from PIL import Image

TILE = 168
"""Height of each stage in the picture of all stages: three, six or more times a small image's."""


@dataclass(frozen=True, eq=False)
class Stage:
    """What a picture had become by one step.

    Parameters
    ----------
    name : str
        ``picture``, ``ink``, ``mark``, ``strokes``, ``box``, ``frame`` or ``input``.
    explanation : str
        What the step did, in a few words.
    pixels : array of float32, shape (height, width)
        In ``picture``, brightness; from then on, ink: 0 is paper and 1 is ink.
    """

    name: str
    explanation: str
    pixels: Grey

    def draw(self) -> Image.Image:
        """Draw it at its own size, as grey: ink dark on white paper."""
        from PIL import Image

        values = np.clip(self.pixels, 0, 1)
        shown = values if self.name == "picture" else 1 - values
        return Image.fromarray(np.round(255 * shown).astype(np.uint8))


@dataclass(frozen=True, eq=False)
class Normalised:
    """A character as a network reads it.

    Parameters
    ----------
    image : array of float32, shape (height, width, 1)
        Paper is 0 and ink is 1; may overshoot a little where the training images do.
    stages : tuple of Stage
        From the picture to ``image``.
    others : int
        How many other marks were on the page, and left out.
    """

    image: Images
    stages: tuple[Stage, ...]
    others: int = 0

    def draw_stages(self) -> Image.Image:
        """Draw all stages in a row, each with its name above."""
        from PIL import Image, ImageDraw

        from inklings.data.gallery import load_font

        pictures = [_tile(stage) for stage in self.stages]
        gap, title = 12, 30
        width = gap + sum(picture.width + gap for picture in pictures)
        sheet = Image.new("RGB", (width, title + TILE + gap), (244, 244, 241))
        draw, font, left = ImageDraw.Draw(sheet), load_font(16), gap
        for stage, picture in zip(self.stages, pictures, strict=True):
            draw.text((left, title - 9), stage.name, (40, 40, 40), font, anchor="ls")
            sheet.paste(picture, (left, title))
            left += picture.width + gap
        return sheet


def normalise(
    content: Page | Path | str | bytes | NDArray[Any],
    *,
    size: tuple[int, int] = (20, 20),
    framing: Framing = MNIST,
    light_ink: bool | None = None,
) -> Normalised:
    """Do to a picture of one character what MNIST's makers did to theirs.

    Ink is told from paper; the mark with the most ink is cut out, its pieces together; strokes far narrower or wider
    than any in the training images are brought to the nearest usual width; the longer side becomes 20 pixels and the
    centre of mass the middle of 28 x 28; and all of it is resized to the network's input, as the bundled ``digits``
    were.

    Parameters
    ----------
    content : Page, Path, str, bytes or array
        See :func:`inklings.pages.page.open_page`.
    size : (int, int)
        Height and width of the network's input.
    framing : Framing
        How the training images were framed.
    light_ink : bool, optional
        Whether ink is lighter than paper; None finds out.

    Returns
    -------
    Normalised

    Raises
    ------
    DataError
        Not a picture, or nothing written in it.

    Examples
    --------
    >>> import numpy as np
    >>> paper = np.full((200, 300), 230, np.uint8)
    >>> paper[60:160, 140:152] = 40
    >>> normalised = normalise(paper)
    >>> normalised.image.shape, [stage.name for stage in normalised.stages]
    ((20, 20, 1), ['picture', 'ink', 'mark', 'box', 'frame', 'input'])
    """
    page = content if isinstance(content, Page) else open_page(content)
    ink = find_ink(page.grey, page.source, light_ink=light_ink)
    marks = separate(ink, page.source)
    mark = max(marks, key=lambda mark: float(mark.ink.sum()))
    shown = (
        Stage("picture", "as it was given, upright", page.grey),
        Stage(
            "ink", "light ink told from dark paper" if ink.is_light else "dark ink told from light paper", ink.amount
        ),
    )
    image, stages = normalise_mark(mark, size=size, framing=framing)
    return Normalised(image, (*shown, *stages), len(marks) - 1)


def normalise_mark(
    mark: Mark, *, size: tuple[int, int] = (20, 20), framing: Framing = MNIST
) -> tuple[Images, tuple[Stage, ...]]:
    """Do to one mark what :func:`normalise` does to the only one.

    Parameters
    ----------
    mark : Mark
    size : (int, int)
        Height and width of the network's input.
    framing : Framing
        How the training images were framed.

    Returns
    -------
    image : array of float32, shape (*size, 1)
    stages : tuple of Stage
        From the mark to ``image``.
    """
    stages = [Stage("mark", "cut out", mark.ink)]
    evened = even_strokes(mark.ink, framing)
    if evened is not mark.ink:
        stages.append(Stage("strokes", "drawn as wide as the training images' strokes", evened))
    boxed, framed = frame(evened, framing)
    stages.append(Stage("box", f"longer side scaled to {framing.box} pixels", boxed))
    stages.append(Stage("frame", f"centre of mass in the middle of {framing.field} x {framing.field}", framed))
    image = resize(framed[None, ..., None], size)[0]
    stages.append(Stage("input", f"resized whole to the network's {size[0]} x {size[1]}", image[..., 0]))
    return image, tuple(stages)


def _tile(stage: Stage) -> Image.Image:
    """Draw it as high as all others; small ones keep their square pixels."""
    from PIL import Image

    picture = stage.draw()
    factor = TILE / picture.height
    width = min(2 * TILE, max(8, round(factor * picture.width)))
    return picture.resize((width, TILE), Image.Resampling.NEAREST if factor > 2 else Image.Resampling.LANCZOS)
