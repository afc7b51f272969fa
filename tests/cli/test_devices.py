"""``inklings train`` over several devices: what cannot be is refused in a line, before anything is stored."""

import pytest


@pytest.mark.parametrize(
    ("typed", "code", "message"),
    [
        (("mlp", "--devices", "2", "--engine", "native"), 5, "--devices are for the engine jax, found engine 'native'"),
        (("mlp", "--devices", "2", "--engine", "numpy"), 5, "; try --engine jax"),
        (("naive", "--devices", "all"), 5, "--optimiser is bfgs, which trains on one device"),
        (("mlp", "--num-processes", "2"), 5, "--coordinator is missing"),
        (
            ("mlp", "--budget", "1m", "--coordinator", "a:1", "--process-id", "0", "--num-processes", "2"),
            2,
            "--budget is for one process",
        ),
    ],
)
def test_what_devices_cannot_do_is_refused(inklings, typed, code, message, tmp_path):
    found, out, err = inklings("train", *typed)
    assert (found, out) == (code, "")
    assert message in err
    assert len(err.splitlines()) == 1
    assert not list(tmp_path.glob("inklings-runs/*"))
