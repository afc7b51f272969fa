"""What pictures of a network show, in words for someone who sees such a picture for the first time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from inklings.networks import Conv2D, Dense, GlobalPool, MaxPool2D, Network
from inklings.reprs import percent

POOLING = (
    "Left, one map as the pooling layer finds it. Of each window it keeps the largest number alone, the one with the "
    "ring (no ring: there is nothing but 0). Right, what is left. It matters less from here on where exactly a "
    "stroke was; that it was there is kept."
)


def caption_of_weights(network: Network, members: int) -> str:
    """Say what the first layer's weights look like."""
    several = f"These are of the first of {members} networks that answer together. " if members > 1 else ""
    # The same layer as `plot_weights` draws by default.
    layer = next(each for each in network.layers if isinstance(each, Conv2D | Dense))
    colour = network.input_shape[2] == 3
    if isinstance(layer, Conv2D):
        size = " x ".join(map(str, layer.window.size))
        what = f"Each square is a filter of {size} pixels that is laid on every place of the image. "
    elif layer is network.layers[-1] or layer.units == network.output_count:
        # As many units as classes: no hidden layer, even where softmax follows as a layer of its own.
        what = "There is no hidden layer: each square belongs to one class. "
    else:
        what = "Each square is a hidden unit, which looks at the whole image at once. "
    what = several + what
    if colour:
        return (
            what
            + "Grey counts nothing. A colour means that this colour there makes its number larger, and its opposite "
            "smaller. All squares have one scale, so a square that is all grey does little."
        )
    return (
        what + "Red: ink here makes its number larger. Blue: ink here makes it smaller. Pale: it doesn't matter. All "
        "squares have one scale, so a square that is pale all over does little."
    )


def caption_of_why(
    names: Sequence[str], name: str, label: int | None, chances: NDArray[Any], first: int, other: int
) -> str:
    """Say what the maps of two classes show."""
    answer = int(chances.argmax())
    right = "" if label is None else f", which is {'right' if label == answer else f'wrong: it is {names[label]}'}"
    return (
        f"{name} is {names[answer]} to the network, with a probability of {percent(chances[answer])}{right}. "
        f"Above, for {names[first]}; below, for {names[other]}. Red speaks for it, blue against it. Saliency, always "
        "red: where a little more or less ink would change the score most, in whichever direction. Integrated: what "
        "each pixel adds to the score, beside an empty image; together, that is how far the score is above an empty "
        "image's. Occlusion: what the score falls by when that part is covered. Each map has its own scale."
    )


def caption_of_layers(network: Network, name: str) -> str:
    """Say what layers make of an image."""
    if not _has_hidden(network):
        seen = "This network has no hidden layer: the answer is made from the pixels themselves. "
    elif any(isinstance(layer, Conv2D) for layer in network.layers):
        seen = (
            "A convolution makes a map for each of its filters: dark where the image looks like what the filter looks "
            "for. Each layer works with what the one before it found. "
        )
    else:
        seen = (
            "Each square is the number of one hidden unit: dark where it answers strongly. Each layer works with what "
            "the one before it found. "
        )
    return (
        f"{name} on its way through the network. {seen}At the end there is one number for each class, and the largest "
        "is the answer."
    )


def caption_of_classes(network: Network) -> str:
    """Say by what the images of the classes are placed."""
    if _has_hidden(network):
        placed = (
            "placed by what the last hidden layer says of it. That layer says many numbers; here they are laid flat, "
        )
    else:
        placed = "placed by its pixels, since the network has no hidden layer. They are many; here they are laid flat, "
    return (
        f"Every dot is an image, {placed}in the two directions in which the images differ most. Classes that lie apart "
        "are easy for the network; where two overlap, it takes one for the other, or tells them apart in a direction "
        "that this picture doesn't have."
    )


def _has_hidden(network: Network) -> bool:
    """Whether anything but the answer is computed from an image."""
    computing = [layer for layer in network.layers if isinstance(layer, Conv2D | Dense | MaxPool2D | GlobalPool)]
    return len(computing) > 1


def caption_of_sum(layer: object) -> str:
    """Say what a sum of products is."""
    what = "a filter at one place" if isinstance(layer, Conv2D) else "one unit"
    return (
        f"All that a network does is this, many times: what {what} reads, times its weights, number by number, all "
        "of it added up, and a bias. Where ink meets a red weight the sum grows, where it meets a blue one it "
        "shrinks. The largest such sum of the first layer is shown."
    )


def caption_of_exciting(layers: Sequence[str], *, is_filter: bool, silent: int, images: int) -> str:
    """Say what excites units."""
    unit = "filter" if is_filter else "unit"
    what = "the parts of images that excite it" if is_filter else "the images that excite it"
    deep = (
        f" Left, {layers[0]} sees small pieces; right, {layers[1]} sees more of the image and answers to shapes."
        if len(layers) > 1
        else ""
    )
    says, are = ("says", "is") if silent == 1 else ("say", "are")
    dead = f" {silent} of {layers[0]} {says} the same of every image, and {are} left out." if silent else ""
    return f"Each row is one {unit}, with {what} most, of {images:,} images, the strongest first.{deep}{dead}"
