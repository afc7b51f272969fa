"""Figures of a study: what is written on them can be read."""

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from inklings.report.legibility import letters_on
from inklings.report.study_figures import draw_interaction
from inklings.search.effects import Interaction


def luminance(colour):
    """Relative luminance, by the definition of WCAG 2."""
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colours", ["YlOrBr", "Oranges", "Greys", "coolwarm"])
def test_letters_can_be_read_on_every_colour_of_a_scale(colours):
    for ground in matplotlib.colormaps[colours](np.linspace(0, 1, 256)):
        dark, bright = sorted((luminance(ground), luminance(to_rgb(letters_on(ground, "#333333")))))
        assert (bright + 0.05) / (dark + 0.05) >= 4.5


def test_numbers_on_cells_of_any_colour_have_a_contrast_of_four_and_a_half():
    means = np.linspace(0.5, 1.0, 64).reshape(8, 8)
    labels = tuple(str(level) for level in range(8))
    figure = draw_interaction(Interaction(("one", "other"), (labels, labels), means, np.ones((8, 8), int), 0.1, 0.01))
    (panel,) = figure.axes
    (image,) = panel.images
    texts = [text for text in panel.texts if text.get_text()]
    assert len(texts) == 64
    for text in texts:
        column, row = map(int, text.get_position())
        ground = luminance(image.to_rgba(100 * means[row, column]))
        letters = luminance(to_rgb(text.get_color()))
        dark, bright = sorted((ground, letters))
        assert (bright + 0.05) / (dark + 0.05) >= 4.5
