"""What to try next: every combination in turn, random ones, or what TPE makes of the results so far.

A configuration's settings depend on the study's seed, its number and, for TPE, on the results that it is told, never on
what was drawn before: so a study that is continued draws what it would have drawn anyway.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from inklings.errors import RecipeError
from inklings.search.draws import STREAM, Settings, distinct, in_turn, key_of
from inklings.search.shared_study import Shared
from inklings.search.space import Space
from inklings.search.tpe import Tpe

SAMPLERS = ("grid", "random", "tpe")
MOST_COMBINATIONS = 1_000_000
_DRAWS_FOR_ONE = 1000
"""Draws after which what was drawn before may be drawn again."""


class Sampler(Protocol):
    """Proposes configurations."""

    @property
    def count(self) -> int | None:
        """How many configurations there are in all; None without a bound."""

    @property
    def learns(self) -> bool:
        """Whether a proposal depends on results, so that the order in which it is told matters."""

    def propose(self, number: int, known: Mapping[str, Any] | None = None) -> Settings:
        """Return a configuration's settings; those of an earlier run of the study if they are ``known``."""

    def tell(self, number: int, costs: Sequence[float], *, whole: bool) -> None:
        """Report what a configuration came to.

        Parameters
        ----------
        number : int
        costs : sequence of float
            One per rung that it reached, the lower the better; infinite or none where it failed.
        whole : bool
            Whether it was trained to its end.
        """

    def close(self) -> None:
        """Let go of a database."""


def make_sampler(name: str, space: Space, seed: int, shared: Shared | None = None) -> Sampler:
    """Return a sampler by its name.

    Raises
    ------
    RecipeError
        ``grid`` cannot try all of a range that has no step; or a storage is given for what shares no results.
    MissingDependencyError
        ``tpe`` needs Optuna, which is not installed or cannot be imported.
    RunError
        There is no such database.
    """
    if shared is not None and name != "tpe":
        problem = f"has no effect with the sampler {name}, which learns nothing from other drivers"
        raise RecipeError(problem, "leave it out, or search with the sampler tpe", setting="storage")
    if name == "grid":
        return Grid(space, seed)
    if name == "random":
        size = space.grid_size
        # Of a space with an end, each combination is drawn once: a second training would only repeat the first.
        return Random(space, seed) if size is None or size > MOST_COMBINATIONS else Grid(space, seed)
    return Tpe(space, seed, shared)


class Grid:
    """Every combination once, in an order drawn from the seed, so that part of it is spread over the whole."""

    learns = False

    def __init__(self, space: Space, seed: int) -> None:
        for name, dimension in space.dimensions.items():
            if dimension.count is None:
                raise RecipeError(
                    "is a range without a step, of which a grid cannot try all",
                    "give a list of values or a step, or search with the sampler random",
                    setting=name,
                )
        size = space.grid_size or 1
        if size > MOST_COMBINATIONS:
            problem = f"the space has {size:,} combinations, expected at most {MOST_COMBINATIONS:,} for a grid"
            raise RecipeError(problem, "search with the sampler random", found=size)
        self._all = distinct(space)
        # Shuffled, since a study that is stopped early should not have seen the first values of each setting alone.
        np.random.default_rng([seed, STREAM]).shuffle(self._all)

    @property
    def count(self) -> int:
        """How many combinations differ in something that has an effect."""
        return len(self._all)

    def propose(self, number: int, known: Mapping[str, Any] | None = None) -> Settings:
        """Return a combination."""
        return dict(self._all[number] if known is None else known)

    def tell(self, number: int, costs: Sequence[float], *, whole: bool) -> None:
        """Do nothing: a grid learns nothing."""

    def close(self) -> None:
        """Do nothing: a grid needs no database."""


class Random:
    """Independent draws, without those that were drawn before.

    Settings that come twice, as adam does where a range is of momentum alone, would train to the very same weights and
    be counted as two configurations that happen to agree.
    """

    learns, count = False, None

    def __init__(self, space: Space, seed: int) -> None:
        self._space, self._seed = space, seed
        self._drawn: list[Settings] = []
        self._keys = set[tuple[Any, ...]]()
        self._draws = 0

    def propose(self, number: int, known: Mapping[str, Any] | None = None) -> Settings:
        """Return a configuration that depends on the seed and its number alone."""
        if known is not None:
            return dict(known)
        idle = 0
        while len(self._drawn) <= number:
            settings = self._draw(self._draws)
            self._draws, idle = self._draws + 1, idle + 1
            # A range of few whole numbers may have none left.
            if key_of(settings) not in self._keys or idle == _DRAWS_FOR_ONE:
                self._keys.add(key_of(settings))
                self._drawn.append(settings)
                idle = 0
        return dict(self._drawn[number])

    def _draw(self, place: int) -> Settings:
        # A generator for each draw: a continued study finds the same ones without the draws before.
        random = np.random.default_rng([self._seed, place, STREAM])
        return in_turn(self._space, lambda _, dimension: dimension.draw(random))

    def tell(self, number: int, costs: Sequence[float], *, whole: bool) -> None:
        """Do nothing: chance learns nothing."""

    def close(self) -> None:
        """Do nothing: chance needs no database."""
