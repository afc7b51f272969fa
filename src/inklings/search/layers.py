"""Layers of which some things are searched: a network's layers as in a file, with values to choose from.

Any value of a layer may be a list or a range. Besides, a layer has ``on`` (whether it is there), and several layers
are a block that is there ``repeat`` times::

    [[layers]]
    repeat = [1, 2, 3]
    [[layers.block]]
    layer = "Conv2D"
    filters = [16, 32]
    kernel_size = "$kernel_size"       # the value of kernel_size at the top of the file
    [[layers.block]]
    layer = "BatchNorm"
    on = [true, false]

The dimensions are named by the layer, numbered within its kind, and the setting: ``conv2d_1.filters``,
``batchnorm_1.on``, ``block_1.repeat``. What begins with ``$`` has the name of what it stands for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inklings.errors import NetworkError
from inklings.networks.layers import LAYERS
from inklings.search.dimensions import Choice, Dimension, Range, read_dimension
from inklings.serialise import did_you_mean

ON, REPEAT, BLOCK, LAYER = "on", "repeat", "block", "layer"
MOST_LAYERS = 1000
_PAIRS = ("weights", "biases")  # tables in a network's file too: no ranges


@dataclass(frozen=True)
class LayerSpace:
    """A layer, or a block of layers.

    Parameters
    ----------
    name : str
        ``conv2d_1``, ``block_1``.
    fixed : mapping
        What is not searched: the kind of ``layer`` and its settings.
    searched : mapping of str to str
        Settings, ``on`` and ``repeat``, and the dimensions that they are.
    block : tuple of LayerSpace
        The layers of a block; empty for a layer.
    """

    name: str
    fixed: Mapping[str, Any]
    searched: Mapping[str, str]
    block: tuple[LayerSpace, ...] = ()

    def times(self, settings: Mapping[str, Any]) -> int:
        """Return how often it is there under some settings."""
        # Later entries win: by itself a layer is there once; a file may fix that, and a configuration decides what is
        # searched.
        found = {ON: True, REPEAT: 1, **self.fixed}
        found |= {key: settings[name] for key, name in self.searched.items() if name in settings}
        return int(found[REPEAT]) if found[ON] else 0

    def build(self, settings: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the layers, as a network's file has them, under some settings."""
        if self.block:
            once = [layer for each in self.block for layer in each.build(settings)]
        else:
            chosen = {key: settings[name] for key, name in self.searched.items() if name in settings}
            once = [{key: value for key, value in {**self.fixed, **chosen}.items() if key not in (ON, REPEAT)}]
        return once * self.times(settings)

    def named(self) -> Iterator[str]:
        """Yield all its dimensions."""
        yield from self.searched.values()
        for each in self.block:
            yield from each.named()

    def gates(self, dimensions: Mapping[str, Dimension]) -> Iterator[str]:
        """Yield the dimensions that decide whether a layer is there at all, in the order in which they matter."""
        if ON in self.searched:
            yield self.searched[ON]
        inner = [gate for each in self.block for gate in each.gates(dimensions)]
        repeat = self.searched.get(REPEAT)
        if repeat is None:
            yield from inner
            return
        # None of its layers matters if it is there 0 times; else how often matters only if one of its layers is on.
        may_be_none = min(dimensions[repeat].ends) < 1
        yield from [repeat, *inner] if may_be_none else [*inner, repeat]

    def relevant(self, settings: Mapping[str, Any]) -> Iterator[str]:
        """Yield the dimensions that have an effect under settings in which those drawn before are known."""
        if ON in self.searched:
            yield self.searched[ON]
        if REPEAT in self.searched and self._may_be_there(settings):
            yield self.searched[REPEAT]
        if self.times(settings):
            yield from (name for key, name in self.searched.items() if key not in (ON, REPEAT))
            for each in self.block:
                yield from each.relevant(settings)

    def _may_be_there(self, settings: Mapping[str, Any]) -> bool:
        """Return whether it comes to a layer once; a block whose layers are all off is nothing however often."""
        is_on = settings.get(self.searched.get(ON, ""), self.fixed.get(ON, True))
        return bool(is_on) and (not self.block or any(each._may_be_there(settings) for each in self.block))


def read_layers(rows: Any, shared: Mapping[str, Any]) -> tuple[tuple[LayerSpace, ...], dict[str, Dimension], set[str]]:  # noqa: ANN401
    """Read the layers of a space file.

    Parameters
    ----------
    rows : list of mappings
        Whatever the file held.
    shared : mapping
        The values at the top of the file, which ``"$name"`` stands for.

    Returns
    -------
    layers : tuple of LayerSpace
    dimensions : dict of str to Dimension
        Those of the layers themselves.
    used : set of str
        Which shared values the layers name.

    Raises
    ------
    NetworkError
        A row is no layer and no block, a kind is unknown, or a shared value is not there.
    """
    reader = _Reader(shared)
    if not isinstance(rows, list | tuple) or not rows:
        raise NetworkError(f"the layers are {rows!r}, expected a list with at least one layer", found=rows)
    layers = reader.read_all(rows)
    # Blocks within blocks multiply: three that are there a thousand times each would fill any memory.
    if (most := sum(map(reader.largest_count, layers))) > MOST_LAYERS:
        raise NetworkError(f"the space has networks of {most:,} layers, expected at most {MOST_LAYERS:,}", found=most)
    return layers, reader.dimensions, reader.used


class _Reader:
    """Numbers the layers and collects their dimensions."""

    def __init__(self, shared: Mapping[str, Any]) -> None:
        self.shared, self.dimensions, self.used = shared, dict[str, Dimension](), set[str]()
        self._counts: dict[str, int] = {}

    def read_all(self, rows: Sequence[Any]) -> tuple[LayerSpace, ...]:
        return tuple(self._read(row) for row in rows)

    def largest_count(self, layer: LayerSpace) -> int:
        """Return how many layers a layer or block is at most."""
        times = max(_values(layer.fixed.get(REPEAT, 1), self.dimensions.get(layer.searched.get(REPEAT, ""))))
        return int(times) * (sum(map(self.largest_count, layer.block)) if layer.block else 1)

    def _read(self, row: Any) -> LayerSpace:  # noqa: ANN401
        if not isinstance(row, Mapping) or (LAYER in row) == (BLOCK in row):
            raise NetworkError(f"a layer is {row!r:.80}, expected a table with either 'layer' or 'block'", found=row)
        if BLOCK in row:
            for key in row:
                if key not in (BLOCK, ON, REPEAT):
                    raise NetworkError(f"a block has the unknown key '{key}'", did_you_mean(key, (BLOCK, ON, REPEAT)))
            if not isinstance(row[BLOCK], list) or not row[BLOCK]:
                raise NetworkError(f"a block is {row[BLOCK]!r:.80}, expected a list of layers", found=row[BLOCK])
            name = self._number(BLOCK)
            fixed, searched = self._settings(name, {key: row[key] for key in row if key != BLOCK})
            return LayerSpace(name, fixed, searched, self.read_all(row[BLOCK]))
        kind = row[LAYER]
        if not isinstance(kind, str) or kind not in LAYERS:
            raise NetworkError(f"a layer is an unknown '{kind}'", did_you_mean(str(kind), LAYERS), found=kind)
        name = self._number(LAYERS[kind].label)
        fixed, searched = self._settings(name, row)
        return LayerSpace(name, fixed, searched)

    def _number(self, label: str) -> str:
        self._counts[label] = self._counts.get(label, 0) + 1
        return f"{label}_{self._counts[label]}"

    def _settings(self, layer: str, row: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        """Return a layer's fixed settings, and the names of those that are searched."""
        fixed, searched = dict[str, Any](), dict[str, str]()
        for key, value in row.items():
            name = f"{layer}.{key}"
            # A value that several layers share is one dimension, under the name that it has at the top of the file.
            if isinstance(value, str) and value.startswith("$"):
                name, value = value[1:], self._shared(layer, key, value[1:])
            dimension = None if key in _PAIRS and isinstance(value, Mapping) else read_dimension(name, value)
            if dimension is None:
                fixed[key] = value
            else:
                searched[key] = name
                self.dimensions[name] = dimension
        for key in (ON, REPEAT):
            for each in _values(fixed.get(key), self.dimensions.get(searched.get(key, ""))):
                _check_gate(layer, key, each)
        return fixed, searched

    def _shared(self, layer: str, key: str, name: str) -> Any:  # noqa: ANN401
        if name not in self.shared:
            problem = f"{layer}: {key} is '${name}', and there is no '{name}' at the top of the file"
            raise NetworkError(problem, did_you_mean(name, self.shared), found=name)
        self.used.add(name)
        return self.shared[name]


def _values(fixed: Any, dimension: Dimension | None) -> tuple[Any, ...]:  # noqa: ANN401 - any setting
    """Return the values that a setting may have, of a range both ends."""
    if isinstance(dimension, Choice):
        return dimension.values
    if isinstance(dimension, Range):
        return (dimension.low, dimension.high, *(() if dimension.step is None else (dimension.step,)))
    return () if fixed is None else (fixed,)


def _check_gate(layer: str, key: str, value: Any) -> None:  # noqa: ANN401 - any setting
    if key == ON and not isinstance(value, bool):
        raise NetworkError(f"{layer}: on is {value!r}, expected true or false", found=value)
    if key == REPEAT and (isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_LAYERS):
        expected = f"a whole number from 0 to {MOST_LAYERS}"
        raise NetworkError(f"{layer}: repeat is {value!r}, expected {expected}", found=value)
