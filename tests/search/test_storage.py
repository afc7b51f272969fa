"""Several drivers that share what TPE learns, in a real PostgreSQL."""

import threading

import optuna
import pytest
import sqlalchemy

from inklings.errors import RunError
from inklings.search import State
from search.postgres import Postgres, programs
from search.studies import results, search

needs_postgres = pytest.mark.skipif(programs() is None, reason="there is no postgresql here")


@pytest.fixture(scope="module")
def postgres():
    with Postgres() as server:
        yield server


@needs_postgres
def test_drivers_that_share_a_study_learn_from_each_other(postgres, tmp_path):
    settings = {"sampler": "tpe", "trials": 4, "in_flight": 1, "storage": postgres.url}
    studies = {}

    def drive(name):
        studies[name] = search(tmp_path / name, **settings)

    drivers = [threading.Thread(target=drive, args=(name,)) for name in ("one", "other")]
    for driver in drivers:
        driver.start()
    for driver in drivers:
        driver.join()
    one, other = studies["one"], studies["other"]
    assert [len(study.trials) for study in (one, other)] == [4, 4]
    assert {trial.state for study in (one, other) for trial in study.trials} == {State.FINISHED}
    # Though their seeds are the same, they do not try the same.
    rates = [trial.settings["learning_rate"] for study in (one, other) for trial in study.trials]
    assert len(set(rates)) == 8
    url = postgres.url.replace("postgresql://", "postgresql+psycopg://")
    storage = optuna.storages.RDBStorage(url, engine_kwargs={"poolclass": sqlalchemy.NullPool})
    (name,) = optuna.get_all_study_names(storage=storage)
    shared = optuna.load_study(study_name=name, storage=storage)
    assert {trial.state for trial in shared.trials} == {optuna.trial.TrialState.COMPLETE}
    best = min(study.best.figure for study in (one, other))
    assert shared.best_value == pytest.approx(best)
    # One that goes on does not tell a second time what it has told.
    continued = search(tmp_path / "one", **{**settings, "trials": 5}, continued=True)
    assert results(continued)[:4] == results(one)
    assert len(shared.trials) == 9
    storage.remove_session()


@needs_postgres
def test_a_database_that_is_not_there_is_said_in_a_line(postgres, tmp_path):
    with pytest.raises(RunError, match=r"the storage cannot be opened .*nowhere"):
        search(tmp_path / "study", sampler="tpe", storage=postgres.url.replace("/postgres", "/nowhere"))
