"""Digits on paper that is not plain: in frames, on squared and ruled paper, in grids and forms."""

import numpy as np
from PIL import Image, ImageDraw

from papers import as_jpeg, enlarge, on_paper, place, to_bytes

PAPER, PEN = 0.92, 0.15


class Writing:
    """One digit on a page, with lines around it or through it.

    Parameters
    ----------
    digit : array of shape (28, 28)
    scale : float
        From the digit's 28 pixels to the page's.
    random : numpy.random.Generator
    """

    def __init__(self, digit, scale, random):
        self.random = random
        self.side = round(28 * scale)
        rows, columns = (np.flatnonzero(digit.max(axis=axis) > 0.1) for axis in (1, 0))
        large = enlarge(digit, scale)
        # The cell's inside is from a little smaller than the digit's field to a good deal larger.
        self.inside = round(self.side * random.uniform(0.9, 1.3))
        margin = round(0.35 * self.side) + 6
        self.cell = (margin, margin, margin + self.inside, margin + self.inside)
        self.shape = (2 * margin + self.inside,) * 2
        top, left = (
            self._start(near * scale, (far + 1) * scale)
            for near, far in ((rows[0], rows[-1]), (columns[0], columns[-1]))
        )
        self.ink = place(large, (self.shape[0] + 2 * self.side,) * 2, self.side + top, self.side + left)
        self.ink = self.ink[self.side : -self.side, self.side : -self.side]
        self.lines = np.zeros(self.shape, np.float32)

    def _start(self, first, last):
        """Where the digit's field starts, so that its ink lies in the cell, though not always in its middle."""
        room = max(0.0, self.inside - (last - first) - 2)
        offset = room * (0.5 + self.random.uniform(-0.4, 0.4)) + 1
        return round(self.cell[0] + offset - first)

    def rule(self, place, thickness, *, down=False):
        """Draw a line across the whole page, at a row or (``down``) at a column."""
        first = max(0, place)
        if down:
            self.lines[:, first : place + thickness] = 1
        else:
            self.lines[first : place + thickness] = 1

    def frame(self, thickness):
        left, top, right, bottom = self.cell
        t = thickness
        self.lines[top - t : bottom + t, left - t : right + t] = 1
        self.lines[top:bottom, left:right] = 0

    def page(self, level=1.0):
        """The amount of ink, 0 to 1; ``level`` is that of the lines."""
        return np.maximum(self.ink, level * self.lines)


def plain(writing):
    return writing.page()


def framed(thickness):
    def draw(writing):
        writing.frame(thickness)
        return writing.page()

    return draw


def partly_framed(writing):
    """A cell cut out of a puzzle, with a rest of its grid at one or two sides."""
    left, top, right, bottom = writing.cell
    thickness = int(writing.random.integers(1, 5))
    which = int(writing.random.integers(0, 4))
    if which in (0, 2):
        writing.rule(top - thickness, thickness)
    if which in (1, 2):
        writing.rule(left - thickness, thickness, down=True)
    if which == 3:
        writing.rule(bottom, thickness)
    gap = int(writing.random.integers(0, 6))
    cut = max(0, top - thickness - gap)
    return writing.page()[cut : bottom + thickness + gap, cut : right + thickness + gap]


def ruled(where):
    def draw(writing):
        rows = np.flatnonzero(writing.ink.max(axis=1) > 0.3)
        at = rows[-1] - 1 if where == "under" else round(rows[0] + writing.random.uniform(0.2, 0.8) * np.ptp(rows))
        writing.rule(int(at), int(writing.random.integers(1, 4)))
        return writing.page(0.6 if writing.random.random() < 0.5 else 1.0)

    return draw


def squared(level):
    """Squared paper whose squares are from a quarter to half of the digit's field."""

    def draw(writing):
        step = max(8, round(writing.side * writing.random.uniform(0.25, 0.5)))
        thickness = 1 if writing.side < 60 else int(writing.random.integers(1, 3))
        for place_ in range(int(writing.random.integers(0, step)), writing.shape[0], step):
            writing.rule(place_, thickness)
            writing.rule(place_, thickness, down=True)
        return writing.page(level)

    return draw


KINDS = {
    "plain": plain,
    **{f"frame {thickness}": framed(thickness) for thickness in (1, 2, 3, 4)},
    "partial frame": partly_framed,
    "ruled through": ruled("through"),
    "ruled under": ruled("under"),
    "squared light": squared(0.25),
    "squared grey": squared(0.5),
    "squared dark": squared(1.0),
}


def scanned(amount):
    """Dark ink on light paper."""
    return to_bytes(PAPER - (PAPER - PEN) * amount)


def chalked(amount):
    return to_bytes(0.15 + 0.7 * amount)


def photographed(amount, random):
    """Seen a few degrees askew, in uneven light, with noise, as JPEG."""
    return as_jpeg(to_bytes(on_paper(tilted(amount, random), random)), 80)


def tilted(amount, random, degrees=4.0, depth=0.04):
    """Rotated by up to ``degrees``, and seen in perspective: each corner moves by up to ``depth`` of the side."""
    height, width = amount.shape
    margin = round(0.25 * max(height, width))
    padded = np.pad(amount, margin, mode="edge")
    tall, wide = padded.shape
    corners = np.array([(0, 0), (wide, 0), (wide, tall), (0, tall)], float)
    angle = np.radians(random.uniform(-degrees, degrees))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = (
        (corners - corners.mean(0)) @ turn.T + corners.mean(0) + random.uniform(-depth, depth, (4, 2)) * (wide, tall)
    )
    matrix = []
    for (x, y), (u, v) in zip(corners, moved, strict=True):
        matrix += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
    coefficients = np.linalg.solve(np.array(matrix), moved.ravel())
    picture = Image.fromarray(padded.astype(np.float32)).transform(
        (wide, tall), Image.Transform.PERSPECTIVE, tuple(coefficients), Image.Resampling.BICUBIC
    )
    inner = np.clip(np.asarray(picture), 0, 1)
    cut = round(0.85 * margin)
    return inner[cut:-cut, cut:-cut]


class Grid:
    """A table of cells, each empty or with one digit: a puzzle, or a row of boxes in a form."""

    def __init__(self, rows, columns, cell, thickness, *, heavy=0, every=3, margin=24):
        self.cell, self.margin = cell, margin
        self.shape = (2 * margin + rows * cell, 2 * margin + columns * cell)
        self.amount = np.zeros(self.shape, np.float32)
        bottom, right = margin + rows * cell, margin + columns * cell
        for number in range(rows + 1):
            t = heavy if heavy and number % every == 0 else thickness
            at = margin + number * cell - t // 2
            self.amount[at : at + t, margin - t // 2 : right - t // 2 + t] = 1
        for number in range(columns + 1):
            t = heavy if heavy and number % every == 0 else thickness
            at = margin + number * cell - t // 2
            self.amount[margin - t // 2 : bottom - t // 2 + t, at : at + t] = 1

    def write(self, row, column, digit, scale, random):
        large = enlarge(digit, scale)
        room = self.cell - len(large)
        jitter = random.integers(-max(1, self.cell // 12), max(1, self.cell // 12) + 1, 2)
        top = self.margin + row * self.cell + room // 2 + int(jitter[0])
        left = self.margin + column * self.cell + room // 2 + int(jitter[1])
        window = self.amount[top : top + len(large), left : left + len(large)]
        np.maximum(window, large, out=window)


def any_scale(random):
    """From 28 to 100 pixels a digit, each doubling as likely as the other."""
    return float(np.exp(random.uniform(0, np.log(100 / 28))))


RULED = {
    "T": [[(0, 0), (1, 0)], [(0.5, 0), (0.5, 1)]],
    "4": [[(0.65, 0), (0, 0.65), (1, 0.65)], [(0.7, 0.3), (0.7, 1)]],
    "7": [[(0, 0), (1, 0), (0.4, 1)], [(0.2, 0.5), (0.85, 0.5)]],
    "E": [[(1, 0), (0, 0), (0, 1), (1, 1)], [(0, 0.5), (0.9, 0.5)]],
    "1": [[(0.3, 0.25), (0.5, 0), (0.5, 1)], [(0, 1), (1, 1)]],
}
"""Characters drawn with a ruler: strokes from corner to corner of their box."""


def ruled_character(name, side, pen, margin, above):
    """Draw a character with a round pen, ``margin`` pixels from the left and right edges, ``above`` from the others."""
    times, edges = 3, np.array([margin, above])
    page = Image.new("L", (side * times, side * times), 0)
    draw = ImageDraw.Draw(page)
    for stroke in RULED[name]:
        points = [tuple(times * (edges + pen / 2 + (side - 2 * edges - pen) * np.array(point))) for point in stroke]
        draw.line(points, 255, round(pen * times), joint="curve")
        for x, y in points:
            reach = pen * times / 2
            draw.ellipse((x - reach, y - reach, x + reach, y + reach), fill=255)
    return np.asarray(page.resize((side, side), Image.Resampling.BOX), np.float32) / 255
