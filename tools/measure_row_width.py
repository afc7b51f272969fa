"""Measure how surely flat rows of many kinds of images show that they were cut to a wrong width.

``python tools/measure_row_width.py`` takes nine seconds of the processor and prints a line for each kind of images that
tools/measure_meaning.py makes: rightly cut ones of which a note would say something, wrongly cut ones whose shape was
found.
"""

from __future__ import annotations

import numpy as np
from measure_meaning import kinds
from numpy.typing import NDArray
from PIL import Image

from inklings.data.row_width import find_width

RIGHT = ((28, 28), (20, 20), (24, 24), (112, 92), (16, 25))
WRONG = (((18, 32), 24), ((32, 18), 24), ((16, 25), 20), ((24, 16), 24), ((28, 21), 28), ((14, 20), 14), ((56, 46), 56))
COUNTS = (10, 20, 200)


def rows_of(images: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Return images of another size as flat rows."""
    resized = [np.asarray(Image.fromarray(image).resize((width, height))) for image in images]
    return np.stack(resized).reshape(len(images), -1)


def main() -> None:
    """Print the table."""
    totals = np.zeros(4, int)
    print("| kind | cut rightly | said to be wrong | cut wrongly | found |\n|---|---|---|---|---|")
    for name, make in kinds().items():
        counts = np.zeros(4, int)
        for count in COUNTS:
            images, _ = make(count, np.random.default_rng(count))
            said = [find_width(rows_of(images, *shape), shape[1]) is not None for shape in RIGHT]
            found = [find_width(rows_of(images, *shape), cut) == shape[1] for shape, cut in WRONG]
            counts += [len(said), sum(said), len(found), sum(found)]
        totals += counts
        print(f"| {name} |", " | ".join(map(str, counts)), "|", flush=True)
    print("| all |", " | ".join(map(str, totals)), "|")


if __name__ == "__main__":
    main()
