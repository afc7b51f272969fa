"""What to try next: every combination in turn, random ones, or what TPE makes of the results so far.

A configuration's settings depend on the study's seed, its number and, for TPE, on the results that it is told, never on
what was drawn before: so a study that is continued draws what it would have drawn anyway.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import isfinite
from time import sleep
from typing import Any, Protocol

import numpy as np

from inklings.errors import MissingDependencyError, RecipeError, RunError
from inklings.search.dimensions import Choice, Dimension, Range
from inklings.search.space import Space

SAMPLERS = ("grid", "random", "tpe")
MOST_COMBINATIONS = 1_000_000
_STREAM = 0x5EA2C4
"""Keeps a study's random numbers apart from those of weights, shuffles and splits with the same seed."""
_DRAWS_FOR_ONE = 1000
"""Draws after which what was drawn before may be drawn again."""
_ATTEMPTS = 6
"""To open a database whose tables another driver may be making."""

Settings = dict[str, Any]


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


@dataclass(frozen=True)
class Shared:
    """A study of Optuna that several drivers share.

    Parameters
    ----------
    storage : str
        Address of a database: ``postgresql://user@host/name``.
    study : str
        Its name there.
    driver : str
        A hexadecimal number of this driver alone: those that share a study must not draw the same.
    """

    storage: str
    study: str
    driver: str


def make_sampler(name: str, space: Space, seed: int, shared: Shared | None = None) -> Sampler:
    """Return a sampler by its name.

    Raises
    ------
    RecipeError
        ``grid`` cannot try all of a range that has no step; or a storage is given for what shares no results.
    MissingDependencyError
        ``tpe`` needs Optuna, which is not installed.
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
        self._all = _distinct(space)
        np.random.default_rng([seed, _STREAM]).shuffle(self._all)

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


def _distinct(space: Space) -> list[Settings]:
    """Return the combinations without what has no effect, each once."""
    found: dict[tuple[Any, ...], Settings] = {}
    for values in product(*(dimension.grid or () for dimension in space.dimensions.values())):
        settings = space.without_idle(dict(zip(space.dimensions, values, strict=True)))
        found.setdefault(_key(settings), settings)
    return list(found.values())


def _key(settings: Settings) -> tuple[Any, ...]:
    """Return what tells settings apart: their values with their types, since 1 == True == 1.0."""
    return tuple((name, type(value), value) for name, value in settings.items())


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
            if _key(settings) not in self._keys or idle == _DRAWS_FOR_ONE:
                self._keys.add(_key(settings))
                self._drawn.append(settings)
                idle = 0
        return dict(self._drawn[number])

    def _draw(self, place: int) -> Settings:
        random = np.random.default_rng([self._seed, place, _STREAM])
        return _in_turn(self._space, lambda _, dimension: dimension.draw(random))

    def tell(self, number: int, costs: Sequence[float], *, whole: bool) -> None:
        """Do nothing: chance learns nothing."""

    def close(self) -> None:
        """Do nothing: chance needs no database."""


def _in_turn(space: Space, draw: Callable[[str, Dimension], Any]) -> Settings:
    """Draw the dimensions in their order, leaving out those without an effect beside what is drawn already."""
    settings: Settings = {}
    for name, dimension in space.dimensions.items():
        if space.relevant(name, settings):
            settings[name] = draw(name, dimension)
    return settings


class Tpe:
    """The tree-structured Parzen estimator (J. Bergstra and others, Algorithms for hyper-parameter optimization, 2011).

    Optuna's, by ask and tell. What is still being trained counts as bad, so that proposals made at once differ.
    """

    learns, count = True, None

    def __init__(self, space: Space, seed: int, shared: Shared | None = None) -> None:
        try:
            import optuna
        except ModuleNotFoundError:
            problem = "the sampler tpe needs Optuna, which is not installed"
            raise MissingDependencyError(problem, "pip install 'inklings[cluster]', or --sampler random") from None
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._optuna, self._space, self._shared = optuna, space, shared is not None
        self._seeds = [seed] if shared is None else [seed, int(shared.driver, 16)]
        self._storage = None if shared is None else _open_storage(optuna, shared)
        name = None if shared is None else shared.study
        self._study = optuna.create_study(storage=self._storage, study_name=name, load_if_exists=True)
        self._asked: dict[int, Any] = {}
        self._codes = {name: _Code(each) for name, each in space.dimensions.items()}

    def propose(self, number: int, known: Mapping[str, Any] | None = None) -> Settings:
        """Ask Optuna for a configuration, or let it take note of one that was proposed already."""
        if known is not None and self._shared:
            return dict(known)  # the database has it from the first time
        # A sampler of its own for each number: a study that is continued goes on with the same random numbers.
        seed = int(np.random.default_rng([*self._seeds, number, _STREAM]).integers(2**31))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # earlier versions call constant_liar experimental
            self._study.sampler = self._optuna.samplers.TPESampler(seed=seed, n_startup_trials=10, constant_liar=True)
            if known is not None:
                codes = {name: self._codes[name].encode(value) for name, value in known.items() if name in self._codes}
                self._study.enqueue_trial(codes)
            trial = self._asked[number] = self._study.ask()
            return _in_turn(self._space, lambda name, _: self._codes[name].suggest(trial, name))

    def tell(self, number: int, costs: Sequence[float], *, whole: bool) -> None:
        """Tell Optuna what a configuration came to; one that failed ranks below all others."""
        trial, states = self._asked.pop(number, None), self._optuna.trial.TrialState
        if trial is None:
            return
        if whole and costs and isfinite(costs[-1]):
            self._study.tell(trial, costs[-1])
            return
        for rung, cost in enumerate(costs):
            if isfinite(cost):
                trial.report(cost, rung)
        # Not FAIL, which TPE leaves out of account: it would go on proposing what diverges.
        self._study.tell(trial, state=states.PRUNED)

    def close(self) -> None:
        """Close the connections to a database."""
        if self._storage is not None:
            self._storage.remove_session()
            self._storage.engine.dispose()


def _open_storage(optuna: Any, shared: Shared) -> Any:  # noqa: ANN401 - Optuna's module and storage
    """Open a database, in which tables are made if they are not there."""
    from sqlalchemy import NullPool
    from sqlalchemy.exc import IntegrityError, ProgrammingError, SQLAlchemyError

    # By psycopg 3, which the extra installs; SQLAlchemy's own choice may be its predecessor.
    url = re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", shared.storage)
    for attempt in range(_ATTEMPTS):
        try:
            # A connection for each use: one that is kept may have been closed in the hours between two trials.
            return optuna.storages.RDBStorage(url, engine_kwargs={"poolclass": NullPool})
        except (SQLAlchemyError, ImportError, ValueError) as problem:
            # Of drivers that begin at once each makes the tables, and all but one find that they are there by now.
            if isinstance(problem, IntegrityError | ProgrammingError) and attempt < _ATTEMPTS - 1:
                sleep(0.2 * (attempt + 1))
                continue
            lines = [line for line in str(problem).splitlines() if line.strip()]
            reason = lines[0] if lines else type(problem).__name__
            hint = "an address is postgresql://user@host/database"
            raise RunError(f"the storage cannot be opened ({reason})", hint, found=shared.study) from None
    return None


class _Code:
    """A dimension as Optuna has it: choices by their number, since Optuna stores only numbers and texts."""

    def __init__(self, dimension: Dimension) -> None:
        self.dimension = dimension

    def encode(self, value: Any) -> Any:  # noqa: ANN401
        if isinstance(self.dimension, Range):
            return value
        same = (type(each) is type(value) and each == value for each in self.dimension.values)
        return next((place for place, equal in enumerate(same) if equal), 0)

    def suggest(self, trial: Any, name: str) -> Any:  # noqa: ANN401 - Optuna's
        dimension = self.dimension
        if isinstance(dimension, Choice):
            return dimension.values[trial.suggest_categorical(name, range(len(dimension.values)))]
        if dimension.is_whole:
            step = int(dimension.step or 1)
            return trial.suggest_int(name, int(dimension.low), int(dimension.high), step=step, log=dimension.log)
        return trial.suggest_float(name, dimension.low, dimension.high, step=dimension.step, log=dimension.log)
