"""What an exported network is given: raw pixels as the training data held them, and how they become its input."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from inklings.data.interpretation import Interpretation
from inklings.data.pixels import GREY
from inklings.data.unit_length import CLOSE, IMAGE
from inklings.errors import DataError
from inklings.models import Model
from inklings.models.preparation import WHOLE

if TYPE_CHECKING:
    from inklings.export.graph import Graph

PICTURES, RAW, PREPARED = "pictures", "raw", "prepared"
INPUTS = (PICTURES, RAW, PREPARED)
"""Pictures as they are, pixels as the training data held them, or what the network itself reads."""

_CHANNELS_SECOND, _TRANSPOSED = [0, 3, 1, 2], [0, 3, 2, 1]
# Pillow's bicubic filter: a = -0.5 where ONNX's default is -0.75, widened when shrinking, cut off at the border.
_RESIZE = {"mode": "cubic", "cubic_coeff_a": -0.5, "antialias": 1, "exclude_outside": 1}


def choose_input(model: Model, asked: str | None = None) -> str:
    """Return what an exported model is given; a DataError if it does not know how to take what is asked for."""
    known, whole = model.interpretation, model.preprocessing.get("kind") == WHOLE
    if asked is not None and asked not in INPUTS:
        raise DataError(f"is '{asked}', expected one of: {', '.join(INPUTS)}", setting="input", found=asked)
    if asked == PICTURES and not whole:
        raise DataError("cannot be pictures: other programs do not find the ink in them", setting="input")
    if asked == RAW and known is None:
        raise DataError("cannot be raw: how its training images came from raw pixels was not kept", setting="input")
    if asked is not None:
        return asked
    # Arrays of 0 to 1 are taken as pixels are: whoever has them would have to make pictures of them first.
    of_arrays = known is not None and (known.pictures is False or (known.paper, known.ink) != (0, 1))
    if whole and not of_arrays:
        return PICTURES
    return RAW if known is not None else PREPARED


def raw_shape(known: Interpretation, shape: tuple[int, int, int]) -> tuple[int | None, int | None, int]:
    """Return height, width and channels of raw images; None where training resized from a size that was not kept."""
    height, width, channels = shape
    if known.greyscale:
        channels = 3
    if known.size is not None:
        return None, None, channels
    return (width, height, channels) if known.transposed else (height, width, channels)


def describe_input(kind: str, known: Interpretation | None) -> str:
    """Say in one sentence what pixels are expected."""
    if kind == PICTURES:
        return "red, green and blue, 0 to 255, of any size"
    if kind == PREPARED or known is None:
        return "paper 0 and ink 1, upright, of the network's size"
    told = f"raw pixels as the training data held them: {known.lowest:g} to {known.highest:g}"
    told += ", dark on light" if known.inverted else ""
    return told + (", columns before rows" if known.transposed else "")


def describe_prepare(model: Model) -> str:
    """Say in one sentence what a script's ``prepare`` takes: of a model of whole pictures, not these as they are."""
    known = model.interpretation
    told = describe_input(RAW, known)
    if choose_input(model) != PICTURES:
        return told
    height, width, channels = model.input_shape if known is None else raw_shape(known, model.input_shape)
    size = "of any size" if height is None else f"of {height} x {width}"
    values = "grey" if channels == 1 else "red, green and blue"
    dark = ", dark on light" if known is not None and known.inverted else ""
    return f"{values} values of 0 to 1{dark}, {size}: pictures of 0 to 255 are to be made so first"


def add_raw_input(graph: Graph, known: Interpretation, size: tuple[int, int]) -> None:
    """Do in a graph what :meth:`Interpretation.apply` does; leaves channels second."""
    if known.signed_bytes:
        raw = graph.value
        # Bytes that were read as signed: -1 is 255, as in Interpretation.
        negative = graph.add("Less", graph.hold("nothing", np.float32(0)))
        wrapped = graph.apply("Add", raw, graph.hold("wrap", np.float32(256)))
        graph.apply("Where", negative, wrapped, raw)
    if known.clipped:
        ends = (graph.hold(name, np.float32(value)) for name, value in (("least", known.paper), ("most", known.ink)))
        graph.add("Clip", *ends)
    # Subtracting 0 and dividing by 1 would be nodes that do nothing.
    if known.paper != 0:
        graph.add("Sub", graph.hold("paper", np.float32(known.paper)))
    if known.ink - known.paper != 1:
        graph.add("Div", graph.hold("range", np.float32(known.ink - known.paper)))
    if known.unit == IMAGE:
        scaled = graph.value
        highest = graph.apply("ReduceMax", scaled, graph.hold("all_axes", np.array([1, 2, 3], np.int64)))
        filled = graph.apply("Greater", highest, graph.hold("blank", np.float32(CLOSE)))
        # Where computes both branches: a blank image must not be divided by 0.
        divisor = graph.apply("Where", filled, highest, graph.hold("undivided", np.float32(1)))
        graph.apply("Div", scaled, divisor)
    if known.greyscale:
        # (n, height, width, 3) times (3, 1).
        graph.add("MatMul", graph.hold("grey", GREY[:, np.newaxis]))
    if known.inverted:
        graph.apply("Sub", graph.hold("one", np.float32(1)), graph.value)
    graph.add("Transpose", perm=_TRANSPOSED if known.transposed else _CHANNELS_SECOND)
    if known.size is not None:
        add_resize(graph, size)


def add_resize(graph: Graph, size: tuple[int, int]) -> None:
    """Resize by Pillow's bicubic filter: https://onnx.ai/onnx/operators/onnx__Resize.html."""
    images = graph.value
    # (n, channels), of the Shape of (n, channels, height, width).
    kept = graph.apply("Shape", images, start=0, end=2)
    # The sizes of all four axes, though two stay: ONNX Runtime moves a Transpose across a Resize, as in front of dense
    # layers, and then takes two sizes for those of four axes, and refuses the graph.
    sizes = graph.apply("Concat", kept, graph.hold("size", np.array(size, np.int64)), axis=0)
    # Pixels are squares whose centres are resized ("half_pixel"), as Pillow has it.
    graph.apply("Resize", images, "", "", sizes, coordinate_transformation_mode="half_pixel", **_RESIZE)


def prepare_lines(model: Model) -> list[str]:
    """Write the body of a script's ``prepare``: NumPy's arithmetic from raw pixels to the network's input."""
    known, shape = model.interpretation or Interpretation(), model.input_shape
    height, width, channels = raw_shape(known, shape)
    shaped = f"*images.shape[:3], {channels}" if height is None else f"len(images), {height}, {width}, {channels}"
    # Nothing to be done: an interpretation that says only what the values look like changes none.
    if known == replace(Interpretation(), lowest=known.lowest, highest=known.highest, border=known.border):
        return [f"return np.asarray(images, np.float32).reshape({shaped})"]
    lines = [f"images = np.asarray(images, np.float64).reshape({shaped})"]
    if known.signed_bytes:
        lines.append("images = np.mod(images, 256)")
    if known.clipped:
        lines.append(f"images = np.clip(images, {known.paper!r}, {known.ink!r})")
    if (known.paper, known.ink) != (0, 1):
        lines.append(f"images = (images - {known.paper!r}) / {known.ink - known.paper!r}")
    if known.unit == IMAGE:
        lines.append("highest = images.max(axis=(1, 2, 3), keepdims=True)")
        lines.append(f"images = images / np.where(highest > {CLOSE}, highest, 1)  # training images had length 1")
    if known.greyscale:
        lines.append(f"images = images @ np.array([[{'], ['.join(f'{each:.3g}' for each in GREY)}]])  # to grey")
    if known.inverted:
        lines.append("images = 1 - images")
    if known.transposed:
        lines.append("images = images.swapaxes(1, 2)")
    if known.size is not None:
        lines += _resize_lines(known.size)
    return [*lines, "return np.ascontiguousarray(images, np.float32)"]


def _resize_lines(size: tuple[int, int]) -> list[str]:
    height, width = size
    return [
        "from PIL import Image  # training resized by its bicubic filter",
        "planes = np.moveaxis(images, 3, 1).astype(np.float32).reshape(-1, *images.shape[1:3])",
        f"planes = [Image.fromarray(plane).resize(({width}, {height}), Image.Resampling.BICUBIC) for plane in planes]",
        f"images = np.stack(planes).reshape(len(images), -1, {height}, {width}).transpose(0, 2, 3, 1)",
    ]
