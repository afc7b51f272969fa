import gc
import io
import logging
import re
import time

import numpy as np
import pytest

from inklings.errors import RecipeError, RunError, TrainingWarning
from inklings.search import State, run_search
from inklings.search.scheduler import connect
from search.dask_processes import DaskProcesses
from search.studies import SPACE, results, search, some_digits


@pytest.mark.parametrize(("sampler", "prune"), [("random", "none"), ("tpe", "halving")])
def test_a_cluster_comes_to_the_same_results_as_this_process(sampler, prune, cluster, tmp_path):
    settings = {"sampler": sampler, "prune": prune, "in_flight": 3}
    here = search(tmp_path / "here", **settings)
    there = search(tmp_path / "there", cluster=cluster, **settings)
    assert results(there) == results(here)
    assert {trial.worker for trial in here.trials} == {"this process"}
    assert all(trial.worker.startswith("tcp://") for trial in there.trials)
    assert {run.id for run in there.runs.runs()} == {trial.run for trial in there.trials}


def test_what_fails_on_a_cluster_is_recorded_and_the_rest_goes_on(cluster, tmp_path):
    space = {"network": "mlp", "hidden_units": [5], "learning_rate": [0.01, 0.02, 1e9], "epochs": 2}
    study = search(tmp_path / "study", space=space, sampler="grid", trials=3, cluster=cluster)
    states = {trial.settings["learning_rate"]: trial.state for trial in study.trials}
    assert states == {0.01: State.FINISHED, 0.02: State.FINISHED, 1e9: State.FAILED}


def test_images_are_sent_to_a_cluster_once_and_stay_until_a_study_has_others(cluster, tmp_path):
    distributed = pytest.importorskip("distributed")

    def plugins(client):
        # With the objects' ids there, which would be others if they had been sent again.
        found = client.run_on_scheduler(
            lambda dask_scheduler: {n: id(p) for n, p in dask_scheduler.worker_plugins.items()}
        )
        return {name: id for name, id in found.items() if name.startswith("inklings-")}

    with distributed.Client(cluster, set_as_default=False) as client:
        search(tmp_path / "first", cluster=cluster, trials=2)
        first = plugins(client)
        assert list(first) == [f"inklings-images-{some_digits().fingerprint}"]
        search(tmp_path / "second", cluster=cluster, trials=2)
        assert plugins(client) == first
        others = some_digits().take(np.arange(0, 500, 2))
        run_search(SPACE, others, out=tmp_path / "third", cluster=cluster, trials=2, sampler="random")
        assert list(plugins(client)) == [f"inklings-images-{others.fingerprint}"]


def test_what_another_driver_took_away_is_brought_again(cluster, tmp_path):
    distributed = pytest.importorskip("distributed")
    taken = []
    with distributed.Client(cluster, set_as_default=False) as client:

        def take_away(progress):
            if not taken:
                # As one does that looked before this study was known, or while its connection was lost.
                found = client.run_on_scheduler(lambda dask_scheduler: list(dask_scheduler.worker_plugins))
                taken.extend(name for name in found if name.startswith("inklings-"))
                for name in taken:
                    client.unregister_worker_plugin(name)

        study = search(tmp_path / "study", cluster=cluster, trials=4, watch=take_away)
    assert len(taken) == 2
    assert [trial.state for trial in study.trials] == 4 * [State.FINISHED]


def test_where_no_scheduler_is_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr("inklings.search.scheduler._CONNECTING", 1)
    with pytest.raises(RunError, match=r"no Dask scheduler can be reached at tcp://127\.0\.0\.1:9"):
        search(tmp_path / "study", cluster="tcp://127.0.0.1:9")


@pytest.mark.parametrize(
    "address", ["nonsense://x:1", "http://127.0.0.1:8787", "tcp://localhost", "tcp://", "8786", ":", "inproc://x/1/2"]
)
def test_an_address_that_is_none_is_said_at_once(address, tmp_path, capfd):
    begun = time.perf_counter()
    with pytest.raises(RunError, match=f"no Dask scheduler can be reached at {re.escape(address)} "):
        connect(address)
    assert time.perf_counter() - begun < 10  # a client that is left half made waits for half a minute
    gc.collect()  # by which it would show itself
    assert capfd.readouterr().err == ""


def test_a_scheduler_without_workers_is_waited_for_not_in_silence(tmp_path, monkeypatch):
    monkeypatch.setattr("inklings.search.scheduler._FIRST_WORKER", 1)
    with DaskProcesses(workers=0) as alone:
        told = pytest.warns(TrainingWarning, match="has no workers yet; waiting 1 s for the first")
        with told, pytest.raises(RunError, match=r"has no workers; start some: dask worker tcp://"):
            search(tmp_path / "study", cluster=alone.address)


def test_an_empty_address_is_no_reason_to_train_here(tmp_path):
    """A variable of the shell that is not set: on a cluster's login node the search would run there, unnoticed."""
    with pytest.raises(RecipeError, match="cluster is empty, expected the address of a Dask scheduler"):
        search(tmp_path / "study", cluster="")


def test_what_could_not_be_sent_to_a_lost_scheduler_prints_no_traceback(cluster):
    client, printed = connect(cluster), io.StringIO()
    # Dask's own handler prints wherever standard error was when it was imported, under pytest to nowhere.
    handler = logging.StreamHandler(printed)
    logging.getLogger("distributed").addHandler(handler)

    def send_and_lose():
        # The second waits for some milliseconds to be sent together with others, and finds the connection closed.
        for _ in range(2):
            client.scheduler_comm.send({"op": "heartbeat-client"})
        client.loop.call_later(0.002, lose)

    def lose():
        client.scheduler_comm.send({"op": "heartbeat-client"})
        client.scheduler_comm.comm.abort()

    client.loop.add_callback(send_and_lose)
    time.sleep(0.3)
    client.close()
    logging.getLogger("distributed").removeHandler(handler)
    assert printed.getvalue() == ""


@pytest.mark.parametrize(
    ("address", "settings", "found"),
    [
        ("tls://127.0.0.1:9", {}, "the scheduler at tls://.* needs TLS, for which Dask has no settings"),
        (
            "tls://127.0.0.1:9",
            {"tls.ca-file": "nowhere.pem", "tls.client.cert": "x"},
            "settings for TLS cannot be used",
        ),
        ("tcp://127.0.0.1:9", {"require-encryption": True}, "require encryption, which the scheduler .* does not have"),
    ],
)
def test_settings_for_tls_that_cannot_be_used_are_said_in_a_line(address, settings, found, tmp_path, capfd):
    dask = pytest.importorskip("dask")
    with (
        dask.config.set({f"distributed.comm.{name}": value for name, value in settings.items()}),
        pytest.raises(RunError, match=found),
    ):
        search(tmp_path / "study", cluster=address)
    gc.collect()  # by which a half-made client would show itself
    assert capfd.readouterr().err == ""


@pytest.mark.slow
def test_workers_of_ones_own_come_to_the_same_results_however_many_they_are(tmp_path):
    for sampler, prune in (("random", "none"), ("tpe", "none"), ("random", "halving"), ("tpe", "hyperband")):
        settings = {"sampler": sampler, "prune": prune, "trials": 30}
        found = [
            results(search(tmp_path / f"{sampler}-{prune}-{workers}", workers=workers, **settings))
            for workers in (1, 2, 3)
        ]
        assert found[0] == found[1] == found[2]


@pytest.mark.slow
def test_a_grid_too(tmp_path):
    space = {**SPACE, "learning_rate": [0.003, 0.01, 0.03, 0.1], "repeats": 2}
    settings = {"space": space, "sampler": "grid", "trials": 16}
    found = [results(search(tmp_path / f"{workers}", workers=workers, **settings)) for workers in (1, 2, 3)]
    assert found[0] == found[1] == found[2]
