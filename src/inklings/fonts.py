"""The font that pictures are labelled with."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import ImageFont

FONT_SIZE = 18


def load_font(size: int = FONT_SIZE) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Load DejaVu Sans, which covers most of the world's scripts; without matplotlib, Pillow's own font.

    Parameters
    ----------
    size : int
        In pixels.

    Returns
    -------
    PIL.ImageFont.FreeTypeFont or PIL.ImageFont.ImageFont
    """
    from PIL import ImageFont

    # matplotlib ships the font; its folder is looked up, since importing matplotlib takes most of a second.
    matplotlib = find_spec("matplotlib")
    if matplotlib is not None and matplotlib.origin:
        font = Path(matplotlib.origin).parent / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"
        if font.is_file():
            return ImageFont.truetype(str(font), size)
    return ImageFont.load_default(size)
