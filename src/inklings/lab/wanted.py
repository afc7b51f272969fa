"""What a page asks to train, checked: network, recipe and images as JSON has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

from inklings.data.dataset import Dataset
from inklings.data.parts import Split
from inklings.errors import DataError, InklingsError, NetworkError, RecipeError
from inklings.networks import network_from_plain
from inklings.serialise import did_you_mean
from inklings.training.data_facts import DataFacts
from inklings.training.plans import Plan
from inklings.training.presets import PRESETS, preset
from inklings.training.recipe import Recipe

NAME = "lab"
"""What runs of networks that were put together on the page are called."""
LONGEST_TITLE = 60
MOST_LAYERS, MOST_PARAMETERS, MOST_EPOCHS, MOST_STEPS = 40, 20_000_000, 2000, 1_000_000
"""What a page may ask for: more would take memory and time that whoever sits before it did not mean."""
_KEYS = ("network", "recipe", "data", "title")
_DATA_KEYS = ("images", "label_noise")


@dataclass(frozen=True)
class Wanted:
    """A training that was asked for.

    Attributes
    ----------
    plan : Plan
    division : mapping
        How the images are split, as :meth:`inklings.data.dataset.Dataset.split` takes it.
    """

    plan: Plan
    division: dict[str, Any]

    @property
    def title(self) -> str:
        """What it is called."""
        return self.plan.variant or self.plan.title

    def split(self, data: Dataset) -> Split:
        """Return the images to train on."""
        return data.split(**self.division)


def read_wanted(values: Any, split: Split) -> Wanted:  # noqa: ANN401 - whatever the page sent
    """Check what a page asks for.

    Parameters
    ----------
    values : any
        What its JSON held.
    split : Split
        The lab's images.

    Raises
    ------
    NetworkError, RecipeError, DataError
        What is wrong with it, in one line.
    """
    wanted = _mapping(values, "the training", _KEYS)
    data = _mapping(wanted.get("data", {}), "data", _DATA_KEYS)
    division = _read_division(data, split)
    known = DataFacts.of(split.dataset.split(**division)) if len(division) > 1 else DataFacts.of(split)
    plan = _read_plan(wanted, split.dataset, known)
    recipe = _read_recipe(wanted.get("recipe", {}), plan.recipe)
    if plan.network.parameter_count > MOST_PARAMETERS:
        problem = f"the network has {plan.network.parameter_count:,} parameters, expected at most {MOST_PARAMETERS:,}"
        raise NetworkError(problem, "make its layers smaller")
    title = str(wanted.get("title") or "")
    # Printable, since it ends in terminals; composed, so that an umlaut is one letter however it was typed.
    printable = "".join(letter if letter.isprintable() else " " for letter in normalize("NFC", title))
    title = " ".join(printable.split())
    if len(title) > LONGEST_TITLE:
        title = title[: LONGEST_TITLE - 1].rstrip(" ,") + "…"
    return Wanted(Plan(plan.name, title or plan.variant, plan.network, recipe, known, plan.choices), division)


def _read_division(data: Mapping[str, Any], split: Split) -> dict[str, Any]:
    """Return how the images are split: only what differs from the lab's own split is named."""
    division: dict[str, Any] = {"seed": split.seed}
    images, noise = data.get("images"), data.get("label_noise", 0)
    if images is not None:
        # type, not isinstance: JSON's true is an int to Python.
        if type(images) is not int or images < 1:
            raise DataError(f"is {images!r:.40}, expected a number of training images", setting="images", found=images)
        if images < len(split.train_rows):  # as many as there are, where more are asked for
            division["train"] = images
    if isinstance(noise, bool) or not isinstance(noise, int | float) or not 0 <= noise <= 1:
        raise DataError(f"is {noise!r:.40}, expected a share from 0 to 1", setting="label_noise", found=noise)
    if noise:
        division["label_noise"] = float(noise)
    return division


def _read_plan(wanted: Mapping[str, Any], data: Dataset, known: DataFacts) -> Plan:
    described = wanted.get("network")
    if isinstance(described, Mapping) and isinstance(name := described.get("preset"), str):
        if name not in PRESETS:
            raise NetworkError(f"unknown network '{name:.40}'", did_you_mean(name, PRESETS))
        settings = {str(key): value for key, value in described.items() if key != "preset"}
        if taken := settings.keys() & {"name", "input_shape", "classes", "data"}:  # of preset() itself
            raise NetworkError(f"the network {name} has no setting '{min(taken)}'", "the images decide it")
        return preset(name, data.image_shape, data.class_count, data=known, **settings)
    if not isinstance(described, Mapping) or not isinstance(described.get("layers"), list):
        raise NetworkError("there is no network, expected one with 'layers' or a 'preset'")
    if len(described["layers"]) > MOST_LAYERS:
        raise NetworkError(f"{len(described['layers'])} layers, expected at most {MOST_LAYERS}")
    # The images decide, whatever the page says: a network for others could not learn from these.
    layers = {"layers": described["layers"]}
    network = network_from_plain(layers, input_shape=data.image_shape, classes=data.class_count)
    return Plan(NAME, "", network, Recipe(), known)


def _read_recipe(values: Any, before: Recipe) -> Recipe:  # noqa: ANN401
    settings = _mapping(values, "the recipe")
    # What the page does not mention stays as the preset has it.
    usual = before.to_dict()
    if "epochs" in settings and "steps" not in settings:
        usual.pop("steps", None)  # the number of epochs replaces it
    recipe = Recipe.from_dict({**usual, **settings})
    for name, most in (("epochs", MOST_EPOCHS), ("steps", MOST_STEPS), ("batch_size", MOST_STEPS)):
        if (value := getattr(recipe, name)) is not None and value > most:
            raise RecipeError(f"is {value:,}, expected at most {most:,}", setting=name, found=value, expected=most)
    return recipe


def _mapping(values: Any, what: str, known: tuple[str, ...] | None = None) -> Mapping[str, Any]:  # noqa: ANN401
    """Return values as a mapping whose keys are all known."""
    if not isinstance(values, Mapping):
        raise InklingsError(f"{what} is {values!r:.40}, expected an object")
    for key in values if known else ():
        if known and key not in known:
            raise InklingsError(f"{what} has the unknown setting '{key:.40}'", did_you_mean(str(key), known))
    return values
