"""How often images are said to look transposed to a trained network, rightly and wrongly.

    python tools/measure_transposed.py                 31 kinds: two minutes of one core
    python tools/measure_transposed.py --kinds towers "printed capitals"

A network is trained on each kind of tools/measure_meaning.py. Batches of its test images are given as they are, which
must never be said to be transposed, and transposed; so are batches of each single class. The network of handwritten
digits is also given all other kinds, none of which it was taught.
"""

from __future__ import annotations

import argparse
import warnings
from dataclasses import dataclass, replace

import numpy as np
from measure_meaning import SIDE, kinds
from numpy.typing import NDArray

from inklings import Model, fit, from_arrays, preset
from inklings.data import Split
from inklings.data.resizing import resize
from inklings.evaluation.novelty import choose_novelty
from inklings.models.transposed import are_transposed

BATCHES = (1, 2, 5, 10, 19, 20, 30, 50, 100)
TRIES = 40
IMAGES = 1500
Images = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Scores:
    """The novelty of images as given and with rows and columns swapped, and the predicted classes of either."""

    before: NDArray[np.float64]
    after: NDArray[np.float64]
    classes: tuple[NDArray[np.int64], NDArray[np.int64]]

    @classmethod
    def of(cls, model: Model, images: Images) -> Scores:
        """Score images, shape (n, height, width, 1)."""
        views = (images, np.ascontiguousarray(images.swapaxes(1, 2)))
        before, after = (model.score_novelty(view, prepared=True) for view in views)
        first, second = (model.predict_proba(view, prepared=True).argmax(1) for view in views)
        return cls(before, after, (first, second))

    def said(self, rows: NDArray[np.int64], model: Model, *, swapped: bool) -> bool:
        """Whether a batch is said to be transposed."""
        assert model.novelty is not None
        scores = (self.after, self.before) if swapped else (self.before, self.after)
        predicted = self.classes[0 if swapped else 1][rows]
        before, after = (each[rows] for each in scores)
        return are_transposed(before, after, model.novelty.threshold, predicted, len(model.class_names))


def train(images: NDArray[np.uint8], labels: NDArray[np.int64] | NDArray[np.str_]) -> tuple[Model, Split]:
    """Train a dense network on images, and fit its measure of novelty."""
    split = from_arrays(images, labels, invert=False).split(seed=0)
    plan = preset("mlp", split.dataset.image_shape, split.dataset.class_count).with_recipe(epochs=15)
    model = Model.from_fit(fit(plan.network, plan.recipe, split, catch_signals=False), split)
    return replace(model, novelty=choose_novelty(model, split.train, split.validation)), split


def draw(count: int, size: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Return the rows of a batch."""
    return random.choice(count, min(size, count), replace=False)


def measure(model: Model, split: Split, random: np.random.Generator) -> tuple[str, int, int]:
    """Return a row of the table, and how many batches were right, and wrongly said to be transposed."""
    scores, count = Scores.of(model, split.test.images), len(split.test)
    cells, tried, wrong = [], 0, 0
    for size in BATCHES:
        # Of single images each is tried: they are what chance could fool.
        batches = [draw(count, size, random) for _ in range(TRIES)] if size > 1 else list(np.arange(count)[:, None])
        tried += len(batches)
        wrong += sum(scores.said(rows, model, swapped=False) for rows in batches)
        cells.append(f"{sum(scores.said(rows, model, swapped=True) for rows in batches) / len(batches):.0%}")
    for label in range(split.dataset.class_count):
        rows = np.flatnonzero(split.test.labels == label)
        for some in (rows, rows[:10], rows[10:15]):
            if len(some) > 1:
                tried, wrong = tried + 1, wrong + scores.said(some, model, swapped=False)
    better = float((scores.after < scores.before).mean())
    accuracy = float((scores.classes[0] == split.test.labels).mean())
    return f"{accuracy:.0%} | {better:.0%} | {wrong} of {tried} | {' | '.join(cells)}", tried, wrong


def main() -> None:
    """Print the tables in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kinds", nargs="*", default=[each for each in kinds() if "5,000" not in each])
    warnings.simplefilter("ignore")
    random = np.random.default_rng(0)
    made: dict[str, NDArray[np.uint8]] = {}
    digits: Model | None = None
    sizes = " | ".join(map(str, BATCHES))
    print(f"| kind | accuracy | less novel swapped | upright, but said | transposed, and said: {sizes} |")
    print(f"|---|---|---|---|{'---|' * len(BATCHES)}")
    total = failed = 0
    for name in parser.parse_args().kinds:
        images, labels = kinds()[name](IMAGES, random)
        made[name] = images
        model, split = train(images, labels)
        if model.novelty is None:
            print(f"| {name} | no measure of novelty |", flush=True)
            continue
        digits = model if digits is None and name == "handwritten digits" else digits
        row, tried, wrong = measure(model, split, random)
        total, failed = total + tried, failed + wrong
        print(f"| {name} | {row} |", flush=True)
    print(f"\nupright batches: {total:,}, of which said to be transposed: {failed}")
    if digits is None:
        return
    for name, images in made.items():
        prepared = resize((images[:400, ..., np.newaxis] / 255).astype(np.float32), (SIDE, SIDE))
        scores = Scores.of(digits, prepared)
        batches = [draw(len(prepared), size, random) for size in BATCHES[1:] for _ in range(TRIES)]
        said = sum(scores.said(rows, digits, swapped=False) for rows in batches)
        alone = sum(scores.said(row, digits, swapped=False) for row in np.arange(len(prepared))[:, None])
        less = (scores.after < scores.before).mean()
        print(f"digits given {name}: {said} of {len(batches)} batches, {alone} of {len(prepared)} alone, {less:.0%}")


if __name__ == "__main__":
    main()
