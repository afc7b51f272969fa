"""Ensembles: what several networks say together, how their outputs are best averaged, and what shifted views add.

    python benchmarks/ensembles.py                     2 networks, 4 members, 4 splits: some five minutes on two cores
    python benchmarks/ensembles.py --splits 2 --networks mlp
    python benchmarks/ensembles.py --networks best --members 5 --splits 10 --first-seed 0 --step 1    half an hour

With ``--keep FILE`` each split's figures are written down as they come, and read again by the next call instead of
training anew, so that an evening's measuring can be divided.

Prints a table in Markdown, of the validation images, on which whatever is chosen is chosen, and of the test images.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.metrics import log_loss

from inklings import (
    Activation,
    Augmentation,
    BatchNorm,
    Conv2D,
    DataFacts,
    Dense,
    GlobalPool,
    MaxPool2D,
    Network,
    Plan,
    Recipe,
    Schedule,
    fit,
    open_dataset,
    preset,
)
from inklings.data import Split
from inklings.models import Model

Floats = NDArray[np.floating]
Figures = dict[str, tuple[float, float]]
"""Accuracy and mean cross-entropy of each way to classify."""
VIEWS = ((0, 0), (0, 1), (0, -1), (1, 0), (-1, 0))
"""Shifts of an image by so many rows and columns."""

SEED = 300
AUGMENTATION = Augmentation(shift=1.5, rotate=12, scale=0.12, shear=10, elastic=1.0, stroke=0.3)


def plan_of(name: str, shape: tuple[int, int, int], classes: int, facts: DataFacts) -> Plan:
    """Return a network: ``mlp`` with dropout, ``cnn``, five convolutions with augmentation, or the preset ``best``."""
    if name == "mlp":
        return preset("mlp", shape, classes, dropout=True).with_recipe(epochs=40)
    if name == "best":
        return preset("best", shape, classes, data=facts)
    layers: list[object] = []
    for width in (16, 16, 0, 32, 32, 0, 64):
        layers += [Conv2D(width, 3, "same", 1, "linear"), BatchNorm(), Activation("relu")] if width else [MaxPool2D(2)]
    network = Network(shape, (*layers, GlobalPool(), Dense(classes, "softmax")))
    recipe = Recipe("adamw", 5e-3, Schedule("cosine", final=1e-4), batch_size=64, epochs=30, augmentation=AUGMENTATION)
    return Plan("cnn", "", network, recipe)


@dataclass(frozen=True)
class Outputs:
    """What each member says of the images of a part, shape (members, views, n, classes)."""

    probabilities: Floats
    logits: Floats
    labels: NDArray[np.int64]


def train_members(plan: Plan, split: Split, members: int) -> tuple[Outputs, Outputs]:
    """Train the members, and let each classify the validation and the test images in every view."""
    outputs: tuple[list[Floats], list[Floats]] = ([], [])
    parts = split.validation, split.test
    for number in range(members):
        recipe = plan.recipe.with_settings(seed=split.seed + number)
        model = Model.from_fit(fit(plan.network, recipe, split, catch_signals=False), split)
        for own, part in zip(outputs, parts, strict=True):
            views = [shift(np.asarray(part.images), *by) for by in VIEWS]
            own.append(np.array([model.features_and_logits(view)[1] for view in views], np.float64))
    validation, test = (
        Outputs(softmax(np.array(own), axis=-1), np.array(own), part.labels)
        for own, part in zip(outputs, parts, strict=True)
    )
    return validation, test


def shift(images: Floats, rows: int, columns: int) -> Floats:
    """Return images moved by whole pixels, with paper where they came from."""
    moved = np.roll(images, (rows, columns), (1, 2))
    if rows:
        moved[:, 0 if rows > 0 else -1] = 0
    if columns:
        moved[:, :, 0 if columns > 0 else -1] = 0
    return moved


def measure(found: Outputs) -> Figures:
    """Return accuracy and mean cross-entropy of each way to classify; of a member alone, the mean over the members.

    The first member is what `inklings train` gives with the split's seed.
    """
    own, logits = found.probabilities, found.logits
    alone = [_score(each[0], found.labels) for each in own]
    viewed = [_score(each.mean(0), found.labels) for each in own]
    return {
        "a member": tuple(np.mean(alone, 0)),
        "the first member": alone[0],
        "a member, five views": tuple(np.mean(viewed, 0)),
        "mean of probabilities": _score(own[:, 0].mean(0), found.labels),
        "mean of logits": _score(softmax(logits[:, 0].mean(0), axis=-1), found.labels),
        "mean of probabilities, five views": _score(own.mean((0, 1)), found.labels),
    } | {f"{count} members": _score(own[:count, 0].mean(0), found.labels) for count in range(2, len(own))}


def _score(probabilities: Floats, labels: NDArray[np.int64]) -> tuple[float, float]:
    right = float((probabilities.argmax(1) == labels).mean())
    return right, float(log_loss(labels, probabilities, labels=range(probabilities.shape[1])))


def main() -> None:
    """Measure both networks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", type=int, default=4)
    parser.add_argument("--members", type=int, default=4)
    parser.add_argument("--networks", nargs="+", default=["mlp", "cnn"], choices=["mlp", "cnn", "best"])
    parser.add_argument("--first-seed", type=int, default=SEED, help="of the first split (%(default)s)")
    parser.add_argument("--step", type=int, default=100, help="from one split's seed to the next one's (%(default)s)")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="JSON lines of splits that are measured")
    asked, data = parser.parse_args(), open_dataset("digits")
    print("| network | images | classified by | accuracy | cross-entropy | better, worse than a member (splits) |")
    print("|---|---|---|---|---|---|", flush=True)
    for name in asked.networks:
        plan = plan_of(name, data.image_shape, data.class_count, DataFacts.of(data))
        splits = [data.split(seed=asked.first_seed + asked.step * number) for number in range(asked.splits)]
        found = [measure_or_recall(plan, split, asked.members, asked.keep) for split in splits]
        for place, kind in enumerate(("validation", "test")):
            print_rows(f"{name} | {kind}", [each[place] for each in found])


def measure_or_recall(plan: Plan, split: Split, members: int, kept: Path | None) -> list[Figures]:
    """Measure a split, unless a file has its figures."""
    if kept is None:
        return measure_split(plan, split, members)
    key = [plan.title, split.seed, members]
    for line in kept.read_text().splitlines() if kept.exists() else ():
        if (row := json.loads(line))["key"] == key:
            return row["found"]
    found = measure_split(plan, split, members)
    with kept.open("a") as file:
        file.write(json.dumps({"key": key, "found": found}) + "\n")
    return found


def measure_split(plan: Plan, split: Split, members: int) -> list[Figures]:
    """Measure on the validation and the test images of a split, and say so on the way."""
    found = [measure(part) for part in train_members(plan, split, members)]
    told = ", ".join(f"{way} {right:.2%}" for way, (right, _) in found[1].items())
    print(f"{plan.name}, split {split.seed}, test images: {told}", file=sys.stderr, flush=True)
    return found


def print_rows(begin: str, rows: list[Figures]) -> None:
    """Print means over the splits."""
    for way in rows[0]:
        accuracy, loss = np.mean([row[way] for row in rows], 0)
        against = [row[way][0] - row["a member"][0] for row in rows]
        counts = f"{sum(each > 0 for each in against)}, {sum(each < 0 for each in against)}"
        print(f"| {begin} | {way} | {accuracy:.2%} | {loss:.4f} | {counts} |", flush=True)


if __name__ == "__main__":
    main()
