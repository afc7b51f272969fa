"""What TPE makes of the results so far, by Optuna, alone or with other drivers."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

import numpy as np

from inklings.extras import importing
from inklings.search.dimensions import Choice, Dimension, Range
from inklings.search.draws import STREAM, Settings, distinct, in_turn, key_of
from inklings.search.shared_study import Shared, SharedStudy
from inklings.search.space import Space

_ASKED_AGAIN = 50
"""How often TPE is asked for something new, before a repetition will do."""
_SMALL = 10_000
"""Combinations that are counted, so that TPE ends with the last of them."""


class Tpe:
    """The tree-structured Parzen estimator (J. Bergstra and others, Algorithms for hyper-parameter optimization, 2011).

    Optuna's, by ask and tell. What is still being trained counts as bad, so that proposals made at once differ. Optuna
    proposes what was tried already, too, which here would only train to the same weights: then it is asked again.
    """

    learns = True

    def __init__(self, space: Space, seed: int, shared: Shared | None = None) -> None:
        need = "the sampler tpe needs Optuna"
        with importing("optuna", need, "'inklings[cluster]'", otherwise="--sampler random"):
            import optuna
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        # Drivers that share a database propose different configurations, though they were started with the same seed.
        self._optuna, self._space = optuna, space
        self._seeds = [seed] if shared is None else [seed, int(shared.driver, 16)]
        self._shared = None if shared is None else SharedStudy(shared)
        self._study = optuna.create_study() if self._shared is None else self._shared.study
        self._asked: dict[int, Any] = {}
        self._keys = set[tuple[Any, ...]]()
        size = space.grid_size
        is_small = size is not None and size <= _SMALL and shared is None
        self.count = len(distinct(space)) if is_small else None
        self._codes = {name: _Code(each) for name, each in space.dimensions.items()}

    def propose(self, number: int, known: Mapping[str, Any] | None = None) -> Settings:
        """Ask Optuna for a configuration, or let it take note of one that was proposed already."""
        # A sampler of its own for each number: a study that is continued goes on with the same random numbers.
        seed = int(np.random.default_rng([*self._seeds, number, STREAM]).integers(2**31))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # earlier versions call constant_liar experimental
            # constant_liar: what is being trained counts as bad until it is told, so that the next proposals differ
            # from it.
            self._study.sampler = self._optuna.samplers.TPESampler(seed=seed, n_startup_trials=10, constant_liar=True)
            codes = {
                name: self._codes[name].encode(each) for name, each in (known or {}).items() if name in self._codes
            }
            if self._shared is not None:
                return self._propose_shared(self._shared, number, known, codes)
            if known is not None:
                self._study.enqueue_trial(codes)
            for _ in range(_ASKED_AGAIN):
                trial, settings = self._ask()
                if known is not None or key_of(settings) not in self._keys:
                    break
                # FAIL leaves no trace in what is learnt: a study that is continued, which lacks these, goes on alike.
                self._study.tell(trial, state=self._optuna.trial.TrialState.FAIL)
            else:
                trial, settings = self._ask()
            self._asked[number] = trial
            self._keys.add(key_of(settings))
            return settings

    def _propose_shared(
        self, shared: SharedStudy, number: int, known: Mapping[str, Any] | None, codes: Mapping[str, Any]
    ) -> Settings:
        with shared.noticing_loss():
            if known is not None:
                if shared.has_ended(number):
                    return dict(known)  # what it came to, the database has known since an earlier time
                # Of a time without the database, or one that the others gave up. Not enqueued, as above: another driver
                # could ask first, and get it.
                fixed = self._optuna.samplers.PartialFixedSampler(dict(codes), self._study.sampler)
                self._study.sampler = fixed
            self._asked[number] = trial = shared.ask(number)
            return self._settings_of(trial)

    def _ask(self) -> tuple[Any, Settings]:
        trial = self._study.ask()
        return trial, self._settings_of(trial)

    def _settings_of(self, trial: Any) -> Settings:  # noqa: ANN401 - Optuna's
        return in_turn(self._space, lambda name, _: self._codes[name].suggest(trial, name))

    def tell(self, number: int, costs: Sequence[float], *, whole: bool) -> None:
        """Tell Optuna what a configuration came to; one that failed ranks below all others."""
        trial = self._asked.pop(number, None)
        if trial is None:
            return
        if self._shared is None:
            self._study.tell(trial, **self._ending(trial, costs, whole=whole))
            return
        with self._shared.noticing_loss(), self._shared.ending(number):
            self._study.tell(trial, **self._ending(trial, costs, whole=whole), skip_if_finished=True)

    def _ending(self, trial: Any, costs: Sequence[float], *, whole: bool) -> dict[str, Any]:  # noqa: ANN401 - Optuna's
        """Return how a trial ended, in Optuna's words."""
        states = self._optuna.trial.TrialState
        if whole and costs and isfinite(costs[-1]):
            return {"values": costs[-1], "state": states.COMPLETE}
        # TPE ranks pruned trials behind all that finished: first those that got further, then by their last report.
        for rung, cost in enumerate(costs):
            if isfinite(cost):
                trial.report(cost, rung)
        # Not FAIL, which TPE leaves out of account: it would go on proposing what diverges.
        return {"values": None, "state": states.PRUNED}

    def close(self) -> None:
        """Close the connections to a database."""
        if self._shared is not None:
            self._shared.close()


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
