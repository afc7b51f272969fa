"""``inklings train --ensemble K``."""

import json
import re

import pytest

import inklings as package

SMALL = ("train", "mlp", "--hidden-units", "12", "--epochs", "3", "--data", "parts.npz", "--quiet")


def test_an_ensemble_is_trained_saved_and_used_as_a_network_is(answer, parts, tmp_path):
    code, out, err = answer(*SMALL, "--ensemble", 3, "--seed", 4, "--save", "three.inkling")
    assert (code, err) == (0, "")
    assert "ensemble     mlp (plain, 12 hidden, 3 networks), 14,826 parameters" in out
    assert [line.split()[:2] for line in out.splitlines()[2:5]] == [["1", "4"], ["2", "5"], ["3", "6"]]
    assert "accurate than a member is on average (95 % interval of the difference" in " ".join(out.split())
    assert "calibration  " in out
    assert "familiar     unknown: fewer than 100 validation images" in out
    model = package.load(tmp_path / "three.inkling")
    code, out, err = answer("evaluate", "three.inkling", "parts.npz", "--json")
    assert code == 0
    assert "only the 250 test images of its split are used" in err
    assert json.loads(out)["accuracy"] == model.training["accuracy"]
    assert answer("export", "three.inkling", "three.onnx")[0] == 0
    code, _, err = answer("export", "three.inkling", "three.py", "--to", "keras")
    assert (code, "mlp is an ensemble of 3 networks, expected one network" in err) == (4, True)
    assert not (tmp_path / "three.py").exists()


@pytest.mark.parametrize(("epochs", "chance"), [(1, False), (30, True)])
def test_it_is_said_where_its_gain_may_be_chance(answer, parts, epochs, chance):
    out = " ".join(answer(*SMALL, "--ensemble", 2, "--epochs", epochs)[1].split())
    low, high = map(float, re.search(r"difference ([-+][0-9.]+) to ([-+][0-9.]+),", out).groups())
    assert ((low <= 0 <= high), "250 test images cannot tell whether that is more than chance" in out) == (chance,) * 2


def test_its_members_are_ordinary_runs_and_a_larger_one_takes_them(answer, parts):
    assert answer(*SMALL, "--ensemble", 2)[0] == 0
    code, out, err = answer(*SMALL, "--ensemble", 3, "--save", "three.inkling")
    assert (code, err) == (0, "note: 2 of the 3 networks were trained before: they are taken from inklings-runs\n")
    runs = answer("runs")[1]
    assert runs.count("mlp-plain-12-hidden-") == 3
    assert package.load("three.inkling").training["engine"] == "native, float32"  # taken from the store or not
    member = out.splitlines()[3].split()[-1]
    assert answer("runs", "save", member, "second.inkling")[0] == 0


def test_a_dry_run_trains_none(answer, parts, tmp_path):
    code, out, _ = answer(*SMALL, "--ensemble", 5, "--dry-run")
    assert (code, "5 of these" in out, (tmp_path / "inklings-runs").exists()) == (0, True, False)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ("train mlp --ensemble 1", "1 is not in the range 2<=x<=1000"),
        ("train mlp --ensemble many", "'many' is not a valid integer"),
        ("train knn --ensemble 3", "--ensemble has no effect on knn"),
        ("train --continue mlp --ensemble 3", "leave --ensemble out"),
    ],
)
def test_what_makes_no_ensemble_is_refused(answer, arguments, problem):
    code, _, err = answer(arguments)
    assert (code, problem in err) == (2, True)
