"""What a run costs is said before it."""


def test_a_dry_run_tells_the_cost_and_keeps_nothing(answer, tmp_path):
    code, out, err = answer("train", "mlp", "--dropout", "--dry-run")
    assert (code, err) == (0, "")
    told = dict(line.split(maxsplit=1) for line in out.splitlines())
    assert told["network"] == "mlp (dropout), 328,810 parameters"
    assert told["steps"] == "27,500 in 500 epochs, at most"
    assert told["memory"].endswith((" MB", " GB"))  # of the whole process, which other tests may have made large
    assert not (tmp_path / "inklings-runs").exists()


def test_a_dry_run_refuses_what_a_run_would(answer):
    code, _, err = answer("train", "mlp", "--learning-rate", "-1", "--dry-run")
    assert code == 5
    assert len(err.splitlines()) == 1


def test_the_first_line_of_a_run_tells_its_cost(answer):
    code, _, err = answer("train", "softmax", "--steps", "60", "--engine", "numpy")
    assert code == 0
    assert err.splitlines()[0].startswith("softmax: 4,010 parameters, ")
    code, _, err = answer("compare", "softmax", "--quick", "--engine", "numpy")
    assert code == 0
    assert err.splitlines()[0].startswith("softmax: 4,010 parameters, ")


def test_a_run_that_is_twice_as_slow_says_why_once(answer, monkeypatch):
    monkeypatch.setattr("inklings.cli.progress._SECONDS_TO_COMPLAIN", 0.0)
    monkeypatch.setattr("inklings.costs.cost.Cost.seconds_until", lambda cost, epoch: 1e-6)
    code, _, err = answer("train", "softmax", "--steps", "120", "--engine", "numpy")
    assert code == 0
    assert len([line for line in err.splitlines() if "times slower than expected" in line]) == 1
