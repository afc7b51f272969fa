"""Whether a training has been compiled on this machine before; see :mod:`inklings.engines.compilation`."""

from __future__ import annotations

from inklings.engines.compilation import note_compiled, was_compiled
from inklings.networks import Network, network_to_plain
from inklings.training.recipe import Recipe

_NO_PART_OF_PROGRAMS = {"seed", "learning_rate", "epochs"}


def note_programs(network: Network, recipe: Recipe, images: tuple[int, int]) -> None:
    """Note that the compiled engine trained so, with so many training and validation images."""
    note_compiled(_programs(network, recipe, images))


def has_programs(network: Network, recipe: Recipe, images: tuple[int, int]) -> bool:
    """Say whether such a training need not be compiled, since it was."""
    return was_compiled(_programs(network, recipe, images))


def _programs(network: Network, recipe: Recipe, images: tuple[int, int]) -> str:
    settings = {name: value for name, value in recipe.to_dict().items() if name not in _NO_PART_OF_PROGRAMS}
    return repr((network_to_plain(network), settings, images))
