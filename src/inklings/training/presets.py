"""Named networks, each with the recipe it was made for. They adapt to any image size and number of classes.

::

    from inklings.training import fit, preset
    plan = preset("mlp", split.dataset.image_shape, split.dataset.class_count, dropout=True)
    result = fit(plan.network, plan.recipe, split)
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from inklings.arguments import checks_call
from inklings.errors import NetworkError, RecipeError
from inklings.networks import Conv2D, Dense, Dropout, Flatten, Initializer, Layer, MaxPool2D, Network
from inklings.serialise import did_you_mean
from inklings.training.best import best
from inklings.training.data_facts import DataFacts
from inklings.training.plans import Plan, read_plan
from inklings.training.recipe import Recipe

InputShape = tuple[int, int, int]

HIDDEN_UNITS = 800
# The rates of Srivastava and others (2014), who drop fewer inputs than hidden units.
INPUT_DROPOUT, HIDDEN_DROPOUT = 0.2, 0.5
_DATA = "data"


@dataclass(frozen=True)
class Preset:
    """A named network with its recipe.

    Parameters
    ----------
    description : str
        One line for people.
    build : callable
        ``build(input_shape, classes, **settings) -> Plan``; the settings are keyword-only and have defaults. One that
        takes ``data`` is told of the training images (:class:`~inklings.training.data_facts.DataFacts`).
    """

    description: str
    build: Callable[..., Plan]

    @property
    def settings(self) -> dict[str, Any]:
        """The preset's own settings and their defaults."""
        return {name: default for name, default in self._keywords.items() if name != _DATA}

    def plan(self, input_shape: InputShape, classes: int, data: DataFacts, settings: Mapping[str, Any]) -> Plan:
        """Return the network with its recipe, for images of a shape."""
        # Only presets that have a use for the facts take them; a plan keeps them in any case.
        told = {_DATA: data} if _DATA in self._keywords else {}
        return replace(self.build(input_shape, classes, **told, **settings), data=data)

    @property
    def _keywords(self) -> dict[str, Any]:
        parameters = inspect.signature(self.build).parameters.values()
        return {each.name: each.default for each in parameters if each.kind is each.KEYWORD_ONLY}


@checks_call(RecipeError)
def named_plan(
    network: str,
    input_shape: InputShape,
    classes: int,
    *,
    data: DataFacts = DataFacts(),  # noqa: B008 - frozen
    **settings: Any,  # noqa: ANN401 - as the preset has
) -> Plan:
    """Return the plan that a name or a path stands for: a preset with its own settings, or a TOML or JSON file.

    Raises
    ------
    NetworkError, RecipeError
        It is neither, or the network cannot be built.

    Examples
    --------
    >>> from inklings.training import named_plan
    >>> named_plan("mlp", (20, 20, 1), 10, hidden_units=50).network.parameter_count
    20560
    """
    # A preset's name wins over a file of that name without a suffix: what a name means must not depend on the folder.
    path = Path(network)
    if network not in PRESETS and (path.suffix.lower() in (".toml", ".json") or path.is_file()):
        return replace(read_plan(path, input_shape, classes), data=data)
    return preset(network, input_shape, classes, data=data, **settings)


@checks_call(NetworkError)
def preset(
    name: str,
    input_shape: InputShape,
    classes: int,
    *,
    data: DataFacts = DataFacts(),  # noqa: B008 - frozen
    **settings: Any,  # noqa: ANN401 - as the preset has
) -> Plan:
    """Return a named network with its recipe, for images of any size.

    Parameters
    ----------
    name : str
        One of ``PRESETS``.
    input_shape : (height, width, channels)
        Shape of the images.
    classes : int
        Number of classes.
    data : DataFacts
        What is known of the training images: ``DataFacts.of(split)``. Without it, as many as the bundled digits have,
        which may show anything: ``best`` then changes images less than it would characters, and is less accurate.
    **settings
        The preset's own: ``mlp`` has ``hidden_units`` (a number, or one per layer), ``dropout`` (true or false) and
        ``l2`` (strength of the penalty on the hidden layers' weights), ``naive`` has ``hidden_units``, a number,
        ``best`` has ``filters``. The others have none.

    Raises
    ------
    NetworkError, RecipeError
        The name or a setting is unknown, or a value is impossible.

    Examples
    --------
    >>> preset("mlp", (20, 20, 1), 10, hidden_units=400, dropout=True).network.parameter_count
    164410
    """
    if not isinstance(name, str) or name not in PRESETS:
        raise NetworkError(f"unknown network '{name}'", did_you_mean(str(name), PRESETS))
    known = PRESETS[name].settings
    for setting in settings:
        if setting not in known:
            hint = (
                did_you_mean(setting, known) if known else "leave it out; the recipe's own settings are changed there"
            )
            raise NetworkError(f"the network {name} has no setting '{setting}'", hint)
    return PRESETS[name].plan(input_shape, classes, data, settings)


def _softmax(input_shape: InputShape, classes: int) -> Plan:
    # Zeros are as good a start as any: softmax regression is convex, and without hidden units nothing is symmetric.
    layers = Flatten(), Dense(classes, "softmax", Initializer("zeros"))
    # Summed over 50 images: 0.01 here is what 0.5 is for a mean.
    recipe = Recipe(optimiser="sgd", learning_rate=0.01, reduction="sum", batch_size=50, steps=1000)
    return Plan("softmax", "", Network(input_shape, layers), recipe)


def _naive(input_shape: InputShape, classes: int, *, hidden_units: int = 25) -> Plan:
    # 0.12 is Glorot's limit for the 20 x 20 pixels and 25 units that this was made for: sqrt(6 / (400 + 25)).
    start = Initializer("uniform", 0.12)
    layers = Flatten(), Dense(hidden_units, "sigmoid", start, start), Dense(classes, "sigmoid", start, start)
    variant = "" if hidden_units == 25 else f"{hidden_units} hidden"
    return Plan("naive", variant, Network(input_shape, layers), Recipe("bfgs", loss="binary_crossentropy", epochs=50))


def _mlp(
    input_shape: InputShape,
    classes: int,
    *,
    hidden_units: int | Sequence[int] = HIDDEN_UNITS,
    dropout: bool = False,
    l2: float = 0.0,
) -> Plan:
    if not isinstance(dropout, bool):
        raise RecipeError(
            f"is {dropout!r}, expected true or false", setting="dropout", found=dropout, expected="true or false"
        )
    # A list from JSON or TOML, or one number.
    units = tuple(hidden_units) if isinstance(hidden_units, list | tuple) else (hidden_units,)
    if not units:
        raise NetworkError(
            "is empty, expected a number, or one per layer",
            "softmax has no hidden layer",
            setting="hidden_units",
            found=hidden_units,
            expected="a number, or one per layer",
        )
    hidden: list[Layer] = [Dropout(INPUT_DROPOUT)] if dropout else []
    for count in units:
        hidden += [Dense(count, "relu"), Dropout(HIDDEN_DROPOUT)] if dropout else [Dense(count, "relu")]
    network = Network(input_shape, (Flatten(), *hidden, Dense(classes, "softmax")))
    recipe = Recipe("nesterov", 0.01, momentum=0.9, batch_size=50, epochs=500, l2=l2, regularise="hidden")
    return Plan("mlp", _variant(units, dropout, recipe.l2), network, recipe)


def _variant(units: tuple[int, ...], dropout: bool, l2: float) -> str:
    sizes = [] if units == (HIDDEN_UNITS,) else [f"{'-'.join(map(str, units))} hidden"]
    means = [name for name, used in (("dropout", dropout), ("L2", l2 > 0)) if used]
    return ", ".join((means or ["plain"]) + sizes)


def _cnn(name: str, filters: tuple[int, ...], input_shape: InputShape, classes: int) -> Plan:
    start = Initializer("truncated_normal", 0.1), Initializer("constant", 0.1)
    layers: list[Layer] = []
    for count in filters:
        # "same" and stride 1: only the poolings halve the image.
        layers += [Conv2D(count, 5, "same", 1, "relu", *start), MaxPool2D(2, padding="same")]
    layers += [Flatten(), Dense(1024, "relu", *start), Dropout(0.5), Dense(classes, "softmax", *start)]
    # Summed, which Adam's steps do not depend on: they divide the gradient by its own size.
    recipe = Recipe(optimiser="adam", learning_rate=1e-4, reduction="sum", batch_size=50, steps=1000)
    return Plan(name, "", Network(input_shape, tuple(layers)), recipe)


PRESETS: dict[str, Preset] = {
    "softmax": Preset("softmax regression: no hidden layer, plain gradient descent", _softmax),
    "naive": Preset("25 hidden sigmoid units, all images in every iteration of BFGS", _naive),
    "mlp": Preset("800 hidden rectified units, Nesterov momentum; with dropout or an L2 penalty if asked", _mlp),
    "cnn1": Preset(
        "a 5 x 5 convolution and pooling, 1,024 rectified units with dropout, Adam", partial(_cnn, "cnn1", (32,))
    ),
    "cnn2": Preset(
        "two 5 x 5 convolutions with pooling, 1,024 rectified units with dropout, Adam", partial(_cnn, "cnn2", (32, 64))
    ),
    "best": Preset(
        "3 x 3 convolutions with batch normalisation, images changed at random, AdamW: what to try first", best
    ),
}
"""What each name stands for, and how it is made."""
DEFAULT_PRESET = "best"
"""What is trained where no network is named."""
