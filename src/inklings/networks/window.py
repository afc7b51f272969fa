"""The windows of convolution and pooling: how many fit into an image, and how it is padded."""

from __future__ import annotations

from dataclasses import dataclass

from inklings.errors import NetworkError
from inklings.networks.initializer import Shape

Pair = tuple[int, int]


@dataclass(frozen=True)
class Window:
    """A window that slides over an image: size, stride and padding."""

    size: Pair
    stride: Pair
    padding: str

    def output_size(self, layer: str, shape: Shape) -> Pair:
        """Return how many windows fit vertically and horizontally; images smaller than a window are refused."""
        check_image(layer, shape)
        if self.padding == "same":
            # TensorFlow's rule: one window per stride, however little of the last one lies on the image.
            return -(-shape[0] // self.stride[0]), -(-shape[1] // self.stride[1])
        if shape[0] < self.size[0] or shape[1] < self.size[1]:
            raise NetworkError(
                f"{layer} with a window of {self.size[0]} x {self.size[1]} expects an image at least as large, "
                f"found {shape}",
                "use a smaller window or padding='same'",
            )
        # Windows that lie on the image as a whole; what is left over at the far end is under none.
        return (shape[0] - self.size[0]) // self.stride[0] + 1, (shape[1] - self.size[1]) // self.stride[1] + 1

    def border(self, shape: Shape) -> tuple[Pair, Pair]:
        """Return the padding: rows above and below, columns left and right; an odd one goes below or right."""
        return self._border(shape[0], 0), self._border(shape[1], 1)

    def _border(self, length: int, axis: int) -> Pair:
        if self.padding == "valid":
            return (0, 0)
        count = -(-length // self.stride[axis])  # rounded up, in whole numbers: a quotient would round large ones
        # Not below 0: where the stride is larger than the window, the pixels between two windows are under neither.
        total = max((count - 1) * self.stride[axis] + self.size[axis] - length, 0)
        return total // 2, total - total // 2


def as_pair(value: int | Pair) -> Pair:
    """Return one number as a pair for both directions, or the pair itself."""
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def in_short(pair: Pair) -> int | Pair:
    """Return one number for a pair of equal ones, else the pair."""
    return pair[0] if pair[0] == pair[1] else pair


def check_image(layer: str, shape: Shape) -> None:
    """Raise a NetworkError unless a shape is that of an image."""
    if len(shape) != 3:
        raise NetworkError(
            f"{layer} expects an image (height, width, channels), found {shape}", "put it before Flatten() and Dense"
        )
