"""``--json``: standard output is one JSON value, and everything else goes to standard error."""

import json
import os
import shutil
import subprocess
import sys

import click
import numpy as np
import pytest
from PIL import Image

from inklings import fit, open_dataset, preset
from inklings.cli.main import COMMANDS, app

WITHOUT = {"lab", "help"}
"""Commands that find nothing: one serves a page, one explains."""


def commands_that_print_facts():
    for name in COMMANDS:
        command = app.get_command(click.Context(app), name)
        yield name, command
        if isinstance(command, click.Group):
            yield from ((f"{name} {below}", each) for below, each in command.commands.items())


def test_every_command_that_prints_facts_has_the_option():
    lacking = {
        name
        for name, command in commands_that_print_facts()
        if not any("--json" in parameter.opts for parameter in command.params)
    }
    assert lacking == WITHOUT | {"data"}  # a group that shows nothing by itself


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A model, and a picture for it."""
    folder, split = tmp_path_factory.mktemp("saved"), open_dataset("digits").split()
    plan = preset("softmax", (20, 20, 1), 10).with_recipe(steps=60)
    fit(plan.network, plan.recipe, split).to_model().save(folder / "m.inkling")
    Image.fromarray((255 - 255 * split.test.images[0, ..., 0].clip(0, 1)).astype(np.uint8)).save(folder / "one.png")
    return folder


@pytest.mark.skipif(sys.platform != "linux", reason="other systems' file names are text")
@pytest.mark.parametrize("encoding", ["utf-8:strict", "utf-8:surrogateescape", "ascii:strict"])
@pytest.mark.parametrize("how", [[], ["--json"]], ids=["table", "json"])
def test_a_file_whose_name_is_no_text_is_printed_all_the_same(saved, tmp_path, encoding, how):
    picture = os.fsencode(tmp_path) + b"/\xc3\xbc\xff.png"
    shutil.copy(saved / "one.png", picture)
    done = subprocess.run(
        [sys.executable, "-m", "inklings", "predict", saved / "m.inkling", picture, *how],
        env={**os.environ, "PYTHONIOENCODING": encoding, "COLUMNS": "300"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    if how:
        (answer,) = json.loads(done.stdout)  # JSON is UTF-8
        assert os.fsencode(answer["picture"]) == picture


@pytest.fixture
def found(answer):
    """Return what a command found, printed by ``--json``."""

    def run(command, code=0):
        ended, out, err = answer(f"{command} --json")
        assert ended == code, err
        return json.loads(out)

    return run


def test_what_was_trained(found, parts):
    trained = found("train softmax --data parts.npz --steps 60 --save m.inkling")
    assert trained["title"] == "softmax"
    assert 0 < trained["test"] < 1
    assert trained["interval"][0] < trained["test"] < trained["interval"][1]
    assert (trained["stop_reason"], trained["model"]) == ("finished", "m.inkling")
    (listed,) = found("runs")["runs"]
    assert (listed["id"], listed["test"]) == (trained["run"], trained["test"])
    shown = found(f"runs show {trained['run']}")
    assert shown["results"]["test"] == trained["test"]
    assert len(shown["history"]) == trained["epochs"] + 1
    assert found(f"runs save {trained['run']} again.inkling")["model"] == "again.inkling"
    assert found(f"runs compare {trained['run']} {trained['run']}")["mcnemar"]["p_value"] == 1
    assert found(f"report {trained['run']}")["report"].endswith("report.html")
    assert found("evaluate m.inkling parts.npz")["accuracy"] == trained["test"]
    assert found("export m.inkling m.onnx")["files"] == ["m.onnx"]


def test_what_training_would_cost(found):
    cost = found("train mlp --epochs 3 --dry-run")
    assert cost["epochs"] == 3
    assert cost["seconds"] > 0


def test_opponents_and_ensembles(found, parts):
    assert found("train logistic --data parts.npz")["settings"]
    ensemble = found("train softmax --data parts.npz --steps 5 --ensemble 2")
    assert [member["seed"] for member in ensemble["members"]] == [0, 1]


def test_what_data_and_networks_are(found):
    data = found("data show digits")
    assert (data["images"], data["classes"]["7"]) == (5000, 500)
    assert "cnn2" in [network["name"] for network in found("networks")["networks"]]
    shown = found("networks show softmax")
    assert sum(layer["parameters"] for layer in shown["layers"]) == shown["parameters"] == 4010


@pytest.mark.slow
def test_comparisons(found, parts):
    compared = found("compare softmax logistic --data parts.npz --quick")
    assert [result["title"] for result in compared["results"]] == ["softmax", "logistic"]
    repeated = found("compare softmax --data parts.npz --quick --repeats 2 --out two")
    assert len(repeated["test_accuracies"]["softmax"]) == 2
    spreads = found("variation softmax --data parts.npz --quick --repeats 2")["spreads"]
    assert {spread["varied"] for spread in spreads} >= {"split", "order"}
    curve = found("learning-curve softmax --data parts.npz --steps 5")
    assert [point["images"] for point in curve["points"]][-1] == 2750
    curves = found("learning-curve softmax logistic --data parts.npz --steps 5")
    assert set(curves["test_accuracies"]) == {"softmax", "logistic"}


def test_what_a_network_sees(found, digits_model):
    seen = found("insight digits.inkling")
    assert seen["answer"]["label"] is not None
    assert seen["page"] == "insight/index.html"
    assert all(len(picture["files"]) == 2 for picture in seen["pictures"])


def test_an_error_prints_no_json(answer):
    code, out, err = answer("train nonsense --json")
    assert (code, out, len(err.splitlines())) == (4, "", 1)


def test_progress_and_notes_stay_off_the_output(inklings):
    code, out, err = inklings("train", "softmax", "--steps", "60", "--json")
    assert code == 0
    assert json.loads(out)
    assert "epoch" in err
