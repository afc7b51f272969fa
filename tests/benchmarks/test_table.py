"""What is made of the contenders' turns."""

import json

import pytest
from contest import Contender, ContenderError
from outcome import Outcome
from record import environment, summary, table, write
from rounds import without_failing
from rows import WORKS


def contender(name, setting, seconds, memory=5e8, **more):
    answers = [{"accuracy": 0.9, "memory": memory, **{key: value[i] for key, value in more.items()}} for i in range(3)]
    return Contender(name, setting, seconds, answers, f"{name} 1.0")


@pytest.fixture
def outcome():
    work = WORKS["cnn2"]
    ours = contender("inklings_engine", "float32", [1.0, 2.0, 4.0], memory=6e8)
    peers = [
        contender("pytorch", "channels-last", [2.0, 10.0, 5.0]),
        contender("keras_tensorflow", "function jit bfloat16", [1.0, 1.5, 1.0], memory=7e8),
    ]
    rates = [work.operations / seconds for seconds in (1.0, 1.0, 3.2)]
    return Outcome(work, work.title, ours, peers, [contender("product", "float32", [1.0, 1.0, 1.0], rate=rates)])


def test_a_ratio_is_the_median_of_the_rounds_ratios_and_not_the_quotient_of_medians(outcome):
    found = {row.measure: row for row in outcome.rows()}
    assert found["time"].ratio == 0.5  # of 0.5, 0.2 and 0.8; the medians' quotient is 0.4
    assert found["time"].is_met
    assert found["time, any precision"].ratio == pytest.approx(4 / 3)
    assert not found["time, any precision"].is_met


def test_a_ratio_says_how_far_the_rounds_differ(outcome):
    found = {row.measure: row for row in outcome.rows()}
    assert found["time"].spread == pytest.approx((0.8 - 0.2) / 2 / 0.5)
    assert found["time"].rounds == 3
    assert found["peak memory"].spread is None
    assert "60% of 3" in table([outcome], [])


def test_memory_is_held_against_the_leanest(outcome):
    (row,) = [row for row in outcome.rows() if row.measure == "peak memory"]
    assert (row.peer, row.ratio, row.goal) == ("pytorch, channels-last", 1.2, 1.0)


def test_the_table_and_the_row_tell_one_share_of_the_limit(outcome):
    (row,) = [row for row in outcome.rows() if row.measure == "time, products alone"]
    assert row.ratio == 1.25  # of 1, 2 and 1.25; the medians' quotient is 2
    assert "80% of this machine's float32 matrix products" in table([outcome], [])


def test_searches_are_told_in_trials_a_minute_and_by_whom_none_could_be_made():
    work = WORKS["search"]
    ours, optuna = (contender(name, "threads", [0.5, 1.0, 2.0]) for name in ("inklings_engine", "optuna_pytorch"))
    outcome = Outcome(work, work.title, ours, [optuna], [], ["ray_pytorch, processes: did not start"])
    written = table([outcome], [])
    assert "trials a minute: inklings_engine 60, optuna_pytorch 60" in written
    assert "left out: ray_pytorch, processes: did not start" in written


def test_a_peer_that_fails_costs_only_its_own_rows():
    able, failing = contender("pytorch", "eager", [1.0]), contender("ray_pytorch", "processes", [])

    def act(peer):
        if peer is failing:
            raise ContenderError("ray_pytorch, processes: did not start")

    failures = []
    assert without_failing([able, failing], failures, act) == [able]
    assert failures == ["ray_pytorch, processes: did not start"]


@pytest.mark.parametrize("name", WORKS)
def test_the_longest_names_fit_100_columns(name):
    work = WORKS[name]
    more = {"cost": [0.5] * 3} if "compared" in work.options else {}
    ours = contender("inklings_engine", "float32", [12345.678] * 3, **more)
    named = [(peer, setting) for peer, settings in work.peers.items() for setting in settings]
    peers = [contender(peer, setting, [0.00012345] * 3, **more) for peer, setting in named]
    outcome = Outcome(work, f"{work.title} (cold)" if work.whole_process else work.title, ours, peers, [])
    facts = environment([outcome], "the bundled 5,000 digits, twelve times over")
    lines = [*summary(outcome).splitlines(), *table([outcome], facts).splitlines()]
    assert max(map(len, lines)) <= 100


def test_what_is_written_says_the_same(outcome, tmp_path):
    finished = table([outcome], ["a fact"])
    write([outcome], finished, tmp_path)
    rows = json.loads((tmp_path / "results.json").read_text())
    assert [row["work"].removeprefix(outcome.title) for row in rows] == [
        "",
        " (any precision)",
        ": peak memory",
        ": against its matrix products alone",
    ]
    assert (tmp_path / "results.md").read_text() == finished
    assert all(f"{row['ratio']:.3g}" in finished for row in rows)
    assert (tmp_path / "results.png").stat().st_size > 0
