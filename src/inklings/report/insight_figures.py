"""The figures of what a network sees: each with the name of its file, its title and its caption."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from inklings.data.dataset import Dataset
from inklings.data.gallery import to_bytes
from inklings.insight.exciting import silent_units
from inklings.insight.members import Images, layer_outputs, members_of
from inklings.models.model import Model
from inklings.networks import Activation, Conv2D, Dense, MaxPool2D, Network
from inklings.report.arithmetic_axes import plot_pooling, plot_sum
from inklings.report.figures import make_panels
from inklings.report.insight_axes import plot_classes, plot_exciting, plot_explanation, plot_layer, plot_weights
from inklings.report.insight_captions import (
    POOLING,
    caption_of_classes,
    caption_of_exciting,
    caption_of_layers,
    caption_of_sum,
    caption_of_weights,
    caption_of_why,
)
from inklings.report.insight_drawing import FOR, picture_axes, show
from inklings.reprs import short_repr

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_KINDS = ("saliency", "integrated", "occlusion")
# Enough to find what excites a unit, and to see how classes lie; more take longer and show the same.
_MOST_EXAMPLES = 1000
_UNITS = 8


@short_repr
@dataclass(frozen=True, eq=False, repr=False)
class Subject:
    """One image to look at.

    Parameters
    ----------
    image : array, (height, width, channels)
        Prepared.
    name : str
        What it is called in captions.
    label : int, optional
        Its class, where that is known.
    target : int, optional
        The class to explain; the most probable one if not given.

    Examples
    --------
    >>> import inklings
    >>> from inklings.networks import initial_parameters
    >>> from inklings.report import Subject
    >>> layers = inklings.Conv2D(8, 5), inklings.MaxPool2D(2), inklings.Flatten(), inklings.Dense(10, "softmax")
    >>> network, digits = inklings.Network((20, 20, 1), layers), inklings.open_dataset("digits")
    >>> model = inklings.Model(network, initial_parameters(network, seed=0), digits.class_names)
    >>> images = digits.images[::100]
    >>> Subject(images[0], "the first image", label=0).name
    'the first image'
    """

    image: Images
    name: str
    label: int | None = None
    target: int | None = None


Drawn = tuple[str, str, str, "Figure"]
"""The file's name, the title, the caption, and the figure."""


def draw_insight(model: Model, subject: Subject | None, examples: Dataset | None) -> Iterator[Drawn]:
    """Yield the figures that the model, the image and the examples allow, one by one."""
    # The first member of an ensemble: the pictures are of one network's layers.
    network = members_of(model)[0].network
    figure, (axes,) = make_panels(1, 1, size=(8, 5))
    plot_weights(model, ax=axes)
    yield "weights", "What the first layer looks for", caption_of_weights(network, len(members_of(model))), figure
    if subject is not None:
        yield _why(model, subject)
        yield _layers(model, network, subject)
        yield _sum(model, network, subject)
        pools = [name for name, layer in _layers_of(network) if isinstance(layer, MaxPool2D)]
        if pools:
            yield _pooling(model, network, pools[0], subject)
    if examples is not None and len(examples) > 2:
        # Evenly spread: a file may be sorted by class, whose first thousand would be of few.
        some = examples.take(np.linspace(0, len(examples) - 1, min(len(examples), _MOST_EXAMPLES)).astype(np.int64))
        yield _exciting(model, network, np.asarray(some.images))
        figure, (axes,) = make_panels(1, 1, size=(8, 6.4))
        plot_classes(model, np.asarray(some.images), some.labels, axes)
        yield "classes", "How the classes lie", caption_of_classes(network), figure


def _why(model: Model, subject: Subject) -> Drawn:
    """Draw the image, its probabilities, and three maps for each of two classes."""
    chances = model.predict_proba(subject.image[np.newaxis], prepared=True)[0]
    # Most probable first; stable, so that equal ones stay in order.
    order = np.argsort(-chances, kind="stable")
    first = int(order[0]) if subject.target is None else subject.target
    # The true class if another is explained; else the likeliest of the others: why this and not the one nearly taken.
    other = subject.label if subject.label not in (None, first) else int(next(each for each in order if each != first))
    figure, panels = make_panels(2, 4, size=(8, 5.1))
    show(picture_axes(panels[0]), to_bytes(subject.image) / 255)
    panels[0].set_title("the network's input", fontsize=9)
    _draw_chances(panels[4], model, chances, order[:5])
    # Panels are numbered row by row: 0 and 4 are the left column, 1 to 3 and 5 to 7 the maps of both classes.
    for start, target in ((1, first), (5, int(other or 0))):
        for place, kind in enumerate(_KINDS):
            plot_explanation(model, subject.image, kind, target, panels[start + place])
            # On two lines, and cut off: names of classes may be long.
            panels[start + place].set_title(f"{kind}\nfor {_shorten(model.class_names[target], 20)}", fontsize=9)
    caption = caption_of_why(model.class_names, subject.name, subject.label, chances, first, int(other or 0))
    return "why", "Why this answer", caption, figure


def _draw_chances(axes: Axes, model: Model, chances: NDArray[np.floating], order: NDArray[np.int64]) -> None:
    axes.barh(range(len(order)), 100 * chances[order], color=FOR)
    axes.set_yticks(range(len(order)), [_shorten(model.class_names[number], 12) for number in order])
    axes.set_xlim(0, 100)
    axes.invert_yaxis()
    axes.set_title("probability (%)", fontsize=9)


def _layers(model: Model, network: Network, subject: Subject) -> Drawn:
    """Draw what the layers make of an image, one after the other, but for those that only rearrange or rescale it."""
    names = [name for name, layer in _layers_of(network)[:-1] if _is_worth_seeing(layer)]
    # Six at most, the last among them: the answer is made from it.
    shown = [*names[:5], names[-1]] if len(names) > 6 else names
    across = min(4, len(shown) + 2)
    down = -(-(len(shown) + 2) // across)  # rounded up
    figure, panels = make_panels(down, across, size=(8, 2.2 * down + 0.9))
    show(picture_axes(panels[0]), to_bytes(subject.image) / 255)
    panels[0].set_title("input")
    for name, axes in zip(shown, panels[1:], strict=False):
        plot_layer(model, subject.image, name, axes)
    outputs = layer_outputs(model, subject.image)[network.names[-1]][0]
    # After the input and the layers; it takes what is left of its row.
    place = len(shown) + 1
    answer, *unused = panels[place:]
    for axes in unused:
        axes.remove()
    if grid := answer.get_gridspec():
        answer.set_subplotspec(grid[place // across, place % across :])
    _draw_chances(answer, model, outputs, np.arange(len(outputs))[:20])
    answer.set_title(f"{network.names[-1]}: the answer (%)")
    for axes in panels[: place + 1]:
        axes.title.set_fontsize(8)
        axes.tick_params(labelsize=7)
    return "layers", "Through the layers", caption_of_layers(network, subject.name), figure


def _is_worth_seeing(layer: object) -> bool:
    """Whether a layer does more than rearrange or rescale; a convolution is seen behind its activation."""
    seen = isinstance(layer, MaxPool2D | Activation | Dense)
    return seen or (isinstance(layer, Conv2D) and layer.activation != "linear")


def _sum(model: Model, network: Network, subject: Subject) -> Drawn:
    """Draw the sum behind the largest output of the first layer with weights."""
    name, layer = next(each for each in _layers_of(network) if isinstance(each[1], Conv2D | Dense))
    values = layer_outputs(model, subject.image)[name][0]
    # (height, width, filters), or (units,): the last three of (0, 0, *place) are row, column and unit of either.
    row, column, unit = (0, 0, *map(int, np.unravel_index(np.argmax(values), values.shape)))[-3:]
    channels = network.input_shape[2] if isinstance(layer, Conv2D) else 1
    figure, (axes,) = make_panels(1, 1, size=(8, 1.9 + 2 * channels))
    plot_sum(model, subject.image, name, unit, row, column, axes)
    return "sum", "One number, and what it is made of", caption_of_sum(layer), figure


def _pooling(model: Model, network: Network, name: str, subject: Subject) -> Drawn:
    values = layer_outputs(model, subject.image)
    after = values[name][0]
    # The map with the largest number: an empty one shows nothing of pooling.
    channel = int(np.unravel_index(np.argmax(after), after.shape)[-1])
    figure, (before, kept) = make_panels(1, 2, size=(8, 4.8))
    plot_pooling(model, subject.image, name, channel, before)
    show(picture_axes(kept), after[..., channel], scale=float(np.abs(after[..., channel]).max()))
    kept.set_title("what is left of it")
    return "pooling", "What pooling keeps", POOLING, figure


def _exciting(model: Model, network: Network, images: Images) -> Drawn:
    """Draw what excites units of the first and of the last convolution, or of the first dense layer."""
    maps = [name for name, layer in _layers_of(network) if isinstance(layer, Conv2D)]
    dense = [name for name, layer in _layers_of(network) if isinstance(layer, Dense)]
    # A network with one convolution has it once.
    names = list(dict.fromkeys([maps[0], maps[-1]])) if maps else dense[:1]
    figure, panels = make_panels(1, len(names), size=(8, 5.2 if len(names) > 1 else 7.5))
    silent = 0
    for name, axes in zip(names, panels, strict=True):
        units = layer_outputs(model, images[:1])[name].shape[-1]
        dead = silent_units(model, images, name)
        alive = np.setdiff1d(np.arange(units), dead)  # one that answers the same to every image is excited by none
        silent += len(dead) if name == names[0] and len(alive) else 0
        plot_exciting(model, images, name, alive[:_UNITS] if len(alive) else np.arange(min(units, _UNITS)), axes)
    caption = caption_of_exciting(names, is_filter=bool(maps), silent=silent, images=len(images))
    return "exciting", "What excites them most", caption, figure


def _shorten(name: str, length: int) -> str:
    """Return a name, cut off where it is longer."""
    return name if len(name) <= length else name[: length - 1] + "…"


def _layers_of(network: Network) -> list[tuple[str, object]]:
    return list(zip(network.names, network.layers, strict=True))
