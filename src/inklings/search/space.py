"""What a search may try: settings of the network and of its recipe, each fixed, a list or a range.

A space file has the words of ``inklings train`` and of a network's own file::

    network = "mlp"                        # or a list of names, or [[layers]] as in inklings.search.layers
    hidden_units = [25, 100, 800, [400, 200]]
    dropout = [true, false]
    learning_rate = { low = 1e-4, high = 1e-1, log = true }
    l2 = { low = 1e-6, high = 1e-2, log = true }
    augment = ["none", "light"]
    epochs = 20
    repeats = 3                            # seeds that each configuration is trained with

A list is a choice between its values, a table with ``low`` and ``high`` a range (``log``, ``step``), anything else is
fixed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from itertools import product
from pathlib import Path
from typing import Any

from inklings.arguments import checks_call
from inklings.data.augment import LIMITS
from inklings.errors import InklingsError, RecipeError
from inklings.search.dimensions import Choice, Dimension, Range, read_dimension, without_numpy
from inklings.search.layers import LayerSpace, read_layers
from inklings.serialise import did_you_mean, parse_toml
from inklings.storage import refuse_special
from inklings.training.presets import DEFAULT_PRESET, PRESETS
from inklings.training.recipe import USED_BY, Recipe

LARGEST_FILE = 1 << 20  # bytes
NETWORK, LAYERS, REPEATS, AUGMENT = "network", "layers", "repeats", "augment"
MOST_REPEATS = 1000
_NOT_SEARCHED = ("seed", "order_seed", "augmentation")
_RECIPE = tuple(each.name for each in fields(Recipe) if each.name not in _NOT_SEARCHED)
_OF_PRESETS = tuple(dict.fromkeys(name for each in PRESETS.values() for name in each.settings))
WORDS = (NETWORK, LAYERS, REPEATS, AUGMENT, *_OF_PRESETS, *_RECIPE, *LIMITS)
_FIRST = (NETWORK, "optimiser")
"""What decides whether others have an effect is drawn before them."""


@dataclass(frozen=True)
class Space:
    """Settings that are fixed, and dimensions to search.

    Parameters
    ----------
    fixed : mapping
        Settings with one value.
    dimensions : mapping of str to Choice or Range
        Those with several, in the order in which they are drawn.
    layers : tuple of LayerSpace
        The network's, where it is not named.
    repeats : int
        How many seeds each configuration is trained with.
    plain : mapping
        All of it as a file has it.
    source : str
        Its file, for messages; empty if it has none.

    Examples
    --------
    >>> from inklings.search import space_from_plain
    >>> space = space_from_plain({"network": "mlp", "hidden_units": [25, 100], "l2": [0.0, 0.001], "epochs": 5})
    >>> space.grid_size, sorted(space.dimensions)
    (4, ['hidden_units', 'l2'])
    """

    fixed: Mapping[str, Any]
    dimensions: Mapping[str, Dimension]
    layers: tuple[LayerSpace, ...]
    repeats: int
    plain: Mapping[str, Any]
    source: str = field(default="", compare=False)

    def relevant(self, name: str, settings: Mapping[str, Any]) -> bool:
        """Return whether a dimension has an effect beside settings, in which all before it are known."""
        known = {**self.fixed, **settings}
        if self.layers:
            of_layers = {each for layer in self.layers for each in layer.named()}
            if name in of_layers:
                return any(name in layer.relevant(settings) for layer in self.layers)
        network = str(known.get(NETWORK, ""))
        if name in _OF_PRESETS and name not in _RECIPE:
            return network in PRESETS and name in PRESETS[network].settings
        users = USED_BY.get(name)
        # Which optimiser a preset has by itself is known when its plan is built; until then any setting may count.
        return users is None or "optimiser" not in known or known["optimiser"] in users

    def is_ever_relevant(self, name: str) -> bool:
        """Return whether a setting has an effect beside any others that the space has."""
        # With every layer there: a setting may have an effect if it has one then.
        gates = {
            gate: max(self.dimensions[gate].ends) for layer in self.layers for gate in layer.gates(self.dimensions)
        }
        switches = [
            [(each, value) for value in self.dimensions[each].ends] for each in _FIRST if each in self.dimensions
        ]
        return any(self.relevant(name, {**gates, **dict(chosen)}) for chosen in product(*switches))

    def without_idle(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Return settings without those that have no effect beside the others."""
        found: dict[str, Any] = {}
        for name, value in settings.items():
            if self.relevant(name, found):
                found[name] = value
        return found

    def build_layers(self, settings: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the layers under some settings, as a network's file has them."""
        return [row for layer in self.layers for row in layer.build(settings)]

    @property
    def grid_size(self) -> int | None:
        """How many combinations there are; None if a range without a step has no end of them."""
        size = 1
        for dimension in self.dimensions.values():
            if dimension.count is None:
                return None
            size *= dimension.count
        return size

    def corners(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield settings in which each dimension in turn has each of its values, or both ends, the others the first."""
        first = {name: dimension.ends[0] for name, dimension in self.dimensions.items()}
        yield "", first
        for name, dimension in self.dimensions.items():
            yield from ((name, {**first, name: value}) for value in dimension.ends[1:])


@checks_call(RecipeError)
def read_space(path: str | Path) -> Space:
    r"""Read a space from a TOML file.

    Raises
    ------
    RecipeError, NetworkError
        There is no such file, it is not TOML, a word in it is unknown, or a value is neither fixed, a list nor a range.
        The message names the file.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from inklings.search import read_space
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "space.toml"
    ...     _ = path.write_text('network = "mlp"\nhidden_units = [25, 100]\nepochs = 5')
    ...     read_space(path).grid_size
    2
    """
    path = Path(path).expanduser()
    refuse_special(path, RecipeError)
    try:
        # A space has some hundred lines; whatever is larger was named by mistake, and is not read.
        if path.stat().st_size > LARGEST_FILE:
            raise RecipeError(f"has {path.stat().st_size:,} bytes, expected at most {LARGEST_FILE:,}", path=path)
        # utf-8-sig: editors on Windows begin a file with a byte order mark, which is not TOML.
        values = parse_toml(path.read_text(encoding="utf-8-sig"))
    except OSError as problem:
        hint = f"the networks are: {', '.join(PRESETS)}; a space of your own is a TOML file"
        raise RecipeError(f"cannot be read ({problem.strerror}), expected a space", hint, path=path) from None
    except UnicodeDecodeError as problem:
        raise RecipeError(f"byte {problem.start} is not UTF-8, expected text", path=path) from None
    except ValueError as problem:
        raise RecipeError(f"is not TOML: {problem}", path=path) from None
    if not values:
        raise RecipeError("is empty, expected settings, such as learning_rate = [0.001, 0.01]", path=path)
    try:
        return replace(space_from_plain(values), source=str(path))
    except InklingsError as error:
        raise error.within(str(path)) from None


@checks_call(RecipeError)
def space_from_plain(values: Mapping[str, Any]) -> Space:
    """Return the space that plain values describe.

    Parameters
    ----------
    values : mapping
        As in a space file.

    Raises
    ------
    RecipeError, NetworkError
        As :func:`read_space`.

    Examples
    --------
    >>> space = space_from_plain({"network": "mlp", "hidden_units": [25, 100], "epochs": 20})
    >>> space.grid_size, space.fixed["epochs"]
    (2, 20)
    """
    values = {name: without_numpy(value) for name, value in values.items()}
    layers: tuple[LayerSpace, ...] = ()
    dimensions, used = dict[str, Dimension](), set[str]()
    if LAYERS in values:
        if NETWORK in values:
            raise RecipeError("and layers are both given, expected one of them", setting=NETWORK)
        layers, dimensions, used = read_layers(values[LAYERS], values)
    fixed: dict[str, Any] = {} if LAYERS in values else {NETWORK: DEFAULT_PRESET}
    for name, value in values.items():
        if name in (LAYERS, REPEATS) or name in used:
            continue
        _check_word(name, has_layers=bool(layers))
        found = read_dimension(name, value)
        if found is None:
            fixed[name] = value
        else:
            # The default network gives way to a list of networks.
            fixed.pop(name, None)
            dimensions[name] = found
    _check_networks(fixed, dimensions)
    repeats = values.get(REPEATS, 1)
    if isinstance(repeats, bool) or not isinstance(repeats, int) or not 1 <= repeats <= MOST_REPEATS:
        expected = f"a whole number from 1 to {MOST_REPEATS:,}"
        raise RecipeError(f"is {repeats!r}, expected {expected}", setting=REPEATS, found=repeats, expected=expected)
    space = Space(fixed, _in_order(dimensions, layers), layers, repeats, values)
    _refuse_idle(space)
    return space


def _refuse_idle(space: Space) -> None:
    """Refuse what has no effect beside any network and optimiser of the space: all its values would be one training."""
    for name in (*space.fixed, *space.dimensions):
        if space.is_ever_relevant(name):
            continue
        if space.layers and name not in USED_BY:
            hint = f"leave it out, or name it in a layer as '${name}'"
            raise RecipeError("has no effect on the layers of this space", hint, setting=name)
        what = "optimiser" if name in USED_BY else NETWORK
        chosen = space.dimensions[what].ends if what in space.dimensions else (space.fixed[what],)
        expected = f"{what} = {' or '.join(USED_BY.get(name, _with_setting(name)))}"
        problem = f"has no effect where {what} is {' or '.join(map(str, chosen))}, expected {expected}"
        raise RecipeError(problem, setting=name)


def _with_setting(name: str) -> list[str]:
    return [network for network, each in PRESETS.items() if name in each.settings]


def _check_word(name: str, *, has_layers: bool) -> None:
    if name in WORDS:
        return
    if name in _NOT_SEARCHED:
        hint = "give augment, shift, rotate, ..." if name == "augmentation" else "give repeats, and the seed by --seed"
        raise RecipeError("cannot be searched", hint, setting=name, found=name)
    hint = did_you_mean(name, WORDS)
    if has_layers:
        hint += f"; or name it in a layer as '${name}'"
    raise RecipeError(f"the space has the unknown setting '{name}'", hint, found=name, expected=WORDS)


def _check_networks(fixed: Mapping[str, Any], dimensions: Mapping[str, Dimension]) -> None:
    searched = dimensions.get(NETWORK)
    if isinstance(searched, Range):
        raise RecipeError("is a range, expected names", setting=NETWORK)
    for name in searched.values if isinstance(searched, Choice) else (fixed.get(NETWORK, DEFAULT_PRESET),):
        is_file = isinstance(name, str) and Path(name).suffix.lower() in (".toml", ".json")
        if not isinstance(name, str) or (name not in PRESETS and not is_file):
            raise RecipeError(
                f"has the unknown {name!r}", did_you_mean(str(name), PRESETS), setting=NETWORK, found=name
            )


def _in_order(dimensions: Mapping[str, Dimension], layers: tuple[LayerSpace, ...]) -> dict[str, Dimension]:
    # Gates come next, then all that they may switch off. sorted keeps the file's order among equals.
    first = [*_FIRST, *(name for layer in layers for name in layer.gates(dimensions))]

    def place(name: str) -> int:
        return first.index(name) if name in first else len(first)

    return {name: dimensions[name] for name in sorted(dimensions, key=place)}
