"""``--reproducible`` names an engine, is kept in the run, and is refused beside what cannot be the same everywhere."""

import json

import pytest


def test_a_run_keeps_that_it_is_reproducible(answer, tmp_path):
    code, _, err = answer("train softmax --reproducible --epochs 1 --quiet")
    assert code == 0, err
    (facts,) = (tmp_path / "inklings-runs").glob("*/run.json")
    assert json.loads(facts.read_text())["engine"] == "reproducible"


@pytest.mark.parametrize(
    ("typed", "code", "found"),
    [
        ("train mlp --reproducible --engine numpy", 2, "--reproducible and --engine numpy are both given"),
        ("train mlp --reproducible --devices 2", 5, "are for the engine jax, found engine 'reproducible'"),
        ("train mlp --reproducible --budget 10s", 2, "which no other does alike; give --epochs"),
        ("train naive --reproducible", 5, "bfgs, lbfgs and cg need float64; train with adam"),
    ],
)
def test_what_cannot_be_the_same_everywhere_is_refused(answer, typed, code, found):
    ended, _, err = answer(typed)
    assert (ended, err.count("\n")) == (code, 1)
    assert found in err
