"""What an opponent decides by, in ONNX's operators: pixels, histograms of gradients, activations of typical patches.

The same steps as :mod:`inklings.opponents.gradient_histograms` and :mod:`inklings.opponents.patch_features`, on images
with channels second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from inklings.opponents import gradient_histograms as gradients
from inklings.opponents import patch_features
from inklings.opponents.arrays import Arrays
from inklings.opponents.features import Histograms, Patches, Pixels
from inklings.opponents.frozen import Features

if TYPE_CHECKING:
    from inklings.export.graph import Graph

_CHANNELS_LAST = [0, 2, 3, 1]
FLOAT, DOUBLE = 1, 11  # ONNX's numbers for these types


def add_features(graph: Graph, features: Features, arrays: Arrays, shape: tuple[int, int, int]) -> None:
    """Turn images, channels second, into features, shape (n, features)."""
    match features:
        case Pixels():
            graph.add("Transpose", perm=_CHANNELS_LAST)
        case Histograms():
            _add_histograms(graph, features, shape)
        case Patches():
            _add_patches(graph, features, arrays, shape)
    graph.add("Flatten")


def _add_histograms(graph: Graph, features: Histograms, shape: tuple[int, int, int]) -> None:
    height, width, channels = shape
    # (n, channels, height, width) each.
    across, down = _differences(graph)
    lengths = graph.apply("Sqrt", graph.apply("Add", _square(graph, across), _square(graph, down)))
    if channels > 1:
        # (n, 1, height, width): of each pixel the channel with the longest gradient, as in gradient_histograms.
        steepest = graph.apply("ArgMax", lengths, axis=1)
        across, down, lengths = (
            graph.apply("GatherElements", each, steepest, axis=1) for each in (across, down, lengths)
        )
    angle = _angle(graph, across, down)
    directions = features.directions
    # In bins round the circle; (n, 1, height, width).
    place = graph.apply("Mul", angle, graph.hold("bins", np.float32(directions / (2 * np.pi))))
    # (directions, 1, 1): the centres of bins, which broadcast to (n, directions, height, width).
    bins = np.arange(directions, dtype=np.float32)[:, np.newaxis, np.newaxis] + np.float32(0.5)
    apart = graph.apply("Abs", graph.apply("Sub", place, graph.hold("directions", bins)))
    # Round the circle the other way may be nearer.
    other_way = graph.apply("Sub", graph.hold("circle", np.float32(directions)), apart)
    nearest = graph.apply("Min", apart, other_way)
    # 1 at a bin's centre and 0 at its neighbours': a vote is shared by the two nearest directions.
    share = graph.apply("Relu", graph.apply("Sub", graph.hold("one_bin", np.float32(1)), nearest))
    weighted = graph.apply("Mul", lengths, share)
    # (cells, height) @ (n, directions, height, width) @ (width, cells): votes are shared among the nearest cells.
    rows = graph.apply("MatMul", graph.hold("rows", gradients.shares(height, features.cells)), weighted)
    graph.apply("MatMul", rows, graph.hold("columns", gradients.shares(width, features.cells).T))
    graph.add("Transpose", perm=_CHANNELS_LAST)
    graph.add("Flatten")
    _add_blocks(graph, features)


def _differences(graph: Graph) -> tuple[str, str]:
    """Return the central differences across and down, of images with paper all around."""
    # ONNX names all beginnings before all ends: 1 above and left, 1 below and right.
    padded = graph.add("Pad", graph.hold("border", np.array([0, 0, 1, 1, 0, 0, 1, 1], np.int64)))
    axes = graph.hold("axes", np.array([2, 3], np.int64))
    # ONNX's way to say "to the end": an end beyond the axis is cut off.
    last = np.iinfo(np.int64).max

    def part(name: str, starts: tuple[int, int], ends: tuple[int, int]) -> str:
        begin, end = (
            graph.hold(f"{name}_{which}", np.array(each, np.int64)) for which, each in (("from", starts), ("to", ends))
        )
        return graph.apply("Slice", padded, begin, end, axes)

    # Height first, then width; a central difference leaves out the border that was padded on the other axis.
    across = graph.apply("Sub", part("right", (1, 2), (-1, last)), part("left", (1, 0), (-1, -2)))
    down = graph.apply("Sub", part("below", (2, 1), (last, -1)), part("above", (0, 1), (-2, -1)))
    return across, down


def _angle(graph: Graph, across: str, down: str) -> str:
    """Return the angle of a vector from 0 to 2 pi: ONNX has an arc tangent, but not one of two arguments."""
    zero = graph.hold("origin", np.float32(0))
    # From the eighth of the circle next to the axis, mirrored at the diagonal, at the upright and at the level.
    sizes = [graph.apply("Abs", each) for each in (across, down)]
    larger, smaller = graph.apply("Max", *sizes), graph.apply("Min", *sizes)
    # Of a blank place the angle does not matter: its length is 0.
    divisor = graph.apply("Max", larger, graph.hold("tiny", np.float32(np.finfo(np.float32).tiny)))
    angle = graph.apply("Atan", graph.apply("Div", smaller, divisor))
    # In this order: the eighth becomes a quarter, the quarter a half, the half the whole circle.
    for name, turn, turned in (
        ("quarter", np.pi / 2, graph.apply("Greater", sizes[1], sizes[0])),
        ("half", np.pi, graph.apply("Less", across, zero)),
        ("full", 2 * np.pi, graph.apply("Less", down, zero)),
    ):
        beyond = graph.apply("Sub", graph.hold(name, np.float32(turn)), angle)
        angle = graph.apply("Where", turned, beyond, angle)
    return angle


def _add_blocks(graph: Graph, features: Histograms) -> None:
    """Normalise blocks of 2 x 2 cells, of cells side by side, shape (n, cells * cells * directions)."""
    cells, block = features.cells, gradients.BLOCK
    # Where each value of a block stands among all cells', so that one Gather makes all blocks.
    places = np.arange(cells**2 * features.directions).reshape(cells, cells, features.directions)
    starts = range(cells - block + 1)
    blocks = np.stack(
        [places[row : row + block, column : column + block].ravel() for row in starts for column in starts]
    )
    graph.add("Gather", graph.hold("blocks", blocks), axis=1)
    _add_unit(graph)
    # L2-Hys: normalise, clip, normalise again.
    graph.add("Min", graph.hold("clipped_at", gradients.CLIPPED_AT))
    _add_unit(graph)


def _add_unit(graph: Graph) -> None:
    block = graph.value
    # (n, blocks, 1): ReduceSum keeps the axis.
    total = graph.apply("ReduceSum", _square(graph, block), graph.hold("within", np.array([2], np.int64)))
    faint = graph.apply("Add", total, graph.hold("faint", gradients.FAINT))
    graph.apply("Div", block, graph.apply("Sqrt", faint))


def _add_patches(graph: Graph, features: Patches, arrays: Arrays, shape: tuple[int, int, int]) -> None:
    height, width, channels = shape
    mean, whitening, dictionary = (arrays[name].astype(np.float32) for name in features.names)
    length, side = len(mean), features.side
    last = graph.hold("pixels_axis", np.array([-1], np.int64))
    # A convolution by kernels of a single one each cuts out all patches.
    # (length, channels, side, side): each kernel picks one number of a patch.
    cut = np.eye(length, dtype=np.float32).reshape(length, channels, side, side)
    graph.add("Conv", graph.hold("cut", cut))
    # (n, rows, columns, length), then one row for each patch.
    graph.add("Transpose", perm=_CHANNELS_LAST)
    # 0 keeps the first axis, the images; -1 is as many patches as there are.
    graph.add("Reshape", graph.hold("patches", np.array([0, -1, length], np.int64)))
    patches = graph.value
    centred = graph.apply("Sub", patches, graph.apply("ReduceMean", patches, last))
    variance = graph.apply("ReduceMean", _square(graph, centred), last)
    spread = graph.apply("Sqrt", graph.apply("Add", variance, graph.hold("faint", patch_features.FAINT)))
    graph.apply("Div", centred, spread)
    graph.add("Sub", graph.hold("patches/mean", mean))
    graph.add("MatMul", graph.hold("patches/whitening", whitening))
    # In double precision: a small distance is what is left of two large numbers.
    white, dictionary = graph.add("Cast", to=DOUBLE), dictionary.astype(np.float64)
    # |z - c|^2 = |z|^2 - 2 z c + |c|^2, as in patch_features.activations.
    products = graph.apply("MatMul", white, graph.hold("patches/dictionary", -2 * dictionary.T))
    squared = graph.apply("Add", graph.apply("ReduceSum", _square(graph, white), last), products)
    squared = graph.apply("Add", squared, graph.hold("patches/squares", (dictionary**2).sum(1)))
    distances = graph.apply("Sqrt", graph.apply("Max", squared, graph.hold("no_distance", np.float64(0))))
    distances = graph.apply("Cast", distances, to=FLOAT)
    # Nearer than the mean of all distances counts, by as much: Coates's "triangle" activation.
    near = graph.apply("Relu", graph.apply("Sub", graph.apply("ReduceMean", distances, last), distances))
    # (parts * parts, rows * columns) times (n, rows * columns, patches): sums over parts as a product.
    pool = _pooling((height - side + 1, width - side + 1), features.parts)
    graph.apply("MatMul", graph.hold("parts", pool), near)


def _pooling(size: tuple[int, int], parts: int) -> patch_features.Floats:
    """Return which patches belong to which part, shape (parts * parts, rows * columns)."""
    rows, columns = (
        np.stack([np.isin(np.arange(each), band) for band in np.array_split(np.arange(each), parts)]) for each in size
    )
    # (parts * parts, rows * columns): 1 where a patch lies in both the band of rows and that of columns.
    return np.kron(rows, columns).astype(np.float32)


def _square(graph: Graph, value: str) -> str:
    return graph.apply("Mul", value, value)
