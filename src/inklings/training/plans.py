"""A plan: a network together with its recipe, as a preset or a user's TOML or JSON file describes it.

A TOML file, in which ``input_shape`` is left to the data and ``"classes"`` stands for the number of classes::

    [[layers]]
    layer = "Flatten"
    [[layers]]
    layer = "Dense"
    units = 100
    activation = "relu"
    [[layers]]
    layer = "Dense"
    units = "classes"
    activation = "softmax"

    [recipe]
    optimiser = "adam"
    epochs = 30
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from inklings.arguments import as_path, checks_call, refuses_unknown
from inklings.engines.objective import ACTIVATION_OF_LOSS
from inklings.errors import InklingsError, NetworkError, RecipeError
from inklings.networks import Network, network_from_plain
from inklings.serialise import did_you_mean, parse_toml
from inklings.training.data_facts import DataFacts
from inklings.training.recipe import Recipe

_LOSS_OF_ACTIVATION = {activation: loss for loss, activation in ACTIVATION_OF_LOSS.items()}
KEYS = ("input_shape", "layers", "recipe")
LARGEST_FILE = 1 << 20  # bytes; a description of a thousand layers is smaller


@refuses_unknown(RecipeError)
@dataclass(frozen=True)
class Plan:
    """A network and how to train it.

    Parameters
    ----------
    name : str
        Name of the preset, or of the file without its suffix.
    variant : str
        Which one of that name: ``"plain"``, ``"dropout"``; empty if there is only one.
    network : Network
    recipe : Recipe
    data : DataFacts
        What was known of the training images when it was made.
    choices : tuple of str
        What was chosen for these images, and why: a sentence each, which is kept with the run.

    Plans that differ in ``data`` or ``choices`` alone are equal.

    Examples
    --------
    >>> import inklings
    >>> plan = inklings.preset("mlp", (20, 20, 1), 10, dropout=True)
    >>> plan.title, plan.network.parameter_count, plan.with_recipe(epochs=3).recipe.epochs
    ('mlp (dropout)', 328810, 3)
    """

    name: str
    variant: str
    network: Network
    recipe: Recipe
    data: DataFacts = field(default=DataFacts(), compare=False)
    choices: tuple[str, ...] = field(default=(), compare=False)

    @checks_call(RecipeError)
    def with_recipe(self, **settings: Any) -> Plan:  # noqa: ANN401 - any setting
        """Return a copy with some of the recipe's settings changed."""
        return replace(self, recipe=self.recipe.with_settings(**settings))

    @checks_call(RecipeError)
    def with_choice(self, choice: str) -> Plan:
        """Return a copy that also says why something was chosen."""
        return replace(self, choices=(*self.choices, choice))

    @property
    def title(self) -> str:
        """Name and variant: ``"mlp (dropout)"``."""
        return title_of(self.name, self.variant)


def default_plan(network: Network, name: str = "network") -> Plan:
    """Return a network with the default recipe, which minimises the loss that its outputs are made for.

    >>> from inklings import Dense, Flatten, Network
    >>> default_plan(Network((8, 8, 1), (Flatten(), Dense(10, "sigmoid")))).recipe.loss
    'binary_crossentropy'
    """
    loss = _LOSS_OF_ACTIVATION.get(network.output_activation, "crossentropy")
    return Plan(name, "", network, Recipe(loss=loss))


def slug_of(title: str) -> str:
    """Return a title in the form of a file name: ``"mlp-dropout"``."""
    # Anything but letters and digits parts words; accented letters count as letters.
    return "-".join("".join(letter if letter.isalnum() else " " for letter in title.lower()).split())


def title_of(name: str, variant: str) -> str:
    """Return a name and a variant as one title: ``"mlp (dropout)"``."""
    return f"{name} ({variant})" if variant else name


@checks_call(NetworkError)
def read_plan(path: str | Path, input_shape: tuple[int, int, int], classes: int) -> Plan:
    r"""Read a network, and its recipe if there is one, from a TOML or JSON file.

    Parameters
    ----------
    path : str or Path
        A file whose name ends in ``.toml`` or ``.json``.
    input_shape : (height, width, channels)
        Shape of the images, for a file that leaves it out.
    classes : int
        The number of classes, for which ``units = "classes"`` stands.

    Returns
    -------
    Plan
        Named after the file; without ``[recipe]`` in the file it has the default recipe.

    Raises
    ------
    NetworkError
        There is no such file, it is not TOML or JSON, or it does not describe a network. The message names the file.
    RecipeError
        The recipe in the file has an unknown setting or an impossible value.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import inklings
    >>> text = '[[layers]]\nlayer = "Flatten"\n[[layers]]\nlayer = "Dense"\nunits = "classes"\nactivation = "softmax"'
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "mine.toml"
    ...     _ = path.write_text(text)
    ...     inklings.read_plan(path, (20, 20, 1), 10).network.parameter_count
    4010
    """
    path = as_path(path, "a plan", NetworkError)
    values = _read(path)
    try:
        for key in values:
            if key not in KEYS:
                raise NetworkError(f"unknown key '{key}'", did_you_mean(key, KEYS))
        described = {key: value for key, value in values.items() if key != "recipe"}
        network = network_from_plain(described, input_shape=input_shape, classes=classes)
        settings = values.get("recipe", {})
        if not isinstance(settings, Mapping):
            raise RecipeError(f"is {settings!r}, expected a table of settings", setting="recipe", found=settings)
        recipe = Recipe.from_dict(settings)
    except InklingsError as error:
        # Whatever it is, the message should begin with the file's name.
        raise error.within(str(path)) from None
    return Plan(path.stem, "", network, recipe)


def _read(path: Path) -> dict[str, Any]:
    # Imported here, since presets do not need it: `import inklings` must stay quick.
    import json

    parsers: dict[str, Callable[[str], Any]] = {".toml": parse_toml, ".json": json.loads}
    parse = parsers.get(path.suffix.lower())
    if parse is None:
        raise NetworkError(f"{path}: ends in '{path.suffix}', expected a .toml or .json file that describes a network")
    text = _read_text(path)
    try:
        values = parse(text)
    except ValueError as error:  # both parsers' own errors are ValueErrors that name line and column
        raise NetworkError(f"{path}: not {path.suffix[1:].upper()}: {error}") from None
    except RecursionError:  # JSON's parser calls itself for every nested bracket
        raise NetworkError(f"{path}: not JSON that can be read: too many brackets within each other") from None
    if not isinstance(values, dict):
        raise NetworkError(f"{path}: holds a {type(values).__name__}, expected an object with 'layers'")
    return values


def _read_text(path: Path) -> str:
    try:
        if not path.exists():
            raise NetworkError(f"{path}: no such file, expected a description of a network in TOML or JSON")
        if not path.is_file():
            raise NetworkError(f"{path}: not a file, expected a description of a network in TOML or JSON")
        # Looked at before it is read: a data set passed by mistake may be gigabytes.
        if path.stat().st_size > LARGEST_FILE:
            raise NetworkError(f"{path}: {path.stat().st_size:,} bytes, expected at most {LARGEST_FILE:,}")
        return path.read_text(encoding="utf-8-sig")  # Windows editors may begin a file with a byte order mark
    except OSError as error:
        raise NetworkError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise NetworkError(f"{path}: byte {error.start} is not UTF-8, expected text") from None
