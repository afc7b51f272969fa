"""Draw the pictures of docs/learn: ``python tools/docs/pictures.py [NAME ...]``, a minute or two for all of them.

Every picture is made by the functions that its page names; what is drawn here beside them is said in the page.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import matplotlib
import numpy as np
from numpy.typing import NDArray

matplotlib.use("agg")
import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from PIL import Image

import inklings
from inklings.engines.randomness import DropoutKey, dropout_mask, mask_keys
from inklings.evaluation.statistics import wilson_interval
from inklings.insight import layer_outputs
from inklings.report import plot_layer, plot_pooling, plot_sum, plot_weights
from inklings.training.plot import COLOURS

FOLDER = Path(__file__).parents[2] / "docs" / "pictures" / "learn"
DRAWERS: dict[str, Callable[[], Figure]] = {}
DIGITS = inklings.open_dataset("digits")
SPLIT = DIGITS.split()
BLUE, ORANGE = COLOURS[:2]


def drawer(draw: Callable[[], Figure]) -> Callable[[], Figure]:
    """Let a function be called by its name, which is that of its picture."""
    DRAWERS[draw.__name__.replace("_", "-")] = draw
    return draw


def train(layers: tuple[inklings.networks.Layer, ...], split: inklings.Split, **settings: object) -> inklings.FitResult:
    """Train a network of these layers on a split of the digits."""
    return inklings.fit(inklings.Network((20, 20, 1), layers), inklings.Recipe(**settings), split)


def dense_model(hidden: int = 25) -> inklings.Model:
    """Return a network of one hidden layer that reads digits."""
    layers = inklings.Flatten(), inklings.Dense(hidden, "relu"), inklings.Dense(10, "softmax")
    return inklings.Model.from_fit(train(layers, SPLIT, epochs=20, l2=5e-3), SPLIT)


def convolutional_model() -> inklings.Model:
    """Return a small convolutional network that reads digits."""
    conv = inklings.Conv2D(8, 5, activation="relu")
    layers = conv, inklings.MaxPool2D(2), inklings.Flatten(), inklings.Dense(10, "softmax")
    return inklings.Model.from_fit(train(layers, SPLIT, epochs=15), SPLIT)


def digit(name: str, number: int = 0) -> NDArray[np.float32]:
    """Return one of the test images of a digit."""
    rows = np.flatnonzero(SPLIT.test.labels == DIGITS.class_names.index(name))
    return SPLIT.test.images[rows[number]]


def strongest(model: inklings.Model, image: NDArray[np.float32], layer: str) -> tuple[int, ...]:
    """Return where a layer answers an image most strongly: (unit,), or (row, column, filter)."""
    outputs = layer_outputs(model, image)[layer][0]
    return tuple(map(int, np.unravel_index(outputs.argmax(), outputs.shape)))


@drawer
def layer_sum() -> Figure:
    """What one unit of a dense layer reads, its weights, their products, and the sum."""
    model = dense_model()
    figure, axes = plt.subplots(figsize=(7, 3.6))
    plot_sum(model, digit("3"), "dense_1", unit=strongest(model, digit("3"), "dense_1")[-1], ax=axes)
    return figure


@drawer
def layer_weights() -> Figure:
    """The weights of all 25 units."""
    figure, axes = plt.subplots(figsize=(4.5, 4.8))
    plot_weights(dense_model(), ax=axes)
    return figure


@drawer
def layer_answer() -> Figure:
    """An image, what the 25 units make of it, and the ten probabilities."""
    model, image = dense_model(), digit("3")
    outputs = layer_outputs(model, image)
    figure, (left, middle, right) = plt.subplots(
        1, 3, figsize=(8, 2.6), width_ratios=(1, 1.5, 1.5), layout="constrained"
    )
    left.imshow(image[..., 0], cmap="gray_r")
    left.set_title("400 pixels")
    left.set_axis_off()
    middle.bar(range(25), outputs["dense_1"][0], color=BLUE)
    middle.set_title("25 units: how much each fits")
    middle.set_xlabel("unit")
    right.bar(DIGITS.class_names, outputs["dense_2"][0] * 100, color=ORANGE)
    right.set_title("10 probabilities (%)")
    right.set_xlabel("digit")
    return figure


FEW = DIGITS.split(train=500)
WIDE = (inklings.Flatten(), inklings.Dense(200, "relu"), inklings.Dense(10, "softmax"))


@drawer
def over_fitting() -> Figure:
    """The curves of a network with too few images, and of the same with all of them."""
    figure, panels = plt.subplots(1, 2, figsize=(8, 3.2), sharey=True, layout="constrained")
    for axes, split in zip(panels, (FEW, SPLIT), strict=True):
        inklings.plot_curves(train(WIDE, split, epochs=100), axes)
        axes.set_title(f"{len(split.train):,} images to learn from")
        axes.set_ylim(0, 1)
    return figure


@drawer
def dropout_masks() -> Figure:
    """One digit, and what four steps of training see of it where a fifth of the pixels is dropped."""
    key = mask_keys(seed=0, layers=1)[0]
    figure, panels = plt.subplots(1, 5, figsize=(8, 1.9), layout="constrained")
    image = digit("5")
    panels[0].imshow(image[..., 0], cmap="gray_r", vmin=0, vmax=1.25)
    panels[0].set_title("the image")
    for step, axes in enumerate(panels[1:], 1):
        kept = dropout_mask(np, DropoutKey(key, np.array([step], np.uint32)), (1, 400), 0.2).reshape(20, 20)
        axes.imshow(np.where(kept, image[..., 0] / 0.8, np.nan), cmap="gray_r", vmin=0, vmax=1.25)
        axes.set_facecolor(ORANGE)
        axes.set_title(f"step {step}")
    for axes in panels:
        axes.set_xticks([])
        axes.set_yticks([])
    return figure


@drawer
def dropout_curves() -> Figure:
    """Two networks on 500 images, with dropout and without."""
    dropped = inklings.Flatten(), inklings.Dropout(0.2), WIDE[1], inklings.Dropout(0.5), WIDE[2]
    figure, axes = plt.subplots(figsize=(6, 3.4), layout="constrained")
    runs = {"without": train(WIDE, FEW, epochs=100), "with dropout": train(dropped, FEW, epochs=100)}
    inklings.plot_curves({title: run.history for title, run in runs.items()}, axes)
    axes.set_ylim(0, 1)
    return figure


@drawer
def convolution_sum() -> Figure:
    """Five by five pixels, one kernel, their products."""
    model, image = convolutional_model(), digit("5")
    row, column, unit = strongest(model, image, "conv2d_1")
    figure, axes = plt.subplots(figsize=(8, 3.2))
    plot_sum(model, image, "conv2d_1", unit, row, column, axes)
    return figure


@drawer
def convolution_weights() -> Figure:
    """The eight kernels."""
    figure, axes = plt.subplots(figsize=(4.5, 2.6))
    plot_weights(convolutional_model(), ax=axes)
    return figure


@drawer
def convolution_maps() -> Figure:
    """The eight maps of an image."""
    figure, axes = plt.subplots(figsize=(6, 3.4))
    plot_layer(convolutional_model(), digit("5"), "conv2d_1", axes)
    return figure


@drawer
def pooling() -> Figure:
    """What pooling keeps of one map."""
    figure, axes = plt.subplots(figsize=(5, 4.6))
    plot_pooling(convolutional_model(), digit("5"), "maxpool2d_1", channel=1, ax=axes)
    return figure


@drawer
def repeats() -> Figure:
    """Two networks on ten splits: each pair of dots is one split."""
    contenders = [
        inklings.preset("mlp", (20, 20, 1), 10, hidden_units=units).with_recipe(epochs=30) for units in (50, 100)
    ]
    compared = inklings.compare(contenders, DIGITS, repeats=10)
    first, second = ([100 * result.test for result in compared.results_of(title)] for title in compared.titles)
    figure, axes = plt.subplots(figsize=(6.5, 3.2), layout="constrained")
    for repeat, pair in enumerate(zip(first, second, strict=True), 1):
        axes.plot([repeat, repeat], pair, color="0.8", zorder=1)
    for values, colour, units in ((first, BLUE, 50), (second, ORANGE, 100)):
        axes.scatter(range(1, 11), values, color=colour, label=f"{units} hidden units", zorder=2)
    axes.set_xticks(range(1, 11))
    axes.set_xlabel("split")
    axes.set_ylabel("test accuracy (%)")
    axes.legend()
    print("\n".join(compared.sentences), f"\n{first}\n{second}")
    return figure


@drawer
def interval() -> Figure:
    """Forty tests of a network that is right in 95 of 100 cases, each of 200 images, with their intervals."""
    random = np.random.default_rng(4)
    figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
    missed = 0
    for test, right in enumerate(random.binomial(200, 0.95, size=40)):
        low, high = wilson_interval(int(right), 200)
        misses = not low <= 0.95 <= high
        missed += misses
        colour = ORANGE if misses else BLUE
        axes.plot([test, test], [100 * low, 100 * high], color=colour, linewidth=2)
        axes.scatter(test, right / 2, color=colour, s=16, zorder=3)
    axes.axhline(95, color="0.4", linewidth=1, linestyle="--")
    axes.set_xlabel("test")
    axes.set_ylabel("accuracy (%)")
    print(f"{missed} of 40 intervals miss 95 %")
    return figure


@drawer
def interval_width() -> Figure:
    """How wide the interval around 95 % is, by the number of test images."""
    counts = np.unique(20 * np.geomspace(1, 1000, 60).astype(int))  # of which 95 % is a whole number
    bounds = np.array([wilson_interval(count * 19 // 20, int(count)) for count in counts]) * 100
    figure, axes = plt.subplots(figsize=(6, 3), layout="constrained")
    axes.fill_between(counts, *bounds.T, color=BLUE, alpha=0.25)
    axes.axhline(95, color=BLUE)
    axes.set_xscale("log")
    axes.set_xlabel("test images")
    axes.set_ylabel("accuracy (%)")
    return figure


def save(name: str) -> None:
    """Draw a picture and keep it small: 256 colours are more than it has."""
    figure = DRAWERS[name]()
    path = FOLDER / f"{name}.png"
    figure.savefig(path, dpi=130, bbox_inches="tight", facecolor="white")
    plt.close(figure)
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(128)
    small.save(path, optimize=True)
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for each in sys.argv[1:] or DRAWERS:
        save(each)
