"""A study of Optuna in a database that several drivers share, and what becomes of the trials of one that is killed.

Optuna counts a trial as running until it is told how it ended. Each of ours has a mark of its driver and number, by
which a driver that is continued takes up what it had asked for; and a heartbeat, without which the other drivers count
it as failed: theirs was killed, and nobody continues it.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Event, Thread
from time import sleep
from typing import Any

from inklings.errors import RunError

_ATTEMPTS = 6
"""To open a database whose tables another driver may be making."""
_MARK = "inklings"
_ENDING = 5.0
"""Seconds that a heartbeat under way gets when a study is closed."""
BEAT, LONGEST_SILENCE = 60, 300
"""Seconds between a trial's heartbeats, and after which one without is failed: a database may be away for a while."""


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


class SharedStudy:
    """The study, and the trials in it that this driver has asked for.

    Parameters
    ----------
    shared : Shared

    Raises
    ------
    RunError
        There is no such database.
    """

    def __init__(self, shared: Shared) -> None:
        import optuna

        self._optuna, self._driver, self._name = optuna, shared.driver, shared.study
        self._storage = _open_storage(optuna, shared)
        self._running: dict[int, int] = {}
        self._ended = set[int]()
        with self.noticing_loss():
            self.study = optuna.create_study(storage=self._storage, study_name=shared.study, load_if_exists=True)
            states = optuna.trial.TrialState
            for trial in self.study.get_trials(deepcopy=False):
                driver, number = trial.user_attrs.get(_MARK, (None, 0))
                if driver == shared.driver and trial.state == states.RUNNING:
                    self._begin(number, trial._trial_id)
                elif driver == shared.driver and trial.state in (states.COMPLETE, states.PRUNED):
                    self._ended.add(number)
        self._over = Event()
        self._thread = Thread(target=self._beat, daemon=True)
        self._thread.start()

    def has_ended(self, number: int) -> bool:
        """Return whether the database knew from the start what a number of this driver came to."""
        return number in self._ended

    def ask(self, number: int) -> Any:  # noqa: ANN401 - Optuna's trial
        """Return the trial of a number: the one that was asked for earlier, while it is running, or a new one."""
        self._fail_silent()
        if number in self._running:
            return self._optuna.trial.Trial(self.study, self._running[number])
        trial = self.study.ask()
        self._begin(number, trial._trial_id)
        trial.set_user_attr(_MARK, (self._driver, number))
        return trial

    @contextmanager
    def ending(self, number: int) -> Iterator[None]:
        """Let a trial's end be written down; one that was failed meanwhile, while this driver slept, stays so."""
        self._running.pop(number, None)
        # Whatever is written of a trial that has ended raises: its costs, and that it ended.
        with suppress(self._optuna.exceptions.UpdateFinishedTrialError):
            yield

    def _begin(self, number: int, id: int) -> None:
        # At once: without a first heartbeat nobody would ever miss the next one.
        self._running[number] = id
        self._storage.record_heartbeat(id)

    def _beat(self) -> None:
        while not self._over.wait(BEAT):
            for id in list(self._running.values()):
                with suppress(Exception):  # the database may be away; the driver's own next call says so
                    self._storage.record_heartbeat(id)
        self._storage.remove_session()  # each thread has its own

    def _fail_silent(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Optuna calls it experimental
            self._optuna.storages.fail_stale_trials(self.study)

    @contextmanager
    def noticing_loss(self) -> Iterator[None]:
        """Say in a line that the database is gone."""
        from sqlalchemy.exc import SQLAlchemyError

        try:
            yield
        except (SQLAlchemyError, self._optuna.exceptions.StorageInternalError) as problem:
            told = f"the database of the study {self._name} is gone ({_first_line(problem.__cause__ or problem)})"
            raise RunError(f"{told}; what had ended is in the record", "continue with --continue") from None

    def close(self) -> None:
        """Let the heartbeats end, and close the connections; what is running waits for the driver to be continued."""
        self._over.set()
        # It may be at a heartbeat to a database that does not answer, which nothing here has to wait for.
        self._thread.join(_ENDING)
        self._storage.remove_session()
        self._storage.engine.dispose()


def _open_storage(optuna: Any, shared: Shared) -> Any:  # noqa: ANN401 - Optuna's module and storage
    """Open a database, in which tables are made if they are not there."""
    from sqlalchemy import NullPool
    from sqlalchemy.exc import IntegrityError, ProgrammingError, SQLAlchemyError

    # By psycopg 3, which the extra installs; SQLAlchemy's own choice may be its predecessor.
    url = re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", shared.storage)
    # A connection for each use: one that is kept may have been closed in the hours between two trials.
    settings = {"engine_kwargs": {"poolclass": NullPool}, "heartbeat_interval": BEAT, "grace_period": LONGEST_SILENCE}
    for attempt in range(_ATTEMPTS):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Optuna calls heartbeats experimental
                return optuna.storages.RDBStorage(url, **settings)
        except (SQLAlchemyError, ImportError, ValueError) as problem:
            # Of drivers that begin at once each makes the tables, and all but one find that they are there by now.
            if isinstance(problem, IntegrityError | ProgrammingError) and attempt < _ATTEMPTS - 1:
                sleep(0.2 * (attempt + 1))
                continue
            hint = "an address is postgresql://user@host/database"
            told = f"the storage cannot be opened ({_first_line(problem)})"
            raise RunError(told, hint, found=shared.study) from None
    return None


def _first_line(problem: BaseException) -> str:
    lines = [line for line in str(problem).splitlines() if line.strip()]
    return lines[0] if lines else type(problem).__name__
