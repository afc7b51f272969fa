"""Normalising a picture of a character to what a network was trained on, with every stage to look at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inklings.arguments import checks_call
from inklings.data.lazy_images import Images
from inklings.data.resizing import resize
from inklings.errors import DataError
from inklings.fonts import load_font
from inklings.pages.binarise import find_ink
from inklings.pages.components import Character, separate_characters
from inklings.pages.mnist_framing import MNIST, Framing, frame, normalise_strokes
from inklings.pages.noise import refuse_noise
from inklings.pages.page_image import Grey, Page, open_page
from inklings.reprs import short_repr

if TYPE_CHECKING:
    from PIL import Image

TILE = 168
"""Height of each stage in the picture of all stages: six times 28, so that the frame's pixels stay square."""


@short_repr
@dataclass(frozen=True, eq=False, repr=False)
class Stage:
    """A picture after one step of its normalisation.

    Parameters
    ----------
    name : str
        ``picture``, ``lines``, ``ink``, ``character``, ``strokes``, ``box``, ``frame`` or ``input``.
    explanation : str
        What the step did, in a few words.
    pixels : array of float32, shape (height, width)
        In ``picture``, brightness; from then on, ink: 0 is paper and 1 is ink.

    Examples
    --------
    >>> import numpy as np
    >>> from inklings.pages import normalise
    >>> paper = np.full((200, 300), 230, np.uint8)
    >>> paper[60:160, 140:152] = 40
    >>> first, *_, last = normalise(paper).stages
    >>> first.name, last.name, last.pixels.shape
    ('picture', 'input', (20, 20))
    """

    name: str
    explanation: str
    pixels: Grey

    def draw(self) -> Image.Image:
        """Draw the stage at its own size, in grey: ink dark on white paper."""
        from PIL import Image

        values = np.clip(self.pixels, 0, 1)
        shown = values if self.name == "picture" else 1 - values
        return Image.fromarray(np.round(255 * shown).astype(np.uint8))


@short_repr
@dataclass(frozen=True, eq=False, repr=False)
class Normalised:
    """A character as a network takes it.

    Parameters
    ----------
    image : array of float32, shape (height, width, 1)
        Paper is 0 and ink is 1; may overshoot a little where the training images do.
    stages : tuple of Stage
        From the picture to ``image``.
    others : int
        How many other characters were on the page, and left out.
    lines : int
        How many lines of the paper were taken off.

    Examples
    --------
    >>> import numpy as np
    >>> from inklings.pages import normalise
    >>> paper = np.full((200, 300), 230, np.uint8)
    >>> paper[60:160, 140:152] = 40
    >>> normalised = normalise(paper)
    >>> normalised.image.shape, normalised.others
    ((20, 20, 1), 0)
    """

    image: Images
    stages: tuple[Stage, ...]
    others: int = 0
    lines: int = 0

    def draw_stages(self) -> Image.Image:
        """Draw all stages in a row, each with its name above."""
        from PIL import Image, ImageDraw

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


@checks_call(DataError)
def normalise(
    content: Page | Path | str | bytes | NDArray[Any],
    *,
    size: tuple[int, int] = (20, 20),
    framing: Framing = MNIST,
    light_ink: bool | None = None,
    keep_lines: bool = False,
) -> Normalised:
    """Process a picture of one character as MNIST's makers processed theirs.

    Ink is separated from paper; the character with the most ink is cropped, all its pieces together; strokes far
    narrower or wider than those of the training images are brought to the nearest typical width; the longer side
    becomes 20 pixels and the centre of mass the middle of 28 x 28; and all of it is resized to the network's input, as
    the bundled ``digits`` were.

    Parameters
    ----------
    content : Page, Path, str, bytes or array
        See :func:`inklings.pages.page_image.open_page`.
    size : (int, int)
        Height and width of the network's input.
    framing : Framing
        How the training images were framed.
    light_ink : bool, optional
        Whether ink is lighter than paper; None detects it.
    keep_lines : bool
        Whether to look for no lines of the paper: a bar drawn with a ruler can look like one.

    Returns
    -------
    Normalised

    Raises
    ------
    DataError
        It is not a picture, nothing is written in it, or it is noise.

    Examples
    --------
    >>> import numpy as np
    >>> paper = np.full((200, 300), 230, np.uint8)
    >>> paper[60:160, 140:152] = 40
    >>> normalised = normalise(paper)
    >>> normalised.image.shape, [stage.name for stage in normalised.stages]
    ((20, 20, 1), ['picture', 'ink', 'character', 'box', 'frame', 'input'])
    """
    page = content if isinstance(content, Page) else open_page(content)
    try:
        ink = find_ink(page.grey, light_ink=light_ink, keep_lines=keep_lines)
        # By ink, not by size: a long thin line is rarely what is meant.
        characters = separate_characters(ink)
        character = max(characters, key=lambda character: float(character.ink.sum()))
        refuse_noise(page.grey, character.box)
    except DataError as error:
        raise error.at(page.source) from error
    polarity = "light ink on dark paper" if ink.is_light else "dark ink on light paper"
    shown = [Stage("picture", "as given, upright", page.grey)]
    if ink.lines is not None:
        shown.append(Stage("lines", "the paper's own, taken off", ink.lines))
    shown.append(Stage("ink", polarity, ink.amount))
    image, stages = normalise_character(character, size=size, framing=framing)
    return Normalised(image, (*shown, *stages), len(characters) - 1, len(ink.ruling))


@checks_call(DataError)
def normalise_character(
    character: Character, *, size: tuple[int, int] = (20, 20), framing: Framing = MNIST
) -> tuple[Images, tuple[Stage, ...]]:
    """Process one character of a page as :func:`normalise` processes the only one.

    Parameters
    ----------
    character : Character
    size : (int, int)
        Height and width of the network's input.
    framing : Framing
        How the training images were framed.

    Returns
    -------
    image : array of float32, shape (*size, 1)
    stages : tuple of Stage
        From the character to ``image``.

    Examples
    --------
    >>> import numpy as np
    >>> from inklings.pages import find_characters, open_page
    >>> from inklings.pages import normalise_character
    >>> paper = np.full((200, 300), 230, np.uint8)
    >>> paper[60:160, 80:92] = paper[60:160, 200:212] = 40  # two strokes of a pen
    >>> image, stages = normalise_character(find_characters(open_page(paper))[0])
    >>> image.shape
    (20, 20, 1)
    """
    stages = [Stage("character", "cropped", character.ink)]
    strokes = normalise_strokes(character.ink, framing)
    # ``normalise_strokes`` returns the same array where there was nothing to do.
    if strokes is not character.ink:
        stages.append(Stage("strokes", "redrawn as wide as the training images' strokes", strokes))
    boxed, framed = frame(strokes, framing)
    stages.append(Stage("box", f"longer side scaled to {framing.box} pixels", boxed))
    stages.append(Stage("frame", f"centre of mass in the middle of {framing.field} x {framing.field}", framed))
    # Whole and by the same filter, as the bundled digits were resized from 28 x 28.
    image = resize(framed[None, ..., None], size)[0]
    stages.append(Stage("input", f"resized whole to the network's {size[0]} x {size[1]}", image[..., 0]))
    return image, tuple(stages)


def _tile(stage: Stage) -> Image.Image:
    """Draw a stage as high as all others; small ones keep their square pixels."""
    from PIL import Image

    picture = stage.draw()
    factor = TILE / picture.height
    # A very wide page is squeezed: the row of stages matters more than its proportions.
    width = min(2 * TILE, max(8, round(factor * picture.width)))
    return picture.resize((width, TILE), Image.Resampling.NEAREST if factor > 2 else Image.Resampling.LANCZOS)
