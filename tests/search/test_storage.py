"""Several drivers that share what TPE learns, in a real PostgreSQL."""

import threading
import time

import optuna
import pytest
import sqlalchemy

from inklings.errors import RunError, TrainingWarning
from inklings.search import State, shared_study
from inklings.search.shared_study import Shared
from inklings.search.space import space_from_plain
from inklings.search.tpe import Tpe
from search.postgres import Postgres, programs
from search.studies import SPACE, results, search

needs_postgres = pytest.mark.skipif(programs() is None, reason="there is no postgresql here")


@pytest.fixture(scope="module")
def postgres():
    with Postgres() as server:
        yield server


def storage_of(postgres):
    url = postgres.url.replace("postgresql://", "postgresql+psycopg://")
    return optuna.storages.RDBStorage(url, engine_kwargs={"poolclass": sqlalchemy.NullPool})


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
    storage = storage_of(postgres)
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
def test_a_driver_that_goes_on_takes_up_what_it_had_asked_for(postgres):
    shared, space = Shared(postgres.url, "taken up", "0a"), space_from_plain(SPACE)
    killed = Tpe(space, 0, shared)
    proposed = [killed.propose(number) for number in range(3)]
    killed.tell(0, [0.5], whole=True)
    killed.close()  # of which it tells nobody how they ended: as if it had been killed
    onward = Tpe(space, 0, shared)
    # Of number 1 the record has the trial already, of number 2 nothing.
    assert [onward.propose(number, known) for number, known in enumerate([*proposed[:2], None])] == proposed
    for number in range(3):
        onward.tell(number, [0.25], whole=True)
    onward.close()
    storage = storage_of(postgres)
    trials = optuna.load_study(study_name="taken up", storage=storage).trials
    assert [(trial.state.name, trial.value) for trial in trials] == [("COMPLETE", value) for value in (0.5, 0.25, 0.25)]
    storage.remove_session()


@needs_postgres
def test_a_study_that_was_alone_for_a_while_tells_the_database_what_came_of_it(postgres, tmp_path):
    settings = {"space": {**SPACE, "epochs": 2}, "sampler": "tpe", "in_flight": 1, "out": tmp_path / "study"}
    storage = storage_of(postgres)
    others = set(optuna.get_all_study_names(storage=storage))
    alone = search(trials=2, **settings)
    search(trials=3, storage=postgres.url, continued=True, **settings)
    with pytest.warns(TrainingWarning, match=r"shared results with other drivers .* goes on without it"):
        search(trials=4, continued=True, **settings)
    study = search(trials=5, storage=postgres.url, continued=True, **settings)
    assert results(study)[:2] == results(alone)
    (name,) = set(optuna.get_all_study_names(storage=storage)) - others
    told = optuna.load_study(study_name=name, storage=storage).trials
    assert {trial.state.name for trial in told} == {"COMPLETE"}
    found = [(trial.settings["learning_rate"], trial.figure("loss")) for trial in study.trials]
    for trial, (rate, loss) in zip(
        sorted(told, key=lambda each: each.params["learning_rate"]), sorted(found), strict=True
    ):
        assert (trial.params["learning_rate"], trial.value) == (rate, pytest.approx(loss, rel=1e-8))
    storage.remove_session()


@needs_postgres
def test_what_a_killed_driver_had_asked_for_does_not_run_for_ever(postgres, monkeypatch):
    monkeypatch.setattr(shared_study, "LONGEST_SILENCE", 1)
    space = space_from_plain(SPACE)
    killed, other = (Tpe(space, 0, Shared(postgres.url, "silent", driver)) for driver in ("0a", "0b"))
    killed.propose(0)
    killed.propose(1)
    killed.close()
    time.sleep(2.1)
    other.propose(0)
    storage = storage_of(postgres)
    trials = optuna.load_study(study_name="silent", storage=storage).trials
    assert [trial.state.name for trial in trials] == ["FAIL", "FAIL", "RUNNING"]
    # Had it only slept, it would go on, and what it tells of these trials comes too late: of one that ended, and of one
    # that was pruned, whose costs are told first.
    killed.tell(0, [0.5], whole=True)
    killed.tell(1, [0.5], whole=False)
    for each in (killed, other):
        each.close()
    storage.remove_session()


@needs_postgres
def test_a_database_that_goes_away_is_said_in_a_line():
    with Postgres() as server:
        tpe = Tpe(space_from_plain(SPACE), 0, Shared(server.url, "lost", "0a"))
        tpe.propose(0)
    with pytest.raises(
        RunError, match=r"the database of the study lost is gone \(.*\); what had ended is in the record"
    ):
        tpe.propose(1)
    with pytest.raises(RunError, match="is gone"):
        tpe.tell(0, [0.5], whole=True)
    tpe.close()


@needs_postgres
def test_a_database_that_is_not_there_is_said_in_a_line(postgres, tmp_path):
    with pytest.raises(RunError, match=r"the storage cannot be opened .*nowhere"):
        search(tmp_path / "study", sampler="tpe", storage=postgres.url.replace("/postgres", "/nowhere"))
