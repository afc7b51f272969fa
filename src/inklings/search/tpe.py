"""What TPE makes of the results so far, by Optuna, alone or with other drivers."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from time import sleep
from typing import Any

import numpy as np

from inklings.errors import MissingDependencyError, RunError
from inklings.search.dimensions import Choice, Dimension, Range
from inklings.search.draws import STREAM, Settings, distinct, in_turn, key_of
from inklings.search.space import Space

_ASKED_AGAIN = 50
"""How often TPE is asked for something new, before a repetition will do."""
_SMALL = 10_000
"""Combinations that are counted, so that TPE ends with the last of them."""
_ATTEMPTS = 6
"""To open a database whose tables another driver may be making."""


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


class Tpe:
    """The tree-structured Parzen estimator (J. Bergstra and others, Algorithms for hyper-parameter optimization, 2011).

    Optuna's, by ask and tell. What is still being trained counts as bad, so that proposals made at once differ. Optuna
    proposes what was tried already, too, which here would only train to the same weights: then it is asked again.
    """

    learns = True

    def __init__(self, space: Space, seed: int, shared: Shared | None = None) -> None:
        try:
            import optuna
        except ModuleNotFoundError:
            problem = "the sampler tpe needs Optuna, which is not installed"
            raise MissingDependencyError(problem, "pip install 'inklings[cluster]', or --sampler random") from None
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._optuna, self._space, self._shared = optuna, space, shared is not None
        # Drivers that share a database propose different configurations, though they were started with the same seed.
        self._seeds = [seed] if shared is None else [seed, int(shared.driver, 16)]
        self._storage = None if shared is None else _open_storage(optuna, shared)
        name = None if shared is None else shared.study
        self._study = optuna.create_study(storage=self._storage, study_name=name, load_if_exists=True)
        self._asked: dict[int, Any] = {}
        self._keys = set[tuple[Any, ...]]()
        size = space.grid_size
        is_small = size is not None and size <= _SMALL and shared is None
        self.count = len(distinct(space)) if is_small else None
        self._codes = {name: _Code(each) for name, each in space.dimensions.items()}

    def propose(self, number: int, known: Mapping[str, Any] | None = None) -> Settings:
        """Ask Optuna for a configuration, or let it take note of one that was proposed already."""
        if known is not None and self._shared:
            return dict(known)  # the database has it from the first time
        # A sampler of its own for each number: a study that is continued goes on with the same random numbers.
        seed = int(np.random.default_rng([*self._seeds, number, STREAM]).integers(2**31))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # earlier versions call constant_liar experimental
            # constant_liar: what is being trained counts as bad until it is told, so that the next proposals differ
            # from it.
            self._study.sampler = self._optuna.samplers.TPESampler(seed=seed, n_startup_trials=10, constant_liar=True)
            if known is not None:
                codes = {name: self._codes[name].encode(value) for name, value in known.items() if name in self._codes}
                self._study.enqueue_trial(codes)
            for _ in range(_ASKED_AGAIN):
                trial, settings = self._ask()
                if known is not None or self._shared or key_of(settings) not in self._keys:
                    break
                # FAIL leaves no trace in what is learnt: a study that is continued, which lacks these, goes on alike.
                self._study.tell(trial, state=self._optuna.trial.TrialState.FAIL)
            else:
                trial, settings = self._ask()
            self._asked[number] = trial
            self._keys.add(key_of(settings))
            return settings

    def _ask(self) -> tuple[Any, Settings]:
        trial = self._study.ask()
        return trial, in_turn(self._space, lambda name, _: self._codes[name].suggest(trial, name))

    def tell(self, number: int, costs: Sequence[float], *, whole: bool) -> None:
        """Tell Optuna what a configuration came to; one that failed ranks below all others."""
        trial, states = self._asked.pop(number, None), self._optuna.trial.TrialState
        if trial is None:
            return
        if whole and costs and isfinite(costs[-1]):
            self._study.tell(trial, costs[-1])
            return
        # TPE ranks pruned trials behind all that finished: first those that got further, then by their last report.
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
